"""Turn an engine's counts into facets with names for people. Called by queries.

Engines count by site, column and year; what follows from the site (its kind, its division and those above) is added up
here, so that a site that changes either never leaves wrong numbers in an index.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cluster.resources.models import Resource
from search.directory import Directory, kind_label
from sites.columns.models import ColumnClass

MAX_VALUES = 30


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet with the number of hits it would leave."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Facet:
    """One facet: its parameter, its name and its values, most hits first."""

    name: str
    label: str
    values: tuple[FacetValue, ...]


def facets_of(counts: Mapping[str, Mapping[str, int]], directory: Directory) -> tuple[Facet, ...]:
    """Return the facets in the order in which the page shows them."""
    by_site = {code: count for code, count in counts.get("site", {}).items() if code in directory.cards}
    kinds, regions = Counter[str](), Counter[str]()
    for code, count in by_site.items():
        card = directory.cards[code]
        kinds[card.kind] += count
        regions.update(dict.fromkeys(directory.chain(card.region), count))
    columns = counts.get("column", {})
    return (
        _facet("site", "站点", by_site, {code: card.name for code, card in directory.cards.items()}),
        _facet("kind", "站点类别", kinds, {kind: kind_label(kind) for kind in kinds}),
        _facet("region", "行政区划", regions, {code: directory.regions[code][0] for code in regions}),
        _facet("column", "栏目", columns, column_names(columns)),
        _facet("column_class", "栏目类别", counts.get("column_class", {}), dict(ColumnClass.choices)),
        _years(counts.get("year", {})),
    )


def _facet(name: str, label: str, counts: Mapping[str, int], labels: Mapping[str, str]) -> Facet:
    values = sorted(
        ((count, value) for value, count in counts.items() if value and count), key=lambda pair: (-pair[0], pair[1])
    )
    return Facet(
        name, label, tuple(FacetValue(value, labels.get(value, value), count) for count, value in values[:MAX_VALUES])
    )


def _years(counts: Mapping[str, int]) -> Facet:
    values = sorted(((year, count) for year, count in counts.items() if year), reverse=True)[:MAX_VALUES]
    return Facet("year", "年份", tuple(FacetValue(year, f"{year}年", count) for year, count in values))


def column_names(codes: Iterable[str]) -> dict[str, str]:
    """Return column code → the name its newest item gives it; one short index probe for each."""
    names = {}
    for code in list(codes)[:MAX_VALUES]:
        names[code] = (
            Resource.objects.filter(column_code=code)
            .order_by("-published_at")
            .values_list("column_name", flat=True)
            .first()
            or code
        )
    return names
