"""What a record says, as the fields of an article: for a new page and for a new version of an old one.

Called by `writing`.
"""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from cluster.context import current_site
from sites.common.slugs import slug_for
from sites.content.importing.records import Record
from sites.content.importing.wording import stored_body
from sites.content.models import ArticlePage


def new_article(record: Record) -> ArticlePage:
    """Make the unsaved page of a document."""
    return ArticlePage(slug=slug_for(record.title, record.pub_date), source_id=record.id, **article_fields(record))


def article_fields(record: Record) -> dict[str, Any]:
    """Return the article's fields that the record decides; the address is given once and stays."""
    return {
        "title": record.title,
        "body": stored_body(record.body, record.id),
        # Whoever issued a document is its source; a site that shows it repeats it. Of what names nobody, the importing site is.
        "source": (record.issuer or _own_name())[:120],
        "published_at": _shown_time(record),
        "keywords": record.subcategory,
        "issuer": record.issuer,
        "doc_no": list(record.doc_no),
        "is_current": record.is_current,
        "pub_date": record.pub_date,
        "effective_date": record.effective_date,
        "region_name": record.region,
        "level": record.level,
        "category": record.category,
        "note": record.note,
    }


def _own_name() -> str:
    site = current_site()
    return site.name if site else ""


def _shown_time(record: Record) -> datetime | None:
    """Return the day on which the document was made public, as the time of publication; None means now."""
    for day in (record.pub_date, record.effective_date):
        if day and day <= timezone.localdate():
            return _midnight(day)
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))
