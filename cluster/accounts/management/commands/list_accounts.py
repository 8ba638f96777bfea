"""Command list_accounts: the accounts of a site with roles, state and last sign-in."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone
from rich.table import Table

from cluster.accounts.queries import accounts_of
from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.queries import site_by_code


class Command(ClusterCommand):
    """List the accounts of one site."""

    help = "列出一个站点的账号"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the site's code."""
        parser.add_argument("site", help="站点代码")

    def work(self, **options: Any) -> None:
        """Print the list."""
        site = site_by_code(options["site"])
        rows = accounts_of(site)
        table = Table("用户名", "姓名", "角色", "邮箱", "状态", "最近登录")
        for row in rows:
            last = timezone.localtime(row.last_login).strftime("%Y-%m-%d %H:%M") if row.last_login else ""
            table.add_row(row.username, row.name, row.roles, row.email, "启用" if row.is_active else "停用", last)
        self.print_table(table)
        self.stdout.write(f"{site.name} 共 {len(rows)} 个账号")
