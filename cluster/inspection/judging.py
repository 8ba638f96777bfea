"""Judge one column by the clock: its state, the evidence for it, the days left. Pure; no queries.

Called by `evaluation` for every mandatory column of every site, and by `foreseeing` for those with another limit to come; the rules
R02 to R05 count what comes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from cluster.column_templates.law import ColumnLaw, UpdateLimit, YearlyDue
from cluster.column_templates.standing import StandingWaiver
from cluster.column_templates.vocabulary import NEWS_CODES, ColumnClass
from cluster.column_templates.wording import limit_time
from cluster.inspection.facts import Facts, Items, SiteFacts
from cluster.inspection.models import Clock, ColumnDuty, ColumnRecord
from cluster.inspection.reach import Reach
from cluster.workdays import Due


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A demand of the law beside the update limit that the column does not meet: too few items, too many clicks."""

    rule_id: str
    sentence: str
    waiver: StandingWaiver | None = None

    @property
    def counts(self) -> bool:
        """Whether nobody waived it."""
        return self.waiver is None


@dataclass(frozen=True, slots=True)
class ColumnVerdict:
    """How a column stands, why, and who answers for it."""

    site: SiteFacts
    law: ColumnLaw
    record: ColumnRecord | None
    state: Clock
    sentence: str
    items: Items
    last_on: date | None = None
    due: Due | None = None
    days_left: int | None = None
    waiver: StandingWaiver | None = None
    duty: ColumnDuty | None = None
    # Clicks from the home page; None where no way leads to the column.
    clicks: int | None = None
    too_few: Shortfall | None = None
    too_deep: Shortfall | None = None

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """What the column does not meet beside its update limit."""
        return tuple(one for one in (self.too_few, self.too_deep) if one)

    @property
    def reviewer(self) -> str:
        """Who sees to it that the officer acts: the person that the site named, else whom the law names."""
        return (self.duty.reviewer_name if self.duty else "") or self.law.reviewer

    @property
    def waived(self) -> bool:
        """Whether the office let the site off the rule that the state is about."""
        return self.waiver is not None

    @property
    def is_missing(self) -> bool:
        """Whether the site has no such column at all."""
        return self.record is None

    @property
    def counts_against(self) -> bool:
        """Whether it is late or blank and nobody waived that."""
        return self.state in (Clock.LATE, Clock.BLANK) and not self.waived

    @property
    def evidence(self) -> dict[str, Any]:
        """What the verdict rests on, for people and programs."""
        record, limit = self.record, self.law.limit
        return {
            "items": self.items.count,
            "least": self.law.least,
            "clicks": self.clicks,
            "depth": self.law.depth,
            "last_on": _iso(self.last_on),
            "last_title": self.items.title,
            "last_path": self.items.path,
            "last_resource": self.items.resource_id,
            "limit": limit_time(limit) if limit else "",
            "warn": limit.warn if limit else None,
            "due_on": _iso(self.due.day) if self.due else "",
            "provisional": bool(self.due and self.due.provisional),
            "days_left": self.days_left,
            "shows_dates": bool(self.law.shows_dates and (record is None or record.shows_dates)),
            "column_live": bool(record and record.live and not record.restricted),
            "column_since": timezone.localtime(record.since).isoformat(timespec="minutes") if record else "",
            # A record that was made later than the day it speaks of is inferred, not seen.
            "column_observed": timezone.localtime(record.observed_at).isoformat(timespec="minutes") if record else "",
            "basis": (limit.basis if limit else "") or self.law.basis,
        }


def judge_site(site: SiteFacts, facts: Facts) -> list[ColumnVerdict]:
    """Return the verdicts on the mandatory columns of a site, in the order of its law."""
    totals, clicks = Totals(site, facts), Reach(site, facts).clicks()
    day = facts.moment.day
    return [
        judge_column(site, column, facts, totals, clicks.get(column.code))
        for column in facts.moment.law.of(site.kind).columns
        if column.mandatory and column.holds_on(day)
    ]


class Totals:
    """The items of each column together with those of the columns below it, and of the sites that feed it."""

    def __init__(self, site: SiteFacts, facts: Facts) -> None:
        self.site, self.facts = site, facts
        self.own = facts.items.get(site.pk, {})
        self.records: Mapping[str, ColumnRecord] = facts.records.get(site.pk, {})
        self.below: dict[str, list[str]] = {}
        for record in self.records.values():
            self.below.setdefault(record.parent_code, []).append(record.code)
        self._found: dict[str, Items] = {}

    def of(self, code: str, above: frozenset[str] = frozenset()) -> Items:
        """Return the items of a column; a record that is its own ancestor is counted once."""
        if code not in self._found:
            lower = [child for child in self.below.get(code, []) if child not in above and child != code]
            parts = [self.of(child, above | {code}) for child in lower]
            self._found[code] = self.own.get(code, Items()).with_others([*parts, *self._fed(code)])
        return self._found[code]

    def of_type(self, code: str, column_type: str, above: frozenset[str] = frozenset()) -> Items:
        """Return the items of a column and of those below it that are of this type; others do not make it look alive."""
        lower = [one for one in self.below.get(code, []) if one not in above and one != code]
        same = [one for one in lower if self.records[one].column_type == column_type]
        parts = [self.of_type(child, column_type, above | {code}) for child in same]
        return self.own.get(code, Items()).with_others([*parts, *self._fed(code)])

    def _fed(self, code: str) -> list[Items]:
        record = self.records.get(code)
        if record is None or not record.fed_by:
            return []
        feeders = [
            other
            for other in self.facts.every
            if other.kind == record.fed_by and other.parent_id == self.site.pk and other.is_public
        ]
        news = (self.facts.items.get(other.pk, {}).get(code) for other in feeders for code in NEWS_CODES)
        return [items for items in news if items is not None]


def judge_column(
    site: SiteFacts, column: ColumnLaw, facts: Facts, totals: Totals, clicks: int | None = None
) -> ColumnVerdict:
    """Return the verdict on one column; without its clicks, what is said of them means nothing."""
    record = totals.records.get(column.code)
    items = totals.of(column.code)
    text_since = facts.texts_since.get((site.pk, column.code))
    last_at = _last(column, items, text_since)
    last_on = timezone.localdate(last_at) if last_at else None
    due = _due(column.limit, last_on, facts)
    left = due.days_left(facts.moment.day) if due else None
    state, sentence = _state(site, column, record, items, last_on, due, left, text_since)
    return ColumnVerdict(
        site,
        column,
        record,
        state,
        sentence,
        items,
        last_on,
        due,
        left,
        facts.waiver(site, column.code, ".least" if state == Clock.BLANK else ".update"),
        facts.duties.get(site.pk, {}).get(column.code),
        clicks,
        _too_few(site, column, facts, items) if state not in (Clock.DOWN, Clock.BLANK) else None,
        _too_deep(site, column, facts, clicks) if record and state != Clock.DOWN else None,
    )


def _too_few(site: SiteFacts, column: ColumnLaw, facts: Facts, items: Items) -> Shortfall | None:
    if items.count >= column.least:
        return None
    sentence = f"只有{items.count}条信息，模板要求至少{column.least}条"
    return Shortfall(f"{column.code}.least", sentence, facts.waiver(site, column.code, ".least", "R05"))


def _too_deep(site: SiteFacts, column: ColumnLaw, facts: Facts, clicks: int | None) -> Shortfall | None:
    if clicks is not None and clicks <= column.depth:
        return None
    how = "从首页没有链接能到达" if clicks is None else f"从首页要点击{clicks}次"
    sentence = f"{how}，模板要求最多{column.depth}次"
    return Shortfall(f"{column.code}.depth", sentence, facts.waiver(site, column.code, ".depth", "R08"))


def _last(column: ColumnLaw, items: Items, text_since: datetime | None) -> datetime | None:
    """Return when the column last moved: an item's first publication, or, for a static column, its text's change."""
    moments = [items.last_at]
    if column.column_class == ColumnClass.STATIC:
        moments.append(text_since)
    return max((moment for moment in moments if moment is not None), default=None)


def _due(limit: UpdateLimit | YearlyDue | None, last_on: date | None, facts: Facts) -> Due | None:
    """Return the last day in time. Of what is due each year, whatever was published in a calendar year is that year's."""
    if limit is None or last_on is None:
        return None
    if isinstance(limit, YearlyDue):
        return facts.moment.calendar.annual(last_on.year + 1, limit.month, limit.day)
    return facts.moment.calendar.limit_end(last_on, limit.within, limit.unit)


def _state(
    site: SiteFacts,
    column: ColumnLaw,
    record: ColumnRecord | None,
    items: Items,
    last_on: date | None,
    due: Due | None,
    left: int | None,
    text_since: datetime | None,
) -> tuple[Clock, str]:
    """Return the state with the sentence that explains it."""
    if not site.is_public:
        return Clock.DOWN, "网站目前不对公众开放，不计更新。"
    if record is None:
        return Clock.BLANK, f"本站没有“{column.name}”这个栏目。请联系省级管理员按模板补设。"
    if not record.live or record.restricted:
        return Clock.DOWN, f"“{record.name}”{'限制访问' if record.live else '没有发布'}，公众看不到。请恢复公开。"
    if not items.count and text_since is None:
        return Clock.BLANK, f"“{record.name}”及其下级栏目没有一条信息。请尽快发布。"
    # A static column lists nothing: its text is looked at through the record's history, not through shown dates.
    lists = column.column_class != ColumnClass.STATIC
    if column.limit and lists and not (column.shows_dates and record.shows_dates):
        return Clock.LATE, f"“{record.name}”的列表不显示日期，按未更新计。请恢复显示日期。"
    if due is None or left is None or last_on is None:
        return Clock.NORMAL, f"“{record.name}”有{items.count}条信息，没有更新期限。"
    what = f"{due.day.year}年的应在{due}前发布" if column.due else f"应在{due}前更新"
    when = f"最近一次首次发布在{last_on:%Y-%m-%d}，{what}"
    if left < 0:
        return Clock.LATE, f"{when}，已超期{-left}天。请发布新的信息；修改旧信息或改日期不算更新。"
    if column.limit and left <= column.limit.warn:
        return Clock.SOON, f"{when}，还剩{left}天。"
    return Clock.NORMAL, f"{when}，还剩{left}天。"


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
