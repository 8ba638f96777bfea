"""Live items without any pass: from before the gate, or from a backup; judged in batches, once, and never taken off for their age.

Named by settings.GATE_STANDING for the nightly check of the structure (cluster.column_templates.guarding). After an upgrade or a
restored backup the worker mostly comes first, since migrate_cluster has it look at the whole site.
"""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from wagtail.models import Page

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.common.gate.examining import live_items
from sites.common.gate.rechecking import judge_again
from sites.common.listing import listed_models
from sites.common.models import OF_LIVE_PAGES, GatePass, ListedPage

BATCH = 500


def check_standing(site: Subsite, *, judge: bool) -> int:
    """Return how many live items of the site have no pass; with `judge`, they have one afterwards, or are off.

    Each batch is a transaction of its own: killed, it goes on where it was.
    """
    with in_site(site):
        if not judge:
            return _unjudged().count()
        judged, after = 0, 0
        while page_ids := list(_unjudged().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                items = [item for item in live_items(page_ids) if isinstance(item, ListedPage)]
                judge_again(site, {item: item.facts_digest() for item in items})
            judged, after = judged + len(page_ids), page_ids[-1]
        return judged


def _unjudged() -> QuerySet[Page]:
    passes = GatePass.objects.filter(page_id=OuterRef("pk"), purpose__in=OF_LIVE_PAGES)
    kinds = ContentType.objects.get_for_models(*listed_models()).values()
    return Page.objects.filter(~Exists(passes), live=True, content_type__in=kinds)
