"""Put rules of a test's own into the law in force, for the gate and whoever else asks it in this process."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cluster.column_templates.current import current_law
from cluster.column_templates.law import ItemRule, Law, SiteLaw
from sites.common.gate import examining

GiveRules = Callable[..., None]
NEVER: Mapping[str, date] = {}


def demand(code: str, field: str, severity: str = "refusal", check: str = "required", **more: Any) -> ItemRule:
    """Return a rule of the column."""
    return ItemRule(f"{code}.{field}.{check}", field, check, severity, basis="条例第二十条", **more)


def ruled(law: Law, rules: dict[str, tuple[ItemRule, ...]], last_days: Mapping[str, date] = NEVER) -> Law:
    """Return the law with no item rules but these: column code → rules, for every kind of site; some columns end."""
    kinds = {}
    for kind, site_law in law.kinds.items():
        columns = tuple(
            replace(column, items=rules.get(column.code, ()), companions=(), valid_to=last_days.get(column.code))
            for column in site_law.columns
        )
        kinds[kind] = SiteLaw(kind, columns, site_law.home, {column.code: column for column in columns})
    return Law(law.version, kinds)


@pytest.fixture
def give_rules(monkeypatch: pytest.MonkeyPatch) -> GiveRules:
    """Return a function that puts these rules, and no others, in force; the name of an argument is a column's code.

    `last_days` gives columns an end.
    """

    def give(last_days: Mapping[str, date] = NEVER, **rules: tuple[ItemRule, ...]) -> None:
        law = ruled(current_law(), rules, last_days)
        monkeypatch.setattr(examining, "current_law", lambda: law)

    return give
