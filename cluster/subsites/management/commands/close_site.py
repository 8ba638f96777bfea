"""Command close_site: close a site for good."""

from argparse import ArgumentParser
from typing import Any

from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.queries import site_by_code
from cluster.subsites.services import close_site


class Command(ClusterCommand):
    """Close one site."""

    help = "永久下线一个站点：页面返回410并指向整合后的网站，信息退出检索，数据保留存档"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the site's code and its successor."""
        parser.add_argument("code", help="站点代码")
        parser.add_argument("--successor-name", default="", help="整合后的网站名称")
        parser.add_argument("--successor-url", default="", help="整合后的网站地址")

    def work(self, **options: Any) -> None:
        """Close the site and say so."""
        site = close_site(
            site_by_code(options["code"]),
            reason=options["reason"],
            successor_name=options["successor_name"],
            successor_url=options["successor_url"],
        )
        self.stdout.write(f"{site.name} 现为：{site.get_state_display()}")
