"""三审: the workflow of three reviews, one group each, planted on the whole page tree.

Called by sowing. It offers review; who has the right to publish may still publish at once, until a later rule forbids it.
"""

from django.contrib.auth.models import Group
from wagtail.models import GroupApprovalTask, Task, Workflow, WorkflowPage, WorkflowTask

from sites.columns.models import HomePage

WORKFLOW_NAME = "三审"
STEPS = (("一审", "reviewer1"), ("二审", "reviewer2"), ("三审", "reviewer3"))


def plant_review(home: HomePage) -> None:
    """Make the workflow and let it hold for all pages; Wagtail's own example goes."""
    Workflow.objects.exclude(name=WORKFLOW_NAME).delete()
    Task.objects.exclude(name__in=[name for name, _ in STEPS]).delete()
    workflow, _ = Workflow.objects.get_or_create(name=WORKFLOW_NAME)
    for order, (name, group_name) in enumerate(STEPS):
        task = GroupApprovalTask.objects.filter(name=name).first() or GroupApprovalTask.objects.create(name=name)
        task.groups.set([Group.objects.get(name=group_name)])
        WorkflowTask.objects.update_or_create(workflow=workflow, task=task, defaults={"sort_order": order})
    WorkflowPage.objects.update_or_create(page=home, defaults={"workflow": workflow})
