"""`column_templates diff`: what one version says otherwise than another."""

import json
from argparse import ArgumentParser
from typing import Any

from cluster.column_templates import versions
from cluster.column_templates.current import law_of_version
from cluster.column_templates.differing import KindDifference, differences, with_items
from cluster.column_templates.wording import column_text, rule_lines, unlisted_text
from cluster.subsites.commanding import ClusterCommand

HELP = "比较两个版本；只写一个就与现行版比较，都不写就比较草稿与现行版"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the two numbers and the format."""
    parser.add_argument("numbers", nargs="*", type=int, metavar="版本", help="例如 1 2")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(command: ClusterCommand, options: dict[str, Any]) -> None:
    """Print the differences."""
    before, after = _asked(options["numbers"])
    laws = [law_of_version(one.number, one.digest) for one in (before, after)]
    found = with_items(differences(*laws))
    if options["format"] == "json":
        told = {"from": before.number, "to": after.number, "kinds": [difference.as_json() for difference in found]}
        told["unlisted"] = [code for code, _ in laws[1].unlisted]
        command.stdout.write(json.dumps(told, ensure_ascii=False))
        return
    command.stdout.write(f"从第 {before.number} 版到第 {after.number} 版：")
    write_differences(command, found)
    if laws[1].unlisted:
        command.stdout.write(unlisted_text(laws[1]))


def _asked(numbers: list[int]) -> tuple[versions.TemplateVersion, versions.TemplateVersion]:
    if len(numbers) > 2:
        raise versions.NoSuchVersion("最多比较两个版本，例如 column_templates diff 1 2。")
    if len(numbers) == 2:
        return versions.version(numbers[0]), versions.version(numbers[1])
    in_force = versions.version_in_force()
    other = versions.version(numbers[0]) if numbers else versions.draft()
    if in_force is None or other is None:
        raise versions.NoSuchVersion("没有草稿可以比较；请写明两个版本，例如 column_templates diff 1 2。")
    return in_force, other


def write_differences(command: ClusterCommand, found: list[KindDifference]) -> None:
    """Print what changes, kind by kind."""
    if not found:
        command.stdout.write("栏目和规则没有变化。")
    for difference in found:
        command.stdout.write(f"{difference.label}：")
        for column in difference.added:
            command.stdout.write(f"　增加 {column.name}（{column.code}）：{column_text(column)}")
            for line in rule_lines(column):
                command.stdout.write(f"　　· {line}")
        for column, items in difference.dropped_with_items:
            held = f"，其中现有 {items} 条信息，应用时不会删除，去向见 plan" if items else ""
            command.stdout.write(f"　去掉 {column.name}（{column.code}）{held}")
        for change in difference.changed:
            for word in change.words:
                told = f"{word.before or '（无）'} → {word.after or '（无）'}"
                command.stdout.write(f"　修改 {change.name}（{change.code}）{word.label}：{told}")
        if difference.reordered:
            command.stdout.write("　栏目次序有变化")
        if difference.home:
            command.stdout.write("　首页版块有变化")
