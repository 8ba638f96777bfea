"""Pictures inside rich text, as imported bodies have them: shown like all others.

Registered with Wagtail by sites.common.wagtail_hooks in the place of its own handler.
"""

from typing import Any

from django.template.loader import render_to_string
from wagtail.images.rich_text import ImageEmbedHandler

from sites.common.pictures import picture_of


class PictureEmbedHandler(ImageEmbedHandler):
    """Turn <embed embedtype="image"> into the picture, or into its words where its file is lost."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        """Return the HTML of each."""
        shown = zip(attrs_list, map(picture_of, cls.get_many(attrs_list)), strict=True)
        contexts = ({"shown": picture, "alt": attrs.get("alt", ""), "lazy": True} for attrs, picture in shown)
        return [render_to_string("parts/shot.html", context) for context in contexts]
