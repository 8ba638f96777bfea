"""The newest of several columns: the same lines whether a column is read as a small one or as a large one."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage, HomePage
from sites.common.listing import ListedItem
from sites.common.newest import FEW, newest_items
from tests.support.articles import publish_article
from tests.support.documents import publish_document

CODES = ("dtyw", "zcwj", "tzgg", "hygq")


def at(day: int) -> datetime:
    """Return noon of a day in June."""
    return datetime(2026, 6, day, 12, tzinfo=UTC)


@pytest.fixture
def columns(alpha: Subsite, beta: Subsite) -> Mapping[str, ColumnPage]:
    """Publish in alpha and, of later dates, in beta; return alpha's columns."""
    for day in (3, 1, 5):
        publish_article(alpha, f"要闻{day}", published_at=at(day))
    for number in (1, 2):
        publish_article(alpha, f"同时{number}", published_at=at(4), column="tzgg")
    publish_document(alpha, "文件一", published_at=at(2), pub_date=date(2026, 6, 1))
    for column in ("dtyw", "tzgg"):
        publish_article(beta, "乙市的", published_at=at(9), column=column)
    with in_site(alpha):
        publish_article(alpha, "撤回的", published_at=at(8)).unpublish()
        return {column.code: column for column in ColumnPage.objects.filter(code__in=CODES)}


def read(
    columns: Mapping[str, ColumnPage], sizes: Mapping[str, int], limit: int = 10, hidden: tuple[str, ...] = ()
) -> dict[str, list[ListedItem]]:
    """Return code → the newest lines of each column and, as "all", of the whole site."""
    root = HomePage.objects.get()
    paths = {**{code: column.path for code, column in columns.items()}, "all": root.path}
    found = newest_items(dict.fromkeys(paths.values(), limit), sizes, root.url_path, hidden)
    return {code: found[path] for code, path in paths.items()}


def sizes_of(columns: Mapping[str, ColumnPage], size: int) -> dict[str, int]:
    return dict.fromkeys([*(column.path for column in columns.values()), HomePage.objects.get().path], size)


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_the_way_of_reading_makes_no_difference(alpha: Subsite, columns: Mapping[str, ColumnPage], limit: int) -> None:
    with in_site(alpha):
        hidden = (columns["tzgg"].path,)
        for left_out in ((), hidden):
            small = read(columns, sizes_of(columns, 0), limit, left_out)
            assert small == read(columns, sizes_of(columns, FEW + 1), limit, left_out)
            assert small == read(columns, {}, limit, left_out), "of unknown size"
            assert small == read(columns, {columns["dtyw"].path: 1, columns["zcwj"].path: FEW + 1}, limit, left_out)


@pytest.mark.parametrize("size", [0, FEW + 1])
def test_what_is_read(alpha: Subsite, columns: Mapping[str, ColumnPage], size: int) -> None:
    with in_site(alpha):
        found = read(columns, sizes_of(columns, size))
        assert [item.title for item in found["dtyw"]] == ["要闻5", "要闻3", "要闻1"]
        assert [item.title for item in found["tzgg"]] == ["同时2", "同时1"], "of equal times the later page first"
        assert [item.title for item in found["zcwj"]] == ["文件一"]
        assert "/zcwj/" in found["zcwj"][0].url
        assert [item.title for item in found["all"]] == ["要闻5", "同时2", "同时1", "要闻3", "文件一", "要闻1"]
        assert {item.schema for items in found.values() for item in items} == {alpha.schema_name}
        restricted = read(columns, sizes_of(columns, size), hidden=(columns["tzgg"].path,))
        assert restricted["tzgg"] == []
        assert [item.title for item in restricted["all"]] == ["要闻5", "要闻3", "文件一", "要闻1"]
        assert newest_items({}, {}, "/") == {}


def test_without_items_a_column_is_empty(alpha: Subsite, columns: Mapping[str, ColumnPage]) -> None:
    with in_site(alpha):
        columns = {code: column for code, column in columns.items() if code not in ("dtyw", "zcwj", "tzgg")}
        for size in (0, FEW + 1):
            found = read(columns, sizes_of(columns, size))
            assert all(items == [] for code, items in found.items() if code != "all")
