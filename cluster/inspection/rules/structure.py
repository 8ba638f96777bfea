"""The rule about structure (R08): every mandatory column is there as the template has it, and not too many clicks away."""

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.column_templates.inspected import TITLES
from cluster.column_templates.vocabulary import Severity
from cluster.column_templates.wording import said
from cluster.inspection.facts import Facts, SiteFacts
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.rules.waiving import sort_out
from cluster.inspection.verdict import Grade, Verdict, gravest


def structure_is_kept(facts: Facts, columns: Mapping[int, list[ColumnVerdict]]) -> dict[int, Verdict]:
    """R08: every mandatory column is there, open, under its uniform name, in its place and menu, of its class, within reach."""
    return {site.pk: _structure(site, facts, columns[site.pk]) for site in facts.sites}


def _structure(site: SiteFacts, facts: Facts, columns: list[ColumnVerdict]) -> Verdict:
    lines = [_line(one, fault, _weight(one)) for one in columns for fault in _faults(one)]
    deep = [_line(one, one.too_deep.sentence, Severity.WARNING.value) for one in columns if one.too_deep]
    sorted_out, too_deep = sort_out(facts, site, lines, "R08"), sort_out(facts, site, deep, ".depth", "R08")
    faults = [*sorted_out.counted, *too_deep.counted]
    sentence = "必设栏目齐全，名称、位置、类别与模板一致，点击次数不超过规定。"
    if faults:
        sentence = (
            f"必设栏目有{len(faults)}处不符："
            + "；".join(f"{line['name']}{line['fault']}" for line in faults[:5])
            + ("等" if len(faults) > 5 else "")
            + "。"
        )
    return Verdict(
        "R08",
        TITLES["R08"],
        site.code,
        not faults,
        gravest(line["severity"] for line in faults) if faults else Grade.HIGH,
        sentence,
        "国办发〔2017〕47号 1.1；国办公开办函〔2019〕61号",
        "请联系省级管理员按模板修复；点击次数过多的，请在首页版块或上级栏目中给出入口。" if faults else "",
        waivers=tuple(dict.fromkeys([*sorted_out.waivers, *too_deep.waivers])),
        evidence={"mandatory": len(columns), "faults": faults, "waived": [*sorted_out.told, *too_deep.told]},
    )


def _weight(one: ColumnVerdict) -> str:
    """Return what a fault of the column weighs: the norm fails a site that lacks it, and not one that calls it otherwise."""
    can_be_read = one.record is not None and one.record.live and not one.record.restricted
    severity = Severity(one.law.severity)
    return (Severity.REFUSAL if can_be_read and severity == Severity.VETO else severity).value


def _line(one: ColumnVerdict, fault: str, severity: str) -> dict[str, Any]:
    return {"code": one.law.code, "name": one.law.name, "fault": fault, "severity": severity}


def _faults(one: ColumnVerdict) -> Iterator[str]:
    """Yield what is wrong; of a column that nobody can read, nothing more."""
    record, law = one.record, one.law
    if record is None:
        yield "缺失"
    elif not record.live:
        yield "没有发布"
    elif record.restricted:
        yield "限制访问"
    else:
        if record.name != law.name:
            yield f"改名为“{record.name}”"
        if record.parent_code != law.parent:
            yield "不在规定的上级栏目下"
        if record.in_menu is not None and record.in_menu != law.menu:
            yield "没有显示在导航中" if law.menu else "不应显示在导航中"
        if record.column_class != law.column_class:
            yield f"类别不是“{said(law, 'column_class')}”"
        if record.column_type != law.column_type:
            yield f"栏目类型不是“{law.column_type}”"
