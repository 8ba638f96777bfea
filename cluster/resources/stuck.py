"""A mark of a page that cannot be worked: the gate looks at the page all the same, and once the mark is put aside somebody is told.

Called by projection_task, after the failed transaction and in transactions of its own. What the registry cannot take (a number
twice, say) would otherwise keep a live page from ever being judged.
"""

import logging
from collections.abc import Callable, Collection
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from cluster.audit.actor import acting_as
from cluster.context import in_site
from cluster.findings.models import NOT_ENTERED, Finding
from cluster.resources.projection import judge_pages
from cluster.subsites.models import Subsite

logger = logging.getLogger(__name__)


def look_after(schema_name: str, page_id: int, *, parked: bool) -> None:
    """Have the page judged; report it where its mark was parked and it stands live. Raises nothing: the mark is tried again."""
    _tried(schema_name, page_id, partial(judge_pages, [page_id], import_string(settings.GATE_RECHECK)))
    if parked:
        _tried(schema_name, page_id, partial(import_string(settings.GATE_STUCK), page_id))


def note_entered(site: Subsite, page_ids: Collection[int]) -> None:
    """Close what was said of pages that could not be entered: now they are."""
    open_ones = Finding.objects.filter(site=site, page_id__in=page_ids, settled_at=None)
    open_ones.filter(verdicts__contains=[{"rule_id": NOT_ENTERED}]).update(settled_at=timezone.now())


def _tried(schema_name: str, page_id: int, do: Callable[[], None]) -> None:
    try:
        site = Subsite.objects.filter(schema_name=schema_name).first()
        if site is None:
            return
        occasion = "改动没有登记成功，补做检查"
        with transaction.atomic(), in_site(site), acting_as(name="变更登记程序", site=site.code, occasion=occasion):
            do()
    except Exception:
        # What keeps it from being entered may keep it from being looked at: the next try comes with the mark's.
        logger.exception("页面 %s（%s）没有登记成功，也无法检查", page_id, schema_name)
