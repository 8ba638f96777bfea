"""The servers with stored pages: who lives, what each holds, withdrawals that one has not confirmed, pictures given up."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from cluster.console import queries
from cluster.console.views.base import ConsolePage
from cluster.edge import health
from cluster.pictures.given_up import given_up, given_up_count
from cluster.subsites.jobs import order_job
from cluster.subsites.models import Job

SHOWN = 100


class EdgeView(ConsolePage):
    """Servers, open withdrawals and pictures that were given up."""

    template_name = "console/edge.html"
    page_title = "页面存储"
    header_icon = "copy"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Collect what the page shows."""
        servers = health.servers()
        return super().get_context_data(
            servers=servers,
            has_dropped=any(one.is_dropped for one in servers),
            withdrawals=health.open_withdrawals(SHOWN),
            withdrawal_count=health.open_withdrawal_count(),
            pictures=given_up(SHOWN),
            picture_count=given_up_count(),
            retrying_pictures=retrying_pictures(),
            silent_seconds=int(health.SILENT_AFTER.total_seconds()),
            unconfirmed_seconds=int(health.UNCONFIRMED_AFTER.total_seconds()),
            **kwargs,
        )


class ForgetServerView(ConsolePage):
    """Remove a server that was dropped and will not come back; a job, since the web role may only read the list."""

    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Queue the removal. Raises Http404 where no such server was dropped."""
        name = request.POST.get("server", "")
        if name not in {one.name for one in health.servers() if one.is_dropped}:
            raise Http404
        job = order_job("forget_edge_server", {"name": name}, title=f"移除页面服务器 {name}")
        return redirect("console:job", job.pk)


def retrying_pictures() -> Job | None:
    """Return the retry that waits or runs, if there is one."""
    return queries.unfinished_jobs().filter(kind="retry_pictures").first()


class RetryPicturesView(ConsolePage):
    """Have the pictures that were given up tried again; a job, since their orders are the worker's."""

    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Queue the retry, or show the one that is under way."""
        job = retrying_pictures() or order_job("retry_pictures", {}, title="重新转换搁置的图片")
        return redirect("console:job", job.pk)
