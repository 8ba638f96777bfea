"""The forecast: which columns will be late within seven days, by working days, waivers and the state of the site."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cluster.inspection.clock import look_at_all
from cluster.inspection.models import ColumnState
from cluster.inspection.notices import forecast, forecast_sentence
from cluster.subsites.models import Subsite
from cluster.workdays import WorkCalendar
from tests.support.inspecting import column, law_of, put_item, under
from tests.support.waiving import waive

pytestmark = pytest.mark.django_db
LAW = law_of(column("tzgg", "通知公告", within=10))


def coming(calendar: WorkCalendar | None = None, law=LAW) -> list[str]:
    """Return the sites whose notices will be late."""
    with under(law, calendar):
        look_at_all()
    return [state.site.code for state in forecast(ColumnState.objects.all())]


def test_the_sentence():
    assert forecast_sentence(3) == "7天内将有3个栏目超期"
    assert forecast_sentence(0) == "7天内没有栏目将超期"


@pytest.mark.parametrize(("ago", "counts"), [(3, False), (4, True), (10, True), (11, False)])
def test_the_first_and_the_last_day(alpha: Subsite, beta: Subsite, ago: int, counts: bool):
    """Ten days' limit: four days ago it ends in six days and the column is late on the seventh; eleven days ago it is late now."""
    put_item(alpha, "tzgg", ago)
    put_item(beta, "tzgg", 0)
    assert coming() == (["alpha"] if counts else [])


def test_rest_days_move_the_end(alpha: Subsite, beta: Subsite):
    """A limit that ends on a rest day runs on to the next working day: what would be late within the week is not."""
    today = timezone.localdate()
    put_item(alpha, "tzgg", 5)
    assert coming() == ["alpha"]
    rest = frozenset(day for number in range(5, 9) if (day := today + timedelta(days=number)).weekday() < 5)
    weekends = frozenset(
        day
        for number in range(-400, 400)
        if (day := today + timedelta(days=number)).weekday() >= 5 and not 5 <= number < 9
    )
    assert coming(WorkCalendar(rest, weekends, date.max)) == []


def test_working_days_of_the_limit_are_counted(alpha: Subsite, beta: Subsite):
    law = law_of(column("tzgg", "通知公告", within=10, unit="workdays"))
    put_item(alpha, "tzgg", 5)
    assert coming(law=law) == ["alpha"]  # where every day is worked
    assert coming(WorkCalendar(frozenset(), frozenset(), date.max), law) == []


@pytest.mark.parametrize(
    ("ago", "rule", "days", "counts"),
    [
        (6, "tzgg.update", 30, False),
        (6, "", 30, False),
        (6, "tzgg.least", 30, True),
        (6, "tzgg.update", 5, True),  # the waiver ends within the week, after the limit
        (30, "tzgg.update", 5, True),  # waived today, late when that has ended
        (30, "tzgg.update", 30, False),
        (30, "", -1, False),  # late now
        (0, "tzgg.update", 5, False),
    ],
)
def test_waivers(alpha: Subsite, beta: Subsite, ago: int, rule: str, days: int, counts: bool):
    put_item(alpha, "tzgg", ago)
    put_item(beta, "tzgg", 6)
    waive(alpha, "tzgg", rule, days=days)
    assert coming() == (["alpha", "beta"] if counts else ["beta"])


def test_a_site_that_is_down_is_not_foretold(alpha: Subsite, beta: Subsite):
    for site in (alpha, beta):
        put_item(site, "tzgg", 6)
    Subsite.objects.filter(pk=alpha.pk).update(state="suspended")
    assert coming() == ["beta"]
    Subsite.objects.filter(pk=alpha.pk).update(state="open")
    assert coming() == ["alpha", "beta"]
