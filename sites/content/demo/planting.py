"""Fill the columns of a site with demonstration articles, each column once and whole.

Called by the command for every site; a column that has items, whoever wrote them, is left alone.
"""

from datetime import datetime

from django.db import transaction
from wagtail.models import Page

from cluster.accounts.models import User
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.content.demo.accounts import username_of
from sites.content.demo.articles import Amount, compose
from sites.content.demo.voice import voice_of
from sites.content.models import ArticlePage
from sites.content.services import publish_articles


def plant_articles(site: Subsite, amount: Amount, now: datetime) -> int:
    """Publish the articles of all empty columns; return how many. A killed run leaves whole columns only."""
    voice, planted = voice_of(site), 0
    with in_site(site):
        author = _author(site)
        for column in _empty_columns():
            with transaction.atomic():
                articles = compose(voice, column, amount, now)
                planted += len(publish_articles(column, articles, user=author))
    return planted


def _author(site: Subsite) -> User | None:
    return User.objects.filter(username=username_of(site.code, "editor")).first()


def _empty_columns() -> list[ColumnPage]:
    """List the columns that hold items of their own and have none: those fed by other sites stay out."""
    filled = {path[: -Page.steplen] for path in ArticlePage.objects.values_list("path", flat=True)}
    columns = ColumnPage.objects.filter(fed_by="", live=True).order_by("path")
    return [column for column in columns if column.path not in filled]
