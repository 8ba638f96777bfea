"""Waivers: a site asks not to keep a rule, the office grants or refuses; what is granted ends on its day or when called back.

Called by the admin of a site (ask), by the console (grant, refuse, end) and by the worker (expiry). Triggers tell the ledger;
the gate and the clock read what is granted.
"""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from cluster.audit.actor import acting_as, current_actor, tell_database
from cluster.column_templates.current import site_law
from cluster.column_templates.models import Waiver, WaiverState
from cluster.column_templates.waivable import WHOLE_SITE, waivable_rules
from cluster.context import in_public
from cluster.subsites.models import Subsite

LONGEST = timedelta(days=3 * 366)


class WaiverRefused(Exception):
    """A waiver cannot be asked for or decided so; `field` names the field of the form, str() says why and what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def ask_waiver(site: Subsite, *, column_code: str, rule_id: str, reason: str) -> Waiver:
    """Ask for a waiver in the name of whoever acts; without a column for the whole site. Raises WaiverRefused."""
    known = {rule.rule_id for rule in waivable_rules(site_law(site.kind), column_code)}
    if not known:
        raise WaiverRefused("column_code", f"模板里没有栏目“{column_code}”；本网站自设的栏目没有统一规则，不需要豁免。")
    if rule_id not in known:
        raise WaiverRefused("rule_id", f"{column_code or WHOLE_SITE}没有规则“{rule_id}”，请从列表中选择。")
    if not reason.strip():
        raise WaiverRefused("reason", "请写明为什么做不到，以及打算何时做到。")
    with in_public(), transaction.atomic():
        tell_database()
        same = Waiver.objects.filter(site=site, column_code=column_code, rule_id=rule_id)
        if same.filter(state=WaiverState.ASKED).exists():
            raise WaiverRefused("rule_id", "同一条规则的申请正在等待审批，不必重复提交。")
        return Waiver.objects.create(
            site=site, column_code=column_code, rule_id=rule_id, reason=reason.strip(), asked_by=_actor()
        )


def grant_waiver(waiver: Waiver, *, expires_on: date, note: str = "") -> None:
    """Grant it until the end of a day, signed by whoever acts. Raises WaiverRefused."""
    today = timezone.localdate()
    if not today <= expires_on <= today + LONGEST:
        raise WaiverRefused("expires_on", "有效期应在今天之后、三年以内；到期后可以重新申请。")
    _decide(waiver, (WaiverState.ASKED,), state=WaiverState.GRANTED, expires_on=expires_on, note=note.strip())


def refuse_waiver(waiver: Waiver, *, note: str) -> None:
    """Refuse it, with a reason for the site. Raises WaiverRefused."""
    _need(note)
    _decide(waiver, (WaiverState.ASKED,), state=WaiverState.REFUSED, note=note.strip())


def end_waiver(waiver: Waiver, *, note: str) -> None:
    """Call a granted waiver back before its day, with a reason. Raises WaiverRefused."""
    _need(note)
    _decide(waiver, (WaiverState.GRANTED,), state=WaiverState.ENDED, note=note.strip())


def _need(note: str) -> None:
    if not note.strip():
        raise WaiverRefused("note", "请写明原因，申请的网站会看到。")


def _decide(waiver: Waiver, states: tuple[str, ...], **values: object) -> None:
    with in_public(), transaction.atomic():
        tell_database()
        row = Waiver.objects.select_for_update(of=("self",)).get(pk=waiver.pk)
        if row.state not in states:
            raise WaiverRefused("note", f"这项申请已是“{row.get_state_display()}”，请刷新页面后再看。")
        decision = {"signer": _actor(), "decided_at": timezone.now(), **values}
        for name, value in decision.items():
            setattr(row, name, value)
        # Nothing else: what the site asked for is not the office's to word.
        row.save(update_fields=list(decision))


def _actor() -> dict[str, str]:
    actor = current_actor()
    return (
        {key: value for key, value in actor.as_values().items() if key != "reason"} if actor else {"name": "数据库用户"}
    )


class EndingWaivers:
    """The worker's task: say in the ledger that a waiver's day has passed. It counts no more from its day on anyway."""

    name = "waivers"
    interval = 600.0

    def run(self) -> bool:
        """End what has expired; return whether there was something."""
        with in_public(), acting_as(name="豁免到期", occasion="有效期已过"), transaction.atomic():
            tell_database()
            expired = Waiver.objects.filter(state=WaiverState.GRANTED, expires_on__lt=timezone.localdate())
            return bool(expired.update(state=WaiverState.ENDED))


end_expired = EndingWaivers()
