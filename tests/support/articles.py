"""Publish articles in tests, by the roads that editors use."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.db import transaction
from wagtail.models import Page

from cluster.audit.actor import acting_as, current_actor
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.common.gate import pending as gate
from sites.content.models import ArticlePage


def column_of(code: str = "dtyw") -> ColumnPage:
    """Return a column of the current site."""
    return ColumnPage.objects.get(code=code)


@contextmanager
def through_the_gate(site: Subsite, reason: str = "测试用的内容") -> Iterator[None]:
    """Give a reason for the warnings of what the block publishes, and check it at its end, also in tests that never commit."""
    unnamed = current_actor() is None and reason
    with acting_as(name="测试编辑", site=site.code, reason=reason) if unnamed else nullcontext():
        yield
        gate.flush()


def publish_article(
    site: Subsite, title: str, *, column: str = "dtyw", text: str = "正文", reason: str = "测试用的内容", **fields: Any
) -> ArticlePage:
    """Publish an article in the site as the editor does: a draft, a revision, then publication, in one transaction.

    With a reason that overrides the warnings of the gate, where the test acts under no name of its own; "" gives none.
    """
    with in_site(site), transaction.atomic(), through_the_gate(site, reason):
        words = {"source": site.name, "body": [("paragraph", f"<p>{text}</p>")], **fields}
        page = ArticlePage(title=title, live=False, **words)
        column_of(column).add_child(instance=page)
        page.save_revision().publish()
        return ArticlePage.objects.get(pk=page.pk)


def page_in(site: Subsite, page: Page) -> ArticlePage:
    """Read the page again from its site."""
    with in_site(site):
        return ArticlePage.objects.get(pk=page.pk)
