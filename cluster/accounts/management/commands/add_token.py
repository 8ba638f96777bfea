"""Command add_token: give an account of a site a token for its interface /api/v3/."""

from argparse import ArgumentParser
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.models import APIToken

from cluster.accounts.queries import active_account
from cluster.context import in_site
from cluster.subsites.commanding import ClusterCommand
from cluster.subsites.queries import site_by_code


class Command(ClusterCommand):
    """Issue one token."""

    help = "为一个站点的账号签发接口令牌；令牌只显示这一次，能做的与该账号相同"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add site, account and the fate of older tokens."""
        parser.add_argument("site", help="站点代码")
        parser.add_argument("--username", required=True, help="令牌归哪个账号")
        parser.add_argument("--name", default="命令行签发", help="令牌的用途，便于辨认")
        parser.add_argument("--replace", action="store_true", help="同时作废这个账号此前的全部令牌")

    def work(self, **options: Any) -> None:
        """Issue the token and print it once."""
        site = site_by_code(options["site"])
        with in_site(site), transaction.atomic():
            user = active_account(site, options["username"])
            revoked = 0
            if options["replace"]:
                old = APIToken.objects.filter(user=user, revoked_at=None)
                revoked = old.update(revoked_at=timezone.now())
            _, token = APIToken.create_token(user=user, name=options["name"][:255])
        if revoked:
            self.stdout.write(f"已作废此前的 {revoked} 个令牌")
        self.stdout.write(f"令牌：{token}")
        self.stdout.write(f"令牌只显示这一次。用法：请求 {site.root_url}/api/v3/ 时带上 Authorization: Bearer <令牌>。")
