"""LockPanel: at the head of a planted column's form, what is locked, why, and whom to ask. Used by ColumnPage."""

from typing import Any

from wagtail.admin.panels import Panel

from sites.columns.lock.refusals import sentence


class LockPanel(Panel):
    """A note without fields; columns of the site's own do not show it."""

    class BoundPanel(Panel.BoundPanel):
        """The note for one column."""

        template_name = "columns/lock.html"

        def is_shown(self) -> bool:
            """Show it where a template planted the column."""
            return bool(self.instance.planted)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Add the sentence and whether the site may add columns below."""
            return {
                **super().get_context_data(parent_context),
                "sentence": sentence(self.instance, "改名、移动、复制、撤回、隐藏、改变类型或删除"),
                "is_open_below": self.instance.open_below,
            }
