"""What one version of the law says otherwise than another: columns that come, go, change, and how many items stand in those that go.

Pure but for `with_items`. Shown by the command `column_templates diff` and by the console.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from cluster.column_templates.law import ColumnLaw, ItemRule, Law, SiteLaw
from cluster.column_templates.wording import LABELS, column_text, rule_lines, rule_text, said
from cluster.resources.models import Resource, ResourceState
from cluster.subsites.models import SiteKind


@dataclass(frozen=True, slots=True)
class WordChange:
    """A word that is said otherwise."""

    word: str
    before: str
    after: str

    @property
    def label(self) -> str:
        """The word as people call it."""
        return LABELS[self.word]


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that stays and is described otherwise."""

    code: str
    name: str
    words: tuple[WordChange, ...]


@dataclass(slots=True)
class KindDifference:
    """What changes for one kind of site. `items` counts the published items of columns that go, by code."""

    kind: str
    added: tuple[ColumnLaw, ...] = ()
    dropped: tuple[ColumnLaw, ...] = ()
    changed: tuple[ColumnChange, ...] = ()
    reordered: bool = False
    home: bool = False
    items: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.dropped or self.changed or self.reordered or self.home)

    @property
    def label(self) -> str:
        """The kind as people call it."""
        return str(SiteKind(self.kind).label)

    @property
    def added_with_rules(self) -> list[tuple[ColumnLaw, str, list[str]]]:
        """The columns that come, each with what it is and what its items must keep."""
        return [(column, column_text(column), rule_lines(column)) for column in self.added]

    @property
    def dropped_with_items(self) -> list[tuple[ColumnLaw, int]]:
        """The columns that go, each with the number of items that stand in it."""
        return [(column, self.items.get(column.code, 0)) for column in self.dropped]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "kind": self.kind,
            "added": [
                {"code": one.code, "name": one.name, "says": column_text(one), "rules": rule_lines(one)}
                for one in self.added
            ],
            "dropped": [
                {"code": column.code, "name": column.name, "items": items} for column, items in self.dropped_with_items
            ],
            "changed": [
                {
                    "code": change.code,
                    "name": change.name,
                    "words": [{"word": w.word, "before": w.before, "after": w.after} for w in change.words],
                }
                for change in self.changed
            ],
            "reordered": self.reordered,
            "home": self.home,
        }


def differences(before: Law, after: Law) -> list[KindDifference]:
    """Return what changes, kind by kind; kinds for which nothing changes are left out."""
    found = [_of_kind(before.of(kind), after.of(kind)) for kind in SiteKind.values]
    return [difference for difference in found if difference]


def _of_kind(before: SiteLaw, after: SiteLaw) -> KindDifference:
    changed = [
        change
        for column in after.columns
        if (old := before.column(column.code)) and (change := _of_column(old, column)).words
    ]
    stay = [column.code for column in after.columns if before.column(column.code)]
    stayed = [column.code for column in before.columns if after.column(column.code)]
    return KindDifference(
        kind=after.kind,
        added=tuple(column for column in after.columns if not before.column(column.code)),
        dropped=tuple(column for column in before.columns if not after.column(column.code)),
        changed=tuple(changed),
        reordered=stay != stayed,
        home=[dict(block) for block in before.home] != [dict(block) for block in after.home],
    )


def _of_column(before: ColumnLaw, after: ColumnLaw) -> ColumnChange:
    words = [
        WordChange("items", *_rules_apart(before.items, after.items))
        if word == "items"
        else WordChange(word, said(before, word), said(after, word))
        for word in LABELS
        if getattr(before, word) != getattr(after, word)
    ]
    return ColumnChange(after.code, after.name, tuple(words))


def _rules_apart(before: Sequence[ItemRule], after: Sequence[ItemRule]) -> tuple[str, str]:
    """Say only the rules that differ: a column may have a dozen."""
    gone = [rule_text(rule) for rule in before if rule not in after]
    come = [rule_text(rule) for rule in after if rule not in before]
    return "；".join(gone), "；".join(come)


def with_items(found: list[KindDifference]) -> list[KindDifference]:
    """Count what stands in the columns that go: one query over all sites."""
    codes = {column.code for difference in found for column in difference.dropped}
    if codes:
        rows = (
            Resource.objects.filter(column_code__in=codes, state=ResourceState.PUBLISHED)
            .values_list("site__kind", "column_code")
            .annotate(items=Count("pk"))
        )
        counts = {(kind, code): items for kind, code, items in rows}
        for difference in found:
            difference.items = {code: items for (kind, code), items in counts.items() if kind == difference.kind}
    return found
