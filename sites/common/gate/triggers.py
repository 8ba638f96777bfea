"""What the gate adds to the triggers of every site: a pass is demanded at the commit, and passes are kept.

Named by settings.TRIGGER_CONTRIBUTIONS; installed, verified and repaired by cluster.resources.triggers.
"""

from pathlib import Path

from django.apps import apps
from django.conf import settings

from cluster.resources.contributions import Contribution, Guard

SQL = Path(__file__).parent.parent / "sql" / "gate.sql"


def contribution() -> Contribution:
    """Return the functions and the guards of the gate."""
    columns = apps.get_model(settings.COLUMN_MODEL)._meta.app_label
    return Contribution(
        SQL.read_text(encoding="utf-8").replace("{columns}", columns),
        (
            Guard("wagtailcore_page", "qz_pass", "qz_demand_pass", ("INSERT", "UPDATE"), deferred=True),
            Guard("common_gatepass", "qz_stamp", "qz_stamp_pass", ("INSERT",), before=True),
            Guard("common_gatepass", "qz_keep", "qz_keep_pass", ("UPDATE", "DELETE"), before=True),
            Guard("common_gatepass", "qz_ledger", "qz_pass_written", ("INSERT",)),
        ),
    )
