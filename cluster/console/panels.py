"""The console's dashboard: what needs somebody today, then figures, jobs, feed and search, quiet sites.

Put on Wagtail's home page by wagtail_hooks, on the console only; a role's absence leaves it empty.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count
from wagtail.admin.ui.components import Component

from cluster.column_templates.models import Waiver, WaiverState
from cluster.column_templates.reporting import recent_notices
from cluster.console import queries
from cluster.console.policies import CONSOLE, READ
from cluster.console.views.jobs import job_title
from cluster.edge import health
from cluster.findings.models import held_findings, not_entered
from cluster.inspection.models import Clock, ColumnState, InspectionRun
from cluster.inspection.notices import forecast, forecast_sentence
from cluster.inspection.outcomes import broken_rules, veto_sentence, vetoed_sites
from cluster.pictures.given_up import given_up_count
from cluster.resources.backlog import feed_status
from cluster.resources.unread import unread_count
from cluster.subsites.models import SiteState

# The worker enters a change within seconds; after this long it is not running, or drowning.
LAG_SECONDS = 120
# So many findings of the structure are named at once.
SHOWN = 5


class ConsolePanel(Component):
    """A panel that is there for office and inspectors only."""

    order = 100

    def render_html(self, parent_context: Mapping[str, Any] | None = None) -> str:
        """Draw nothing for an account without a role."""
        user = parent_context["request"].user if parent_context else None
        return super().render_html(parent_context) if CONSOLE.user_has_permission(user, READ) else ""


class DuePanel(ConsolePanel):
    """What needs somebody today."""

    name = "console_due"
    template_name = "console/panels/due.html"
    order = 10

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Collect waivers, failures, parked rows, pages, structure, engines, servers, withdrawals, files and suspensions."""
        status = feed_status()
        lag = int(status.oldest_mark_seconds) if status.oldest_mark_seconds > LAG_SECONDS else 0
        parked = status.parked_marks + sum(status.parked_changes.values())
        failed = [(job, job_title(job)) for job in queries.failed_jobs()[:5]]
        overdue = list(queries.overdue_suspensions()[:20])
        silent = [one for one in queries.listeners(status) if one.is_silent or not one.active]
        servers = [one for one in health.servers() if one.is_silent or one.is_dropped or one.has_namesake or one.error]
        withdrawals = health.open_withdrawal_count()
        stuck = [(job, job_title(job)) for job in queries.unfinished_jobs()[:20] if queries.waits_too_long(job)]
        asked = Waiver.objects.filter(state=WaiverState.ASKED).count()
        stuck_pages = not_entered().count()
        held = held_findings().count() - stuck_pages
        notices = list(recent_notices())
        due = {
            "structure": notices[:SHOWN],
            "asked": asked,
            "lag": lag,
            "waiting": status.marks if lag else 0,
            "parked": parked,
            "held": held,
            "stuck_pages": stuck_pages,
            "failed": failed,
            "overdue": overdue,
            "silent": silent,
            "servers": servers,
            "withdrawals": withdrawals,
            "pictures": given_up_count(),
            "attachments": unread_count(),
            "stuck": stuck,
        }
        return {**due, "more_structure": len(notices[SHOWN:]), "nothing": not any(due.values())}


class FiguresPanel(ConsolePanel):
    """Sites by kind and state."""

    name = "console_figures"
    template_name = "console/panels/figures.html"
    order = 20

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Count the sites."""
        return {"states": list(SiteState), "rows": queries.state_table()}


class ColumnsPanel(ConsolePanel):
    """How the mandatory columns of all sites stand, and what the next days bring."""

    name = "console_columns"
    template_name = "console/panels/columns.html"
    order = 25

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Count the columns by state."""
        counts = dict(ColumnState.objects.order_by().values_list("state").annotate(number=Count("pk")))
        return {
            "states": [(state, counts.get(state.value, 0)) for state in Clock],
            "total": sum(counts.values()),
            "forecast": forecast_sentence(forecast(ColumnState.objects.all()).count()),
            "vetoed": veto_sentence(number) if (number := vetoed_sites()) else "",
            "broken": broken_rules().count(),
            "run": InspectionRun.objects.first(),
        }


class JobsPanel(ConsolePanel):
    """Jobs that wait or run."""

    name = "console_jobs"
    template_name = "console/panels/jobs.html"
    order = 30

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Read the unfinished jobs."""
        return {"jobs": [(job, job_title(job)) for job in queries.unfinished_jobs()[:10]]}


class FeedPanel(ConsolePanel):
    """The feed's backlog, the search engines' state, the last errors."""

    name = "console_feed"
    template_name = "console/panels/feed.html"
    order = 40

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Read the feed's state."""
        status = feed_status()
        return {
            "status": status,
            "listeners": queries.listeners(status),
            "errors": [*queries.parked_marks(3), *queries.parked_changes(3)],
        }


class QuietSitesPanel(ConsolePanel):
    """The sites that have published nothing for longest."""

    name = "console_quiet"
    template_name = "console/panels/quiet.html"
    order = 50

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Read the quiet sites."""
        return {"sites": queries.quiet_sites()}


PANELS = (DuePanel, FiguresPanel, ColumnsPanel, JobsPanel, FeedPanel, QuietSitesPanel)
