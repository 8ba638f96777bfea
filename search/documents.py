"""SearchDocument and the one function that decides what of a resource can be found, and by which words.

Called by search.gather for the drains, the rebuild and reconcile; the engines store what it returns. Pure.
"""

import hashlib
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from search.docnumbers import number_keys
from search.normalize import fold_text
from search.pinyin import syllables_of

if TYPE_CHECKING:
    from cluster.resources.feed import Told
    from cluster.resources.models import Resource
    from cluster.subsites.models import Subsite

#: Raise it when the words of a document are made differently: reconcile then finds every older entry stale.
FORM = 1
#: Longer texts are cut; the longest law has 105,000 characters.
MAX_BODY_LENGTH = 200_000
MAX_ATTACHMENTS_LENGTH = 200_000
MAX_TITLE_LENGTH = 1_000
_TITLE_NOISE = re.compile(r"^中华人民共和国|[\W_]+")


class SearchDocument(NamedTuple):
    """What an engine knows of one resource: words to find it by, values to filter and count by, nothing to show.

    Titles, addresses and texts that people see come from the registry at query time.
    """

    id: str
    version: int
    digest: str
    site: str
    title: str
    title_key: str
    syllables: tuple[str, ...]
    body: str
    region_name: str
    doc_numbers: tuple[str, ...]
    column: str
    column_class: str
    published_at: datetime


def document_for(resource: "Resource | Told", attachments: str, site: "Subsite") -> SearchDocument | None:
    """Return the document of a resource, or None if nobody may find it: withdrawn, or its site is not public."""
    if not (resource.is_published and site.is_public):
        return None
    title = fold_text(resource.title[:MAX_TITLE_LENGTH])
    return SearchDocument(
        id=str(resource.pk),
        version=resource.version,
        digest=digest_of(resource.content_hash, resource.attachments_digest, site.code),
        site=site.code,
        title=title,
        title_key=title_key(title),
        syllables=tuple(syllables_of(title)),
        body=_body_of(resource, attachments),
        region_name=resource.region_name if resource.region_name != "全国" else "",
        doc_numbers=tuple([key for number in resource.doc_no for key in number_keys(str(number))]),
        column=resource.column_code,
        column_class=resource.column_class,
        published_at=resource.published_at,
    )


def title_key(title: str) -> str:
    """Return the title as a query would spell it whole: without the state's name in front, blanks and punctuation."""
    return _TITLE_NOISE.sub("", title).lower()


def digest_of(content_hash: str, attachments_digest: str, site_code: str) -> str:
    """Return what changes whenever the document must be written anew though the version may be the same."""
    return hashlib.blake2b(
        f"{FORM}|{content_hash}|{attachments_digest}|{site_code}".encode(), digest_size=8
    ).hexdigest()


def _body_of(resource: "Resource | Told", attachments: str) -> str:
    text = resource.text[:MAX_BODY_LENGTH]
    summary = resource.summary if resource.summary and not text.startswith(resource.summary[:40]) else ""
    parts = (summary, text, resource.keywords, resource.issuer, attachments[:MAX_ATTACHMENTS_LENGTH])
    return fold_text("\n".join(part for part in parts if part))
