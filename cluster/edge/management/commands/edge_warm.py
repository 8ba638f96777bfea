"""manage.py edge_warm: render and store the pages that are not stored yet, so that no visitor has to wait for one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cluster.edge import warming
from cluster.edge.commanding import EdgeCommand
from cluster.edge.variants import Variant

_VARIANTS = {"normal": (Variant.NORMAL,), "all": tuple(Variant)}


class Command(EdgeCommand):
    """Fill the store of this server; interrupted, it goes on where it stopped."""

    help = "预先生成本服务器还没有存储的页面；中断后重新运行会接着做"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the site and the variants."""
        super().add_arguments(parser)
        parser.add_argument(
            "--variants",
            choices=sorted(_VARIANTS),
            default="normal",
            help="normal 只生成普通版，all 也生成大字版和繁体版",
        )

    def work(self, **options: Any) -> None:
        """Warm site by site."""
        store, rendered, stored = self.store(), 0, 0
        if not store.membership.is_told:
            raise CommandError(
                "这台服务器的后台任务还没有登记，页面存不下来：请先启动后台任务（worker，或 worker --only edge）。"
            )
        for site in self.sites(options["site"]):
            addresses = warming.missing(store, warming.addresses_of(site, _VARIANTS[options["variants"]]))
            with self.progress(site.display_name, len(addresses)) as advance:
                for address in addresses:
                    stored += warming.warm(store, address)
                    rendered += 1
                    advance()
        self.stdout.write(f"生成了 {rendered} 个页面，存储了 {stored} 个。")
