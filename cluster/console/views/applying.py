"""The plan of a version over all sites, its application as a job, and which version each site has."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, TitleColumn

from cluster.column_templates.applying import ApplyRefused, refuse_changed, version_law
from cluster.column_templates.current import current_law
from cluster.column_templates.job import ask_to_stop
from cluster.column_templates.models import SiteVersion, VersionState
from cluster.column_templates.planning import moulds, plan_sites, planned_sites, summary, summary_text
from cluster.column_templates.steps import Action
from cluster.console.tables import ConsoleListView, TimeColumn
from cluster.console.views.base import ConsolePage
from cluster.console.views.jobs import FINISHED
from cluster.console.views.templates import VersionPage
from cluster.subsites.jobs import order_job
from cluster.subsites.models import Job

KIND = "apply_columns"
# No version has it: who sends no digest has seen no plan.
UNSEEN = "-"


class PlanView(VersionPage):
    """What a version would do to each site; nothing happens by looking. The form names the texts that were looked at."""

    template_name = "console/plan.html"

    def get_page_title(self) -> str:
        """Name the version."""
        return f"{self.version}的应用方案"

    def trail(self) -> list[tuple[str, str]]:
        """Lead back to the version."""
        found = self.version
        return [
            (reverse("console:templates"), "栏目模板"),
            (reverse("console:template", args=[found.number]), str(found)),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Plan."""
        law, before = version_law(self.version.number), current_law()
        plans = plan_sites(law, [*moulds(), *planned_sites()], before=before)
        sites = [plan for plan in plans if plan.code]
        counts = summary(sites)
        return super().get_context_data(
            version=self.version,
            plans=[plan for plan in plans if plan.has_news],
            sites=len(sites),
            in_step=sum(plan.is_in_step for plan in sites),
            actions=[(Action(name).label, count) for name, count in counts.items() if name in Action.values],
            summary=summary_text(counts),
            may_apply=self.may_act and self.version.state != VersionState.PAST,
            running=_running(),
            **kwargs,
        )


class ApplyView(VersionPage):
    """Order the application of a version."""

    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Queue the job, or lead to the one that is under way."""
        if self.version.state == VersionState.PAST:
            messages.warning(request, f"{self.version}是历史版本，不能再次启用。请以它的文本编辑下一版。")
            return redirect("console:template", self.version.number)
        digest = request.POST.get("digest", "")
        try:
            refuse_changed(self.version, digest or UNSEEN)
        except ApplyRefused as refused:
            messages.error(request, str(refused))
            return redirect("console:plan_template", self.version.number)
        job = _running()
        if job is None:
            params = {"version": self.version.number, "name": str(self.version), "digest": digest}
            job = order_job(KIND, params, title="等待后台处理")
        else:
            messages.warning(request, "已有一个应用任务尚未完成，请等它结束后再提交。")
        return redirect("console:job", job.pk)


class StopJobView(ConsolePage):
    """Ask an application to end after the site that it works on."""

    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Leave the word in the job's row."""
        job = get_object_or_404(Job, pk=kwargs["pk"], kind=KIND)
        if job.state not in FINISHED:
            ask_to_stop(job)
            messages.success(request, "已要求中断：当前站点处理完后停止，已处理的站点不受影响；重新提交即继续。")
        return redirect("console:job", job.pk)


def _running() -> Job | None:
    return Job.objects.filter(kind=KIND).exclude(state__in=FINISHED).first()


def _report(row: SiteVersion) -> str:
    done, conflicts = (row.report.get(name, []) for name in ("done", "conflicts"))
    return "；".join([*done, *conflicts])


class SiteVersionListView(ConsoleListView):
    """Which version each site has, and what its application did there."""

    model = SiteVersion
    page_title = "各站点的模板版本"
    search_fields = ("site__name", "site__code")
    default_ordering = "version"
    columns = (
        TitleColumn(
            "site",
            label="站点",
            accessor=lambda row: row.site.name,
            sort_key="site__name",
            get_url=lambda row: reverse("console:site", args=[row.site.code]),
        ),
        Column("version", label="版本", sort_key="version", accessor=lambda row: f"第 {row.version} 版"),
        TimeColumn("applied_at", label="应用时间", sort_key="applied_at"),
        Column("report", label="报告", accessor=_report),
    )
    list_export = ("site.name", "version", "applied_at", "report")
    export_headings = {"site.name": "站点"}
    export_filename = "site-versions"

    def get_base_queryset(self) -> QuerySet[SiteVersion]:
        """List with the sites' names."""
        return SiteVersion.objects.select_related("site")
