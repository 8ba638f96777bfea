"""Pictures in public templates: {% load pictures %}{% shot picture words %}.

The picture is one of the library, or what sites.common.pictures made of it. Where its file is lost, its words remain for
those who are read to, and no broken address.
"""

from django import template
from wagtail.images.models import AbstractImage

from sites.common.pictures import Picture, picture_of

register = template.Library()


@register.inclusion_tag("parts/shot.html")
def shot(picture: AbstractImage | Picture | None, alt: str, *, lazy: bool = False) -> dict[str, object]:
    """Show a picture; one of the library as wide as a text, at most 1200."""
    shown = picture if isinstance(picture, Picture) else picture_of(picture)
    return {"shown": shown, "alt": alt, "lazy": lazy}
