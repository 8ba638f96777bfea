"""What a site shows of the sites below it (地市动态) goes at once when such a site is closed to the public."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from cluster.context import in_site
from cluster.edge import health
from cluster.edge.models import EdgeEvent
from cluster.subsites.models import Subsite
from cluster.subsites.services import resume_site, suspend_site
from tests.cluster.edge.feed.conftest import Stored
from tests.support.columns import own_column

OURS = "甲县的春耕安排"


@pytest.fixture
def column(stored: Stored) -> Iterator[str]:
    """Put alpha below beta and have beta's column of its news stored, with its feed; return the column's path."""
    Subsite.objects.filter(pk=stored.alpha.pk).update(parent=stored.beta)
    fed = own_column(stored.beta, "hjxx", "汇集县区", fed_by="county")
    with in_site(stored.beta):
        path = str(fed.get_url())
    stored.east.catch_up()
    for address in (path, f"{path}rss/"):
        assert stored.east.visit(stored.beta, address).status_code == 200
    assert OURS in (stored.east.text(stored.beta, path) or "")
    yield path
    Subsite.objects.filter(pk=stored.alpha.pk).update(parent=None, phone=stored.alpha.phone)


@pytest.fixture
def suspended(stored: Stored, column: str) -> Iterator[None]:
    with stored.east.here():
        suspend_site(stored.alpha, reason="检修")
    yield
    resume_site(stored.alpha)


@pytest.mark.usefixtures("suspended")
def test_headlines_of_a_suspended_site_go_while_the_worker_is_dead(stored: Stored, column: str) -> None:
    assert stored.east.pages_with(OURS) == []
    assert stored.east.text(stored.beta, "/dtyw/") is not None, "what shows none of its items stays"
    assert stored.east.text(stored.beta, f"/dtyw/{stored.theirs.slug}/") is not None


@pytest.mark.usefixtures("suspended")
def test_the_column_is_made_again_without_them(stored: Stored, column: str) -> None:
    stored.east.catch_up()
    text = stored.east.text(stored.beta, column)
    assert text is not None
    assert OURS not in text
    assert stored.east.wrong_pages() == []


@pytest.mark.usefixtures("suspended")
def test_the_console_counts_the_site_once(stored: Stored) -> None:
    EdgeEvent.objects.update(created_at=timezone.now() - timedelta(seconds=10))
    told = set(EdgeEvent.objects.filter(server="east", gone=True).values_list("key", flat=True))
    assert {"record:site_alpha", "borrowed:site_alpha"} <= told
    whole = [one for one in health.open_withdrawals() if one.site == stored.alpha.name and one.what == "整个网站"]
    assert len(whole) == 1
    assert health.open_withdrawal_count() == len(health.open_withdrawals())


def test_a_site_that_only_changes_its_telephone_number_keeps_its_headlines_there(stored: Stored, column: str) -> None:
    with stored.east.here():
        Subsite.objects.filter(pk=stored.alpha.pk).update(phone="0451-1")
    assert OURS in (stored.east.text(stored.beta, column) or "")
    stored.east.catch_up()
    assert OURS in (stored.east.text(stored.beta, column) or "")
