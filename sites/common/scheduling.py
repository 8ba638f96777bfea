"""Publish and withdraw on schedule, in all sites, without visiting those where nothing is due.

Named by settings.WORKER_TASKS; each page goes in a transaction of its own, by the road of Wagtail's own command.
"""

import logging
from collections.abc import Callable
from functools import partial

from django.db import InterfaceError, OperationalError, ProgrammingError, connection, transaction
from django.utils import timezone
from wagtail.models import Page, Revision

from cluster.audit.actor import acting_as
from cluster.context import in_public, in_site
from cluster.findings.models import FindingKind
from cluster.subsites.models import SiteState, Subsite
from sites.common.gate import pending
from sites.common.gate.errors import GateRefused
from sites.common.gate.examining import examine
from sites.common.gate.findings import report
from sites.common.gate.passes import nobody_overrides

logger = logging.getLogger(__name__)
ACTOR_NAME = "定时发布"
# Asking in handfuls keeps the locks of one statement few.
SCHEMAS_PER_QUERY = 40
# Sites that lacked tables when last asked: the log names each once, not every ten seconds.
_broken: set[int] = set()
_DUE = """SELECT {number} WHERE EXISTS (SELECT 1 FROM {schema}.wagtailcore_revision WHERE approved_go_live_at < now())
          OR EXISTS (SELECT 1 FROM {schema}.wagtailcore_page WHERE live AND expire_at < now())"""


class ScheduledPublishing:
    """The worker's task."""

    name = "scheduled-publishing"
    interval = 10.0

    def run(self) -> bool:
        """Do what is due everywhere; return whether anything was done."""
        done = [_published(site) for site in sites_with_due_pages()]
        return any(done)


def sites_with_due_pages() -> list[Subsite]:
    """Return the sites where a page waits to go live or to expire."""
    with in_public():
        sites = list(Subsite.objects.exclude(state=SiteState.CLOSED).order_by("id"))
        due: list[Subsite] = []
        for start in range(0, len(sites), SCHEMAS_PER_QUERY):
            part = sites[start : start + SCHEMAS_PER_QUERY]
            due += _due_among(part)
        return due


def _due_among(sites: list[Subsite]) -> list[Subsite]:
    """Return those of the sites where something is due; one without its tables is named in the log and passed over."""
    try:
        with transaction.atomic():
            due = [sites[number] for number in _due_numbers([site.schema_name for site in sites])]
    except ProgrammingError as error:
        if len(sites) > 1:
            return [site for one in sites for site in _due_among([one])]
        if sites[0].pk not in _broken:
            _broken.add(sites[0].pk)
            logger.error("站点 %s 的数据表不完整，无法定时发布，请运行 repair_sites：%s", sites[0].code, error)
        return []
    _broken.difference_update(site.pk for site in sites)
    return due


def _published(site: Subsite) -> bool:
    """Do what is due in one site; a site that cannot be read leaves the others alone."""
    try:
        return publish_due(site)
    except (OperationalError, InterfaceError):
        raise  # the server is away, for every site
    except Exception:
        logger.exception("站点 %s 的定时发布无法进行，下次再试", site.code)
        return False


def publish_due(site: Subsite) -> bool:
    """Expire and publish what is due in one site; a page that fails leaves the others alone."""
    now, done = timezone.now(), []
    with in_site(site), acting_as(name=ACTOR_NAME, site=site.code, occasion="按设定的日程"):
        for page in list(Page.objects.filter(live=True, expire_at__lt=now).order_by("expire_at")):
            unpublish = partial(page.unpublish, set_expired=True, log_action="wagtail.unpublish.scheduled")
            done.append(_tried(site, unpublish))
        for revision in list(Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at")):
            done.append(_tried(site, partial(_publish, site, revision)))
    return any(done)


def _publish(site: Subsite, revision: Revision) -> None:
    """Let the revision go live if it passes the gate today; refused, it loses its schedule and its editor is told."""
    try:
        with transaction.atomic(), nobody_overrides():
            revision.publish(log_action="wagtail.publish.scheduled")
            # Now and not at the commit: only this one is taken back.
            pending.flush()
    except GateRefused as refused:
        logger.warning("站点 %s 的定时发布没有通过检查：%s", site.code, refused)
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
        page = revision.as_object()
        (examined,) = examine(site, [page])
        report(site, page, FindingKind.SCHEDULE_REFUSED, examined, refused.refusals[0].verdicts)


def _tried(site: Subsite, change: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            change()
    except Exception:
        logger.exception("站点 %s 的定时发布失败，下次再试", site.code)
        return False
    return True


def _due_numbers(schema_names: list[str]) -> list[int]:
    parts = [
        _DUE.format(number=number, schema=connection.ops.quote_name(name)) for number, name in enumerate(schema_names)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return [row[0] for row in cursor.fetchall()]


publish_scheduled = ScheduledPublishing()
