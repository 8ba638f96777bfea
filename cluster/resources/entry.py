"""RegistryEntry: what a page tells the registry of itself.

Returned by pages (sites.common), turned into a Resource row by cluster.resources.projection.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class RegistryEntry:
    """The public content of one page, plain text only."""

    title: str
    summary: str = ""
    text: str = ""
    column_code: str = ""
    column_name: str = ""
    column_class: str = ""
    source: str = ""
    author: str = ""
    issuer: str = ""
    doc_no: tuple[str, ...] = ()
    region_name: str = ""
    level: str = ""
    category: str = ""
    is_current: bool | None = None
    pub_date: date | None = None
    effective_date: date | None = None
    keywords: str = ""
    published_at: datetime | None = None
    source_id: str = ""
    document_ids: tuple[int, ...] = ()
    image_ids: tuple[int, ...] = ()
