"""Live items without any pass: from before the gate, or from a backup; judged in batches, once, and never taken off for their age.

Named by settings.GATE_STANDING for the nightly check of the structure (cluster.column_templates.guarding). After an upgrade or a
restored backup the worker mostly comes first, since migrate_cluster has it look at the whole site.
"""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from wagtail.models import Page

from cluster.context import in_site
from cluster.resources.entries import sort_out
from cluster.subsites.models import Subsite
from sites.common.gate.examining import live_items
from sites.common.gate.rechecking import recheck
from sites.common.listing import listed_models
from sites.common.models import OF_LIVE_PAGES, GatePass, ListedPage

BATCH = 500


def check_standing(site: Subsite, *, judge: bool) -> int:
    """Return how many live items of the site have no pass; with `judge`, how many now have one, or are off.

    Each batch is a transaction of its own: killed, it goes on where it was. What cannot be read is taken off, and keeps no other
    item from being judged; of many that cannot be read none is touched (see `holding`), and they are found again next time.
    """
    with in_site(site):
        if not judge:
            return _unjudged().count()
        judged, after = 0, 0
        while pages := list(_unjudged().filter(pk__gt=after).order_by("pk")[:BATCH]):
            with transaction.atomic():
                digests, unreadable = sort_out(_digests, pages)
                held = recheck(site, {**digests, **dict.fromkeys(unreadable)}).held
            judged, after = judged + len(pages) - len(held), pages[-1].pk
        return judged


def _digests(pages: list[Page]) -> dict[Page, str]:
    items = live_items(page.pk for page in pages)
    return {item: item.facts_digest() for item in items if isinstance(item, ListedPage)}


def _unjudged() -> QuerySet[Page]:
    passes = GatePass.objects.filter(page_id=OuterRef("pk"), purpose__in=OF_LIVE_PAGES)
    kinds = ContentType.objects.get_for_models(*listed_models()).values()
    return Page.objects.filter(~Exists(passes), live=True, content_type__in=kinds)
