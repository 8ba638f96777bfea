"""Worker task: look again at the sites whose items or columns changed, and once a day at all; leave what was found, tell the officers.

Run by `manage.py worker`. Triggers and services ask by InspectionRequest rows, which are taken away in the transaction that has
evaluated: a kill at any point leaves them for the next try.
"""

import logging
from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from cluster.inspection import mailing, mirror, notices
from cluster.inspection.evaluation import Evaluation, evaluate
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.models import ALARMS, ColumnState, InspectionRequest, InspectionRun, RuleOutcome
from cluster.inspection.outcomes import store_outcomes
from cluster.subsites.models import SiteKind, Subsite

logger = logging.getLogger(__name__)
CLOCK_LOCK = 7_230_041
_WRITTEN = [
    field.name for field in ColumnState._meta.concrete_fields if field.name not in ("id", "site", "column_code")
]


def ask_inspection(site_id: int | None = None) -> None:
    """Have a site, or every site, looked at again in a moment."""
    InspectionRequest.objects.create(site_id=site_id)


def store(found: Evaluation) -> None:
    """Write the states of the evaluated sites; what is not mandatory any more goes."""
    rows = [
        _state(verdict, place, found.moment.at)
        for site in found.sites
        for place, verdict in enumerate(found.columns[site.pk])
    ]
    wanted: dict[int, set[str]] = {site.pk: set() for site in found.sites}
    for row in rows:
        wanted[row.site_id].add(row.column_code)
    present = ColumnState.objects.filter(site_id__in=wanted).values_list("pk", "site_id", "column_code")
    ColumnState.objects.filter(pk__in=[pk for pk, site_id, code in present if code not in wanted[site_id]]).delete()
    ColumnState.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["site", "column_code"], update_fields=_WRITTEN, batch_size=1000
    )


def _state(verdict: ColumnVerdict, place: int, at: datetime) -> ColumnState:
    duty = verdict.duty
    return ColumnState(
        site_id=verdict.site.pk,
        column_code=verdict.law.code,
        name=verdict.law.name,
        place=place,
        state=verdict.state,
        last_on=verdict.last_on,
        last_title=verdict.items.title,
        last_path=verdict.items.path if verdict.items.site_id == verdict.site.pk else "",
        due_on=verdict.due.day if verdict.due else None,
        provisional=bool(verdict.due and verdict.due.provisional),
        items=verdict.items.count,
        sentence=verdict.sentence,
        waiver_id=verdict.waiver.number if verdict.waiver else None,
        unit=(duty.unit if duty else "") or verdict.law.unit,
        officer=duty.officer if duty else None,
        officer_name=duty.officer_name if duty else "",
        evaluated_at=at,
    )


def look_again(codes: Collection[str] | None = None) -> Evaluation:
    """Evaluate columns and rules of these sites, or of all, leave states and outcomes, and open or close notices."""
    with transaction.atomic():
        # One evaluation at a time: an older one must not overwrite a newer one's states.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLOCK_LOCK])
        found = evaluate(codes)
        store(found)
        store_outcomes(found)
        notices.open_and_close(found)
    return found


def look_at_all() -> InspectionRun:
    """Do the daily evaluation over all sites, their column records brought in step first."""
    began = timezone.now()
    for site in Subsite.objects.exclude(kind=SiteKind.CONSOLE):
        try:
            mirror.mirror_site(site)
        except Exception:  # a damaged schema must not keep the others from being looked at
            logger.exception("核对栏目登记失败：%s", site.code)
    mailing.retry_failed()
    found = look_again()
    for left in (ColumnState, RuleOutcome):
        left.objects.exclude(site_id__in=[site.pk for site in found.sites]).delete()
    verdicts = [verdict for columns in found.columns.values() for verdict in columns]
    run, _ = InspectionRun.objects.update_or_create(
        day=found.moment.day,
        defaults={
            "began_at": began,
            "finished_at": timezone.now(),
            "sites": len(found.sites),
            "columns": len(verdicts),
            "alarms": sum(1 for verdict in verdicts if verdict.state in ALARMS and not verdict.waived),
        },
    )
    return run


class InspectionClock:
    """Look at what was asked for; in the first minutes of a day, at everything."""

    name = "inspection"
    interval = 5.0

    def run(self) -> bool:
        """Do one round; return whether there was something."""
        worked = self._daily() or self._asked()
        return mailing.send_due() or worked

    @staticmethod
    def _daily() -> bool:
        if InspectionRun.objects.filter(day=timezone.localdate()).exists():
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [CLOCK_LOCK + 1])
            if not cursor.fetchone()[0]:
                return False
            try:
                look_at_all()
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [CLOCK_LOCK + 1])
        return True

    @staticmethod
    def _asked() -> bool:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    """DELETE FROM inspection_inspectionrequest WHERE id IN (
                           SELECT id FROM inspection_inspectionrequest ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED)
                       RETURNING site_id"""
                )
                asked = {row[0] for row in cursor.fetchall()}
            if not asked:
                return False
            # What a site publishes may feed a column of the site above it.
            sites = Subsite.objects.filter(pk__in=asked - {None}).values_list("code", "parent__code")
            look_again(None if None in asked else {code for pair in sites for code in pair if code})
        return True


inspection_clock = InspectionClock()
