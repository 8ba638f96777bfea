"""Command add_account: open an account in a site, such as the first one of its administrator."""

from argparse import ArgumentParser
from typing import Any

from cluster.accounts.opening import open_account
from cluster.accounts.roles import LABELS, role_label
from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.queries import site_by_code


class Command(ClusterCommand):
    """Open one account."""

    help = "为一个站点开设账号；初始密码随机生成，只显示这一次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the fields of an account."""
        parser.add_argument("site", help="站点代码")
        parser.add_argument("--username", required=True, help="登录用的用户名")
        parser.add_argument("--name", required=True, help="本人姓名")
        parser.add_argument(
            "--role", required=True, help="角色：" + "、".join(f"{name}（{label}）" for name, label in LABELS.items())
        )
        parser.add_argument("--unit", default="", help="本人单位，默认为站点的主办单位")
        parser.add_argument("--email", default="", help="电子邮箱，找回密码时用")

    def work(self, **options: Any) -> None:
        """Open the account and print the password once."""
        site = site_by_code(options["site"])
        fields = {name: options[name] for name in ("username", "name", "role", "unit", "email")}
        opened = open_account(site, **fields)
        self.stdout.write(
            f"已为 {site.name} 开设账号 {opened.user.username}（{role_label(opened.role)}，{opened.person}）"
        )
        self.stdout.write(f"登录地址：{site.root_url}/admin/")
        self.stdout.write(f"初始密码：{opened.password}")
        self.stdout.write("初始密码只显示这一次，请交给本人，登录后立即修改。")
