"""Command inspect_columns: every verdict on columns and rules with its evidence, for today or any past day."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from cluster.inspection.evaluation import Evaluation, evaluate
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.mirror import mirror_missing
from cluster.inspection.models import Clock
from cluster.inspection.moment import DayRefused
from cluster.inspection.verdict import Verdict
from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.models import SiteKind, Subsite


class Command(ClusterCommand):
    """Print what the inspection finds; states, notices and sites stay as they are."""

    help = "逐站检查必设栏目的更新时限和检查规则，给出每一条结论及其证据；可以检查过去任何一天"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add day, site and format."""
        parser.add_argument("--date", default="", help="检查哪一天（当日24时的情形），写成 2026-11-23；默认现在")
        parser.add_argument("--site", default="", help="只检查这一个站点（代码）")
        parser.add_argument("--format", choices=("table", "json"), default="table")

    def work(self, **options: Any) -> None:
        """Evaluate and print."""
        day = self._day(options["date"])
        code = options["site"]
        if code and not Subsite.objects.filter(code=code).exclude(kind=SiteKind.CONSOLE).exists():
            raise CommandError(f"没有代码为“{code}”的站点。用 list_sites 查看全部站点的代码。")
        mirror_missing()
        try:
            found = evaluate([code] if code else None, day)
        except DayRefused as refused:
            raise CommandError(str(refused)) from refused
        if options["format"] == "json":
            self.stdout.write(json.dumps(report(found), ensure_ascii=False, default=str))
        else:
            self._print(found)

    @staticmethod
    def _day(text: str) -> date | None:
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise CommandError(f"“{text}”不是日期，请写成 2026-11-23 的样子。") from error

    def _print(self, found: Evaluation) -> None:
        console = Console()
        with console.capture() as capture:
            for site in found.sites:
                table = Table("规则", "结论", "说明", title=f"{site.name}（{site.code}） {found.moment.day}")
                for one in found.verdicts[site.pk]:
                    mark = "通过" if one.ok else one.grade_name
                    said = [one.sentence, *([one.note] if one.note else []), *(waiver.text for waiver in one.waivers)]
                    table.add_row(
                        f"{one.rule_id} {one.title}", mark + ("（含豁免）" if one.waived else ""), "\n".join(said)
                    )
                console.print(table)
                columns = Table("栏目", "状态", "最近首次发布", "应更新至", "说明")
                for column in found.columns[site.pk]:
                    if column.state != Clock.NORMAL or column.shortfalls:
                        columns.add_row(
                            f"{column.law.name}（{column.law.code}）",
                            column.state.label + ("（豁免）" if column.waived else ""),
                            str(column.last_on or "—"),
                            str(column.due or "—"),
                            "\n".join(_said(column)),
                        )
                if columns.row_count:
                    console.print(columns)
        self.stdout.write(capture.get())
        if not found.sites:
            self.stdout.write(_why_none(found))
        elif found.note:
            self.stdout.write(found.note)
        total = sum(len(columns) for columns in found.columns.values())
        self.stdout.write(f"共检查 {len(found.sites)} 个站点、{total} 个必设栏目；栏目表只列不正常的。")


def _said(column: ColumnVerdict) -> list[str]:
    """Return the lines that explain a column: its state, what it lacks beside that, and who waived which."""
    lines = [column.sentence, *([column.waiver.text] if column.waiver else [])]
    for one in column.shortfalls:
        lines.append(f"{one.sentence}。{one.waiver.text if one.waiver else ''}")
    return lines


def _why_none(found: Evaluation) -> str:
    """Say why there is no site to inspect on the day."""
    first = (
        Subsite.objects.exclude(kind=SiteKind.CONSOLE)
        .order_by("created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    if first is None:
        return "还没有开通任何站点。用 open_site 开通。"
    since = timezone.localdate(first)
    if found.moment.day < since:
        return f"{found.moment.day} 还没有任何站点：最早的站点建立于 {since}。请换一个那天以后的日期。"
    return f"{found.moment.day} 这一天，所查的站点还没有建立，或者已经永久下线。"


def report(found: Evaluation) -> dict[str, Any]:
    """Return the whole evaluation as plain values."""
    return {
        "date": found.moment.day.isoformat(),
        "at": timezone.localtime(found.moment.at).isoformat(timespec="seconds"),
        "template_version": found.moment.law.version,
        "calendar_known_until": found.moment.calendar.known_until.isoformat(),
        "note": found.note if found.sites else _why_none(found),
        "sites": [
            {
                "code": site.code,
                "name": site.name,
                "kind": site.kind,
                "state": site.state,
                "officers_known": site.pk not in found.facts.duties_since,
                "rules": [_rule(one) for one in found.verdicts[site.pk]],
                "columns": [_column(one) for one in found.columns[site.pk]],
            }
            for site in found.sites
        ],
    }


def _rule(one: Verdict) -> dict[str, Any]:
    return {
        "rule": one.rule_id,
        "title": one.title,
        "ok": one.ok,
        "grade": one.grade.value,
        "sentence": one.sentence,
        "basis": one.basis,
        "cure": one.cure,
        "waived": one.waived,
        "waivers": [waiver.as_values() for waiver in one.waivers],
        "note": one.note,
        "evidence": one.evidence,
    }


def _column(one: ColumnVerdict) -> dict[str, Any]:
    duty = one.duty
    return {
        "code": one.law.code,
        "name": one.law.name,
        "state": one.state.value,
        "state_name": str(one.state.label),
        "last_on": one.last_on.isoformat() if one.last_on else "",
        "due_on": one.due.day.isoformat() if one.due else "",
        "days_left": one.days_left,
        "unit": (duty.unit if duty else "") or one.law.unit,
        "officer": duty.officer_name if duty else "",
        "reviewer": one.reviewer,
        "waived": one.waived,
        "waiver": one.waiver.as_values() if one.waiver else None,
        "sentence": one.sentence,
        "shortfalls": [
            {
                "rule": shortfall.rule_id,
                "sentence": shortfall.sentence,
                "waiver": shortfall.waiver.as_values() if shortfall.waiver else None,
            }
            for shortfall in one.shortfalls
        ],
        "evidence": one.evidence,
    }
