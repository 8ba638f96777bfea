"""manage.py search_rebuild: build the search indices anew from the registry while search goes on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cluster.subsites.commanding import ClusterCommand
from search.engine import configured_engines
from search.engines.base import EngineUnavailable
from search.rebuild import RebuildIncomplete, RebuildRunning, rebuild_index, refill_table
from search.walk import published_count


class Command(ClusterCommand):
    """Rebuild one or all engines' indices; interrupted, it leaves the old ones in use and can be run again."""

    help = "从信息资源库重建检索索引：期间检索不中断，变更不丢失；中断后重新运行即可"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the engine."""
        parser.add_argument("--engine", choices=["elasticsearch", "postgres"], help="默认为所有已配置的引擎")

    def work(self, **options: Any) -> str | None:
        """Rebuild, with progress; exit code 1 and one sentence if something is in the way."""
        names = [options["engine"]] if options["engine"] else [engine.name for engine in configured_engines()]
        for name in names:
            try:
                with self.progress(f"重建 {name}", published_count()) as advance:
                    count = rebuild_index(advance) if name == "elasticsearch" else refill_table(advance)
            except (RebuildRunning, RebuildIncomplete) as error:
                raise CommandError(str(error)) from error
            except EngineUnavailable as error:
                raise CommandError(f"检索引擎 {name} 没有回答，原有索引继续使用：{error}") from error
            self.stdout.write(self.style.SUCCESS(f"{name}：重建完成，共 {count} 条。"))
        return None
