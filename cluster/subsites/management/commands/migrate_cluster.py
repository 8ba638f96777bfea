"""Command migrate_cluster: bring `public`, the moulds and every site's schema up to date."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.migration import (
    Outcome,
    ask_all,
    base_schemas_present,
    migrate_base_schemas,
    migrate_public,
    migrate_sites,
    migration_lock,
    site_schemas,
)

NO_SCHEMA = "站点的数据模式不存在或不完整，请运行 repair_sites 查看并修复"


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
        failed: list[Outcome] = []
        with migration_lock():
            migrated = self._migrate(failed)
        if failed:
            names = "、".join(outcome.schema_name for outcome in failed)
            raise CommandError(
                f"{len(failed)} 个模式升级失败：{names}。其余均已完成；排除原因后重新运行本命令，只会处理未完成的。"
            )
        self.stdout.write(f"已升级 {migrated} 个站点" if migrated else "全部模式均为最新")

    def _migrate(self, failed: list[Outcome]) -> int:
        """Migrate what is behind; return the number of sites that were."""
        if migrate_public():
            self.stdout.write("公共库已升级")
        for outcome in migrate_base_schemas():
            self._report(outcome, failed)
        present, absent = site_schemas()
        for name in absent:
            self._report(Outcome(name, NO_SCHEMA), failed)
        behind = [state for state in ask_all(present) if state.is_behind]
        if behind:
            with self.progress("升级站点", len(behind)) as advance:
                for outcome in migrate_sites(behind):
                    advance(outcome.schema_name)
                    self._report(outcome, failed)
        return len(behind)

    def _report(self, outcome: Outcome, failed: list[Outcome]) -> None:
        if outcome.error:
            failed.append(outcome)
            self.stderr.write(f"{outcome.schema_name} 升级失败：{outcome.error}")
        else:
            self.stdout.write(f"{outcome.schema_name} 已升级")

    def _check(self) -> None:
        present, absent = site_schemas()
        behind = [state for state in ask_all(["public", *base_schemas_present(), *present]) if state.is_behind]
        for state in behind:
            said = [f"缺 {state.missing} 个迁移"] if state.missing else []
            said += [] if state.triggers_ok else ["触发器不完整"]
            self.stdout.write(f"{state.schema_name} {'，'.join(said)}")
        for name in absent:
            self.stdout.write(f"{name} {NO_SCHEMA}")
        if behind or absent:
            raise CommandError(f"{len(behind) + len(absent)} 个模式落后或缺失，请运行 migrate_cluster。")
        self.stdout.write("全部模式均为最新")
