"""Pictures in public templates: the same picture in three widths, so that a telephone fetches no more than it shows.

Loaded by templates as `{% load pictures %}`. Each form is made once, when the page is first shown, and kept beside the picture.
"""

from dataclasses import dataclass

from django import template
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.images.shortcuts import get_renditions_or_not_found

register = template.Library()
WIDTHS = (400, 800, 1200)
# As wide as a picture stands in a text, and as the first of the front page.
IN_TEXT, ON_FRONT = "(min-width: 60rem) 50rem, 100vw", "(min-width: 60rem) 40rem, 100vw"


@dataclass(frozen=True, slots=True)
class Shown:
    """What an <img> says of its picture: the largest form, and all forms by width."""

    largest: AbstractRendition
    srcset: str


@register.inclusion_tag("parts/shot.html")
def shot(image: AbstractImage, alt: str, *, lazy: bool = False) -> dict[str, object]:
    """Show a picture in a text as wide as it is, at most 1200."""
    return _context(image, [f"width-{width}|format-webp" for width in WIDTHS], alt, IN_TEXT, lazy)


@register.inclusion_tag("parts/shot.html")
def front_shot(image: AbstractImage, alt: str) -> dict[str, object]:
    """Show the picture of a front page's first item, cut to its place."""
    specs = [f"fill-{width}x{width * 9 // 16}|format-webp" for width in WIDTHS[:2]]
    return _context(image, specs, alt, ON_FRONT, lazy=False)


def _context(image: AbstractImage, specs: list[str], alt: str, sizes: str, lazy: bool) -> dict[str, object]:
    # No form is wider than the picture itself, so that several may be equal.
    by_width = {form.width: form for form in get_renditions_or_not_found(image, specs).values()}
    forms = [by_width[width] for width in sorted(by_width)]
    srcset = ", ".join(f"{form.url} {form.width}w" for form in forms) if len(forms) > 1 else ""
    return {"shown": Shown(forms[-1], srcset), "alt": alt, "sizes": sizes, "lazy": lazy}
