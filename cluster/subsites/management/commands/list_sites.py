"""Command list_sites: every site with kind, state, address, items and last publication."""

import json
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone
from rich.table import Table

from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.models import SiteKind, SiteState, Subsite
from cluster.subsites.queries import SiteFigures, figures_by_site, with_hosts


class Command(ClusterCommand):
    """List the sites."""

    help = "列出全部站点"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add filters and the format."""
        parser.add_argument("--kind", default="", help="只列这一类：" + "、".join(SiteKind.values))
        parser.add_argument("--state", default="", help="只列这一状态：" + "、".join(SiteState.values))
        parser.add_argument("--format", choices=("table", "json"), default="table", help="json 中的类别和状态为代码")

    def work(self, **options: Any) -> None:
        """Print the list."""
        sites = Subsite.objects.select_related("region").order_by("id")
        for name in ("kind", "state"):
            if options[name]:
                sites = sites.filter(**{name: options[name]})
        figures = figures_by_site()
        rows = [self._row(site, figures.get(site.pk, SiteFigures(0, None))) for site in with_hosts(sites)]
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        table = Table("代码", "名称", "类别", "状态", "地址", "信息数", "最近发布")
        for row in rows:
            labels = {"kind": SiteKind(row["kind"]).label, "state": SiteState(row["state"]).label}
            table.add_row(*(str(value) for value in (row | labels).values()))
        self.print_table(table)
        self.stdout.write(f"共 {len(rows)} 个站点")

    @staticmethod
    def _row(site: Subsite, figures: SiteFigures) -> dict[str, Any]:
        last = figures.last_published_at
        return {
            "code": site.code,
            "name": site.name,
            "kind": site.kind,
            "state": site.state,
            "url": site.root_url + "/",
            "items": figures.items,
            "last_published_at": timezone.localtime(last).strftime("%Y-%m-%d %H:%M") if last else "",
        }
