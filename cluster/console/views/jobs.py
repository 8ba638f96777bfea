"""Jobs: the list, and the page of one that shows its progress until it is done."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, TitleColumn

from cluster.console.filters import JobFilterSet
from cluster.console.queries import waits_too_long
from cluster.console.tables import ConsoleListView, ProgressColumn, StateColumn, TimeColumn
from cluster.console.views.base import ConsolePage
from cluster.subsites.jobs import LABELS, order_job
from cluster.subsites.models import Job, JobState, Subsite

FINISHED = (JobState.DONE, JobState.FAILED)


def job_title(job: Job) -> str:
    """Say what the job does, and for which site."""
    subject = job.params.get("name") or job.params.get("code", "")
    return f"{LABELS.get(job.kind, job.kind)} {subject}".strip()


class JobListView(ConsoleListView):
    """All jobs, newest first."""

    model = Job
    page_title = "任务"
    filterset_class = JobFilterSet
    search_fields = ("params", "message")
    default_ordering = "-created_at"
    columns = (
        TitleColumn(
            "title", label="任务", accessor=job_title, get_url=lambda job: reverse("console:job", args=[job.pk])
        ),
        StateColumn("state", label="状态", sort_key="state"),
        ProgressColumn("progress", label="进度"),
        Column("actor", label="发起人", accessor=lambda job: job.actor.get("name", "")),
        TimeColumn("created_at", label="提交时间", sort_key="created_at"),
        TimeColumn("finished_at", label="结束时间", sort_key="finished_at"),
    )

    def get_base_queryset(self) -> QuerySet[Job]:
        """List without the logs."""
        return Job.objects.defer("log")


class JobView(ConsolePage):
    """One job. With `?part=1` only its changing part, which progress.js fetches; without a script, a link refreshes."""

    header_icon = "tasks"

    @cached_property
    def job(self) -> Job:
        """The job, or 404."""
        return get_object_or_404(Job, pk=self.kwargs["pk"])

    def get_template_names(self) -> list[str]:
        """Choose the whole page or its changing part."""
        return ["console/job_part.html" if self.request.GET.get("part") else "console/job.html"]

    def get_page_title(self) -> str:
        """Name the job."""
        return job_title(self.job)

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the list."""
        return [(reverse("console:jobs"), "任务")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the job and where to go from it."""
        job = self.job
        return super().get_context_data(
            job=job,
            label=job_title(job),
            is_finished=job.state in FINISHED,
            waits_too_long=waits_too_long(job),
            site_row=Subsite.objects.filter(code=job.params.get("code", "")).first(),
            **kwargs,
        )


class RepeatJobView(ConsolePage):
    """Order a failed job once more, as it was."""

    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Queue a job with the same parameters; the failed one stays as it is."""
        failed = get_object_or_404(Job, pk=kwargs["pk"])
        if failed.state != JobState.FAILED:
            messages.warning(request, "只有失败的任务可以重新提交。")
            return redirect("console:job", failed.pk)
        waiting = Job.objects.filter(kind=failed.kind, params=failed.params).exclude(state__in=FINISHED).first()
        job = waiting or order_job(failed.kind, failed.params, title=job_title(failed))
        return redirect("console:job", job.pk)
