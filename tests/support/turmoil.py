"""Random editorial work in several sites: publish, edit, move, rename, restrict, withdraw, bring back, delete.

Used by the tests and the bench of the page store: whatever the order, what is stored must be what would be rendered.
"""

import random
from dataclasses import dataclass, field
from itertools import count

from django.db import transaction
from django.utils import timezone
from wagtail.models import PageViewRestriction

from cluster.audit.actor import acting_as
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.content.models import ArticlePage
from tests.support.articles import column_of, publish_article
from tests.support.columns import own_column

COLUMNS = ("dtyw", "tzgg", "zslm")
_serial = count(1)


@dataclass
class Newsroom:
    """The editors of one site; `own` is a column of its own, which may be restricted and renamed."""

    site: Subsite
    chance: random.Random
    live: list[int] = field(default_factory=list)
    drafts: list[int] = field(default_factory=list)
    restricted: bool = False

    def set_up(self) -> None:
        """Make the site's own column."""
        own_column(self.site, "zslm", "自设栏目")

    def act(self) -> str:
        """Do one random deed; return its name."""
        deeds = {
            self.publish: 30,
            self.edit: 25,
            self.edit_text: 10,
            self.move: 10,
            self.rename: 6,
            self.redate: 4,
            self.unpublish: 10,
            self.bring_back: 6,
            self.delete: 4,
            self.bulk_update: 4,
            self.restrict_or_lift: 3,
            self.rename_column: 2,
        }
        deed = self.chance.choices(list(deeds), list(deeds.values()))[0]
        with acting_as(name="测试编辑", site=self.site.code, reason="随机改动"):
            deed()
        return deed.__name__

    def _pick(self, among: list[int]) -> ArticlePage | None:
        return ArticlePage.objects.get(pk=self.chance.choice(among)) if among else None

    def publish(self) -> None:
        """Publish a new article in some column."""
        title = f"{self.site.name}第{next(_serial)}条信息"
        page = publish_article(self.site, title, column=self.chance.choice(COLUMNS), text=f"{title}的正文")
        self.live.append(page.pk)

    def edit(self) -> None:
        """Give an article another title and summary."""
        with in_site(self.site), transaction.atomic():
            if page := self._pick(self.live):
                page.title = f"{self.site.name}改为第{next(_serial)}条信息"
                page.summary = f"摘要{next(_serial)}"
                page.save_revision().publish()

    def edit_text(self) -> None:
        """Give an article another text."""
        with in_site(self.site), transaction.atomic():
            if page := self._pick(self.live):
                page.body = [("paragraph", f"<p>另一段正文{next(_serial)}</p>")]
                page.save_revision().publish()

    def move(self) -> None:
        """Put an article into another column."""
        with in_site(self.site), transaction.atomic():
            if page := self._pick(self.live):
                target = column_of(self.chance.choice(COLUMNS))
                if not page.is_child_of(target):
                    page.move(target, pos="last-child")

    def rename(self) -> None:
        """Give an article another address."""
        with in_site(self.site), transaction.atomic():
            if page := self._pick(self.live):
                page.slug = f"dizhi-{next(_serial)}"
                page.save_revision().publish()

    def redate(self) -> None:
        """Date an article back."""
        with in_site(self.site), transaction.atomic():
            if page := self._pick(self.live):
                page.published_at = timezone.now() - timezone.timedelta(days=self.chance.randint(0, 30))
                page.save_revision().publish()

    def unpublish(self) -> None:
        """Withdraw an article."""
        with in_site(self.site), transaction.atomic():
            if page := self._pick(self.live):
                page.unpublish()
                self.live.remove(page.pk)
                self.drafts.append(page.pk)

    def bring_back(self) -> None:
        """Publish a withdrawn article again."""
        with in_site(self.site), transaction.atomic():
            if page := self._pick(self.drafts):
                page.save_revision().publish()
                self.drafts.remove(page.pk)
                self.live.append(page.pk)

    def delete(self) -> None:
        """Delete an article."""
        with in_site(self.site), transaction.atomic():
            if page := self._pick(self.live):
                page.delete()
                self.live.remove(page.pk)

    def bulk_update(self) -> None:
        """Write a summary past the forms."""
        with in_site(self.site):
            if self.live:
                chosen = self.chance.choice(self.live)
                ArticlePage.objects.filter(pk=chosen).update(summary=f"批量摘要{next(_serial)}")

    def restrict_or_lift(self) -> None:
        """Hide the site's own column from the public, or show it again."""
        with in_site(self.site), transaction.atomic():
            if self.restricted:
                PageViewRestriction.objects.all().delete()
            else:
                PageViewRestriction.objects.create(page=column_of("zslm"), restriction_type=PageViewRestriction.LOGIN)
        self.restricted = not self.restricted

    def rename_column(self) -> None:
        """Give the site's own column another name."""
        with in_site(self.site), transaction.atomic():
            column = ColumnPage.objects.get(code="zslm")
            column.title = f"自设栏目{next(_serial)}"
            column.save_revision().publish()

    def paths(self) -> list[str]:
        """Return addresses that citizens ask for, some of them gone."""
        with in_site(self.site):
            pages = ArticlePage.objects.filter(pk__in=self.chance.sample(self.live, min(4, len(self.live))))
            found = [str(page.get_url()) for page in pages]
            own = str(ColumnPage.objects.get(code="zslm").get_url())
        return ["/", "/dtyw/", "/tzgg/", own, f"{own}rss/", "/dtyw/rss/", "/sitemap.xml", *found]
