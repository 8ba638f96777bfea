"""What the commands of the page store share: which sites are meant, and a store that is switched on.

Base class of edge_warm, edge_purge and edge_check.
"""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from cluster.edge.generation import CURRENT, linked, product_generation
from cluster.edge.store import Store, page_store
from cluster.edge.warming import stored_sites
from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.models import Subsite


class EdgeCommand(ClusterCommand):
    """A command about the store of this server."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the site; all of them without one."""
        parser.add_argument("--site", default="", metavar="站点代码", help="只处理这个站点；不写则为全部正常运行的站点")

    @staticmethod
    def store() -> Store:
        """Return the store of this server. Raises CommandError where it is switched off or cannot be opened."""
        if not settings.EDGE_ENABLED:
            raise CommandError("页面存储已关闭（EDGE=0），没有可以处理的页面。")
        try:
            served = linked(Path(settings.EDGE_ROOT), CURRENT)
            if served not in (None, product_generation()):
                # To open it would begin a generation, and the site would go on with an empty store.
                raise CommandError(
                    "这里的程序或设置与正在运行的网站不同，没有处理。请用 make manage 运行本命令；刚刚升级的，请先重启网站和后台任务。"
                )
            return page_store()
        except OSError as error:
            raise CommandError(f"页面存储的文件夹 {settings.EDGE_ROOT} 打不开：{error}") from error

    @staticmethod
    def sites(code: str) -> list[Subsite]:
        """Return the site of this code, or all whose pages are stored. Raises CommandError."""
        sites = stored_sites()
        if not code:
            return sites
        chosen = [site for site in sites if site.code == code]
        if chosen:
            return chosen
        site = Subsite.objects.filter(code=code).first()
        if site is None:
            raise CommandError(f"没有代码为“{code}”的站点；查看现有站点请用 list_sites。")
        raise CommandError(f"“{site.name}”现为{site.get_state_display()}，只有正常运行的站点才存储页面。")
