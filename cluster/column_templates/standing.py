"""StandingWaiver and Waivers: what the office waived for a site and what stands at a moment, now or in the past.

Asked by the publish gate, by the clock and the rules of inspection, and by plans; `waivers` decides what is granted.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from cluster.column_templates.models import granted_text


@dataclass(frozen=True, slots=True)
class StandingWaiver:
    """A waiver in its period. Without a column it is for the whole site, without a rule for every rule of its column."""

    number: int
    column_code: str
    rule_id: str
    reason: str
    signer: str
    granted_on: date
    expires_on: date

    @property
    def text(self) -> str:
        """Say who granted it, until when and why, for people."""
        return granted_text(self.signer, self.expires_on, self.reason)

    def as_values(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self) | {"granted_on": f"{self.granted_on}", "expires_on": f"{self.expires_on}"}


class Waivers:
    """The standing waivers of one site."""

    def __init__(self, standing: Iterable[StandingWaiver] = ()) -> None:
        self._by_rule = {
            (one.column_code, one.rule_id): one for one in sorted(standing, key=lambda one: one.expires_on)
        }

    def __bool__(self) -> bool:
        return bool(self._by_rule)

    def of(self, column_code: str, *rule_ids: str) -> StandingWaiver | None:
        """Return what waives one of these rules in the column: the rule itself, all rules there, or the rule in all of the site."""
        if not self._by_rule:
            return None
        asked = [
            *((column_code, rule_id) for rule_id in rule_ids),
            *([(column_code, "")] if column_code else []),
            *(("", rule_id) for rule_id in rule_ids),
        ]
        return next((self._by_rule[key] for key in asked if key in self._by_rule), None)


NONE = Waivers()


def standing_waivers(site_ids: Collection[int], at: datetime | None = None) -> dict[int, Waivers]:
    """Return site → what stood at the moment; sites without any are left out.

    A waiver begins with its granting and lasts to the end of its day. One that was ended since counts for the days on which it
    stood: the ledger remembers when that was.
    """
    at = at or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT w.site_id, w.id, w.column_code, w.rule_id, w.reason, coalesce(grant_.signer, w.signer->>'name', ''),
                      coalesce(grant_.at, w.decided_at, w.asked_at), w.expires_on
               FROM public.column_templates_waiver w
               LEFT JOIN LATERAL (SELECT l.at, l.detail->'signer'->>'name' AS signer FROM public.audit_ledgerentry l
                   WHERE l.subject_type = 'waiver' AND l.subject_id = w.id::text AND l.action = 'waiver_granted'
                   ORDER BY l.id LIMIT 1) grant_ ON true
               WHERE w.site_id = ANY(%(sites)s) AND w.expires_on >= %(day)s AND (
                   (w.state = 'granted' AND coalesce(w.decided_at, w.asked_at) <= %(at)s)
                   OR (w.state = 'ended' AND 'waiver_granted' = (
                       SELECT l.action FROM public.audit_ledgerentry l WHERE l.subject_type = 'waiver'
                         AND l.subject_id = w.id::text AND l.at <= %(at)s ORDER BY l.id DESC LIMIT 1)))""",
            {"sites": list(site_ids), "day": timezone.localdate(at), "at": at},
        )
        rows = cursor.fetchall()
    found: dict[int, list[StandingWaiver]] = defaultdict(list)
    for site_id, number, column_code, rule_id, reason, signer, granted_at, expires_on in rows:
        granted_on = timezone.localdate(granted_at)
        found[site_id].append(StandingWaiver(number, column_code, rule_id, reason, signer, granted_on, expires_on))
    return {site_id: Waivers(standing) for site_id, standing in found.items()}
