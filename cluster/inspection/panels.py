"""The panel on a site's admin front page: how columns and rules stand, what the next week brings, what I am to do.

Put there by wagtail_hooks, on every site but the console; reads the states of the current site alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from wagtail.admin.ui.components import Component

from cluster.context import current_site
from cluster.inspection.models import ALARMS, Clock, ColumnRecord, ColumnState, DutyNotice
from cluster.inspection.notices import forecast, forecast_sentence, open_notices
from cluster.inspection.outcomes import broken_rules
from cluster.inspection.policies import may_assign
from cluster.subsites.models import Subsite


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One column: its state, its page, and whether the reader answers for it or must see to it that somebody acts."""

    state: ColumnState
    page_id: int | None
    days_left: int | None
    is_mine: bool
    is_reported_to_me: bool
    notice: DutyNotice | None


def panel_rows(site: Subsite, person: object) -> list[PanelRow]:
    """Return the site's columns: the reader's own first, then by what is due first."""
    pages = dict(ColumnRecord.objects.filter(site=site, until=None).values_list("code", "page_id"))
    told = {(one.column_code, one.state): one for one in open_notices().filter(site=site, rule_id="")}
    today = timezone.localdate()
    rows = []
    for state in ColumnState.objects.filter(site=site).select_related("waiver").order_by("place"):
        notice = told.get((state.column_code, state.state))
        due_on = state.due_on if state.state not in (Clock.DOWN, Clock.BLANK) else None
        rows.append(
            PanelRow(
                state,
                pages.get(state.column_code),
                (due_on - today).days if due_on else None,
                person is not None and state.officer == person,
                bool(person and notice and notice.escalated_at and notice.supervisor == person),
                notice,
            )
        )
    return sorted(rows, key=lambda row: (not (row.is_mine or row.is_reported_to_me), row.state.waived, _urgency(row)))


def _urgency(row: PanelRow) -> tuple[int, int]:
    order = (Clock.LATE, Clock.BLANK, Clock.SOON, Clock.DOWN, Clock.NORMAL)
    return order.index(Clock(row.state.state)), row.days_left if row.days_left is not None else 0


class DeadlinesPanel(Component):
    """Draw it."""

    name = "deadlines"
    template_name = "inspection/panel.html"
    order = 40

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Read the states of the site and the reader's person."""
        site = current_site()
        user = parent_context["request"].user if parent_context else None
        if site is None:
            return {}
        rows = panel_rows(site, getattr(user, "person_uuid", None))
        urgent = [row for row in rows if row.state.state in ALARMS and not row.state.waived]
        return {
            "urgent": urgent,
            "others": [row for row in rows if row not in urgent],
            "mine": sum(1 for row in urgent if row.is_mine),
            "reported": sum(1 for row in urgent if row.is_reported_to_me),
            "coming": (coming := forecast(ColumnState.objects.filter(site=site)).count()),
            "forecast": forecast_sentence(coming),
            "evaluated_at": max((row.state.evaluated_at for row in rows), default=None),
            "may_assign": may_assign(user),
            "broken": sorted(broken_rules().filter(site=site), key=lambda one: (not one.is_veto, one.rule_id)),
            "overdue": open_notices().filter(site=site).exclude(rule_id=""),
        }
