"""Command close_site: close a site for good."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.models import SiteState, Subsite
from cluster.subsites.queries import site_by_code
from cluster.subsites.services import close_site


class Command(ClusterCommand):
    """Close one site."""

    help = (
        "永久下线一个站点：页面返回410并指向整合后的网站，信息退出检索，数据保留存档；不能撤销。"
        "对已下线的站点再次执行，只登记或更正整合去向"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the site's code and its successor."""
        parser.add_argument("code", help="站点代码")
        parser.add_argument("--successor-name", default="", help="整合后的网站名称")
        parser.add_argument("--successor-url", default="", help="整合后的网站地址")
        parser.add_argument("--yes", action="store_true", help="不再询问，直接下线")

    def work(self, **options: Any) -> None:
        """Close the site and say so."""
        site = site_by_code(options["code"])
        if site.state != SiteState.CLOSED and not options["yes"]:
            _ask(site)
        site = close_site(
            site,
            reason=options["reason"],
            successor_name=options["successor_name"],
            successor_url=options["successor_url"],
        )
        self.stdout.write(f"{site.name} 现为：{site.get_state_display()}")
        if site.successor_name or site.successor_url:
            self.stdout.write(f"整合到：{site.successor_name} {site.successor_url}".rstrip())


def _ask(site: Subsite) -> None:
    """Let somebody at a terminal type the code once more; raises CommandError where that is not done.

    A script has named the site already, and nobody there could answer.
    """
    warning = f"“{site.name}”（{site.code}）将永久下线，不能撤销；临时下线请用 suspend_site"
    if not sys.stdin.isatty():
        return
    if input(f"{warning}。请输入站点代码确认：").strip() != site.code:
        raise CommandError(f"输入的代码与“{site.code}”不一致，没有下线。")
