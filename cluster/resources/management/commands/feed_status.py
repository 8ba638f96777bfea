"""Command feed_status: what waits in the feed, what was put aside, and how to try that again."""

from argparse import ArgumentParser
from typing import Any

from cluster.resources.backlog import feed_status, retry_parked
from cluster.resources.confirming import take_off_held
from cluster.resources.models import Change, Mark
from cluster.subsites.commanding import ClusterCommand


class Command(ClusterCommand):
    """Show the feed's state."""

    help = "显示变更流水的积压和搁置情况；--retry 让搁置的变更重新处理，--take-off-unreadable 撤下查明内容损坏的页面"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what to do with parked changes."""
        parser.add_argument("--retry", action="store_true", help="重新处理全部搁置的变更")
        parser.add_argument(
            "--take-off-unreadable",
            action="store_true",
            help="已查明是内容损坏、不是程序出错：撤下等待核实而仍读不出来的页面，其余照常登记",
        )

    def work(self, **options: Any) -> None:
        """Print the figures and the last errors."""
        if options["take_off_unreadable"]:
            self.stdout.write(f"已处理等待核实的变更 {take_off_held()} 条，撤下的页面列在“发布检查发现”")
        if options["retry"]:
            self.stdout.write(f"已重新排队 {retry_parked()} 条")
        status = feed_status()
        self.stdout.write(
            f"待登记 {status.marks}（最早 {status.oldest_mark_seconds:.1f} 秒前），搁置 {status.parked_marks}"
        )
        for name in sorted(status.changes):
            self.stdout.write(f"{name}：待分发 {status.changes[name]}，搁置 {status.parked_changes[name]}")
        for row in [*Mark.objects.exclude(parked_at=None)[:20], *Change.objects.exclude(parked_at=None)[:20]]:
            self.stdout.write(f"搁置：{row}：{row.error}")
