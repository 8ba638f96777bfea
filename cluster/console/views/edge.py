"""The servers with stored pages: who lives, what each holds, and withdrawals that a server has not confirmed."""

from typing import Any

from cluster.console.views.base import ConsolePage
from cluster.edge import health

SHOWN = 100


class EdgeView(ConsolePage):
    """Servers and open withdrawals."""

    template_name = "console/edge.html"
    page_title = "页面存储"
    header_icon = "copy"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Collect what the page shows."""
        return super().get_context_data(
            servers=health.servers(),
            withdrawals=health.open_withdrawals(SHOWN),
            withdrawal_count=health.open_withdrawal_count(),
            silent_seconds=int(health.SILENT_AFTER.total_seconds()),
            unconfirmed_seconds=int(health.UNCONFIRMED_AFTER.total_seconds()),
            **kwargs,
        )
