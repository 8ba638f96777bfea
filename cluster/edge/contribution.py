"""The triggers of the page store: functions in `public`, and guards on the tables of every site.

Named by settings.TRIGGER_CONTRIBUTIONS; cluster.resources.triggers installs, verifies and repairs them.
"""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from wagtail.models import Page

from cluster.resources.contributions import Contribution, Guard

SQL = Path(__file__).parent / "sql" / "feed.sql"
# The table of a type that columns list has this column; see qz_edge_item for the others.
_MARK_OF_AN_ITEM = "lead_image_alt"
_CHANGES = ("UPDATE", "DELETE")
_COMINGS = ("INSERT", "UPDATE")


def _item_tables() -> list[str]:
    """Return the tables of the page types that columns list."""
    models = [model for model in apps.get_models() if issubclass(model, Page)]
    return sorted(
        model._meta.db_table
        for model in models
        if any(field.name == _MARK_OF_AN_ITEM for field in model._meta.local_fields)
    )


def contribution() -> Contribution:
    """Return functions and guards of the store's feed."""
    columns = apps.get_model(settings.COLUMN_MODEL)._meta.db_table
    guards = (
        Guard("wagtailcore_page", "qz_edge", "qz_edge_page", _CHANGES),
        *(Guard(table, "qz_edge", "qz_edge_item", ("UPDATE",)) for table in _item_tables()),
        Guard(columns, "qz_edge", "qz_edge_column", ("INSERT", *_CHANGES)),
        Guard("wagtailcore_pageviewrestriction", "qz_edge", "qz_edge_restriction", ("INSERT", *_CHANGES)),
        Guard("wagtaildocs_document", "qz_edge", "qz_edge_document", _CHANGES),
        Guard("wagtailimages_image", "qz_edge", "qz_edge_image", _CHANGES),
        Guard("wagtailcore_collectionviewrestriction", "qz_edge", "qz_edge_collection", _COMINGS),
        Guard("wagtailcore_collection", "qz_edge", "qz_edge_collection", ("UPDATE",)),
        Guard("wagtailcore_page", "qz_edge_emptied", "qz_edge_emptied", ("TRUNCATE",), each_row=False),
    )
    return Contribution(SQL.read_text(encoding="utf-8").replace("{columns}", columns), guards)
