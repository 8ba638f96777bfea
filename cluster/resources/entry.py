"""RegistryEntry: what a page tells the registry of itself.

Returned by pages (sites.common), turned into a Resource row by cluster.resources.projection.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class EntryLink:
    """What a page says of another item: of its own site by page, of another site by registry id."""

    kind: str  # cluster.resources.models.LinkKind
    page_id: int | None = None
    resource_id: uuid.UUID | None = None
    # From this day on; a repeal takes effect with the document that says it.
    since: date | None = None


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
    # Marks of an official document; empty for everything else.
    index_number: str = ""
    document_kind: str = ""
    theme: str = ""
    validity: str = ""
    validity_until: date | None = None
    links: tuple[EntryLink, ...] = ()
