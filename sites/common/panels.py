"""Panels that the forms of all page types share."""

from typing import Any

from wagtail.admin.panels import FieldPanel, TitleFieldPanel


class PlainTitlePanel(TitleFieldPanel):
    """The large field of the title, which does not write the address while one types: Chinese titles get theirs on the server.

    Wagtail's own, told to fill no other field, still looks for one at each stroke and logs an error.
    """

    class BoundPanel(TitleFieldPanel.BoundPanel):
        """The panel on a form."""

        def get_attrs(self) -> dict[str, Any]:
            """Return the placeholder alone."""
            return {name: value for name, value in super().get_attrs().items() if name == "placeholder"}


def address_panel() -> FieldPanel:
    """Return the field of an item's address."""
    return FieldPanel(
        "slug",
        heading="网页地址",
        help_text="留空则由标题拼音首字母和日期组成。改动后旧地址自动转到新地址。",
    )
