"""manage.py search_reconcile: compare the search indices with the registry and heal the differences."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cluster.subsites.commanding import ClusterCommand
from search.engine import configured_engines, engine_named
from search.engines.base import EngineUnavailable
from search.reconcile import Differences, reconcile
from search.walk import published_count


class Command(ClusterCommand):
    """Exit code 0: equal, or made equal; 1: differences remain (refused documents, --check, an engine that is down)."""

    help = "核对检索索引与信息资源库：缺的补上，旧的更新，多的删除"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the engine and whether only to look."""
        parser.add_argument("--engine", choices=["elasticsearch", "postgres"], help="默认为所有已配置的引擎")
        parser.add_argument("--check", action="store_true", help="只核对不修复；有差异时退出码为 1")

    def work(self, **options: Any) -> str | None:
        """Compare each engine and report."""
        try:
            engines = [engine_named(options["engine"])] if options["engine"] else configured_engines()
        except LookupError as error:
            raise CommandError(str(error)) from error
        remaining = 0
        for engine in engines:
            try:
                with self.progress(f"核对 {engine.name}", published_count()) as advance:
                    found = reconcile(engine, dry_run=options["check"], advance=advance)
            except EngineUnavailable as error:
                raise CommandError(f"检索引擎 {engine.name} 没有回答：{error}") from error
            self._report(engine.name, found, checked_only=options["check"])
            remaining += found.total if options["check"] else found.refused + found.ahead
        if remaining:
            raise CommandError(f"仍有 {remaining} 处差异。")
        return None

    def _report(self, name: str, found: Differences, *, checked_only: bool) -> None:
        done = "未修复" if checked_only else "已修复"
        self.stdout.write(
            f"{name}：核对 {found.compared} 条，缺少 {found.missing}，过期 {found.stale}，多余 {found.surplus}"
            + (f"（{done}）" if found.total else "")
        )
        if found.refused:
            self.stdout.write(self.style.ERROR(f"  {found.refused} 条被引擎拒绝，原因见日志。"))
        if found.ahead:
            self.stdout.write(
                self.style.WARNING(f"  {found.ahead} 条的版本比信息资源库还新；若刚恢复过备份，请运行 search_rebuild。")
            )
