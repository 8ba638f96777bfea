"""`column_templates load`: make the next version of texts from files."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from cluster.audit.actor import acting_as, current_actor
from cluster.column_templates import versions
from cluster.column_templates.current import law_of_version
from cluster.column_templates.differing import differences, with_items
from cluster.column_templates.sources import FILES, TooLarge, folder_sources, shipped_sources, text_of
from cluster.column_templates.subcommands.diff import write_differences
from cluster.column_templates.wording import unlisted_text
from cluster.subsites.commanding import ClusterCommand

HELP = "载入模板文本，作为下一版草稿；文本有错就指出全部错误，不保存"


def add_arguments(parser: ArgumentParser) -> None:
    """Add the files and the note."""
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="文件或文件夹",
        help=f"文件名为 {'、'.join(FILES)}；没有给出的沿用最新文本",
    )
    parser.add_argument("--replace", action="store_true", help="改写别人编制的草稿；先用 diff 看它改了什么")
    parser.add_argument("--note", default="", help="这一版改了什么，供以后查阅")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(command: ClusterCommand, options: dict[str, Any]) -> None:
    """Read, check, save, and say what the draft changes."""
    given = _given(options["paths"])
    actor, newest = current_actor(), versions.newest_version()
    if newest and not options["replace"]:
        versions.refuse_to_replace(newest, actor.name if actor else "")
    sources = {**(newest.sources if newest else shipped_sources()), **given}
    # The ledger says that the texts came from files, and from which.
    with acting_as(name=actor.name if actor else "", reason=options["reason"], occasion=f"载入 {'、'.join(given)}"):
        saved = versions.save_draft(sources, note=options["note"], edited=newest.digest if newest else None)
    in_force = versions.version_in_force()
    law = law_of_version(saved.number, saved.digest)
    compared = [law_of_version(in_force.number, in_force.digest), law] if in_force else []
    found = with_items(differences(*compared)) if compared else []
    if options["format"] == "json":
        told = {"version": saved.number, "state": saved.state, "from": in_force.number if in_force else None}
        told |= {"kinds": [one.as_json() for one in found], "unlisted": [code for code, _ in law.unlisted]}
        command.stdout.write(json.dumps(told, ensure_ascii=False))
        return
    command.stdout.write(f"已保存为第 {saved.number} 版草稿。")
    if compared:
        write_differences(command, found)
    if law.unlisted:
        command.stdout.write(unlisted_text(law))
    command.stdout.write("接下来：column_templates plan 查看各站点会怎样，再用 apply 应用。")


def _given(paths: list[Path]) -> dict[str, str]:
    given: dict[str, str] = {}
    for path in paths:
        try:
            found = folder_sources(path) if path.is_dir() else {path.name: text_of(path)}
        except UnicodeDecodeError as error:
            raise CommandError(f"{path} 里有不是 UTF-8 编码的文件；请另存为 UTF-8 后再载入。") from error
        except TooLarge as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"读不了 {path}：{error.strerror}。请检查路径和权限。") from error
        if not found:
            raise CommandError(f"文件夹 {path} 里没有模板；文件名应为 {'、'.join(FILES)}。")
        given |= found
    return given
