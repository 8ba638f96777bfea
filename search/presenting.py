"""What the search page shows beside its results: filters as plain links, pages, and what to say when there is nothing.

Called by views; pure. Every link is the present address with one parameter changed, so the page needs no script.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cluster.subsites.models import Subsite
from search.engines.base import Sort
from search.parameters import MAX_PAGE, PAGE_SIZE, BadParameter, Parameters
from search.parsing import MAX_QUERY_LENGTH
from search.queries import Results

_NAMES = ("q", "site", "region", "kind", "column", "column_class", "year", "from", "to", "sort", "page")
_NEIGHBOURS = 2
SHOWN_VALUES = 8


@dataclass(frozen=True)
class Choice:
    """A link that sets or takes back one filter, sort order or page."""

    label: str
    url: str
    count: int | None = None
    is_chosen: bool = False


@dataclass(frozen=True)
class Filter:
    """A facet as the page shows it: the first values, and the rest behind a fold."""

    label: str
    first: list[Choice]
    rest: list[Choice]


def page_context(
    raw: Mapping[str, str],
    parameters: Parameters,
    found: Results | None,
    refused: BadParameter | None,
    site: Subsite | None,
) -> dict[str, Any]:
    """Return the context of the search page."""
    address = {name: raw[name].replace("\x00", "") for name in _NAMES if raw.get(name)}
    address["q"] = parameters.q[:MAX_QUERY_LENGTH]
    return {
        "parameters": parameters,
        "found": found,
        "refused": refused,
        "site_code": site.code if site else "",
        "here_only": bool(site and parameters.site == site.code),
        "max_length": MAX_QUERY_LENGTH,
        "sorts": [
            Choice(label, _link(address, sort=value), is_chosen=parameters.sort == value)
            for label, value in (("按相关度", Sort.RELEVANCE.value), ("按时间", Sort.TIME.value))
        ],
        "filters": _filters(address, found) if found else [],
        "chosen": _chosen(address, found) if found else [],
        "pages": _pages(address, parameters.page, found.total) if found else [],
        "last_page": _last_page(found.total) if found else 1,
    }


def _link(address: Mapping[str, str], **changes: str) -> str:
    """Return the address with some parameters changed; an empty one goes, and the pages start anew."""
    changed = {**address, "page": "", **changes}
    return "?" + urlencode({name: changed[name] for name in _NAMES if changed.get(name)}, errors="replace")


def _filters(address: Mapping[str, str], found: Results) -> list[Filter]:
    """Return the facets that can narrow the results, or already do."""
    filters = []
    for facet in found.facets:
        chosen = address.get(facet.name, "")
        if len(facet.values) < 2 and not chosen:
            continue
        choices = [
            Choice(
                value.label,
                _link(address, **{facet.name: "" if value.value == chosen else value.value}),
                value.count,
                value.value == chosen,
            )
            for value in facet.values
        ]
        choices.sort(key=lambda choice: not choice.is_chosen)
        filters.append(Filter(facet.label, choices[:SHOWN_VALUES], choices[SHOWN_VALUES:]))
    return filters


def _chosen(address: Mapping[str, str], found: Results) -> list[Choice]:
    """Return the filters in force as links that take them back, also those that left no result to count."""
    chosen = []
    for facet in found.facets:
        value = address.get(facet.name)
        if value:
            label = next((known.label for known in facet.values if known.value == value), value)
            chosen.append(Choice(f"{facet.label}：{label}", _link(address, **{facet.name: ""})))
    for name, words in (("from", "起"), ("to", "止")):
        if address.get(name):
            chosen.append(Choice(f"{address[name]} {words}", _link(address, **{name: ""})))
    return chosen


def _last_page(total: int) -> int:
    return max(1, min(MAX_PAGE, -(-total // PAGE_SIZE)))


def _pages(address: Mapping[str, str], page: int, total: int) -> list[Choice]:
    """Return the links of the page bar: neighbours, first and last; "…" without an address stands for the gap."""
    last = _last_page(total)
    if last == 1 and page == 1:
        return []
    near = range(max(1, page - _NEIGHBOURS), min(last, page + _NEIGHBOURS) + 1)
    numbers = sorted({1, *near, last} & set(range(1, last + 1)))
    choices = [Choice("上一页", _link(address, page=str(min(page - 1, last))))] if page > 1 else []
    before = 0
    for number in numbers:
        if number > before + 1:
            choices.append(Choice("…", ""))
        choices.append(Choice(str(number), _link(address, page=str(number)), is_chosen=number == page))
        before = number
    if page < last:
        choices.append(Choice("下一页", _link(address, page=str(page + 1))))
    return choices
