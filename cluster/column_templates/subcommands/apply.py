"""`column_templates apply`: put a version in force and bring moulds and sites in step, reported site by site."""

import json
import re
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cluster.column_templates import versions
from cluster.column_templates.applying import ApplyRefused, apply_version
from cluster.column_templates.models import TemplateVersion, VersionState
from cluster.column_templates.subcommands import plan
from cluster.subsites.commanding import ClusterCommand

# As long as plan prints it, or longer.
DIGEST = re.compile(r"[0-9a-f]{12,64}")
HELP = "应用一个版本：先启用，再逐站调整栏目；中断后重新运行即继续，可重复执行"


def add_arguments(parser: ArgumentParser) -> None:
    """Add version, site and format."""
    parser.add_argument("--version", dest="number", type=int, help="第几版；不写就是草稿，没有草稿就是现行版")
    parser.add_argument("--site", default="", help="只调整一个站点（站点代码），按现行版")
    parser.add_argument(
        "--digest", default="", help="plan 给出的摘要：草稿必须写明，之后又改过的不应用；在终端可以当场核对"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(command: ClusterCommand, options: dict[str, Any]) -> None:
    """Apply and report; exit code 1 when a site failed."""
    digest = options["digest"].strip().lower()
    if digest and not DIGEST.fullmatch(digest):
        raise ApplyRefused(f"“{options['digest']}”不是 plan 给出的摘要，请照抄它结尾所写的。")
    site_code = options["site"]
    number = options["number"] or _meant(site_code)
    row = TemplateVersion.objects.filter(number=number, state=VersionState.DRAFT).first()
    if row and not site_code and not digest:
        digest = _seen_now(command, row, options["format"])
    report = apply_version(number, digest=digest, site_code=site_code)
    if options["format"] == "json":
        told = {"version": report.version, "done": report.done, "failed": report.failed, "untouched": report.untouched}
        told["names"] = {code: report.names[code] for code in (*report.done, *report.failed)}
        command.stdout.write(json.dumps(told, ensure_ascii=False))
    else:
        for code, lines in report.done.items():
            command.stdout.write(f"{report.names[code]}：{'；'.join(lines)}")
        for code, reason in report.failed.items():
            command.stderr.write(f"{report.names[code]} 未完成：{reason}")
        command.stdout.write(report.sentence())
    if report.failed:
        raise CommandError(report.sentence())


def _seen_now(command: ClusterCommand, row: TemplateVersion, output: str) -> str:
    """Show the plan of a draft to somebody at a terminal, and return its digest once they have agreed.

    A draft may have been changed since its plan was seen; a script is to say which one that was. Raises ApplyRefused, CommandError.
    """
    if output == "json" or not sys.stdin.isatty():
        raise ApplyRefused(
            f"第 {row.number} 版还是草稿，没有应用：先运行 column_templates plan --version {row.number} 核对方案，"
            "再照它结尾所写的加上 --digest 运行。"
        )
    plan.run(command, {"number": row.number, "site": "", "format": "text"})
    if input(f"以上是第 {row.number} 版对各站点的改动。照此应用请输入版本号 {row.number}：").strip() != str(row.number):
        raise CommandError("输入的不是版本号，没有应用。")
    return row.digest


def _meant(site_code: str) -> int:
    found = versions.version_in_force() if site_code else versions.draft() or versions.version_in_force()
    if found is None:
        raise ApplyRefused("还没有任何版本的栏目模板，请先运行 migrate_cluster，或用 column_templates load 载入。")
    return found.number
