"""Bring columns and home page of the current schema in step with the law: plant, rename, move, reword, merge, retire, put in order.

Called by sowing for the moulds and, named by settings.COLUMN_PLANTER, by apply and repair for sites. What to do, the comparison
says; here it is done, in one transaction that the lock lets through. Content of the site is moved at most, never lost.
"""

from collections.abc import Callable, Mapping

from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction, Site

from cluster.column_templates.comparing import columns_in_force, compare
from cluster.column_templates.law import ColumnLaw, SiteLaw
from cluster.column_templates.opening import opened
from cluster.column_templates.steps import Action, Comparison, Step
from cluster.column_templates.trees import read_sites
from cluster.postgresql import connection
from sites.columns.models import ColumnPage, HomePage
from sites.columns.models.column import free_code
from sites.columns.planting.arranging import note_planted, put_in_order, write_home
from sites.columns.planting.moving import carry_over, free_slug, go_below
from sites.common.body import body_of_text

Laws = Mapping[str, ColumnLaw]


class NotInStep(RuntimeError):
    """A site whose columns differ from the law after they were fitted; its transaction is undone."""


def fit_columns(law: SiteLaw) -> Comparison:
    """Bring the columns in step and return what was done. Raises NotInStep; then nothing was done."""
    schema_name, today = connection.schema_name, timezone.localdate()
    columns = columns_in_force(law, today)
    with opened(schema_name):
        comparison = compare(law, today, read_sites([schema_name])[schema_name])
        by_code = {column.code: column for column in columns}
        for step in comparison.steps:
            if step.action == Action.HOME:
                write_home(comparison)
            else:
                _DO[step.action](by_code, step)
        note_planted(law, columns, comparison.steps)
        if comparison.steps:
            left = compare(law, today, read_sites([schema_name])[schema_name]).steps
            if left:
                raise NotInStep("；".join(f"{step.action.label}“{step.name}”" for step in left))
    return comparison


def _column(code: str) -> ColumnPage:
    return ColumnPage.objects.get(code=code)


def _parent(law: ColumnLaw) -> Page:
    return _column(law.parent) if law.parent else HomePage.objects.get()


def _words(law: ColumnLaw, parent: Page) -> dict[str, object]:
    return {
        "column_class": law.column_class,
        "column_type": law.column_type,
        "description": law.description,
        "keywords": law.keywords,
        "fed_by": law.fed_by,
        "show_in_menus": law.menu,
        "planted": True,
        "open_below": law.open_below,
        "shows_dates": law.shows_dates,
        "placed_under": parent.pk,
    }


def _plant(laws: Laws, step: Step) -> None:
    law = laws[step.code]
    parent, now = _parent(law), timezone.now()
    page = ColumnPage(
        title=law.name,
        slug=free_slug(parent, law.code),
        code=law.code,
        body=body_of_text("\n".join(law.body)),
        live=True,
        first_published_at=now,
        last_published_at=now,
        **_words(law, parent),
    )
    parent.add_child(instance=page)


def _step_aside(laws: Laws, step: Step) -> None:
    column = _column(step.code)
    column.code = free_code(step.code)
    column.save(clean=False, update_fields=["code"])


def _recode(laws: Laws, step: Step) -> None:
    column = _column(step.target)
    column.code = step.code
    column.save(clean=False, update_fields=["code"])


def _reword(laws: Laws, step: Step) -> None:
    law = laws[step.code]
    column = _column(law.code)
    words = _words(law, column.get_parent())
    for name, value in words.items():
        setattr(column, name, value)
    column.save(clean=False, update_fields=list(words))


def _rename(laws: Laws, step: Step) -> None:
    law = laws[step.code]
    column = _column(law.code)
    column.title = column.draft_title = law.name
    column.save(clean=False, update_fields=["title", "draft_title"])


def _show(laws: Laws, step: Step) -> None:
    column = _column(step.code)
    column.live, column.expired, column.go_live_at, column.expire_at = True, False, None, None
    column.first_published_at = column.first_published_at or timezone.now()
    names = ["live", "expired", "go_live_at", "expire_at", "first_published_at"]
    column.save(clean=False, update_fields=names)


def _move(laws: Laws, step: Step) -> None:
    law = laws[step.code]
    parent = _parent(law)
    go_below(_column(law.code), parent)
    ColumnPage.objects.filter(code=law.code).update(placed_under=parent.pk)


def _retire(laws: Laws, step: Step) -> None:
    """Hand the column to the site: all that stands in it stays."""
    column = _column(step.code)
    column.planted, column.placed_under = False, column.get_parent().pk
    # What stood below it as the site's own is below one of its own from now on.
    column.open_below = False
    # No site could bring them back.
    column.shows_dates = True
    column.save(clean=False, update_fields=["planted", "placed_under", "open_below", "shows_dates"])


def _merge(laws: Laws, step: Step) -> None:
    """Move what stands in the column to its heir, lead its address there, and take the empty column away.

    What the heir's rules refuse stays where it is, published as before, and the column with it, as the site's own.
    """
    column, heir = _column(step.code), _column(step.target)
    staying = carry_over(column, heir)
    column.refresh_from_db()
    # A body that the site wrote is content, too.
    if staying or column.body or PageViewRestriction.objects.filter(page=column).exists():
        _retire(laws, step)
        return
    site = Site.objects.get(is_default_site=True)
    address = Redirect.normalise_path(column.get_url() or column.url_path)
    column.delete()
    Redirect.objects.update_or_create(
        old_path=address, site=site, defaults={"redirect_page": heir.page_ptr, "is_permanent": True}
    )


_DO: dict[Action, Callable[[Laws, Step], None]] = {
    Action.PLANT: _plant,
    Action.TAKE_OVER: _reword,
    Action.STEP_ASIDE: _step_aside,
    Action.RECODE: _recode,
    Action.RENAME: _rename,
    Action.MOVE: _move,
    Action.SHOW: _show,
    Action.REWORD: _reword,
    Action.MERGE: _merge,
    Action.RETIRE: _retire,
    Action.ORDER: put_in_order,
    Action.NOTE: lambda laws, step: None,  # noted with every fitting
}
