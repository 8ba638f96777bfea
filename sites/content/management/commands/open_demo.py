"""Command open_demo: open the demonstration cluster with accounts and content; run again, it adds what is missing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from cluster.postgresql.renewal import Renewal
from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.models import SiteKind, Subsite
from sites.content.demo.account_file import AccountFile, AccountFileBroken
from sites.content.demo.accounts import make_accounts
from sites.content.demo.articles import FULL, SOBER
from sites.content.demo.opening import open_demo_site
from sites.content.demo.planter import Planter
from sites.content.demo.progress import PlantedSites
from sites.content.demo.sources import SMALL_CLUSTER, site_lines


class Command(ClusterCommand):
    """Open the demonstration cluster."""

    help = "开通演示站群：站点、账号和演示内容；可重复执行，中断后再次运行即可继续"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add which cluster, and where the log-ins go."""
        parser.add_argument(
            "--sites", choices=("demo", "province"), default="demo", help="demo 12个站点，province 113个站点"
        )
        parser.add_argument("--accounts", type=Path, required=True, help="账号文件（JSON，权限0600）的路径")

    def work(self, **options: Any) -> None:
        """Open sites, make accounts, publish; each part skips what is there."""
        path: Path = options["accounts"]
        if not path.parent.is_dir():
            raise CommandError(f"账号文件的目录 {path.parent} 不存在，请先建立。")
        with Planter(PlantedSites(path.with_name("demo-sites.json"))) as planter:
            sites = self._open_sites(options["sites"], planter)
            self._make_accounts(sites, path)
            self._wait_for(planter)

    def _open_sites(self, cluster: str, planter: Planter) -> list[Subsite]:
        lines = site_lines(cluster)
        sites, opened, renewal = [], 0, Renewal()
        with self.progress("开通演示站点", len(lines)) as advance:
            for line in lines:
                renewal.next_site()
                site, is_new = open_demo_site(line)
                if site.kind != SiteKind.CONSOLE:
                    planter.order(site, FULL if site.code in SMALL_CLUSTER else SOBER)
                sites.append(site)
                opened += is_new
                advance(line.name)
        self.stdout.write(f"演示站点：新开通 {opened} 个，已有 {len(sites) - opened} 个")
        return sites

    def _make_accounts(self, sites: list[Subsite], path: Path) -> None:
        with self.progress("建立演示账号", len(sites)) as advance:
            try:
                count = make_accounts(sites, AccountFile(path), advance)
            except AccountFileBroken as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                raise CommandError(f"账号文件 {path} 无法写入（{error.strerror}），请检查磁盘空间和权限。") from error
        self.stdout.write(f"演示账号：{count} 个，见 {path}")

    def _wait_for(self, planter: Planter) -> None:
        count = 0
        with self.progress("发布演示内容", len(planter)) as advance:
            for name, published in planter.results():
                count += published
                advance(name)
        self.stdout.write(f"演示内容：新发布 {count} 篇")
