"""`column_templates apply`: put a version in force and bring moulds and sites in step, reported site by site."""

import json
import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cluster.column_templates import versions
from cluster.column_templates.applying import ApplyRefused, apply_version
from cluster.subsites.commanding import ClusterCommand

# As long as plan prints it, or longer.
DIGEST = re.compile(r"[0-9a-f]{12,64}")
HELP = "应用一个版本：先启用，再逐站调整栏目；中断后重新运行即继续，可重复执行"


def add_arguments(parser: ArgumentParser) -> None:
    """Add version, site and format."""
    parser.add_argument("--version", dest="number", type=int, help="第几版；不写就是草稿，没有草稿就是现行版")
    parser.add_argument("--site", default="", help="只调整一个站点（站点代码），按现行版")
    parser.add_argument("--digest", default="", help="plan 给出的摘要：之后又改过的草稿不应用")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(command: ClusterCommand, options: dict[str, Any]) -> None:
    """Apply and report; exit code 1 when a site failed."""
    digest = options["digest"].strip().lower()
    if digest and not DIGEST.fullmatch(digest):
        raise ApplyRefused(f"“{options['digest']}”不是 plan 给出的摘要，请照抄它结尾所写的。")
    site_code = options["site"]
    report = apply_version(options["number"] or _meant(site_code), digest=digest, site_code=site_code)
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


def _meant(site_code: str) -> int:
    found = versions.version_in_force() if site_code else versions.draft() or versions.version_in_force()
    if found is None:
        raise ApplyRefused("还没有任何版本的栏目模板，请先运行 migrate_cluster，或用 column_templates load 载入。")
    return found.number
