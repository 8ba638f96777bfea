"""Judge what stands live: content that changed around the gate, passes that the web role wrote, content older than the gate.

`recheck` is named by settings.GATE_RECHECK; the worker's projection calls it in its transaction with the pages that triggers
marked. What passed the gate the usual way has the digest of its last pass, so that one query answers for a whole batch.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from wagtail.models import Page

from cluster.audit.actor import acting_as
from cluster.findings.models import FindingKind
from cluster.resources.holding import Rechecked
from cluster.subsites.models import Subsite
from sites.common.gate.examining import Examined, examine, live_items
from sites.common.gate.findings import report
from sites.common.gate.holding import UNREADABLE, hold, release, sort_broken, unread
from sites.common.gate.last_passes import last_passes
from sites.common.gate.partly import refused_in_part
from sites.common.gate.passes import nobody_overrides, refusals_of, write_passes
from sites.common.gate.sorting import Sorting
from sites.common.gate.taking_off import is_whole, take_off
from sites.common.models import PassPurpose

ACTOR_NAME = "发布检查程序"
AROUND = "绕过发布检查的改动："


def recheck(site: Subsite, digests: Mapping[Page, str | None]) -> Rechecked:
    """Judge those of the pages that are not as they last passed; say which were taken off, and which are held.

    A digest of None says that the content cannot be read: nobody can say that it keeps the rules, so it goes. Where that is so
    with many pages of a type, it stays until somebody has looked (see `holding`), unless what can be read of it was changed and
    is refused (see `partly`).
    """
    told = {page: digest for page, digest in digests.items() if digest is not None}
    moments, standing = _to_judge(site, told)
    around = {moment: live_items(page_ids) for moment, page_ids in moments.items()}
    broken = [page for page, digest in digests.items() if digest is None]
    broken += [page for pages in around.values() for page in pages if not is_whole(page)]
    lost, held = sort_broken(site, broken)
    refused = refused_in_part(site, held)
    held = [page for page in held if page.pk not in {one.page.pk for one in refused}]
    release(site, {page.pk for page in digests} - {page.pk for page in held})
    with nobody_overrides():
        for one in (*unread(site, lost, UNREADABLE), *refused):
            _act(site, one)
    hold(site, held, ACTOR_NAME)
    unreadable = {page.pk for page in broken}
    taken_off = unreadable - {page.pk for page in held}
    for moment, pages in around.items():
        taken_off |= _judge(site, [page for page in pages if page.pk not in unreadable], moment)
    if standing := standing - taken_off - unreadable:
        let_stand(site, standing)
    return Rechecked(taken_off, {page.pk for page in held})


def _to_judge(site: Subsite, digests: Mapping[Page, str]) -> tuple[dict[datetime, list[int]], set[int]]:
    """Sort readable pages by what is to be asked of them: moment → pages to judge, and those that are older than their rules."""
    around: dict[datetime, list[int]] = defaultdict(list)
    standing: set[int] = set()
    if not digests:
        return around, standing
    sorting = Sorting(site, last_passes(page.pk for page in digests))
    for page, digest in digests.items():
        if sorting.is_older_than_its_rules(page, digest):
            standing.add(page.pk)
            # Whether it passed then is judged first where a web process alone says so.
            moment = sorting.claimed_at(page)
        else:
            moment = sorting.moment_to_judge(page, digest)
        if moment is not None:
            around[moment].append(page.pk)
    return around, standing


def let_stand(site: Subsite, page_ids: Iterable[int]) -> None:
    """Judge content that was there before its rules: it stays, with a pass for what it is, and what is wrong is told."""
    found = examine(site, live_items(page_ids))
    with acting_as(name=ACTOR_NAME, site=site.code, occasion="上线在先，补做发布检查"), nobody_overrides():
        for one in found:
            verdicts = one.stopping + one.warnings
            if verdicts:
                report(site, one.page, FindingKind.STANDING, one, verdicts, tells=False)
        write_passes(site, found, purpose=PassPurpose.RECHECKED)


def _judge(site: Subsite, pages: Sequence[Page], at: datetime) -> set[int]:
    """Take off what breaks a rule, flag what only warns; the rest gets a pass, so that it is not found anew."""
    with nobody_overrides():
        found = examine(site, pages, at=at)
        refused = {refusal.page_id for refusal in refusals_of(found)}
        for one in found:
            if one.page.pk in refused:
                _act(site, one)
        taken_off = {one.page.pk for one in found if one.stopping}
        write_passes(site, [one for one in found if one.page.pk not in taken_off], purpose=PassPurpose.RECHECKED)
        return taken_off


def _act(site: Subsite, one: Examined) -> None:
    verdicts = one.stopping + one.warnings
    occasion = AROUND + "；".join(verdict.text for verdict in verdicts)
    with acting_as(name=ACTOR_NAME, site=site.code, occasion=occasion):
        if one.stopping:
            # Under this name and reason, not under those of whoever commits.
            take_off(one.page)
        report(site, one.page, FindingKind.TAKEN_OFF if one.stopping else FindingKind.FLAGGED, one, verdicts)
