"""Command open_site: open one site by cloning the mould of its kind."""

from argparse import ArgumentParser
from typing import Any

from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.models import SiteKind, SiteState
from cluster.subsites.services import open_site


class Command(ClusterCommand):
    """Open one site."""

    help = "开通一个站点"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the fields of a site."""
        parser.add_argument("code", help="站点代码，如 wuchang")
        parser.add_argument("--name", required=True, help="网站规范名称")
        parser.add_argument("--kind", required=True, help="、".join(SiteKind.values))
        parser.add_argument("--region", default="", help="6位行政区划代码")
        parser.add_argument("--domain", default="", help="域名；开发环境默认为 <代码>.localhost")
        parser.add_argument("--organizer", default="", help="主办单位，默认同网站名称")
        parser.add_argument("--id-code", default="", help="网站标识码")
        parser.add_argument(
            "--parent",
            default="",
            help="上级站点代码；不写则按行政区划：县归市（没有则归省），市归省，部门归本级门户",
        )
        parser.add_argument("--state", default=SiteState.OPEN, help="preparing、trial 或 open（默认）")

    def work(self, **options: Any) -> None:
        """Open the site and print its address."""
        site = open_site(
            code=options["code"],
            name=options["name"],
            kind=options["kind"],
            region_code=options["region"],
            domain=options["domain"],
            organizer=options["organizer"],
            id_code=options["id_code"],
            parent_code=options["parent"] or None,
            state=options["state"],
        )
        self.stdout.write(f"已开通 {site.name}：{site.root_url}/")
