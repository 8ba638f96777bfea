"""Small turns of phrase for the public templates: dates of lists, the sign of a site, sizes of files.

Loaded by templates as `{% load portal %}`; nothing here asks the database.
"""

import re
from datetime import date, datetime

from django import template
from django.utils import timezone

from cluster.edge import recording
from cluster.subsites.models import SiteKind, Subsite

register = template.Library()
KILO = 1024
# What people put between keywords; a blank is none, for it stands inside names.
BETWEEN_WORDS = re.compile(r"[,;，、；｜|\u3000\r\n\t]+")


@register.filter
def list_day(value: datetime | date | None) -> str:
    """Show a day as a list does: 11-23 in this year, 2025-11-23 in others."""
    if value is None:
        return ""
    day, today = timezone.localdate(value) if isinstance(value, datetime) else value, timezone.localdate()
    if recording.is_recording():
        recording.holds_until(timezone.make_aware(datetime(today.year + 1, 1, 1)))
    return f"{day:%m-%d}" if day.year == today.year else f"{day:%Y-%m-%d}"


@register.filter
def full_day(value: datetime | date | None) -> str:
    """Show a day in full, for attributes that machines read."""
    if value is None:
        return ""
    return (timezone.localdate(value) if isinstance(value, datetime) else value).isoformat()


@register.filter
def sign(site: Subsite) -> str:
    """Return the one character of a site's emblem: of its place, or of its trade where it is a department."""
    name = site.display_name
    if site.kind in (SiteKind.DEPARTMENT, SiteKind.BODY) and site.region:
        # 黑龙江省教育厅, or 省教育厅 for short.
        name = name.removeprefix(site.region.name).removeprefix(site.region.name[-1]) or name
    return name[:1]


@register.filter
def file_size(size: int | None) -> str:
    """Show the size of a file; empty where it is not known."""
    if not size:
        return ""
    if size < KILO * KILO:
        return f"{max(1, round(size / KILO))} KB"
    return f"{size / KILO / KILO:.1f} MB"


@register.filter
def ascii_commas(words: str) -> str:
    """Put one ASCII comma between keywords, as the crawlers of the inspection split them (standards part 10)."""
    return ",".join(word for part in BETWEEN_WORDS.split(words or "") if (word := part.strip()))
