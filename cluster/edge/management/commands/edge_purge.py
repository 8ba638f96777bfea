"""manage.py edge_purge: remove stored pages of all sites, of one, or one page; they are made again when somebody asks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from cluster.edge import feed, keys
from cluster.edge.commanding import EdgeCommand
from cluster.edge.entries import Touch
from cluster.edge.withdrawal import withdraw
from cluster.subsites.models import Domain, Subsite


class Command(EdgeCommand):
    """Purge: here at once, on the other servers by the feed."""

    help = "清除存储的页面（全部、一个站点或一个网址），本机立即生效，其他服务器随即跟上；有人访问时重新生成"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the site and the path."""
        super().add_arguments(parser)
        parser.add_argument("--path", default="", metavar="/dtyw/", help="只清除这个网址，要同时写 --site")

    def work(self, **options: Any) -> None:
        """Purge, and say how much there was."""
        store = self.store()
        sites = Subsite.objects.filter(code=options["site"]) if options["site"] else Subsite.objects.all()
        if options["site"] and not sites.exists():
            raise CommandError(f"没有代码为“{options['site']}”的站点；查看现有站点请用 list_sites。")
        if options["path"]:
            if not options["site"]:
                raise CommandError("清除一个网址时请用 --site 写明站点。")
            hosts = Domain.objects.filter(tenant__in=sites).values_list("domain", flat=True)
            count = sum(len(store.index.entries_at(host, options["path"])) for host in hosts)
            touches = [Touch(keys.address(host, options["path"]), gone=True) for host in hosts]
        else:
            schemas = set(sites.values_list("schema_name", flat=True))
            if not options["site"]:
                # Also of sites that are unknown to a database that was restored.
                schemas |= {entry.site for entry in store.index.entries_of()}
            count = sum(len(store.index.entries_of(schema)) for schema in schemas)
            touches = [Touch(keys.record(schema), gone=True) for schema in schemas]
        withdraw(touches)
        feed.tell(touches)
        self.stdout.write(f"清除了本机的 {count} 个页面。")
