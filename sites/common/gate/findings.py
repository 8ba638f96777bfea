"""Record what was caught around the gate or refused at its hour, and tell whoever wrote the page.

Called by rechecking and by the schedule. The record is read in the site's admin and in the console; the message goes by
e-mail (Django's backend) to owner and last editor, after the commit; where SQL or a command made the page and nobody is known, to
the officer of its column, or else to the site's mailbox.
"""

import logging
from collections.abc import Sequence
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from wagtail.models import Page

from cluster.audit.actor import tell_database
from cluster.column_templates.checking import Verdict
from cluster.findings.models import Finding, FindingKind
from cluster.inspection.models import ColumnDuty
from cluster.subsites.models import Subsite
from sites.common.gate.examining import Examined
from sites.common.gate.passes import kept

logger = logging.getLogger(__name__)
WHAT_TO_DO = "请在后台打开这篇信息，按提示改好后重新发布。"


def report(
    site: Subsite, page: Page, kind: FindingKind, one: Examined, verdicts: Sequence[Verdict], *, tells: bool = True
) -> Finding | None:
    """Write the finding and tell the editors; the same finding that is still open is not written twice.

    Without `tells` nobody gets a letter: after an upgrade there may be thousands, and the admin shows them.
    """
    tell_database()
    same = Finding.objects.filter(site=site, page_id=page.pk, kind=kind, content_hash=one.digest, settled_at=None)
    if same.exists():
        return None
    finding = Finding.objects.create(
        site=site,
        page_id=page.pk,
        page_type=type_of(page),
        title=page.title,
        column_code=one.column.code if one.column else "",
        kind=kind,
        verdicts=[kept(verdict) for verdict in verdicts],
        content_hash=one.digest,
    )
    addresses = (_addresses(page) or _addresses_of_the_column(site, finding.column_code)) if tells else []
    if addresses:
        transaction.on_commit(partial(_tell, site, finding, addresses), robust=True)
    return finding


def type_of(page: Page) -> str:
    """Return the page's own type, as the registry names it."""
    model = page.specific_class
    return model._meta.label if model else ""


def _addresses(page: Page) -> list[str]:
    """Return where owner and last editor read their mail, each once."""
    revision = page.latest_revision
    people = [page.owner, revision.user if revision else None]
    return list(dict.fromkeys(person.email for person in people if person is not None and person.email))


def _addresses_of_the_column(site: Subsite, code: str) -> list[str]:
    """Return where the column's officer reads his mail; where there is none, the site's mailbox."""
    duties = ColumnDuty.objects.filter(site=site, column_code=code).exclude(officer_email="")
    officers = list(duties.values_list("officer_email", flat=True))
    return officers or [address for address in [site.email] if address]


def _tell(site: Subsite, finding: Finding, addresses: list[str]) -> None:
    lines = [f"{site.name}：“{finding.title}”{finding.get_kind_display()}。", *finding.sentences, "", WHAT_TO_DO]
    send_mail(
        f"[{site.display_name}] {finding.get_kind_display()}：{finding.title}"[:200].replace("\n", " "),
        "\n".join([*lines, f"{site.root_url}/admin/pages/{finding.page_id}/edit/"]),
        settings.DEFAULT_FROM_EMAIL,
        addresses,
    )
