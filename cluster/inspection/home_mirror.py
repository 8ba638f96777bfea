"""Keep HomeRecord in step with the home page of every site, within the transaction that changed it.

Called by cluster.resources.projection (settings.COLUMN_OBSERVERS) for every page that it looks at; read by the rule on the home page
and by the measuring of clicks, which therefore see what citizens see and not what the template once planted.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from cluster.inspection.mirror import SiteView, first_seen
from cluster.inspection.models import HomeRecord, InspectionRequest

# What a block says of where it leads; the rest is looks.
KEPT = ("column", "layout", "action", "action_column")


def home_projected(view: SiteView, page_ids: list[int]) -> None:
    """Record the blocks of the home page, if it is among the pages and they differ from what is recorded."""
    home = apps.get_model(settings.HOME_MODEL).objects.filter(pk__in=page_ids).first()
    if home is None:
        return
    blocks = leading_blocks(home.blocks.raw_data)
    old = HomeRecord.objects.filter(site=view.site, until=None).first()
    if old and (old.page_id, old.blocks) == (home.pk, blocks):
        return
    now = timezone.now()
    if old:
        HomeRecord.objects.filter(pk=old.pk).update(until=now)
    since = now if old else first_seen(view.site, home, now)
    HomeRecord.objects.create(site=view.site, page_id=home.pk, blocks=blocks, since=since)
    InspectionRequest.objects.create(site_id=view.site.pk)


def leading_blocks(written: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return of each block its type and where it leads."""
    found = []
    for block in written:
        value = block["value"]
        found.append({"type": block["type"], **{word: str(value[word]) for word in KEPT if value.get(word)}})
    return found
