"""Tell broken content from a broken program: pages that cannot be read are taken off one by one, never in masses.

Called by rechecking. An error in the code of a page type would make all its pages unreadable. So where more than a few of one type
fail, in all sites together, those that are left stay live, each with a finding; their marks are put aside (cluster.resources.holding).
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from wagtail.models import Page

from cluster.audit.actor import acting_as
from cluster.column_templates.checking import Verdict
from cluster.column_templates.vocabulary import Severity
from cluster.context import current_site
from cluster.findings.models import NOT_ENTERED, Finding, FindingKind, held_findings, not_entered
from cluster.resources.holding import is_confirmed
from cluster.subsites.models import Subsite
from sites.common.gate.examining import Examined, SiteQuestions
from sites.common.gate.findings import report, type_of

logger = logging.getLogger(__name__)
# So many of a type are taken off within the hour; one more, and somebody has to look first.
LIMIT = 5
PERIOD = timedelta(hours=1)
READABLE = "content.readable"
UNREADABLE = Verdict(
    READABLE,
    False,
    Severity.REFUSAL.value,
    "内容损坏，无法检查。",
    cure="请在后台的历史版本中恢复一个完好的版本，再重新发布；打不开的，请与系统管理员联系。",
)
SUSPECT = Verdict(
    READABLE,
    False,
    Severity.REFUSAL.value,
    "内容读不出来，没有撤下：同类页面读不出来的太多，多半是程序出错。",
    cure="请系统管理员查明原因：程序修好后，在控制台“变更流水”重新处理；确是内容损坏的，用命令撤下。编辑不必改动。",
)
STUCK = Verdict(
    NOT_ENTERED,
    False,
    Severity.WARNING.value,
    "改动没有登记成功：检索和别的站点显示的仍是改动以前的内容。",
    cure="请系统管理员在控制台“变更流水”查明原因，排除后重新处理。刚改过的编辑请核对改动。",
)


def sort_broken(site: Subsite, pages: Sequence[Page]) -> tuple[list[Page], list[Page]]:
    """Return which of the pages that cannot be read are to be taken off at once, and which are to be held."""
    if is_confirmed() or not pages:
        return list(pages), []
    by_type: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        by_type[type_of(page)].append(page)
    before = _lately(site, by_type)
    taken_off: list[Page] = []
    held: list[Page] = []
    for name, theirs in by_type.items():
        (taken_off if len(theirs) + before[name] <= LIMIT else held).extend(theirs)
    return taken_off, held


def _lately(site: Subsite, by_type: dict[str, list[Page]]) -> dict[str, int]:
    """Return type → how many others of it could not be read lately, in all sites, and nobody has mended them yet."""
    lately = Q(kind=FindingKind.TAKEN_OFF, found_at__gte=timezone.now() - PERIOD, settled_at=None)
    unread = Finding.objects.filter(
        lately | Q(pk__in=held_findings()), page_type__in=by_type, verdicts__contains=[{"rule_id": READABLE}]
    )
    asked = {(site.pk, page.pk) for pages in by_type.values() for page in pages}
    others = set(unread.values_list("page_type", "site_id", "page_id"))
    counts: dict[str, int] = defaultdict(int)
    for name, site_id, page_id in others:
        counts[name] += (site_id, page_id) not in asked
    return counts


def hold(site: Subsite, pages: Sequence[Page], actor_name: str) -> None:
    """Leave the pages as they are, and say so where the office and the site's editors see it."""
    if not pages:
        return
    logger.error(
        "站点 %s 有 %d 个页面读不出来（%s），多半是程序出错：没有撤下，等待核实",
        site.code,
        len(pages),
        "、".join(sorted({type_of(page) for page in pages})),
    )
    with acting_as(name=actor_name, site=site.code, occasion=SUSPECT.sentence):
        for one in unread(site, pages, SUSPECT):
            # Nobody gets a letter: there may be thousands, and no editor can help.
            report(site, one.page, FindingKind.HELD, one, one.verdicts, tells=False)


def report_stuck(page_id: int) -> None:
    """Say of a live page of the current site that its change could not be entered; its editor hears it, unless they are many."""
    site, page = current_site(), Page.objects.filter(pk=page_id, live=True).first()
    if site is None or page is None:
        return
    (one,) = unread(site, [page], STUCK)
    lately = not_entered().filter(found_at__gte=timezone.now() - PERIOD)
    report(site, page, FindingKind.HELD, one, one.verdicts, tells=lately.count() < LIMIT)


def unread(site: Subsite, pages: Sequence[Page], verdict: Verdict) -> list[Examined]:
    """Return the pages as examined by somebody who could not read them."""
    questions = SiteQuestions(site)
    columns = [questions.column_of(page.path[: -page.steplen]) for page in pages]
    return [
        Examined(page, column, (verdict,), "", questions.version) for page, column in zip(pages, columns, strict=True)
    ]


def release(site: Subsite, page_ids: Iterable[int]) -> None:
    """Close what was held: it could be read again, or was taken off after all. Whether it can be entered is not known yet."""
    held = Finding.objects.filter(site=site, page_id__in=list(page_ids), kind=FindingKind.HELD, settled_at=None)
    held.exclude(verdicts__contains=[{"rule_id": NOT_ENTERED}]).update(settled_at=timezone.now())
