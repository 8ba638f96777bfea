"""Publish articles in tests, by the roads that editors use."""

from typing import Any

from django.db import transaction
from wagtail.models import Page

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.content.models import ArticlePage


def column_of(code: str = "dtyw") -> ColumnPage:
    """Return a column of the current site."""
    return ColumnPage.objects.get(code=code)


def publish_article(
    site: Subsite, title: str, *, column: str = "dtyw", text: str = "正文", **fields: Any
) -> ArticlePage:
    """Publish an article in the site as the editor does: a draft, a revision, then publication, in one transaction."""
    with in_site(site), transaction.atomic():
        page = ArticlePage(title=title, live=False, body=[("paragraph", f"<p>{text}</p>")], **fields)
        column_of(column).add_child(instance=page)
        page.save_revision().publish()
        return ArticlePage.objects.get(pk=page.pk)


def page_in(site: Subsite, page: Page) -> ArticlePage:
    """Read the page again from its site."""
    with in_site(site):
        return ArticlePage.objects.get(pk=page.pk)
