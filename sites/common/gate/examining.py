"""Judge pages of the current site, many at once: may each stand where it stands, what are its facts, what do the rules say.

Called by the gate's passes, the editor's side panel, the bulk services and the worker. Four queries for a batch.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.models import Page

from cluster.column_templates.checking import Context, Verdict, check_item
from cluster.column_templates.current import current_law, law_before
from cluster.column_templates.law import ColumnLaw, SiteLaw
from cluster.column_templates.placing import Place, judge_place
from cluster.column_templates.standing import NONE, standing_waivers
from cluster.column_templates.vocabulary import Severity
from cluster.subsites.models import Subsite
from cluster.workdays import WorkCalendar, current_calendar
from sites.common.gate.last_passes import last_passes
from sites.common.models import ListedPage


@dataclass(frozen=True, slots=True)
class Examined:
    """One page and what the law of its column says of it. `digest` changes with whatever the rules look at."""

    page: Page
    column: ColumnLaw | None
    verdicts: tuple[Verdict, ...]
    digest: str
    version: int
    placed_under: int | None = None

    @property
    def item_type(self) -> str:
        """What kind of item it is; empty for pages that no rule knows."""
        return self.page.item_type if isinstance(self.page, ListedPage) else ""

    @property
    def stopping(self) -> tuple[Verdict, ...]:
        """The verdicts for which nothing helps but to mend the item."""
        return tuple(verdict for verdict in self.verdicts if verdict.stops)

    @property
    def warnings(self) -> tuple[Verdict, ...]:
        """The verdicts that ask for a reason."""
        return tuple(verdict for verdict in self.verdicts if verdict.warns)

    @property
    def waived(self) -> tuple[Verdict, ...]:
        """The verdicts on rules that the item breaks and that the office waived."""
        return tuple(verdict for verdict in self.verdicts if verdict.waived)


@dataclass(frozen=True, slots=True)
class StandingColumn:
    """A column as the gate sees it; `fed_by` is the kind of the sites whose news it gathers, if it does."""

    page_id: int
    code: str
    title: str
    fed_by: str


class SiteQuestions:
    """What is the same for all pages of a batch in one site."""

    def __init__(self, site: Subsite, at: datetime | None = None) -> None:
        law = (law_before(at) if at else None) or current_law()
        self.version, self.day = law.version, timezone.localdate(at)
        self.law: SiteLaw = law.of(site.kind)
        columns = apps.get_model(settings.COLUMN_MODEL)._default_manager
        # By tree path.
        self.columns: dict[str, StandingColumn] = {
            path: StandingColumn(*values)
            for path, *values in columns.values_list("path", "pk", "code", "title", "fed_by")
        }
        self.base = Context(waivers=standing_waivers([site.pk], at).get(site.pk, NONE), last_day=_last_day_counter())

    def column_of(self, path: str, law: SiteLaw | None = None) -> ColumnLaw | None:
        """Return the law of the nearest column at or above the path; a site's own column obeys the one above it.

        So does one whose time the law has set, when it is over or not yet come.
        """
        law = law or self.law
        while path:
            column = law.column(self.columns[path].code) if path in self.columns else None
            if column is not None and column.holds_on(self.day):
                return column
            path = path[: -Page.steplen]
        return None

    def place_at(self, path: str) -> Place | None:
        """Return the column that lies at this path, as a place for items; None where there is none."""
        column = self.columns.get(path)
        return Place(column.title, self.law.column(column.code), bool(column.fed_by)) if column else None

    def id_at(self, path: str) -> int | None:
        """Return the page id of the column that lies at this path."""
        return self.columns[path].page_id if path in self.columns else None


def _last_day_counter() -> Callable[[date, int, str], date | None]:
    """Return the calendar's answer to limits; the calendar is read once, and only where a rule counts days."""
    calendars: list[WorkCalendar] = []

    def last_day(start: date, count: int, unit: str) -> date | None:
        if not calendars:
            calendars.append(current_calendar())
        return calendars[0].limit_end(start, count, unit).day

    return last_day


def examine(
    site: Subsite, pages: Sequence[Page], *, parent: Page | None = None, at: datetime | None = None
) -> list[Examined]:
    """Return what the law says of these pages of the current site, in their order; pages as they are in memory.

    They must be of their own type (`specific`). `parent` is the place of pages that have none yet, `at` the moment whose law
    and waivers count, now where none is named.
    """
    at = at or timezone.now()
    today, questions = timezone.localdate(at), SiteQuestions(site, at)
    contexts = _contexts(pages, questions.base)
    found = []
    for page, context in zip(pages, contexts, strict=True):
        if not isinstance(page, ListedPage):
            found.append(Examined(page, None, (), "", questions.version))
            continue
        place = page.path[: -Page.steplen] if page.path else parent.path if parent else ""
        column = questions.column_of(place)
        placed = judge_place(questions.place_at(place), page.item_type)
        verdicts = (placed, *check_item(column, page.law_facts(), today, context)) if column else (placed,)
        digest, under = page.facts_digest(), questions.id_at(place)
        found.append(Examined(page, column, verdicts, digest, questions.version, under))
    return with_those_that_stood(found)


def with_those_that_stood(found: list[Examined]) -> list[Examined]:
    """Let items that passed where they stand be edited there, though a later law may have narrowed what the column takes."""
    misplaced = [one.page.pk for one in found if one.verdicts and not one.verdicts[0].ok and one.page.pk]
    if not misplaced:
        return found
    last = last_passes(misplaced, owners=True)
    stood = {
        one.page.pk
        for one in found
        if one.page.pk in misplaced
        and one.page.pk in last
        and last[one.page.pk].stands_at(one.placed_under, one.item_type)
    }
    return [_as_advice(one) if one.page.pk in stood else one for one in found]


def _as_advice(one: Examined) -> Examined:
    cure = "它发布在先，可以留在这里修改；新的信息请放到别的栏目。"
    placed = replace(one.verdicts[0], severity=Severity.ADVICE.value, cure=cure)
    return replace(one, verdicts=(placed, *one.verdicts[1:]))


def _contexts(pages: Sequence[Page], base: Context) -> list[Context]:
    """Ask each type once for all of its pages."""
    by_type: dict[type[ListedPage], list[int]] = defaultdict(list)
    for place, page in enumerate(pages):
        if isinstance(page, ListedPage):
            by_type[type(page)].append(place)
    contexts = [base] * len(pages)
    for model, places in by_type.items():
        for place, context in zip(places, model.law_contexts([pages[place] for place in places], base), strict=True):
            contexts[place] = context
    return contexts


def live_items(page_ids: Iterable[int]) -> list[Page]:
    """Read those of the pages that are live, as their own types, with all that their facts need."""
    rows = Page.objects.filter(pk__in=list(page_ids), live=True).values_list("content_type_id", "pk")
    by_type: dict[int, list[int]] = defaultdict(list)
    for type_id, page_id in rows:
        by_type[type_id].append(page_id)
    found: list[Page] = []
    for type_id, wanted in by_type.items():
        model = ContentType.objects.get_for_id(type_id).model_class()
        if model is not None and issubclass(model, Page) and needs_pass(model):
            manager = model.registry_queryset() if hasattr(model, "registry_queryset") else model._default_manager
            found += manager.filter(pk__in=wanted)
    return found


def needs_pass(model: type[Page]) -> bool:
    """Whether pages of this type go through the gate: all but columns, home pages and the bare root (see sql/gate.sql)."""
    own = apps.get_model(settings.COLUMN_MODEL)._meta.app_label
    return model._meta.app_label not in {own, Page._meta.app_label}
