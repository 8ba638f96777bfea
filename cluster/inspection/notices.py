"""Open and close notices: which officers must hear of which columns in alarm, once an episode; and what the next days bring.

Done by the clock together with the states; `mailing` sends them. An episode is a state after a last publication: the unique
constraint keeps a second worker, or a second night, from opening it again.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from cluster.column_templates.law import ColumnLaw
from cluster.inspection.evaluation import Evaluation
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.models import ALARMS, Clock, ColumnDuty, ColumnState, DutyNotice
from cluster.inspection.overdue import Overdue, overdue_companions
from cluster.subsites.models import Subsite

# Who must hear of a notice; brought in step while it stands.
PEOPLE = ("officer", "officer_name", "officer_email", "supervisor", "supervisor_name", "supervisor_email")
# An alarm that comes back later than this (a waiver ran out, a site opened again) is told anew.
FORGOTTEN_AFTER = timedelta(days=1)
Key = tuple[int, str, str, str, str]


def open_and_close(found: Evaluation) -> None:
    """Open a notice for each new alarm of the evaluated sites, and close those whose alarm is over."""
    contacts = _contacts(found)
    alarms = {_key(one): one for one in _alarms(found, contacts)}
    known = {_key(one): one for one in _known(list(contacts), {one.episode for one in alarms.values()})}
    now = timezone.now()
    DutyNotice.objects.bulk_create(
        [one for key, one in alarms.items() if key not in known], ignore_conflicts=True, batch_size=1000
    )
    over = [one.pk for key, one in known.items() if key not in alarms and one.resolved_at is None]
    DutyNotice.objects.filter(pk__in=over).update(resolved_at=now)
    changed = [one for key, one in known.items() if key in alarms and _bring_in_step(one, alarms[key])]
    fields = [*PEOPLE, "sentence", "name", "created_at", "mailed_at", "escalated_at", "resolved_at"]
    DutyNotice.objects.bulk_update(changed, fields, batch_size=1000)


def _alarms(found: Evaluation, contacts: Mapping[int, tuple[str, str]]) -> Iterator[DutyNotice]:
    """Yield the alarms as notices: columns that do not move, and companions that are overdue."""
    for site in found.sites:
        for verdict in found.columns[site.pk]:
            if verdict.state in ALARMS and not verdict.waived:
                yield _notice(verdict, *contacts[site.pk])
    for overdue in overdue_companions(found):
        duty = found.facts.duties.get(overdue.site.pk, {}).get(overdue.column.code)
        yield _notice_of_overdue(overdue, duty, *contacts[overdue.site.pk])


def _known(site_ids: list[int], episodes: set[str]) -> QuerySet[DutyNotice]:
    """Return the open notices and those of these episodes, locked: whoever sends letters leaves them alone meanwhile."""
    asked = Q(resolved_at=None) | Q(episode__in=episodes)
    return DutyNotice.objects.select_for_update(of=("self",)).filter(asked, site_id__in=site_ids)


def _bring_in_step(notice: DutyNotice, alarm: DutyNotice) -> bool:
    """Let a notice stand as the alarm is now; return whether that changed anything. Nobody is told twice of one episode.

    Whoever is named as officer or supervisor while it stands is told; a pause of a day or more begins a new count.
    """
    now = timezone.now()
    before = {name: getattr(notice, name) for name in (*PEOPLE, "name", "sentence", "resolved_at")}
    if notice.resolved_at and now - notice.resolved_at >= FORGOTTEN_AFTER:
        notice.created_at, notice.mailed_at, notice.escalated_at = now, None, None
    if alarm.officer_email != notice.officer_email:
        notice.mailed_at = None
    if alarm.supervisor_email != notice.supervisor_email:
        notice.escalated_at = None
    for name in (*PEOPLE, "name", "sentence"):
        setattr(notice, name, getattr(alarm, name))
    notice.resolved_at = None
    return any(getattr(notice, name) != value for name, value in before.items())


def _key(notice: DutyNotice) -> Key:
    return notice.site_id, notice.column_code, notice.rule_id, str(notice.state), notice.episode


def _contacts(found: Evaluation) -> dict[int, tuple[str, str]]:
    """Return site → (its mailbox, that of the site above): where a notice goes when nobody is named for the column."""
    rows = Subsite.objects.filter(pk__in=[site.pk for site in found.sites]).values_list("pk", "email", "parent__email")
    return {pk: (email, above or "") for pk, email, above in rows}


def _notice(verdict: ColumnVerdict, site_email: str, above_email: str) -> DutyNotice:
    return DutyNotice(
        site_id=verdict.site.pk,
        column_code=verdict.law.code,
        name=verdict.law.name,
        state=verdict.state,
        episode=verdict.last_on.isoformat() if verdict.last_on else "never",
        sentence=verdict.sentence,
        **_people(verdict.duty, verdict.law, site_email, above_email),
    )


def _notice_of_overdue(overdue: Overdue, duty: ColumnDuty | None, site_email: str, above_email: str) -> DutyNotice:
    return DutyNotice(
        site_id=overdue.site.pk,
        column_code=overdue.column.code,
        rule_id=overdue.rule.id,
        name=overdue.column.name,
        state=Clock.LATE,
        # Another item past its limit is another episode; one that is made good among several is none.
        episode=overdue.newest_on.isoformat(),
        sentence=overdue.sentence,
        **_people(duty, overdue.column, site_email, above_email),
    )


def _people(duty: ColumnDuty | None, law: ColumnLaw, site_email: str, above_email: str) -> dict[str, Any]:
    """Return who is told and who supervises: whom the site named, else its mailboxes and the reviewer of the template."""
    return {
        "officer": duty.officer if duty else None,
        "officer_name": duty.officer_name if duty else "",
        "officer_email": (duty.officer_email if duty else "") or site_email,
        "supervisor": duty.reviewer if duty else None,
        "supervisor_name": (duty.reviewer_name if duty else "") or law.reviewer[:60],
        "supervisor_email": (duty.reviewer_email if duty else "") or above_email,
    }


def open_notices() -> QuerySet[DutyNotice]:
    """Return the notices whose alarm stands, the gravest first."""
    return DutyNotice.objects.filter(resolved_at=None).select_related("site").order_by("state", "created_at")


def forecast(states: QuerySet[ColumnState]) -> QuerySet[ColumnState]:
    """Keep the columns that will be late within the days of the forecast, and are not now.

    `due_on` is the last day in time as the calendar of working days has it. A waived column is late when its waiver has ended,
    too, also one that is past its limit already; a column that is down has no limit running.
    """
    until = timezone.localdate() + timedelta(days=settings.INSPECTION_FORECAST_DAYS)
    in_time = Q(state__in=(Clock.NORMAL, Clock.SOON))
    waiver_ends = Q(waiver__expires_on__lt=until)
    return states.filter((in_time & Q(waiver=None)) | ((in_time | Q(state=Clock.LATE)) & waiver_ends), due_on__lt=until)


def forecast_sentence(number: int) -> str:
    """Say the forecast, on the board and on the panels alike."""
    days = settings.INSPECTION_FORECAST_DAYS
    return f"{days}天内将有{number}个栏目超期" if number else f"{days}天内没有栏目将超期"
