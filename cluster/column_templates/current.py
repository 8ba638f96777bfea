"""The law in force: current_law() and site_law(kind), cheap enough to be asked for every item.

Asked by planting, gate, inspection, console. The number of the version in force is asked once a second at most, its texts are
read once per process. Whoever puts another version in force calls `forget()`.
"""

import threading
import time
from datetime import UTC, datetime
from functools import lru_cache

from cluster.column_templates.law import Law, SiteLaw
from cluster.column_templates.models import TemplateVersion, VersionState
from cluster.column_templates.reading import read_law
from cluster.column_templates.sources import digest_of, shipped_sources

SECONDS = 1.0
_seen = threading.local()


def current_law() -> Law:
    """Return the law in force; before a version is recorded, that of the shipped texts, as version 0."""
    law: Law | None = getattr(_seen, "law", None)
    if law is None or time.monotonic() - _seen.at > SECONDS:
        row = TemplateVersion.objects.filter(state=VersionState.CURRENT).values_list("number", "digest").first()
        law = law_of_version(*row) if row else shipped_law()
        _seen.law, _seen.at = law, time.monotonic()
    return law


def site_law(kind: str) -> SiteLaw:
    """Return what the law in force says of a kind of site."""
    return current_law().of(kind)


def in_force_since() -> datetime:
    """Return since when the law in force is in force; the beginning of time for the shipped texts."""
    row = TemplateVersion.objects.filter(state=VersionState.CURRENT).values_list("applied_at", flat=True).first()
    return row or datetime.min.replace(tzinfo=UTC)


def law_before(moment: datetime) -> Law | None:
    """Return the law that was in force at that moment; None where it is that of today, or nobody knows of another."""
    if moment >= in_force_since():
        return None
    known = (
        TemplateVersion.objects.filter(applied_at__lte=moment).order_by("-applied_at").values_list("number", "digest")
    )
    row = known.first()
    return law_of_version(*row) if row else None


def law_numbered(number: int) -> Law | None:
    """Return the law of a version that was or is in force; None where there is no such version."""
    digest = TemplateVersion.objects.filter(number=number).values_list("digest", flat=True).first()
    return law_of_version(number, digest) if digest else None


def forget() -> None:
    """Ask for the version in force again at the next question of this thread; other threads do within a second."""
    _seen.law = None


@lru_cache(maxsize=8)
def law_of_version(number: int, digest: str) -> Law:
    """Read the texts of a version; the digest keeps a draft that was written again from being remembered as it was."""
    sources, language = TemplateVersion.objects.values_list("sources", "language").get(number=number, digest=digest)
    return read_law(sources, number, language)


def shipped_law() -> Law:
    """Read the shipped texts."""
    sources = shipped_sources()
    return _shipped_law(digest_of(sources), tuple(sources.items()))


@lru_cache(maxsize=2)
def _shipped_law(digest: str, sources: tuple[tuple[str, str], ...]) -> Law:
    return read_law(dict(sources))
