"""Rules about how columns move: news and notices, every column within its limit, none blank (R03–R05).

They count what `judging` found. Waived columns are left out of the counts and told in the evidence.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone

from cluster.column_templates.inspected import NOTICES, TITLES, days_of
from cluster.inspection.facts import Facts, SiteFacts
from cluster.inspection.judging import ColumnVerdict, Totals
from cluster.inspection.models import Clock
from cluster.inspection.rules.waiving import sort_out
from cluster.inspection.verdict import Grade, Verdict, gravest

Columns = Mapping[int, list[ColumnVerdict]]
# Standards 2.1: from so many columns on, one rule fails the whole site.
VETO_STALE, VETO_LATE, VETO_BLANK = 5, 10, 5
# The rule of a column that says the same; whoever need not keep that is not counted here.
LATE_RULES = ("R03", "R04")
OF_CLOCK = {"R03": ".update", "R04": ".update", "R05": ".least"}


def news_and_notices_move(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R03: news within 14 days, notices and policy documents within 180, summed; only items of the named type count."""
    totals = {site.pk: Totals(site, facts) for site in facts.sites}
    named = {
        site.pk: {one.law.column_type for one in columns[site.pk] if one.law.name == one.law.column_type}
        for site in facts.sites
    }

    def is_stale(one: ColumnVerdict) -> bool:
        days = days_of(one.law)
        if days is None or one.state in (Clock.DOWN, Clock.BLANK):
            return False
        if one.law.column_type in NOTICES and one.law.column_type in named[one.site.pk] - {one.law.name}:
            return False  # It only gathers: the column of that name below it is judged itself.
        newest = totals[one.site.pk].of_type(one.law.code, one.law.column_type).last_at
        if newest is None or not one.evidence["shows_dates"]:
            return True
        return facts.moment.calendar.limit_end(timezone.localdate(newest), days).is_past(facts.moment.day)

    return _counted(
        facts,
        columns,
        is_stale,
        rule=("R03", VETO_STALE),
        basis="国办秘函〔2019〕19号 单项否决：栏目不更新",
        words=("动态要闻均在14天内、通知公告和政策文件均在180天内更新过。", "个栏目没有按期更新"),
        cure="请在所列栏目发布新的信息。",
    )


def no_column_is_late(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R04: no column is past its own limit; ten fail the site."""
    return _counted(
        facts,
        columns,
        lambda one: one.state == Clock.LATE,
        rule=("R04", VETO_LATE),
        basis="国办秘函〔2019〕19号 单项否决：应更新未更新",
        words=("各栏目都在自己的期限内更新。", "个栏目超过更新期限"),
        cure="请在所列栏目发布新的信息；修改旧信息或改日期不算更新。",
    )


def no_column_is_blank(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R05: no open column is blank, the site's own ones included; five fail the site. Nor has one too few items."""
    found = _counted(
        facts,
        columns,
        lambda one: one.state == Clock.BLANK,
        rule=("R05", VETO_BLANK),
        basis="国办秘函〔2019〕19号 单项否决：空白栏目",
        words=("没有空白栏目，信息条数符合要求。", "个栏目空白"),
        cure="请在所列栏目发布信息，或申请豁免。",
        further={site.pk: list(_own_blank(site, facts, columns[site.pk])) for site in facts.sites},
    )
    return {site.pk: _with_few(found[site.pk], site, facts, columns[site.pk]) for site in facts.sites}


def _own_blank(site: SiteFacts, facts: Facts, judged: list[ColumnVerdict]) -> Iterator[dict[str, Any]]:
    """Yield the open columns that the law does not demand and in which nothing stands, neither item nor text."""
    if not site.is_public:
        return
    totals, codes = Totals(site, facts), {one.law.code for one in judged}
    for code, record in totals.records.items():
        is_open = record.live and not record.restricted
        if code not in codes and is_open and not record.body_digest and not totals.of(code).count:
            yield {"code": code, "name": record.name, "state": Clock.BLANK.value, "last_on": "", "due_on": ""}


def _with_few(verdict: Verdict, site: SiteFacts, facts: Facts, columns: list[ColumnVerdict]) -> Verdict:
    """Add the columns that are not blank but have fewer items than the law demands: a fault of its own."""
    lines = [
        {
            "code": one.law.code,
            "name": one.law.name,
            "items": one.items.count,
            "least": one.law.least,
            "sentence": one.too_few.sentence,
        }
        for one in columns
        if one.too_few
    ]
    sorted_out = sort_out(facts, site, lines, ".least", "R05")
    few = sorted_out.counted
    verdict.evidence.update(few=few, few_waived=sorted_out.told)
    waivers = tuple(dict.fromkeys([*verdict.waivers, *sorted_out.waivers]))
    if not few:
        return replace(verdict, waivers=waivers)
    told = "；".join(f"{line['name']}{line['sentence']}" for line in few[:5]) + ("等" if len(few) > 5 else "")
    said = f"{len(few)}个栏目信息太少：{told}。"
    return replace(
        verdict,
        ok=False,
        sentence=said if verdict.ok else verdict.sentence + said,
        cure=verdict.cure or "请在所列栏目发布信息，或申请豁免。",
        waivers=waivers,
    )


def _counted(
    facts: Facts,
    columns: Columns,
    is_fault: Callable[[ColumnVerdict], bool],
    *,
    rule: tuple[str, int],
    basis: str,
    words: tuple[str, str],
    cure: str,
    further: Mapping[int, list[dict[str, Any]]] | None = None,
) -> dict[int, Verdict]:
    """Return a verdict that counts columns: none is good, from the veto's number on the site fails."""
    rule_id, veto = rule
    found = {}
    for site in facts.sites:
        faulty = [one for one in columns[site.pk] if is_fault(one)]
        faults = [*_lines(faulty), *((further or {}).get(site.pk, []))]
        sorted_out = sort_out(facts, site, faults, OF_CLOCK[rule_id], rule_id)
        counted = sorted_out.counted
        fails = f"{len(counted)}{words[1]}" + ("，达到单项否决。" if len(counted) >= veto else "。")
        found[site.pk] = Verdict(
            rule_id,
            TITLES[rule_id],
            site.code,
            not counted,
            Grade.VETO if len(counted) >= veto else _grade(rule_id, faulty, {line["code"] for line in counted}),
            fails if counted else words[0],
            basis,
            cure if counted else "",
            waivers=sorted_out.waivers,
            evidence={"count": len(counted), "veto_from": veto, "columns": counted, "waived": sorted_out.told},
        )
    return found


def _grade(rule_id: str, faulty: Iterable[ColumnVerdict], counted: Container[str]) -> Grade:
    """Return how much fewer columns than fail the site weigh: late ones as the law says of each, blank ones as the norm does."""
    limits = [one.law.limit for one in faulty if one.law.code in counted and one.law.limit]
    if rule_id not in LATE_RULES or not limits:
        return Grade.MEDIUM
    return gravest(limit.severity for limit in limits)


def _lines(columns: Iterable[ColumnVerdict]) -> list[dict[str, Any]]:
    return [
        {
            "code": one.law.code,
            "name": one.law.name,
            "state": one.state.value,
            "last_on": one.last_on.isoformat() if one.last_on else "",
            "due_on": one.due.day.isoformat() if one.due else "",
        }
        for one in columns
    ]
