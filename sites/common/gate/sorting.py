"""Sort what stands live: whether it is as it last passed, and by the law of which moment it is to be judged.

Called by rechecking, for whole batches.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from django.db import connection
from django.utils import timezone
from wagtail.models import Page

from cluster.column_templates.current import in_force_since, law_numbered
from cluster.subsites.models import Subsite
from sites.common.gate.examining import SiteQuestions
from sites.common.gate.last_passes import LastPass


class Sorting:
    """What is known of a batch: the last passes, the columns, and since when there is a gate in this site."""

    def __init__(self, site: Subsite, passed: Mapping[int, LastPass]) -> None:
        self.kind, self.passed = site.kind, passed
        self.questions, self.now = SiteQuestions(site), timezone.now()

    def is_older_than_its_rules(self, page: Page, digest: str) -> bool:
        """Whether nobody touched it: it went live before there was a gate, or another version of the law shifted its column."""
        last = self.passed.get(page.pk)
        if last is None:
            return self._is_older_than_the_gate(page)
        return self._is_as_it_passed(page, digest, last) and self._law_shifted(page, last)

    def moment_to_judge(self, page: Page, digest: str) -> datetime | None:
        """Return of which moment rules and waivers are to judge it; None where its last pass is to be believed."""
        last = self.passed.get(page.pk)
        if last is None or not self._is_as_it_passed(page, digest, last) or self._column(page) != last.column_code:
            return self.now
        return self.claimed_at(page)

    def moment_of_part(self, page: Page, *, as_entered: bool) -> datetime | None:
        """Return of which moment that is to be judged which can still be read of a page; None where nobody changed it."""
        last = self.passed.get(page.pk)
        if last is None:
            return None if self._is_older_than_the_gate(page) else self.now
        return self.claimed_at(page) if as_entered and self._stands_as_it_passed(page, last) else self.now

    def claimed_at(self, page: Page) -> datetime | None:
        """Return of which moment the newest pass is, where only a web process says that the page passed.

        A web process judges for itself, and whoever gets hold of one could write what he likes: the worker looks again, once, by
        the law of that moment, however long ago it was. Its own pass then is the newest.
        """
        last = self.passed.get(page.pk)
        return None if last is None or last.by_owner else last.at

    def _is_older_than_the_gate(self, page: Page) -> bool:
        went_live = page.last_published_at or page.first_published_at
        return went_live is None or went_live < self.gate_began

    def _is_as_it_passed(self, page: Page, digest: str, last: LastPass) -> bool:
        return last.digest == digest and self._stands_as_it_passed(page, last)

    def _stands_as_it_passed(self, page: Page, last: LastPass) -> bool:
        under = self.questions.id_at(page.path[: -page.steplen])
        kind = getattr(page.specific_class, "item_type", "")
        return last.placed_under in (None, under) and last.item_type in ("", kind)

    def _column(self, page: Page) -> str:
        column = self.questions.column_of(page.path[: -page.steplen])
        return column.code if column else ""

    def _law_shifted(self, page: Page, last: LastPass) -> bool:
        """Whether it stands in another column of the law than it passed in, because the law changed and not its place."""
        if self._column(page) == last.column_code or last.at >= in_force_since():
            return False
        law = law_numbered(last.version)
        before = self.questions.column_of(page.path[: -page.steplen], law.of(self.kind)) if law else None
        return law is not None and (before.code if before else "") == last.column_code

    @cached_property
    def gate_began(self) -> datetime:
        """When this schema, or the mould that it was cloned from, got its table of passes."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT applied FROM django_migrations WHERE app = 'common' AND name = '0001_initial'")
            row = cursor.fetchone()
        return row[0] if row else timezone.now()
