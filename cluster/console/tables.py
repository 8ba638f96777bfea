"""Columns of the console's lists, and what all its lists have in common. Used by the views."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView


class StateColumn(Column):
    """A state as text on its colour; works for every model with a field `state`."""

    cell_template_name = "console/cells/state.html"


class TimeColumn(Column):
    """A moment, to the minute, in local time."""

    cell_template_name = "console/cells/time.html"


class SiteLinksColumn(Column):
    """The site's address and its admin."""

    cell_template_name = "console/cells/site_links.html"


class WaiversColumn(Column):
    """Waivers: until when, who granted each and why."""

    cell_template_name = "console/cells/waivers.html"


class OutcomeColumn(Column):
    """How a rule came out, and how much it weighs."""

    cell_template_name = "console/cells/outcome.html"


class ProgressColumn(Column):
    """How far a job has come."""

    cell_template_name = "console/cells/progress.html"


def local_time(value: Any) -> str:
    """Show a moment as a spreadsheet's reader expects it: local, to the minute."""
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""


def harmless(value: Any) -> Any:
    """Keep a spreadsheet from running a text that begins like a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _follow(field: str, item: Any) -> Any:
    for name in field.split("."):
        if item is None:
            return ""
        item = getattr(item, name)
    return item() if callable(item) else item


class ConsoleListView(IndexView):
    """A list of the console: pages of fifty, empty values last, exports that open well in Chinese Excel."""

    any_permission_required = ("view",)
    paginate_by = 50
    show_other_searches = False
    # By what rows are ordered that are equal in the order asked for.
    among_equals: tuple[Any, ...] = ("pk",)
    # How fields of an export that are not the model's own are read; links that lead nowhere give nothing.
    export_values: Mapping[str, Callable[[Any], Any]] = {}

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Order as asked; rows without a value count as smallest, so that a site that never published is not hidden."""
        ordering = self.ordering
        if not isinstance(ordering, str):
            return super().order_queryset(queryset)
        field = F(ordering.removeprefix("-"))
        order = field.desc(nulls_last=True) if ordering.startswith("-") else field.asc(nulls_first=True)
        return queryset.order_by(order, *self.among_equals)

    def get_edit_url(self, instance: Any) -> str | None:
        """Offer no Wagtail edit form; the lists link to pages of their own."""
        return None

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        """Read the fields of a row to export, in their order."""
        return {field: self.export_values.get(field, partial(_follow, field))(item) for field in self.list_export}

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        """Write moments in local time and texts as texts."""
        if field.endswith("_at") or field == "at":
            return local_time(value)
        shown = super().preprocess_field_value(field, value, export_format)
        return harmless(shown) if export_format == self.FORMAT_CSV else shown

    def stream_csv(self, queryset: QuerySet[Any]) -> Iterator[bytes]:
        """Begin with the mark by which Excel knows UTF-8."""
        yield b"\xef\xbb\xbf"
        yield from super().stream_csv(queryset)
