"""The roles of a site: the groups of its schema, under the names that people use for them.

Asked by accounts.opening, its commands and the console's form. The groups themselves are planted by the sites' apps.
"""

from django.contrib.auth.models import Group

from cluster.context import in_site
from cluster.subsites.models import Subsite

LABELS = {
    "site_admin": "站点管理员",
    "editor": "编辑",
    "reviewer1": "初审",
    "reviewer2": "复审",
    "reviewer3": "终审",
    "publisher": "签发",
    "letters": "信件办理",
    "office": "管理处",
    "inspector": "检查员",
}


def role_label(role: str) -> str:
    """Return how a role is called; a group that a site made itself goes by its own name."""
    return LABELS.get(role, role)


def roles_of_site(site: Subsite) -> list[str]:
    """Return the roles that accounts of this site may have, in the order of the duties."""
    with in_site(site):
        names = list(Group.objects.values_list("name", flat=True))
    order = list(LABELS)
    return sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))
