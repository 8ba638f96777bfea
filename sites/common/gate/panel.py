"""What the gate caught, on the front page of a site's admin: taken off, flagged, refused at its hour, and not yet mended.

Put there by sites.common.wagtail_hooks.
"""

from collections.abc import Mapping
from typing import Any

from wagtail.admin.ui.components import Component

from cluster.context import current_site
from cluster.findings.models import Finding, FindingKind

SHOWN = 20


class FindingsPanel(Component):
    """Draw the open findings of this site; nothing where there are none."""

    name = "gate_findings"
    template_name = "gate/findings.html"
    order = 40

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the newest, what was caught before what only stands from before its rules, and how many there are more."""
        findings = Finding.objects.filter(site=current_site(), settled_at=None)
        standing = findings.filter(kind=FindingKind.STANDING)
        shown = [*findings.exclude(kind=FindingKind.STANDING)[:SHOWN], *standing[:SHOWN]][:SHOWN]
        return {"findings": shown, "more": findings.count() - len(shown)}
