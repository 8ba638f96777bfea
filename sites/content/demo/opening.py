"""Open the sites of the demonstration and give each a footer, so plainly invented that nobody takes it for real.

Called by the command for every line of the list; a site that is there is left as it is.
"""

from django.db import transaction

from cluster.audit.actor import tell_database
from cluster.context import in_public
from cluster.subsites.models import Subsite
from cluster.subsites.services import open_site
from sites.content.demo.sources import CONSOLE, SiteLine
from sites.content.demo.voice import voice_of


def open_demo_site(line: SiteLine) -> tuple[Subsite, bool]:
    """Give the site of a line, opened if it was not there, and whether it was opened now."""
    site = Subsite.objects.filter(code=line.code).first()
    if site:
        return site, False
    with transaction.atomic():
        opened = open_site(
            code=line.code,
            name=line.name,
            kind=line.kind,
            region_code=line.region,
            organizer=line.name,
            id_code=line.id_code,
            parent_code=line.parent or None,
        )
        if line.code != CONSOLE:
            _label(opened)
    return opened, True


def record_of(site: Subsite) -> dict[str, str]:
    """Give what every page's footer and meta tags must say, in the forms that the console's own form accepts."""
    words = voice_of(site).words
    return {
        "short_name": words["name"],
        "undertaker": "群站系统演示（内容均为虚构）",
        "phone": "0451-00000000",
        "email": "demo@example.invalid",
        "address": f"{words['place']}示例路1号（演示）",
        "postcode": "000000",
        "icp": "黑ICP备00000000号-1",
        "police_record": "黑公网安备 23000000000000号",
        "mark_url": "https://bszs.conac.cn/sitename?method=show&id=DEMO",
        "keywords": f"{words['short']},政府网站,演示",
        "description": f"{site.name}网站（系统演示，内容均为虚构）。",
    }


def _label(site: Subsite) -> None:
    for name, value in record_of(site).items():
        setattr(site, name, value)
    with in_public():
        tell_database()
        site.save()
