"""Bring one batch of records into one site: new ones as new pages, changed ones as new versions, the rest not at all.

Called by `run`. One transaction per batch, repeatable: whoever kills it half-way runs the same import again.
"""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction

from cluster.column_templates.checking import Verdict
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.common.gate import pending as gate
from sites.common.gate.errors import GateRefused
from sites.content.importing.articles import article_fields, new_article
from sites.content.importing.errors import CORRECT, BadRecord, ImportRefused
from sites.content.importing.places import receiving_column
from sites.content.importing.records import Record
from sites.content.importing.report import Report
from sites.content.models import ArticlePage, ImportedDocument
from sites.content.services import ArticleRefused, ColumnFull, publish_articles

# Two imports into one site wait for each other here; otherwise both could find the same document missing.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('import:' || current_schema(), 23))"

# Field of an article, as the rules and the form call it → field of a record that fills it (articles.article_fields).
_FIELDS = {
    **{"title": "title", "body": "body", "issuer": "issuer", "source": "issuer", "keywords": "subcategory"},
    **{"document_number": "doc_no", "doc_no": "doc_no", "note": "note", "region_name": "region", "level": "level"},
    **{"published_at": "pub_date", "written_on": "pub_date", "pub_date": "pub_date"},
    **{"effective_on": "effective_date", "effective_date": "effective_date", "category": "category"},
}


def write_batch(site: Subsite, column_code: str, records: Sequence[Record], report: Report, *, restore: bool) -> None:
    """Import the records into the site; what is refused goes into the report, the rest in."""
    if not records:
        return
    fates = _Fates()
    try:
        with in_site(site), transaction.atomic():
            _write(site, column_code, records, fates, restore=restore)
    except ArticleRefused as error:
        for index, fault in error.refused.items():
            report.reject(records[index].line, _bad_record(records[index], fault))
        rest = [record for index, record in enumerate(records) if index not in error.refused]
        write_batch(site, column_code, rest, report, restore=restore)
    except (DataError, IntegrityError) as error:
        # The database refused something that no check foresaw: find the record by halving.
        if len(records) == 1:
            reason = f"数据库拒绝了这条记录：{error}".strip()
            report.reject(records[0].line, BadRecord("整行", reason, CORRECT, records[0].id))
            return
        middle = len(records) // 2
        for part in (records[:middle], records[middle:]):
            write_batch(site, column_code, part, report, restore=restore)
    except ColumnFull as error:
        raise ImportRefused(str(error)) from error
    else:
        fates.tell(report)


def _bad_record(record: Record, fault: ValidationError) -> BadRecord:
    """Say what is wrong with the record, and in which of its fields as far as the fault tells."""
    if isinstance(fault, GateRefused):
        # Rules are called column.field.check, those of every column field.check.
        broken = [one.rule_id.split(".")[-2] for one in _stopping(fault)]
    else:
        broken = list(getattr(fault, "error_dict", ()))
    fields = dict.fromkeys(_FIELDS[name] for name in broken if name in _FIELDS)
    return BadRecord("、".join(fields) or "整行", "；".join(fault.messages), CORRECT, record.id)


def _stopping(fault: GateRefused) -> list[Verdict]:
    """Return the verdicts that no reason overrides; where there are none, those that want one."""
    verdicts = [one for refusal in fault.refusals for one in refusal.verdicts]
    return [one for one in verdicts if one.stops] or verdicts


class _Fates:
    """What became of the records of one batch; told to the report once the batch is committed."""

    def __init__(self) -> None:
        self.published: list[Record] = []
        self.revised: list[Record] = []
        self.unchanged: list[Record] = []
        self.kept_back: list[tuple[Record, str, str]] = []
        self.notices: list[tuple[Record, str, str]] = []

    def tell(self, report: Report) -> None:
        """Pass everything on."""
        report.tally.published += len(self.published)
        report.tally.revised += len(self.revised)
        report.tally.unchanged += len(self.unchanged)
        for record, reason, cure in self.kept_back:
            report.keep_back(record, reason, cure)
        for record, name, reason in self.notices:
            report.notice(record, name, reason)
        for record in (*self.published, *self.revised):
            for name, reason in record.notices:
                report.notice(record, name, reason)


def _write(site: Subsite, column_code: str, records: Sequence[Record], fates: _Fates, *, restore: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    column = receiving_column(site, column_code)
    if column is None:
        raise ImportRefused(f"站点“{site.code}”的栏目“{column_code}”刚刚被删除或改动，导入已停止；此前各批已导入。")
    known = {row.source_id: row for row in ImportedDocument.objects.filter(source_id__in=[r.id for r in records])}
    pages = _pages_of(known, records)
    fresh: list[tuple[int, Record]] = []
    changed: list[tuple[int, Record, ArticlePage]] = []
    for index, record in enumerate(records):
        row, page = known.get(record.id), pages.get(record.id)
        if page is None and (row is None or restore):
            fresh.append((index, record))
        elif page is None:
            fates.kept_back.append((record, "编辑已删除这篇文章。", "确需重新发布的，请加 --restore-deleted 再运行。"))
        elif not page.live:
            fates.kept_back.append((record, "编辑已撤下这篇文章。", "确需重新发布的，请在后台发布它。"))
        elif row is not None and row.digest == record.digest():
            fates.unchanged.append(record)
        elif page.locked:
            fates.kept_back.append((record, "文章已被编辑锁定，没有更新。", "请在后台解锁后再运行。"))
        else:
            changed.append((index, record, page))
    _publish_changed(changed, fates)
    _publish_new(column, fresh, fates)


def _pages_of(known: dict[str, ImportedDocument], records: Sequence[Record]) -> dict[str, ArticlePage]:
    """Return document id → its page, by what we remember, else by the number that the page itself bears."""
    by_pk = ArticlePage.objects.defer_streamfields().in_bulk([row.page_id for row in known.values()])
    found = {source_id: by_pk[row.page_id] for source_id, row in known.items() if row.page_id in by_pk}
    unknown = [record.id for record in records if record.id not in known]
    bearing = ArticlePage.objects.filter(source_id__in=unknown, alias_of=None).defer_streamfields().order_by("-pk")
    return found | {page.source_id: page for page in bearing}


def _publish_changed(changed: list[tuple[int, Record, ArticlePage]], fates: _Fates) -> None:
    """Publish new versions, and have the gate judge them now and not only at the commit: each refusal is one record's."""
    refused: dict[int, ValidationError] = {}
    for index, record, page in changed:
        try:
            _revise(page, record, fates)
        except ValidationError as error:
            refused[index] = error
    places = {page.pk: index for index, _, page in changed}
    try:
        gate.flush()
    except GateRefused as error:
        found = {places[one.page_id]: GateRefused([one]) for one in error.refusals if one.page_id in places}
        if not found:
            raise
        refused |= found
    if refused:
        raise ArticleRefused(refused)


def _publish_new(column: ColumnPage, fresh: list[tuple[int, Record]], fates: _Fates) -> None:
    articles = [new_article(record) for _, record in fresh]
    try:
        page_ids = publish_articles(column, articles)
    except ArticleRefused as error:
        raise ArticleRefused({fresh[index][0]: fault for index, fault in error.refused.items()}) from error
    records = [record for _, record in fresh]
    _remember(records, {record.id: page_id for record, page_id in zip(records, page_ids, strict=True)})
    fates.published += records


def _revise(page: ArticlePage, record: Record, fates: _Fates) -> None:
    """Publish the document's new wording as an editor would: a new revision of the page, the old ones stay."""
    page = ArticlePage.objects.get(pk=page.pk)
    if page.has_unpublished_changes:
        fates.notices.append((record, "", "编辑有尚未发布的草稿，已以来源的新内容发布；草稿可在历史版本中找回。"))
    for name, value in article_fields(record).items():
        setattr(page, name, value if value is not None or name != "published_at" else page.published_at)
    page.save_revision(log_action=True).publish()
    _remember([record], {record.id: page.pk})
    fates.revised.append(record)


def _remember(records: Sequence[Record], page_ids: dict[str, int]) -> None:
    ImportedDocument.objects.bulk_create(
        [
            ImportedDocument(
                source_id=record.id, page_id=page_ids[record.id], digest=record.digest(), origin=record.source
            )
            for record in records
        ],
        update_conflicts=True,
        unique_fields=["source_id"],
        update_fields=["page_id", "digest", "origin", "revised_at"],
    )
