"""Waivers for tests: granted to a site, or standing as plain values."""

from datetime import date, timedelta

from django.utils import timezone

from cluster.column_templates.models import Waiver
from cluster.column_templates.standing import StandingWaiver, Waivers
from cluster.subsites.models import Subsite


def waive(site: Subsite, column: str, rule: str = "", *, days: int = 30, **fields: object) -> Waiver:
    """Grant the site a waiver that ends so many days from today."""
    values = {
        "reason": "整合中",
        "state": "granted",
        "signer": {"name": "王敏"},
        "decided_at": timezone.now(),
        "expires_on": timezone.localdate() + timedelta(days=days),
    }
    return Waiver.objects.create(site=site, column_code=column, rule_id=rule, **{**values, **fields})


def standing(column: str, rule: str = "") -> Waivers:
    """Return one waiver as it stands, without a database."""
    return Waivers([StandingWaiver(1, column, rule, "整合中", "王敏", date(2026, 1, 1), date(2026, 12, 31))])
