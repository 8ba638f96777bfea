"""Command migrate_cluster: bring `public`, the moulds and every site's schema up to date."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import connection

from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.migration import (
    MIGRATION_LOCK,
    Outcome,
    ask_all,
    migrate_base_schemas,
    migrate_public,
    migrate_sites,
    site_schemas,
)


class Command(ClusterCommand):
    """Migrate everything that is behind."""

    help = "升级公共库、基础模板和全部站点；先一次查明谁落后，无事可做时立即结束，失败的站点报告后继续，可重复执行。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --check."""
        parser.add_argument("--check", action="store_true", help="只报告谁落后，不升级；有落后时退出码为1")

    def work(self, **options: Any) -> None:
        """Ask, migrate, report; exit code 1 when a schema failed or, with --check, is behind."""
        if options["check"]:
            self._check()
            return
        with connection.cursor() as cursor:
            # Two migrations at once would meet in the same schema; the second waits here, then finds nothing to do.
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        failed: list[Outcome] = []
        if migrate_public():
            self.stdout.write("公共库已升级")
        for outcome in migrate_base_schemas():
            self._report(outcome, failed)
        behind = [state for state in ask_all(site_schemas()) if state.is_behind]
        if behind:
            with self.progress("升级站点", len(behind)) as advance:
                for outcome in migrate_sites(behind):
                    advance(outcome.schema_name)
                    self._report(outcome, failed)
        connection.close()
        if failed:
            names = "、".join(outcome.schema_name for outcome in failed)
            raise CommandError(
                f"{len(failed)} 个模式升级失败：{names}。其余均已完成；排除原因后重新运行本命令，只会处理未完成的。"
            )
        self.stdout.write("全部模式均为最新" if not behind else f"已升级 {len(behind)} 个站点")

    def _report(self, outcome: Outcome, failed: list[Outcome]) -> None:
        if outcome.error:
            failed.append(outcome)
            self.stderr.write(f"{outcome.schema_name} 升级失败：{outcome.error}")
        else:
            self.stdout.write(f"{outcome.schema_name} 已升级")

    def _check(self) -> None:
        behind = [state for state in ask_all(["public", *site_schemas()]) if state.is_behind]
        for state in behind:
            self.stdout.write(
                f"{state.schema_name} 缺 {state.missing} 个迁移" + ("" if state.triggers_ok else "，触发器不完整")
            )
        if behind:
            raise CommandError(f"{len(behind)} 个模式落后，请运行 migrate_cluster。")
        self.stdout.write("全部模式均为最新")
