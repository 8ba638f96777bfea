"""`column_templates plan`: what a version would do to every site, before anything happens."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from cluster.column_templates.applying import ApplyRefused, asked_version
from cluster.column_templates.current import current_law, law_of_version
from cluster.column_templates.models import VersionState
from cluster.column_templates.planning import SitePlan, moulds, plan_sites, planned_sites, summary, summary_text
from cluster.column_templates.steps import Action, Step
from cluster.subsites.commanding import ClusterCommand

HELP = "预演一个版本：逐站列出栏目、次序和首页的变化，与网站自己设置的冲突，不符合新规则的信息，立即超期的栏目，以及今后起止的"
# Signs of a digest that tell drafts apart.
DIGEST_SHOWN = 12


def add_arguments(parser: ArgumentParser) -> None:
    """Add version, site and format."""
    parser.add_argument("--version", dest="number", type=int, help="第几版；不写就是草稿，没有草稿就是现行版")
    parser.add_argument("--site", default="", help="只看一个站点（站点代码）")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(command: ClusterCommand, options: dict[str, Any]) -> None:
    """Print the plan."""
    row, before = asked_version(options["number"]), current_law()
    law = law_of_version(row.number, row.digest) if row else before
    sites = planned_sites(options["site"])
    if options["site"] and not sites:
        raise ApplyRefused(f"没有代码为“{options['site']}”的站点，或该站点已永久下线；查看现有站点请用 list_sites。")
    plans = plan_sites(law, sites if options["site"] else [*moulds(), *sites], before=before)
    counts = summary(plan for plan in plans if plan.code)
    if options["format"] == "json":
        told = {"version": law.version, "digest": row.digest if row else "", "summary": counts}
        sites_told = [plan.as_json() for plan in plans]
        command.stdout.write(json.dumps({**told, "sites": sites_told}, ensure_ascii=False))
        return
    for plan in plans:
        write_plan(command, plan)
    actions = "，".join(f"{Action(name).label} {count}" for name, count in counts.items() if name in Action.values)
    command.stdout.write(
        f"第 {law.version} 版，{sum(bool(plan.code) for plan in plans)} 个站点：{actions or '栏目全部一致'}；{summary_text(counts)}。"
    )
    if row and row.state == VersionState.DRAFT:
        told_digest = f"--version {row.number} --digest {row.digest[:DIGEST_SHOWN]}"
        command.stdout.write(f"照此应用：column_templates apply {told_digest}（草稿此后又改过的，不会应用）。")


def write_plan(command: ClusterCommand, plan: SitePlan) -> None:
    """Print the plan of one site; nothing where nothing would change."""
    if not plan.has_news:
        return
    command.stdout.write(f"{plan.called}：")
    told = _lines(plan.comparison.steps, plan.comparison.conflicts)
    told += [breach.text for breach in plan.breaches]
    told += [f"一应用就超期：{column.text}" for column in plan.late]
    told += [f"自 {one.day} 起，{line}" for one in plan.later for line in _lines(one.steps, one.conflicts)]
    for line in told:
        command.stdout.write(f"　{line}")


def _lines(steps: Iterable[Step], conflicts: Iterable[str]) -> list[str]:
    done = [f"{step.action.label}{step.subject}{step.detail and '：' + step.detail}" for step in steps]
    return done + [f"注意：{conflict}" for conflict in conflicts]
