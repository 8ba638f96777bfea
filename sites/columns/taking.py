"""Which kinds of items a column takes: what the law of the column names; a site's own columns take all.

Asked by the item pages of sites.content, for every road on which an item gets a place in the tree.
"""

from wagtail.models import Page

from cluster.column_templates.current import current_law
from cluster.column_templates.law import ColumnLaw
from cluster.column_templates.vocabulary import ItemType
from cluster.context import current_site
from sites.columns.models import ColumnPage

# What a column of the law takes where its text names nothing.
BY_DEFAULT = (ItemType.ARTICLE.value,)


def law_of_column(column: Page) -> ColumnLaw | None:
    """Return the law of a column of the current site; None for a site's own, and for pages that are no columns."""
    site = current_site()
    if site is None:
        return None
    code = getattr(column, "code", None)
    if code is None:
        code = ColumnPage.objects.filter(pk=column.pk).values_list("code", flat=True).first()
    return current_law().of(site.kind).column(code) if code else None


def kinds_taken(column: Page) -> tuple[str, ...]:
    """Return the kinds of items that the column takes."""
    law = law_of_column(column)
    return tuple(ItemType.values) if law is None else law.takes or BY_DEFAULT


def takes(column: Page, item_type: str) -> bool:
    """Whether the column takes items of this kind."""
    return item_type in kinds_taken(column)


def refusal_of_item(column: Page, item_type: str) -> str:
    """Return why an item of this kind has no place in the column; empty where it has."""
    kinds = kinds_taken(column)
    if item_type in kinds:
        return ""
    named = "、".join(f"“{ItemType(kind).label}”" for kind in kinds)
    return f"栏目“{column.title}”不收“{ItemType(item_type).label}”，只收{named}。请改用其中一种，或者换一个栏目。"
