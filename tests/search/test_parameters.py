"""Parameters of the page and the interface: what is read, what is refused and how."""

from datetime import UTC, datetime

import pytest

from search.engines.base import Sort
from search.parameters import BadParameter, read_parameters


def test_all_of_them_are_read():
    given = {
        "q": " 供热 ",
        "site": "alpha",
        "from": "2026-01-01",
        "to": "2026-01-31",
        "sort": "time",
        "page": "3",
        "kind": "city",
    }
    read = read_parameters(given)
    assert (read.q, read.site, read.kind, read.sort, read.page) == ("供热", "alpha", "city", Sort.TIME, 3)
    assert read.begins_at == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert read.ends_before == datetime(2026, 1, 31, 16, tzinfo=UTC)


def test_nothing_given_means_everything():
    read = read_parameters({})
    assert (read.q, read.page, read.sort, read.begins_at, read.ends_before) == ("", 1, Sort.RELEVANCE, None, None)


def test_year_and_dates_narrow_each_other():
    read = read_parameters({"year": "2026", "from": "2026-06-01"})
    assert (read.begins_at.month, read.ends_before.year) == (6, 2027)


@pytest.mark.parametrize(
    "given",
    [
        {"page": "0"},
        {"page": "-1"},
        {"page": "x"},
        {"page": "٣"},
        {"page": "1001"},
        {"page": "9" * 400},
        {"sort": "price"},
        {"from": "2026-13-01"},
        {"from": "gestern"},
        {"to": "0001-01-01"},
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"year": "12"},
        {"year": "9" * 400},
        {"site": "x" * 61},
        {"q": "供热" * 5000},
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_hint(given):
    with pytest.raises(BadParameter) as refused:
        read_parameters({"q": "供热", **given})
    assert refused.value.error
    assert refused.value.hint


@pytest.mark.parametrize("given", [{"page": "1000"}, {"page": "1"}, {"year": "2026"}, {"to": "2026-02-28"}])
def test_their_allowed_twins_pass(given):
    assert read_parameters({"q": "供热", **given}).q == "供热"


def test_the_page_cuts_what_the_interface_refuses():
    read = read_parameters({"q": "供热" * 5000}, cut_long=True)
    assert read.was_cut
    assert not read_parameters({"q": "供热"}, cut_long=True).was_cut


def test_a_nul_is_only_a_blank():
    assert read_parameters({"q": "供\x00热"}).q == "供 热"
