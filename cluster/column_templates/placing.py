"""Which kinds of items a column takes: what its law names; a site's own column takes all, one that lower sites feed takes none.

Pure. Asked by the publish gate for every item, by the forms that offer kinds and places, and by the plan of a version.
"""

from dataclasses import dataclass

from cluster.column_templates.checking import Verdict
from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.vocabulary import ItemType, Severity

# What a column of the law takes where its text names nothing.
BY_DEFAULT = (ItemType.ARTICLE.value,)
# The rule of those items that stand in no column at all; in a column it is `<code>.takes`.
NO_COLUMN = "place.column"
BASIS = "政府网站发展指引（国办发〔2017〕47号）：信息按栏目发布"


@dataclass(frozen=True, slots=True)
class Place:
    """A column in which an item stands or shall stand. `law` is the column's own, None for a site's own column."""

    title: str
    law: ColumnLaw | None = None
    is_fed: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of items that it takes."""
        if self.is_fed:
            return ()
        return tuple(ItemType.values) if self.law is None else kinds_taken(self.law)


def kinds_taken(law: ColumnLaw) -> tuple[str, ...]:
    """Return the kinds of items that a column of the law takes."""
    return () if law.fed_by else law.takes or BY_DEFAULT


def refusal_of_kind(place: Place, item_type: str) -> str:
    """Return why an item of this kind has no place in the column; empty where it has."""
    if place.is_fed:
        return f"栏目“{place.title}”自动汇集下级网站的信息，不收本网站的信息。请换一个栏目。"
    if item_type in place.kinds:
        return ""
    named = "、".join(f"“{ItemType(kind).label}”" for kind in place.kinds)
    return f"栏目“{place.title}”不收“{ItemType(item_type).label}”，只收{named}。请改用其中一种，或者换一个栏目。"


def judge_place(place: Place | None, item_type: str) -> Verdict:
    """Say whether an item of this kind may stand there; None is a place that is no column."""
    if place is None:
        sentence, cure = "信息不在任何栏目里。", "请把它移到一个栏目里再发布。"
        return Verdict(NO_COLUMN, False, Severity.REFUSAL.value, sentence, BASIS, cure)
    rule_id = f"{place.law.code}.takes" if place.law else NO_COLUMN
    basis = (place.law.basis if place.law else "") or BASIS
    label = ItemType(item_type).label
    if fault := refusal_of_kind(place, item_type):
        sentence, _, cure = fault.partition("。")
        return Verdict(rule_id, False, Severity.REFUSAL.value, f"{sentence}。", basis, cure)
    return Verdict(rule_id, True, Severity.REFUSAL.value, f"栏目收“{label}”。", basis)
