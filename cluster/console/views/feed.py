"""The change feed: who listens, what waits, what was put aside and why, and attachments without text; the office has it tried again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from cluster.console import queries
from cluster.console.views.base import ConsolePage
from cluster.findings.models import not_entered
from cluster.resources.backlog import feed_status
from cluster.resources.unread import unread_attachments, unread_count
from cluster.subsites.jobs import order_job
from cluster.subsites.models import Job

SHOWN = 100


class FeedView(ConsolePage):
    """Backlog, parked rows with their errors, and attachments that could not be read."""

    template_name = "console/feed.html"
    page_title = "变更流水"
    header_icon = "rotate"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Collect what the page shows."""
        status = feed_status()
        return super().get_context_data(
            status=status,
            listeners=queries.listeners(status),
            parked_total=status.parked_marks + sum(status.parked_changes.values()),
            marks=queries.parked_marks(SHOWN),
            changes=queries.parked_changes(SHOWN),
            stuck_pages=not_entered().count(),
            retrying=under_way("retry_parked"),
            attachments=unread_attachments(SHOWN),
            attachment_count=unread_count(),
            retrying_attachments=under_way("retry_attachments"),
            shown=SHOWN,
            **kwargs,
        )


def under_way(kind: str) -> Job | None:
    """Return the retry that waits or runs, if there is one."""
    return queries.unfinished_jobs().filter(kind=kind).first()


class RetryParkedView(ConsolePage):
    """Have everything that was put aside tried again; a job, since the web role may only read the feed."""

    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Queue the retry, or show the one that is under way."""
        job = under_way("retry_parked") or order_job("retry_parked", {}, title="重新处理搁置的变更")
        return redirect("console:job", job.pk)


class RetryAttachmentsView(ConsolePage):
    """Have the attachments that could not be read tried again; a job, since reading files is the worker's."""

    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Queue the retry, or show the one that is under way."""
        kind = "retry_attachments"
        job = under_way(kind) or order_job(kind, {}, title="重新读取没有提取到文字的附件")
        return redirect("console:job", job.pk)
