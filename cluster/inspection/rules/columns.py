"""Rules about columns: is the home page alive, do columns move, is none blank, is the structure the template's (R02–R05, R08).

They count what `judging` found. Waived columns are left out of the counts and told in the evidence.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from cluster.column_templates.inspected import TITLES, days_of
from cluster.inspection.facts import Facts, Items, SiteFacts
from cluster.inspection.judging import ColumnVerdict, Totals
from cluster.inspection.models import Clock
from cluster.inspection.rules.waiving import sort_out
from cluster.inspection.verdict import Grade, Verdict

Columns = Mapping[int, list[ColumnVerdict]]
HOME_DAYS = 14
# Standards 2.1: from so many columns on, one rule fails the whole site.
VETO_STALE, VETO_LATE, VETO_BLANK = 5, 10, 5
# The rule of a column that says the same; whoever need not keep that is not counted here.
OF_CLOCK = {"R03": ".update", "R04": ".update", "R05": ".least"}


def home_is_updated(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R02: the newest dated item that the home page leads to is at most 14 days old."""
    return {site.pk: _home(site, facts) for site in facts.sites}


def _home(site: SiteFacts, facts: Facts) -> Verdict:
    law, totals = facts.moment.law.of(site.kind), Totals(site, facts)
    named = {str(block.get("column") or "") for block in law.home} - {""}
    # A home page that is only navigation: what its menu leads to.
    shown = named or {column.code for column in law.columns if column.menu}
    dated = [code for code in sorted(shown) if (column := law.column(code)) is None or column.shows_dates]
    newest = Items().with_others(totals.of(code) for code in dated)
    day = timezone.localdate(newest.last_at) if newest.last_at else None
    ok = not site.is_public or (day is not None and facts.moment.day - day <= timedelta(days=HOME_DAYS))
    waiver = None if ok else facts.waiver(site, "", "R02")
    if not site.is_public:
        sentence = "网站目前不对公众开放，不计更新。"
    else:
        sentence = f"首页最近更新于{day:%Y-%m-%d}。" if day else "首页没有任何带日期的信息。"
    return Verdict(
        "R02",
        TITLES["R02"],
        site.code,
        ok or waiver is not None,
        Grade.VETO,
        sentence,
        "国办秘函〔2019〕19号 单项否决：首页两周未更新",
        "" if ok or waiver else f"请在{HOME_DAYS}天内至少发布一条首页可见、带日期的信息。",
        waivers=(waiver,) if waiver else (),
        evidence={
            "columns": dated,
            "last_on": day.isoformat() if day else "",
            "title": newest.title,
            "path": newest.path,
            "limit": f"{HOME_DAYS}天",
        },
    )


def news_and_notices_move(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R03: news within 14 days, notices and policy documents of the first level within 180, summed."""

    def is_stale(one: ColumnVerdict) -> bool:
        days = days_of(one.law)
        if days is None or one.state in (Clock.DOWN, Clock.BLANK):
            return False
        dated = one.last_on is not None and one.evidence["shows_dates"]
        return not dated or (one.last_on is not None and facts.moment.day - one.last_on > timedelta(days=days))

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
    """R05: no column is blank; five fail the site. A column with fewer items than it must have is told as well."""
    found = _counted(
        facts,
        columns,
        lambda one: one.state == Clock.BLANK,
        rule=("R05", VETO_BLANK),
        basis="国办秘函〔2019〕19号 单项否决：空白栏目",
        words=("没有空白栏目。", "个栏目空白"),
        cure="请在所列栏目发布信息，或申请豁免。",
    )
    for site in facts.sites:
        few = [one for one in columns[site.pk] if 0 < one.items.count < one.law.least and one.state != Clock.DOWN]
        lines = [
            {"code": one.law.code, "name": one.law.name, "items": one.items.count, "least": one.law.least}
            for one in few
        ]
        sorted_out = sort_out(facts, site, lines, ".least", "R05")
        found[site.pk].evidence.update(few=sorted_out.counted, few_waived=sorted_out.told)
    return found


def structure_is_kept(facts: Facts, columns: Columns) -> dict[int, Verdict]:
    """R08: every mandatory column is there, open to the public, under its uniform name and in its place."""
    return {site.pk: _structure(site, facts, columns[site.pk]) for site in facts.sites}


def _structure(site: SiteFacts, facts: Facts, columns: list[ColumnVerdict]) -> Verdict:
    lines = [{"code": one.law.code, "name": one.law.name, "fault": fault} for one in columns if (fault := _fault(one))]
    sorted_out = sort_out(facts, site, lines, "R08")
    faults = sorted_out.counted
    sentence = "必设栏目齐全，名称、位置与模板一致。"
    if faults:
        sentence = (
            f"{len(faults)}个必设栏目不符："
            + "；".join(f"{line['name']}{line['fault']}" for line in faults[:5])
            + ("等" if len(faults) > 5 else "")
            + "。"
        )
    return Verdict(
        "R08",
        TITLES["R08"],
        site.code,
        not faults,
        Grade.HIGH,
        sentence,
        "国办发〔2017〕47号 1.1；国办公开办函〔2019〕61号",
        "请联系省级管理员按模板修复。" if faults else "",
        waivers=sorted_out.waivers,
        evidence={"mandatory": len(columns), "faults": faults, "waived": sorted_out.told},
    )


def _fault(one: ColumnVerdict) -> str:
    record = one.record
    if record is None:
        return "缺失"
    if not record.live:
        return "没有发布"
    if record.restricted:
        return "限制访问"
    if record.name != one.law.name:
        return f"改名为“{record.name}”"
    return "不在规定的上级栏目下" if record.parent_code != one.law.parent else ""


def _counted(
    facts: Facts,
    columns: Columns,
    is_fault: Callable[[ColumnVerdict], bool],
    *,
    rule: tuple[str, int],
    basis: str,
    words: tuple[str, str],
    cure: str,
) -> dict[int, Verdict]:
    """Return a verdict that counts columns: none is good, from the veto's number on the site fails."""
    rule_id, veto = rule
    found = {}
    for site in facts.sites:
        faults = _lines(one for one in columns[site.pk] if is_fault(one))
        sorted_out = sort_out(facts, site, faults, OF_CLOCK[rule_id], rule_id)
        counted = sorted_out.counted
        fails = f"{len(counted)}{words[1]}" + ("，达到单项否决。" if len(counted) >= veto else "。")
        found[site.pk] = Verdict(
            rule_id,
            TITLES[rule_id],
            site.code,
            not counted,
            Grade.VETO if len(counted) >= veto else Grade.MEDIUM,
            fails if counted else words[0],
            basis,
            cure if counted else "",
            waivers=sorted_out.waivers,
            evidence={"count": len(counted), "veto_from": veto, "columns": counted, "waived": sorted_out.told},
        )
    return found


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
