"""manage.py edge_check: render stored pages anew and compare them with the store, byte for byte."""

import random
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from cluster.edge import checking
from cluster.edge.commanding import EdgeCommand
from cluster.edge.models import EdgeEvent

SAMPLE = 200
PATIENCE_SECONDS = 10.0


class Command(EdgeCommand):
    """Exit code 0: every copy is what a citizen would get now; 1: some are not."""

    help = "核对存储的页面与现在生成的是否逐字节相同；有差异时列出并以退出码 1 结束"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the site and how many pages to look at."""
        super().add_arguments(parser)
        parser.add_argument("--all", action="store_true", help=f"核对全部页面；不写则随机抽查 {SAMPLE} 个")
        parser.add_argument("--sample", type=int, default=SAMPLE, metavar="个数", help="抽查多少个页面")

    def work(self, **options: Any) -> None:
        """Check, and list what differs."""
        store = self.store()
        self._wait_for_the_feed()
        sites = self.sites(options["site"])
        entries = [entry for site in sites for entry in checking.entries_to_check(store, site.schema_name)]
        if not options["all"] and len(entries) > options["sample"]:
            entries = random.sample(entries, options["sample"])
        wrong = 0
        with self.progress("核对页面", len(entries)) as advance:
            for found in checking.differences(store, entries):
                advance()
                if found is not None:
                    wrong += 1
                    self._show(found)
        if wrong:
            raise CommandError(f"核对了 {len(entries)} 个页面，{wrong} 个与现在的内容不符。")
        self.stdout.write(f"核对了 {len(entries)} 个页面，全部相符。")

    def _wait_for_the_feed(self) -> None:
        """Let the agent hear what has happened; without one, say that the copies may be behind for that reason."""
        mine, until = EdgeEvent.objects.filter(server=settings.EDGE_SERVER), time.monotonic() + PATIENCE_SECONDS
        while waiting := mine.count():
            if time.monotonic() >= until:
                self.stderr.write(f"还有 {waiting} 条变化没有通知到本机：后台任务可能没有运行，差异或由此而来。")
                return
            time.sleep(0.1)

    def _show(self, found: checking.Difference) -> None:
        address = found.entry.address
        place = f"{address.host}{address.path}{'?' if address.query else ''}{address.query}（{address.variant}）"
        lines = [f"{place}：{found.fault}" + (f"（HTTP {found.status}）" if found.fault == checking.Fault.GONE else "")]
        if found.missing_keys:
            lines.append(f"  存储时没有记下的依赖：{'、'.join(found.missing_keys)}")
        elif found.fault == checking.Fault.STALE:
            lines.append("  依赖都已记下：某一处变化没有通知到存储")
        if found.excerpt:
            lines.append(f"  {found.excerpt}")
        self.stdout.write(self.style.ERROR("\n".join(lines)))
