"""Worker task: look again at everything that triggers marked, and bring the registry up to date.

Marks are claimed with SKIP LOCKED and deleted in the transaction that projected them.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string
from wagtail.models import Page

from cluster.audit.actor import acting_as, current_actor
from cluster.context import in_site
from cluster.resources.attachments import refresh_document
from cluster.resources.consumers import drop_silent_consumers
from cluster.resources.feed import MAX_ATTEMPTS
from cluster.resources.holding import Rechecked, put_aside
from cluster.resources.models import MarkScope, Resource
from cluster.resources.projection import project_pages
from cluster.resources.stuck import look_after, note_entered
from cluster.subsites.models import Subsite

logger = logging.getLogger(__name__)
BATCH = 500
MarkRow = tuple[int, str, int]  # id, scope, object id


class Worked(NamedTuple):
    """The marks that are done and may go, and those that were put aside because their pages are held."""

    done: list[int]
    held: list[int]


class ProjectMarks:
    """Turn marks into registry rows, one site at a time."""

    name = "projection"
    interval = 1.0

    def run(self) -> bool:
        """Work one batch of marks; return whether there was one."""
        in_vain: list[str] = []
        while (schema_name := self._next_schema(in_vain)) is not None:
            if self._run_schema(schema_name):
                return True
            # Every page of the batch is just being published elsewhere: the other sites do not wait for that.
            in_vain.append(schema_name)
        drop_silent_consumers()
        return False

    def _run_schema(self, schema_name: str) -> bool:
        """Work one batch of marks of a site; return whether one of them is done."""
        try:
            return self._run_batch(schema_name, BATCH)
        except Exception:
            # One of the batch is poison: take them one by one, so that it alone is set back.
            logger.exception("登记变更失败，逐条重试：%s", schema_name)
            connection.close_if_unusable_or_obsolete()
            return self._run_single(schema_name)

    @staticmethod
    def _next_schema(in_vain: list[str]) -> str | None:
        """Return the site with the oldest mark that no other worker holds, apart from those tried in vain."""
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT schema_name FROM resources_mark
                   WHERE parked_at IS NULL AND not_before <= now() AND schema_name <> ALL(%s)
                   ORDER BY not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED""",
                [in_vain],
            )
            row = cursor.fetchone()
        return row[0] if row else None

    @staticmethod
    def _claim(schema_name: str, limit: int) -> list[MarkRow]:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT id, scope, object_id FROM resources_mark
                   WHERE schema_name = %s AND parked_at IS NULL AND not_before <= now()
                   ORDER BY not_before, id LIMIT %s FOR UPDATE SKIP LOCKED""",
                [schema_name, limit],
            )
            return cursor.fetchall()

    def _run_batch(self, schema_name: str, limit: int) -> bool:
        with transaction.atomic():
            marks = self._claim(schema_name, limit)
            if not marks:
                return False
            worked = project_marks_of(schema_name, marks)
            forget_marks(worked.done)
            return any(worked)

    def _run_single(self, schema_name: str) -> bool:
        worked = False
        for _ in range(BATCH):
            mark: MarkRow | None = None
            try:
                with transaction.atomic():
                    marks = self._claim(schema_name, 1)
                    if not marks:
                        break
                    mark = marks[0]
                    found = project_marks_of(schema_name, marks)
                    forget_marks(found.done)
                    if not any(found):
                        break
                    worked = True
            except Exception as error:
                logger.exception("登记变更失败：%s %s", schema_name, mark)
                connection.close_if_unusable_or_obsolete()
                if mark is None:
                    raise
                parked = self._set_back(mark[0], error)
                if mark[1] == MarkScope.PAGE:
                    look_after(schema_name, mark[2], parked=parked)
        return worked

    @staticmethod
    def _set_back(mark_id: int, error: Exception) -> bool:
        """Try the mark again later, or park it after the last try; return whether it was parked."""
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE resources_mark SET attempts = attempts + 1, error = %s,
                     not_before = clock_timestamp() + interval '1 second' * least(power(2, attempts), 600),
                     parked_at = CASE WHEN attempts + 1 >= %s THEN clock_timestamp() END WHERE id = %s
                   RETURNING parked_at""",
                [repr(error)[:2000], MAX_ATTEMPTS, mark_id],
            )
            row = cursor.fetchone()
        return row is not None and row[0] is not None


def forget_marks(mark_ids: list[int]) -> None:
    """Delete marks that are done."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM resources_mark WHERE id = ANY(%s)", [mark_ids])


def project_marks_of(schema_name: str, marks: list[MarkRow]) -> Worked:
    """Work marks of one schema inside the running transaction; those of held pages are put aside."""
    site = Subsite.objects.filter(schema_name=schema_name).first()
    if site is None:
        return Worked([mark_id for mark_id, _, _ in marks], [])
    by_page: dict[int, list[int]] = defaultdict(list)
    done = []
    with in_site(site):
        for mark_id, scope, object_id in marks:
            if scope == MarkScope.PAGE:
                by_page[object_id].append(mark_id)
                continue
            if scope == MarkScope.DOCUMENT:
                refresh_document(site, object_id)
                _mark_pages(schema_name, _naming_document(site, object_id))
            elif scope == MarkScope.IMAGE:
                _mark_pages(schema_name, Resource.objects.filter(site=site, image_ids__contains=[object_id]))
            elif scope == MarkScope.SUBTREE:
                _mark_subtree(schema_name, object_id)
            else:
                _mark_site(schema_name, site)
            done.append(mark_id)
        if current_actor() is None:
            with acting_as(name="变更登记程序", site=site.code, occasion="数据变化后自动登记"):
                looked_at, unread = _project(list(by_page))
        else:
            looked_at, unread = _project(list(by_page))
        note_entered(site, looked_at)
    held = [mark_id for page_id in unread for mark_id in by_page[page_id]]
    if held:
        put_aside(held)
    return Worked(done + [mark_id for page_id in looked_at for mark_id in by_page[page_id]], held)


def _project(page_ids: list[int]) -> tuple[list[int], list[int]]:
    """Project the pages; return those that were looked at, and those that the gate holds."""
    judge = import_string(settings.GATE_RECHECK)
    held: list[int] = []

    def recheck(site: Subsite, digests: Mapping[Page, str | None]) -> Rechecked:
        found: Rechecked = judge(site, digests)
        held.extend(found.held)
        return found

    return project_pages(page_ids, wait=False, recheck=recheck), held


def _naming_document(site: Subsite, document_id: int) -> QuerySet[Resource]:
    """Return the rows of pages that name the document, also where it was kept out as private: it may be public now."""
    shown = Q(document_ids__contains=[document_id])
    # Said twice: with the first condition the index of the few rows that keep something out can be used.
    kept_out = ~Q(hidden_document_ids=[]) & Q(hidden_document_ids__contains=[document_id])
    return Resource.objects.filter(shown | kept_out, site=site)


def _mark_pages(schema_name: str, rows: QuerySet[Resource]) -> None:
    page_ids = list(rows.values_list("page_id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO resources_mark (schema_name, scope, object_id) SELECT %s, 'page', unnest(%s::bigint[])",
            [schema_name, page_ids],
        )


def _mark_subtree(schema_name: str, page_id: int) -> None:
    """Mark every page at or below this one, and the mirrors of those; called in the site's schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO public.resources_mark (schema_name, scope, object_id)
               SELECT %s, 'page', marked.id FROM wagtailcore_page top
                    JOIN wagtailcore_page p ON p.path LIKE top.path || '%%'
                    JOIN wagtailcore_page marked ON marked.id = p.id OR marked.alias_of_id = p.id
               WHERE top.id = %s""",
            [schema_name, page_id],
        )


def _mark_site(schema_name: str, site: Subsite) -> None:
    """Mark every page and every row of the site; called in its schema. Rows are announced again so that names are told anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO public.resources_mark (schema_name, scope, object_id)
               SELECT %s, 'page', id FROM (
                   SELECT id FROM wagtailcore_page WHERE live
                   UNION SELECT page_id FROM public.resources_resource WHERE site_id = %s AND state = 'published') x""",
            [schema_name, site.pk],
        )
        # The site's name, host or region stands in the consumers' documents, not in the row: announce each row again.
        cursor.execute(
            """INSERT INTO public.resources_change (consumer, resource_id, version)
               SELECT c.name, r.id, r.version FROM public.resources_resource r CROSS JOIN public.resources_consumer c
               WHERE r.site_id = %s AND c.active""",
            [site.pk],
        )
        cursor.execute("NOTIFY qunzhan_feed")


project_marks = ProjectMarks()
