"""The law of columns as plain values: what a template text says once it has been read and found right.

Made by `reading`; asked by planting, plan and apply, by the publish gate, by inspection and by the console. Pure: no
queries. `current.current_law()` gives the one in force.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class UpdateLimit:
    """A column must show something new within so many days; `warn` days before, it is 即将到期."""

    within: int
    unit: str  # vocabulary.Unit
    warn: int
    severity: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class YearlyDue:
    """A column must show something new of each calendar year by this day of it, which does not move for a rest day."""

    month: int
    day: int
    warn: int
    severity: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class ItemRule:
    """One demand on each item of a column. `id` is stable: `<column>.<field>.<check>`.

    `argument` is a number (at_least, at_most), a tuple of words (one_of), the name of another date field (not_after), such a
    name and a number of working days as `(field, days)` (within_workdays_of), and None for the other checks.
    """

    id: str
    field: str  # vocabulary.ItemField
    check: str  # vocabulary.Check
    severity: str
    argument: Any = None
    basis: str = ""
    message: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on that day (both ends included)."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class CompanionRule:
    """Something else must be published beside each item, within so many days. `id`: `<column>.<companion>.companion`."""

    id: str
    companion: str  # vocabulary.Companion
    within: int
    unit: str
    severity: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class ColumnLaw:
    """One column that a kind of site must have, may have, or that only groups others."""

    code: str
    name: str
    column_class: str  # realtime, periodic, interactive, static
    column_type: str
    description: str
    keywords: str
    parent: str = ""
    menu: bool = False
    fed_by: str = ""
    body: tuple[str, ...] = ()
    mandatory: bool = True
    # Page types that editors may put here ("article", "policy_document", "interpretation"); empty: articles.
    takes: tuple[str, ...] = ()
    # Codes of former columns whose content moves here when they are given up; without an heir they become the site's own.
    replaces: tuple[str, ...] = ()
    # Whether a site may add columns of its own below.
    open_below: bool = False
    # Whether its list shows dates; one without counts as not updated.
    shows_dates: bool = True
    unit: str = ""
    reviewer: str = ""
    # One of the two at most.
    update: UpdateLimit | None = None
    due: YearlyDue | None = None
    least: int = 0
    depth: int = 3
    items: tuple[ItemRule, ...] = ()
    companions: tuple[CompanionRule, ...] = ()
    basis: str = ""
    severity: str = "refusal"
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def limit(self) -> UpdateLimit | YearlyDue | None:
        """What says when the column must have moved, if anything does."""
        return self.update or self.due

    def holds_on(self, day: date) -> bool:
        """Whether the column is demanded on that day (both ends included)."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class SiteLaw:
    """All columns of a kind of site, parents before children, and the blocks of its home page."""

    kind: str
    columns: tuple[ColumnLaw, ...]
    home: tuple[Mapping[str, Any], ...] = ()
    by_code: Mapping[str, ColumnLaw] = field(default_factory=dict)

    def column(self, code: str) -> ColumnLaw | None:
        """Return the column of this code, or None for a site's own column."""
        return self.by_code.get(code)


@dataclass(frozen=True, slots=True)
class Law:
    """One version of the templates of all kinds."""

    version: int
    kinds: Mapping[str, SiteLaw]
    # What the language of today would refuse in texts that were written under an earlier one, each with file, line and cure.
    faults: tuple[str, ...] = ()
    # Columns of the common base that no kind lists, (code, name): no site gets them.
    unlisted: tuple[tuple[str, str], ...] = ()

    def of(self, kind: str) -> SiteLaw:
        """Return the law of a kind; a kind without a text has no columns."""
        return self.kinds.get(kind) or SiteLaw(kind, ())
