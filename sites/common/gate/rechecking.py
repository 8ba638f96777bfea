"""Find live content that changed around the gate (bulk updates, SQL), take off what breaks the rules, flag what only warns.

Named by settings.GATE_RECHECK; the worker's projection calls it in its transaction with the pages that triggers marked. What
passed the gate the usual way has the digest of its last pass, so that one query answers for a whole batch.
"""

from collections.abc import Mapping

from django.db import connection
from wagtail.models import Page

from cluster.audit.actor import acting_as
from cluster.findings.models import FindingKind
from cluster.resources import pending as projection
from cluster.subsites.models import Subsite
from sites.common.gate import pending
from sites.common.gate.examining import Examined, SiteQuestions, examine, live_items
from sites.common.gate.findings import report
from sites.common.gate.passes import nobody_overrides, refusals_of, write_passes

ACTOR_NAME = "发布检查程序"


def recheck(site: Subsite, digests: Mapping[Page, str]) -> set[int]:
    """Check the pages that are not as they last passed; return the ids of those taken off."""
    changed = _changed_since_their_pass(site, digests)
    if not changed:
        return set()
    with nobody_overrides():
        found = examine(site, live_items(changed))
        refused = {refusal.page_id: refusal for refusal in refusals_of(found)}
        for one in found:
            if one.page.pk in refused:
                _act(site, one)
        taken_off = {one.page.pk for one in found if one.stopping}
        # So that it is not found anew at the next mark.
        write_passes(site, [one for one in found if one.page.pk not in taken_off], settles=False)
        return taken_off


def _changed_since_their_pass(site: Subsite, digests: Mapping[Page, str]) -> list[int]:
    told = {page: digest for page, digest in digests.items() if digest}
    if not told:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (page_id) page_id, content_hash, column_code FROM common_gatepass
               WHERE page_id = ANY(%s) AND purpose = 'live' ORDER BY page_id, id DESC""",
            [[page.pk for page in told]],
        )
        passed = {row[0]: row[1:] for row in cursor.fetchall()}
    questions = SiteQuestions(site)
    changed = []
    for page, digest in told.items():
        column = questions.column_of(page.path[: -page.steplen])
        if passed.get(page.pk) != (digest, column.code if column else ""):
            changed.append(page.pk)
    return changed


def _act(site: Subsite, one: Examined) -> None:
    verdicts = one.stopping + one.warnings
    reason = "绕过发布检查的改动：" + "；".join(verdict.text for verdict in verdicts)
    with acting_as(name=ACTOR_NAME, site=site.code, reason=reason):
        if one.stopping:
            one.page.unpublish(log_action="wagtail.unpublish")
            # Under this name and reason, not under those of whoever commits.
            pending.flush()
            projection.flush()
        report(site, one.page, FindingKind.TAKEN_OFF if one.stopping else FindingKind.FLAGGED, one, verdicts)
