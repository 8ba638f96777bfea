"""`column_templates plan`: what a version would do to every site, before anything happens."""

import json
from argparse import ArgumentParser
from typing import Any

from cluster.column_templates.applying import ApplyRefused, version_law
from cluster.column_templates.current import current_law
from cluster.column_templates.planning import SitePlan, moulds, plan_sites, planned_sites, summary
from cluster.column_templates.steps import Action
from cluster.subsites.commanding import ClusterCommand

HELP = "预演一个版本：逐站列出栏目、次序和首页的变化，与网站自己设置的冲突，以及不符合新规则的信息"


def add_arguments(parser: ArgumentParser) -> None:
    """Add version, site and format."""
    parser.add_argument("--version", dest="number", type=int, help="第几版；不写就是草稿，没有草稿就是现行版")
    parser.add_argument("--site", default="", help="只看一个站点（站点代码）")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(command: ClusterCommand, options: dict[str, Any]) -> None:
    """Print the plan."""
    law, before = version_law(options["number"]), current_law()
    sites = planned_sites(options["site"])
    if options["site"] and not sites:
        raise ApplyRefused(f"没有代码为“{options['site']}”的站点，或该站点已永久下线；查看现有站点请用 list_sites。")
    plans = plan_sites(law, sites if options["site"] else [*moulds(), *sites], before=before)
    counts = summary(plan for plan in plans if plan.code)
    if options["format"] == "json":
        told = {"version": law.version, "summary": counts, "sites": [plan.as_json() for plan in plans]}
        command.stdout.write(json.dumps(told, ensure_ascii=False))
        return
    for plan in plans:
        write_plan(command, plan)
    actions = "，".join(f"{Action(name).label} {count}" for name, count in counts.items() if name in Action.values)
    command.stdout.write(
        f"第 {law.version} 版，{sum(bool(plan.code) for plan in plans)} 个站点：{actions or '栏目全部一致'}；"
        f"冲突 {counts['conflicts']} 处，不符合规则的信息 {counts['breaches']} 条。"
    )


def write_plan(command: ClusterCommand, plan: SitePlan) -> None:
    """Print the plan of one site; nothing where nothing would change."""
    if plan.is_in_step and not plan.comparison.conflicts and not plan.breaches:
        return
    command.stdout.write(f"{plan.name}（{plan.code or '基础模板'}）：")
    for step in plan.comparison.steps:
        command.stdout.write(f"　{step.action.label}{step.subject}{step.detail and '：' + step.detail}")
    for conflict in plan.comparison.conflicts:
        command.stdout.write(f"　注意：{conflict}")
    for breach in plan.breaches:
        command.stdout.write(f"　{breach.text}")
