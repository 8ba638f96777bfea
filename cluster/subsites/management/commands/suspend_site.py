"""Command suspend_site: take a site off the net for a while; its data stays."""

from argparse import ArgumentParser
from typing import Any

from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.queries import site_by_code
from cluster.subsites.services import suspend_site


class Command(ClusterCommand):
    """Suspend one site."""

    help = "暂停（临时下线）一个站点"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the site's code."""
        parser.add_argument("code", help="站点代码")

    def work(self, **options: Any) -> None:
        """Move the site and say so."""
        site = suspend_site(site_by_code(options["code"]), reason=options["reason"])
        self.stdout.write(f"{site.name} 现为：{site.get_state_display()}")
