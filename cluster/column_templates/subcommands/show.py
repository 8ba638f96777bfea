"""`column_templates show`: the versions, or what one of them says of a kind of site."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from cluster.column_templates import versions
from cluster.column_templates.current import law_of_version, shipped_law
from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.models import TemplateVersion
from cluster.column_templates.wording import column_text, rule_lines
from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.models import SiteKind

HELP = "列出各版本；写明站点类别则列出这类站点的栏目和规则"


def add_arguments(parser: ArgumentParser) -> None:
    """Add kind, version and format."""
    parser.add_argument("kind", nargs="?", choices=SiteKind.values, metavar="类别", help="、".join(SiteKind.values))
    parser.add_argument("--version", dest="number", type=int, help="第几版；不写就是现行版")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(command: ClusterCommand, options: dict[str, Any]) -> None:
    """Print versions or columns."""
    if options["kind"] is None and options["number"] is None:
        _show_versions(command, options["format"])
        return
    found = versions.version(options["number"]) if options["number"] is not None else versions.version_in_force()
    law = law_of_version(found.number, found.digest) if found else shipped_law()
    kinds = [options["kind"]] if options["kind"] else list(law.kinds)
    if options["format"] == "json":
        told = {kind: [asdict(column) for column in law.of(kind).columns] for kind in kinds}
        command.stdout.write(
            json.dumps({"version": law.version, "kinds": told}, ensure_ascii=False, cls=DjangoJSONEncoder)
        )
        return
    for kind in kinds:
        command.stdout.write(f"第 {law.version} 版　{SiteKind(kind).label}　{len(law.of(kind).columns)} 个栏目")
        names = {column.code: column for column in law.of(kind).columns}
        for column in law.of(kind).columns:
            _show_column(command, column, names)


def _show_versions(command: ClusterCommand, form: str) -> None:
    rows = [
        {
            "number": one.number,
            "state": one.state,
            "created_at": timezone.localtime(one.created_at).strftime("%Y-%m-%d %H:%M"),
            "applied_at": timezone.localtime(one.applied_at).strftime("%Y-%m-%d %H:%M") if one.applied_at else "",
            "by": one.actor.get("name", ""),
            "note": one.note,
        }
        for one in TemplateVersion.objects.order_by("-number")
    ]
    if form == "json":
        command.stdout.write(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = dict(TemplateVersion._meta.get_field("state").flatchoices)[row["state"]]
        told = f"第 {row['number']} 版　{state}　编制 {row['created_at']}　启用 {row['applied_at'] or '—'}"
        command.stdout.write(f"{told}　{row['by']}　{row['note']}".rstrip("　"))


def _show_column(command: ClusterCommand, column: ColumnLaw, names: dict[str, ColumnLaw]) -> None:
    depth, above = 1, column.parent
    while above:
        depth, above = depth + 1, names[above].parent
    indent = "　" * depth
    command.stdout.write(f"{indent}{column.name}（{column.code}）　{column_text(column)}")
    for line in rule_lines(column):
        command.stdout.write(f"{indent}　· {line}")
