"""Read the parameters of a search from an address, or refuse them in Chinese. Called by views; pure.

The page and the interface share them: q, site, region, kind, column, column_class, year, from, to, sort, page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from search.engines.base import MAX_HITS, Sort
from search.normalize import fold_query
from search.parsing import MAX_QUERY_LENGTH

CHINA = ZoneInfo("Asia/Shanghai")
PAGE_SIZE = 10
MAX_PAGE = MAX_HITS // PAGE_SIZE
FIRST_YEAR, LAST_YEAR = 1900, 2200


class BadParameter(Exception):
    """A parameter that cannot be meant: `error` says what is wrong, `hint` what to do."""

    def __init__(self, error: str, hint: str) -> None:
        super().__init__(f"{error}{hint}")
        self.error, self.hint = error, hint


@dataclass(frozen=True)
class Parameters:
    """What was asked for. Values of site, region, kind and columns are checked against the directory later."""

    q: str
    site: str = ""
    region: str = ""
    kind: str = ""
    column: str = ""
    column_class: str = ""
    since: date | None = None
    until: date | None = None
    year: str = ""
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    was_cut: bool = False

    @property
    def begins_at(self) -> datetime | None:
        """The first moment of the span, Chinese time."""
        start = max(filter(None, (self.since, date(int(self.year), 1, 1) if self.year else None)), default=None)
        return datetime.combine(start, time(), CHINA) if start else None

    @property
    def ends_before(self) -> datetime | None:
        """The first moment after the span, Chinese time."""
        ends = (
            self.until + timedelta(days=1) if self.until else None,
            date(int(self.year) + 1, 1, 1) if self.year else None,
        )
        end = min(filter(None, ends), default=None)
        return datetime.combine(end, time(), CHINA) if end else None


def read_parameters(raw: Mapping[str, str], *, cut_long: bool = False) -> Parameters:
    """Return the parameters; raises BadParameter. A query that is too long is cut if `cut_long`, else refused."""
    q = _plain(raw.get("q", ""))
    too_long = len(fold_query(q)) > MAX_QUERY_LENGTH
    if too_long and not cut_long:
        raise BadParameter(
            f"检索词太长（{len(q):,}字），最多{MAX_QUERY_LENGTH}字。", "请只保留最要紧的几个词，例如文件名称或文号。"
        )
    since, until = _day(raw, "from"), _day(raw, "to")
    if since and until and since > until:
        raise BadParameter("起始日期晚于截止日期。", "请对调 from 与 to。")
    return Parameters(
        q=q,
        site=_code(raw, "site"),
        region=_code(raw, "region"),
        kind=_code(raw, "kind"),
        column=_code(raw, "column"),
        column_class=_code(raw, "column_class"),
        since=since,
        until=until,
        year=_year(raw),
        sort=_sort(raw),
        page=_page(raw),
        was_cut=too_long,
    )


def _plain(text: str) -> str:
    return text.replace("\x00", " ").strip()


def _code(raw: Mapping[str, str], name: str) -> str:
    value = _plain(raw.get(name, ""))
    if len(value) > 60:
        raise BadParameter(f"参数 {name} 太长。", "请使用筛选项里列出的代码。")
    return value


def _day(raw: Mapping[str, str], name: str) -> date | None:
    value = _plain(raw.get(name, ""))
    if not value:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None  # type: ignore[assignment]
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadParameter(f"日期“{value[:20]}”无法识别。", f"参数 {name} 请写成 2026-01-31 的形式。")
    return day


def _year(raw: Mapping[str, str]) -> str:
    value = _plain(raw.get("year", ""))
    if value and not (value.isascii() and value.isdigit() and FIRST_YEAR <= int(value[:9]) <= LAST_YEAR):
        raise BadParameter(f"年份“{value[:20]}”无法识别。", "参数 year 请写成四位数字，例如 2026。")
    return value


def _sort(raw: Mapping[str, str]) -> Sort:
    value = _plain(raw.get("sort", "")) or Sort.RELEVANCE
    try:
        return Sort(value)
    except ValueError:
        raise BadParameter(
            f"不能按“{value[:20]}”排序。", "参数 sort 可用 relevance（相关度）或 time（时间）。"
        ) from None


def _page(raw: Mapping[str, str]) -> int:
    value = _plain(raw.get("page", "")) or "1"
    if not (value.isascii() and value.isdigit() and int(value[:9]) >= 1):
        raise BadParameter(f"页码“{value[:20]}”无法识别。", "参数 page 请写成从 1 开始的整数。")
    if len(value) > 9 or int(value) > MAX_PAGE:
        raise BadParameter(
            f"最多查看前 {MAX_HITS:,} 条结果（第 {MAX_PAGE:,} 页）。", "请增加检索词，或用站点、栏目、日期缩小范围。"
        )
    return int(value)
