"""A day of each year: what is due by it, what counts for which year, on days of the past, with warning, forecast and waiver."""

from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from json import loads

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from cluster.column_templates.law import ColumnLaw, YearlyDue
from cluster.column_templates.models import Waiver
from cluster.inspection.clock import look_again
from cluster.inspection.evaluation import evaluate, evaluate_columns
from cluster.inspection.judging import ColumnVerdict
from cluster.inspection.models import Clock, ColumnRecord, ColumnState, Grade
from cluster.inspection.notices import forecast
from cluster.subsites.models import Subsite
from cluster.workdays import WorkCalendar
from cluster.workdays.calendar import SATURDAY
from tests.support.inspecting import column, column_of, law_of, noon, put_item, rule_of, stand_as, under

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year - 1
CODE = "xxgknb"


def report(month: int, day: int, warn: int = 30, severity: str = "refusal") -> ColumnLaw:
    """Return the law of the yearly report's column."""
    return replace(column(CODE, "政府信息公开年报"), due=YearlyDue(month, day, warn, severity, "条例第四十九条"))


@pytest.fixture
def old_sites(alpha: Subsite, beta: Subsite) -> tuple[Subsite, Subsite]:
    """Two sites that have stood for years."""
    long_ago = noon(date(YEAR - 3, 1, 1))
    Subsite.objects.update(created_at=long_ago)
    ColumnRecord.objects.filter(code=CODE).update(since=long_ago)
    return alpha, beta


def published_on(site: Subsite, day: date) -> None:
    """Put a report into the registry that was first published then, as the ledger of that day would say."""
    put_item(site, CODE, first_published_at=noon(day), published_at=noon(day))
    with connection.cursor() as cursor:
        cursor.execute(
            """ALTER TABLE public.audit_ledgerentry DISABLE TRIGGER qz_append_only;
               UPDATE public.audit_ledgerentry SET at = (detail->>'first')::timestamptz WHERE subject_type = 'resource';
               ALTER TABLE public.audit_ledgerentry ENABLE TRIGGER qz_append_only"""
        )


def on(day: date, site: Subsite, law: ColumnLaw | None = None) -> ColumnVerdict:
    """Return how the column stood on that day."""
    with under(law_of(law or report(1, 31))):
        return column_of(evaluate_columns([site.code], day), site, CODE)


@pytest.mark.parametrize(
    ("day", "state", "left"),
    [
        (date(YEAR - 1, 12, 31), Clock.NORMAL, 31),
        (date(YEAR, 1, 1), Clock.SOON, 30),
        (date(YEAR, 1, 31), Clock.SOON, 0),
        (date(YEAR, 2, 1), Clock.LATE, -1),
        (date(YEAR, 8, 1), Clock.LATE, None),
    ],
)
def test_last_years_report_is_good_until_the_day(
    old_sites: tuple[Subsite, Subsite], day: date, state: Clock, left: int | None
) -> None:
    alpha, beta = old_sites
    published_on(alpha, date(YEAR - 1, 1, 20))
    published_on(beta, date(YEAR, 1, 1))
    found = on(day, alpha)
    assert found.state == state
    assert found.due
    assert found.due.day == date(YEAR, 1, 31)
    assert left is None or found.days_left == left
    # The other site has its report since the first of January.
    assert on(day, beta).state == (Clock.BLANK if day.year < YEAR else Clock.NORMAL)


def test_a_late_report_is_that_years_and_the_next_is_due_next_year(old_sites: tuple[Subsite, Subsite]) -> None:
    alpha, _ = old_sites
    published_on(alpha, date(YEAR - 1, 1, 20))
    published_on(alpha, date(YEAR, 5, 6))
    assert on(date(YEAR, 5, 5), alpha).state == Clock.LATE
    found = on(date(YEAR, 5, 6), alpha)
    assert (found.state, found.days_left) == (Clock.NORMAL, (date(YEAR + 1, 1, 31) - date(YEAR, 5, 6)).days)
    assert f"{YEAR + 1}年的应在{YEAR + 1}-01-31前发布" in found.sentence


def test_what_comes_before_the_first_of_january_is_the_old_years(old_sites: tuple[Subsite, Subsite]) -> None:
    alpha, beta = old_sites
    published_on(alpha, date(YEAR - 1, 12, 31))
    published_on(beta, date(YEAR, 1, 1))
    assert on(date(YEAR, 2, 1), alpha).state == Clock.LATE
    assert on(date(YEAR, 2, 1), beta).state == Clock.NORMAL


def test_years_that_were_missed_count_from_the_first(old_sites: tuple[Subsite, Subsite]) -> None:
    alpha, _ = old_sites
    published_on(alpha, date(YEAR - 2, 1, 10))
    found = on(date(YEAR, 1, 2), alpha)
    assert found.state == Clock.LATE
    assert found.due
    assert found.due.day == date(YEAR - 1, 1, 31)


def test_the_day_does_not_move_for_a_rest_day(old_sites: tuple[Subsite, Subsite]) -> None:
    alpha, _ = old_sites
    published_on(alpha, date(YEAR - 1, 1, 10))
    saturday = next(date(YEAR, 3, day) for day in range(1, 8) if date(YEAR, 3, day).weekday() == SATURDAY)
    law = law_of(report(3, saturday.day))
    with under(law, WorkCalendar(frozenset(), frozenset(), date(YEAR - 1, 12, 31))):
        found = column_of(evaluate_columns(["alpha"], saturday + timedelta(days=1)), alpha, CODE)
    assert found.state == Clock.LATE
    assert found.due
    assert (found.due.day, found.due.provisional) == (saturday, False)


def test_an_empty_column_is_blank_and_one_without_dates_not_updated(old_sites: tuple[Subsite, Subsite]) -> None:
    alpha, beta = old_sites
    published_on(beta, timezone.localdate())
    assert on(timezone.localdate(), alpha).state == Clock.BLANK
    assert on(timezone.localdate(), beta).state == Clock.NORMAL
    assert on(timezone.localdate(), beta, replace(report(1, 31), shows_dates=False)).state == Clock.LATE


def _coming(days: int) -> date:
    """Return a day that comes so soon; a leap day is in no law."""
    found = timezone.localdate() + timedelta(days=days)
    return found if (found.month, found.day) != (2, 29) else found + timedelta(days=1)


def test_board_and_forecast_know_it(old_sites: tuple[Subsite, Subsite]) -> None:
    alpha, beta = old_sites
    due = _coming(3)
    law = law_of(report(due.month, due.day, warn=0))
    stand_as(law, alpha, beta)
    published_on(alpha, date(due.year - 1, 1, 5))
    published_on(beta, min(timezone.localdate(), date(due.year, 1, 1)))
    with under(law):
        look_again(["alpha", "beta"])
    states = ColumnState.objects.filter(column_code=CODE)
    assert states.get(site=alpha).due_on == due
    assert forecast(states).filter(site=alpha).exists()
    if due.year == timezone.localdate().year:
        assert not forecast(states).filter(site=beta).exists()


def test_it_weighs_as_the_law_says_and_can_be_waived(old_sites: tuple[Subsite, Subsite]) -> None:
    alpha, beta = old_sites
    law = law_of(report(1, 1, warn=0))
    stand_as(law, alpha, beta)
    for site in old_sites:
        published_on(site, date(YEAR - 1, 1, 10))
    Waiver.objects.create(
        site=beta, column_code=CODE, rule_id=f"{CODE}.update", reason="机构合并", state="granted",
        signer={"name": "王敏"}, decided_at=timezone.now(), expires_on=timezone.localdate(),
    )  # fmt: skip
    with under(law):
        found = evaluate(["alpha", "beta"])
        told = StringIO()
        call_command("inspect_columns", "--format", "json", stdout=told)
    assert rule_of(alpha, "R04", found).grade == Grade.HIGH
    assert not rule_of(alpha, "R04", found).ok
    assert rule_of(beta, "R04", found).ok
    assert column_of(found, beta, CODE).waived
    assert "每年1月1日前" in str(loads(told.getvalue()))
