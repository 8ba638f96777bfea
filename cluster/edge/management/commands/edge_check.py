"""manage.py edge_check: render stored pages anew and compare them with the store, byte for byte."""

import random
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cluster.edge import checking
from cluster.edge.commanding import EdgeCommand
from cluster.edge.store import Store
from cluster.edge.uploads import FOLDER
from cluster.subsites.models import Subsite

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
        self._settle(store)
        entries = checking.entries_to_check(store, self._schema(options["site"]))
        if not options["all"] and len(entries) > options["sample"]:
            entries = random.sample(entries, options["sample"])
        wrong = 0
        with self.progress("核对页面", len(entries)) as advance:
            for found in checking.differences(store, entries, lambda: self._settle(store)):
                advance()
                if found is not None:
                    wrong += 1
                    self._show(found)
        strays = 0 if options["site"] else self._show_strays(store)
        if wrong or strays:
            told = f"，{strays} 个文件没有登记" if strays else ""
            raise CommandError(f"核对了 {len(entries)} 个页面，{wrong} 个与现在的内容不符{told}。")
        self.stdout.write(f"核对了 {len(entries)} 个页面，全部相符。")

    @staticmethod
    def _schema(code: str) -> str | None:
        """Return the schema of the site of this code, whatever its state; None for all. Raises CommandError."""
        if not code:
            return None
        site = Subsite.objects.filter(code=code).first()
        if site is None:
            raise CommandError(f"没有代码为“{code}”的站点；查看现有站点请用 list_sites。")
        return site.schema_name

    def _settle(self, store: Store) -> None:
        """Let the agent hear what has happened and do it; without one, say that the copies may be behind for that reason."""
        left = checking.settled(store, PATIENCE_SECONDS)
        if left.untold:
            self.stderr.write(f"还有 {left.untold} 条变化没有通知到本机：后台任务可能没有运行，差异或由此而来。")
        if left.waiting:
            self.stderr.write(f"还有 {left.waiting} 个页面等着换新：后台任务可能没有运行或忙不过来，差异或由此而来。")

    def _show_strays(self, store: Store) -> int:
        """List the files that no withdrawal would find; return how many."""
        pages, uploads = store.unknown_files()
        names = [str(path.relative_to(store.root)) for path in pages] + [f"{FOLDER}/{name}" for name in uploads]
        for name in sorted(names):
            self.stdout.write(self.style.ERROR(f"{name}：没有登记的文件（重启后台任务时清除）"))
        return len(names)

    def _show(self, found: checking.Difference) -> None:
        address = found.entry.address
        place = f"{address.host}{address.path}{'?' if address.query else ''}{address.query}（{address.variant}）"
        lines = [f"{place}：{found.fault}" + (f"（HTTP {found.status}）" if found.fault == checking.Fault.GONE else "")]
        if found.missing_keys:
            lines.append(f"  存储时没有记下的依赖：{'、'.join(found.missing_keys)}")
        elif found.is_known:
            lines.append("  存储知道它要换新或撤下，还没有做：后台任务可能没有运行")
        elif found.fault == checking.Fault.STALE:
            lines.append("  依赖都已记下：某一处变化没有通知到存储")
        if found.excerpt:
            lines.append(f"  {found.excerpt}")
        self.stdout.write(self.style.ERROR("\n".join(lines)))
