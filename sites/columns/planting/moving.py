"""Move pages of a site to other columns while its columns are fitted: addresses that are free, and rules that let them in.

Called by `fitting`, inside its transaction and with the lock open.
"""

from collections.abc import Iterable

from django.db import transaction
from wagtail.models import Page

from cluster.audit.actor import acting_for
from sites.columns.models import ColumnPage
from sites.columns.taking import takes
from sites.common.gate import pending as gate
from sites.common.gate.errors import GateRefused
from sites.common.slugs import RESERVED_SLUGS

ACTOR_NAME = "应用栏目模板"


def free_slug(parent: Page, wish: str, but: int | None = None) -> str:
    """Return the wish as an address below the parent, numbered where a page of the site has it."""
    taken = set(parent.get_children().exclude(pk=but).values_list("slug", flat=True)) | set(RESERVED_SLUGS)
    numbered = (f"{wish}-{number}" for number in range(2, len(taken) + 3))
    return wish if wish not in taken else next(slug for slug in numbered if slug not in taken)


def go_below(page: Page, parent: Page) -> None:
    """Move a page below another parent, under a free address; its old address leads to the new one."""
    page.refresh_from_db()
    slug = free_slug(parent, page.slug, but=page.pk)
    if slug != page.slug:
        page = page.specific
        page.slug = slug
        page.save(clean=False)
    page.move(parent, pos="last-child")


def carry_over(column: ColumnPage, heir: ColumnPage) -> set[int]:
    """Move all that stands in the column below its heir as far as the publish gate lets it; return the ids of what stays.

    An item that broke no rule where it was is neither taken off nor let into a column whose rules it breaks. A warning is
    overridden: the reason is the version, and it stands in the pass and the ledger.
    """
    # What waits from before is not this merger's.
    gate.flush()
    # Drafts as well.
    kinds = {child.pk: getattr(child.specific_class, "item_type", "") for child in column.get_children()}
    staying = {page_id for page_id, kind in kinds.items() if kind and not takes(heir, kind)}
    while True:
        try:
            _try(column, heir, staying)
        except GateRefused as refused:
            found = _children_with(column, [refusal.page_id for refusal in refused.refusals])
            if found <= staying:  # refused was something else
                raise
            staying |= found
        else:
            return staying


def _try(column: ColumnPage, heir: ColumnPage, staying: set[int]) -> None:
    """Move the others and have them judged at once. Raises GateRefused; then none has moved."""
    reason = f"按栏目模板，“{column.title}”并入“{heir.title}”"
    # Anew: what was tried before and undone is still in memory.
    heir = ColumnPage.objects.get(pk=heir.pk)
    with transaction.atomic(), acting_for(reason, name=ACTOR_NAME):
        for child in column.get_children().exclude(pk__in=staying).specific():
            go_below(child, heir)
            ColumnPage.objects.filter(pk=child.pk).update(placed_under=heir.pk)
            heir.refresh_from_db()
        gate.flush()


def _children_with(column: ColumnPage, page_ids: Iterable[int | None]) -> set[int]:
    """Return the children of the column that are these pages or have them below."""
    paths = Page.objects.filter(pk__in=list(page_ids)).values_list("path", flat=True)
    tops = {path[: len(column.path) + Page.steplen] for path in paths}
    return set(column.get_children().filter(path__in=tops).values_list("pk", flat=True))
