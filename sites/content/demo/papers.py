"""Publish the demonstration's policy documents with their interpretations, linked with one another.

Called by `planting` inside the site; the words lie in deploy/demo/papers.toml. One by one, by the road of editors: few.
"""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sites.columns.models import ColumnPage
from sites.content.demo import sources
from sites.content.demo.articles import NOTICE, is_lead, shortened
from sites.content.demo.dates import LAST_HOUR, SATURDAY
from sites.content.demo.markup import blocks_of
from sites.content.demo.voice import Voice
from sites.content.demo.writing import BEIJING, Filler
from sites.content.models import DocumentRelation, InterpretationPage, InterpretedDocument, PolicyDocumentPage


@dataclass(frozen=True)
class Paper:
    """A document with gaps, and what explains it."""

    key: str
    kinds: tuple[str, ...]
    title: str
    document_kind: str
    theme: str
    doc_no: str
    issuer: str
    text: str
    days_before: int
    effective_in: int = 0
    repeals: str = ""
    amends: str = ""
    everywhere: bool = False
    interpretations: tuple[dict[str, str], ...] = field(default=())


def papers() -> list[Paper]:
    """Read the documents."""
    found = []
    for entry in sources.papers():
        lists: dict[str, Any] = {name: tuple(entry.get(name, ())) for name in ("kinds", "interpretations")}
        found.append(Paper(**{**entry, **lists}))
    return found


def plant_papers(voice: Voice, now: datetime, *, has_all: bool = True) -> int:
    """Publish the documents of a kind of site, or only those meant for everywhere; return how many pages.

    A site without the columns for them gets none.
    """
    columns = {column.code: column for column in ColumnPage.objects.filter(code__in=("zcwj", "zcjd"), live=True)}
    if len(columns) < 2 or PolicyDocumentPage.objects.exists():
        return 0
    planted: dict[str, PolicyDocumentPage] = {}
    count = 0
    for paper in papers():
        if voice.kind in paper.kinds and (has_all or paper.everywhere):
            planted[paper.key], pages = _publish(paper, voice, now, columns, planted)
            count += pages
    return count


def _publish(
    paper: Paper, voice: Voice, now: datetime, columns: dict[str, ColumnPage], planted: dict[str, PolicyDocumentPage]
) -> tuple[PolicyDocumentPage, int]:
    moment = _working_day(now.astimezone(BEIJING) - timedelta(days=paper.days_before))
    filler = Filler(voice, moment, random.Random(f"{voice.code}/{paper.key}"))  # noqa: S311 - repeatable words
    page = PolicyDocumentPage(
        **_written(paper.title, paper.text, filler, moment, f"d{moment:%Y%m%d}-{paper.key}"),
        source=f"{voice.words['organ']}（演示）",
        issuer=filler.fill(paper.issuer),
        doc_no=[filler.fill(paper.doc_no)],
        document_kind=paper.document_kind,
        theme=paper.theme,
        pub_date=_working_day(moment - timedelta(days=3)).date(),
        effective_date=moment.date() + timedelta(days=paper.effective_in) if paper.effective_in else None,
    )
    columns["zcwj"].add_child(instance=page)
    for kind, key in (("repeals", paper.repeals), ("amends", paper.amends)):
        if key:
            page.relations.add(DocumentRelation(kind=kind, document=planted[key].page_ptr))
    page.save_revision().publish()
    for number, entry in enumerate(paper.interpretations):
        later = min(_working_day(moment + timedelta(days=number)), now.astimezone(BEIJING))
        slug = f"j{moment:%Y%m%d}-{paper.key}-{number + 1}"
        _interpret(page, entry, filler, later, slug, columns["zcjd"], f"{voice.words['organ']}（演示）")
    return page, 1 + len(paper.interpretations)


def _interpret(
    document: PolicyDocumentPage,
    entry: dict[str, str],
    filler: Filler,
    moment: datetime,
    slug: str,
    column: ColumnPage,
    source: str,
) -> None:
    page = InterpretationPage(
        **_written(entry["title"], entry["text"], filler, moment, slug), source=source, form=entry["form"]
    )
    column.add_child(instance=page)
    page.documents.add(InterpretedDocument(document=document.page_ptr))
    page.save_revision().publish()


def _written(title: str, text: str, filler: Filler, moment: datetime, slug: str) -> dict[str, Any]:
    filled = filler.fill(text).strip()
    body = [*blocks_of(filled), {"type": "paragraph", "value": f"<p>{NOTICE}</p>"}]
    lead = next(filter(is_lead, filled.splitlines()), filler.fill(title))
    return {
        "title": filler.fill(title),
        "slug": slug,
        "body": json.dumps(body, ensure_ascii=False),
        "summary": shortened(lead),
        "author": "演示编辑",
        "keywords": "演示",
        "published_at": moment,
        "live": False,
    }


def _working_day(moment: datetime) -> datetime:
    """Move back to a working hour of a weekday."""
    moment = moment.replace(hour=min(max(moment.hour, 9), LAST_HOUR))
    while moment.weekday() >= SATURDAY:
        moment -= timedelta(days=1)
    return moment
