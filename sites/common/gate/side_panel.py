"""The side panel 发布检查: every rule of the column, how it stands, and the field for the reason of a warning.

Made by sites.common.gate.views; drawn by templates/gate/*.html and kept fresh by static/common/gate.js.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from wagtail.admin.ui.side_panels import BaseSidePanel
from wagtail.models import Page

from cluster.column_templates.checking import Verdict
from cluster.column_templates.vocabulary import Severity
from cluster.column_templates.wording import limit_text
from cluster.context import current_site
from cluster.findings.models import Finding
from sites.common.gate.examining import Examined
from sites.common.gate.waivers import ASK
from sites.common.models import GatePass, PassPurpose


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as the panel shows it."""

    verdict: Verdict
    mark: str  # ok, advice, warning, refusal, waived
    word: str


@dataclass(frozen=True, slots=True)
class GateState:
    """All rules of an item's column, what is wrong first."""

    column_name: str
    column_code: str
    # When the column must show something new; empty where there is no limit.
    limit: str
    lines: tuple[Line, ...]
    count: int
    needs_reason: bool
    stops: bool
    # Whether the reader may ask the office to waive a rule.
    may_ask: bool


_ORDER = ("refusal", "warning", "advice", "waived", "ok")


def state_of(one: Examined, user: Any) -> GateState:
    """Return what the panel shows of an examined item."""
    lines = sorted((_line(verdict) for verdict in one.verdicts), key=lambda line: _ORDER.index(line.mark))
    return GateState(
        column_name=one.column.name if one.column else "",
        column_code=one.column.code if one.column else "",
        limit=limit_text(one.column.limit) if one.column and one.column.limit else "",
        lines=tuple(lines),
        count=len(one.stopping) + len(one.warnings),
        needs_reason=bool(one.warnings),
        stops=bool(one.stopping),
        may_ask=user.has_perm(ASK),
    )


def _line(verdict: Verdict) -> Line:
    if verdict.ok:
        return Line(verdict, "ok", "符合")
    if verdict.waived:
        return Line(verdict, "waived", "已豁免")
    if verdict.stops:
        return Line(verdict, "refusal", "不能发布")
    word = "须说明理由" if verdict.severity == Severity.WARNING else "建议"
    return Line(verdict, "warning" if verdict.severity == Severity.WARNING else "advice", word)


class GateSidePanel(BaseSidePanel):
    """The panel and its button with the number of rules that are not kept."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        """The button."""

        aria_label = "显示或隐藏发布检查"
        icon_name = "clipboard-list"
        counter_classname = "w-bg-critical-200"

        def get_context_data(self, parent_context: Any) -> dict[str, Any]:
            """Add the number."""
            return {**super().get_context_data(parent_context), "count": self.panel.state.count}

    name = "gate"
    title = "发布检查"
    template_name = "gate/side_panel.html"
    order = 150

    def __init__(self, page: Page, request: HttpRequest, *, one: Examined) -> None:
        self.state = state_of(one, request.user)
        super().__init__(page, request)

    class Media:
        js = ("common/gate.js",)
        css = {"all": ("common/gate.css",)}

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Add the state of the rules, what was found of the page, its last pass, and the reason typed before."""
        refused = self.request.method == "POST"
        return {
            **super().get_context_data(parent_context),
            "state": self.state,
            "findings": self._findings(),
            "last_pass": self._last_pass(),
            "reason": self.request.POST.get("gate_reason", ""),
            "is_open": refused and bool(self.state.count),
            "url": f"{self.request.path}?gate-state=1",
        }

    def _last_pass(self) -> GatePass | None:
        """Return the last pass that somebody got by an act of his own; what the worker looked at again is no news."""
        passes = GatePass.objects.filter(page_id=self.object.pk).exclude(purpose=PassPurpose.RECHECKED)
        return passes.order_by("-id").first() if self.object.pk else None

    def _findings(self) -> list[Finding]:
        site = current_site()
        if site is None or not self.object.pk:
            return []
        return list(Finding.objects.filter(site=site, page_id=self.object.pk, settled_at=None))
