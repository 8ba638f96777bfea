"""Let items pass or refuse them: the one place where verdicts, reasons and earlier passes meet, and where passes are written.

Called by `pending` before the commit, by bulk services and at submission and scheduling. Raises GateRefused.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from wagtail.models import Page

from cluster.audit.actor import Actor, begin_acting, current_actor, tell_database
from cluster.column_templates.checking import Verdict
from cluster.column_templates.vocabulary import Severity
from cluster.findings.models import Finding
from cluster.subsites.models import Subsite
from sites.common.gate.errors import GateRefused, Refusal
from sites.common.gate.examining import Examined, examine
from sites.common.models import OF_LIVE_PAGES, GatePass, ListedPage, PassPurpose

NOBODY_SAID = Verdict(
    "gate.actor",
    False,
    Severity.REFUSAL.value,
    "没有说明由谁、因为什么发布。",
    cure="请写明操作人和原因再发布：with acting_as(name='张三', reason='更正电话'): …"
    "（from cluster.audit.actor import acting_as）；两者记入检查记录和台账。",
)
_strict: ContextVar[bool] = ContextVar("qunzhan_gate_strict", default=False)


@contextmanager
def nobody_overrides() -> Iterator[None]:
    """Take the actor's reason for none while the block runs: only what a person overrode before counts."""
    token = _strict.set(True)
    try:
        yield
    finally:
        _strict.reset(token)


def override(reason: str) -> None:
    """Give the reason for which whoever acts now overrides warnings; it goes into the pass and the ledger."""
    begin_acting(replace(current_actor() or Actor(), reason=reason.strip()))


def pass_pages(
    site: Subsite, pages: Sequence[Page], *, purpose: str = PassPurpose.LIVE, parent: Page | None = None
) -> list[Examined]:
    """Check pages of the current site and write their passes; must run in a transaction. Raises GateRefused for all at once."""
    if not pages:
        return []
    _refuse_unaccountable(pages)
    found = examine(site, pages, parent=parent)
    accepted = _accepted_before(found)
    refusals = refusals_of(found, accepted)
    if refusals:
        raise GateRefused(refusals)
    write_passes(site, found, accepted, purpose)
    return found


def refusals_of(found: Sequence[Examined], accepted: dict[int, str] | None = None) -> list[Refusal]:
    """Return who must not pass: rules broken that nothing overrides, or warnings for which nobody gave a reason."""
    accepted = _accepted_before(found) if accepted is None else accepted
    reason = _reason()
    refused = []
    for one in found:
        if one.stopping:
            refused.append(Refusal(one.page.pk, one.page.title, one.stopping + one.warnings, one.waived))
        elif one.warnings and not reason and one.page.pk not in accepted:
            refused.append(Refusal(one.page.pk, one.page.title, one.warnings, one.waived))
    return refused


def _refuse_unaccountable(pages: Sequence[Page]) -> None:
    """Refuse whatever a shell or a program publishes that did not say who acts and why. Raises GateRefused."""
    actor = current_actor()
    if not settings.UNNAMED_MAY_PUBLISH and (actor is None or not actor.is_accountable):
        raise GateRefused([Refusal(page.pk, page.title, (NOBODY_SAID,)) for page in pages])


def _reason() -> str:
    actor = None if _strict.get() else current_actor()
    return actor.reason.strip() if actor else ""


def _accepted_before(found: Sequence[Examined]) -> dict[int, str]:
    """Return page id → the reason for which this very content was let pass before, with all of today's warnings."""
    warned = {one.page.pk: one for one in found if one.warnings and one.page.pk}
    if not warned:
        return {}
    rows = (
        GatePass.objects.filter(page_id__in=list(warned))
        .exclude(reason="")
        .order_by("-id")
        .values_list("page_id", "content_hash", "verdicts", "reason")
    )
    accepted: dict[int, str] = {}
    for page_id, digest, verdicts, reason in rows:
        one = warned[page_id]
        known = {verdict["rule_id"] for verdict in verdicts}
        if {verdict.rule_id for verdict in one.warnings} <= known and digest in _digests(one):
            accepted.setdefault(page_id, reason)
    return accepted


def _digests(one: Examined) -> tuple[str, ...]:
    """Return what an earlier pass of the same content may say; it had no time of publication when it was scheduled."""
    return (one.digest, one.page.facts_digest(timed=False)) if isinstance(one.page, ListedPage) else (one.digest,)


def write_passes(
    site: Subsite,
    found: Sequence[Examined],
    accepted: Mapping[int, str] = MappingProxyType({}),
    purpose: str = PassPurpose.LIVE,
) -> None:
    """Write one pass for each item, with what was not in order; what was found about an item that goes live is settled."""
    if not found:
        return
    tell_database()
    actor = _actor()
    reason = _reason()
    GatePass.objects.bulk_create(
        [
            GatePass(
                page_id=one.page.pk,
                revision_id=_revision_id(one.page, purpose),
                purpose=purpose,
                column_code=one.column.code if one.column else "",
                item_type=one.item_type,
                placed_under=one.placed_under,
                content_hash=one.digest,
                template_version=one.version,
                verdicts=[kept(verdict) for verdict in one.verdicts if not verdict.ok],
                actor=actor,
                reason=(reason or accepted.get(one.page.pk, "")) if one.warnings else "",
            )
            for one in found
        ],
        batch_size=500,
    )
    if purpose == PassPurpose.LIVE:
        settle(site, [one.page.pk for one in found])


def settle(site: Subsite, page_ids: list[int]) -> None:
    """Close what was found about these pages: they have passed."""
    Finding.objects.filter(site=site, page_id__in=page_ids, settled_at=None).update(settled_at=timezone.now())


def _revision_id(page: Page, purpose: str) -> int | None:
    revision_id: int | None = page.live_revision_id if purpose in OF_LIVE_PAGES else page.latest_revision_id
    return revision_id


def kept(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as passes, findings and the side panel keep it."""
    waiver = verdict.waiver.as_values() if verdict.waiver else None
    return asdict(verdict) | {"waived": verdict.waived, "waiver": waiver}


def _actor() -> dict[str, str]:
    actor = current_actor()
    if actor is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT session_user")
            return {"name": f"数据库用户 {cursor.fetchone()[0]}", "person": "", "site": ""}
    return {"name": actor.name, "person": actor.person, "site": actor.site}
