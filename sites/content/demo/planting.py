"""Fill the empty columns of a site with demonstration articles, in one transaction.

Called by the command for every site; a column that has items, whoever wrote them, is left alone.
"""

from datetime import datetime

from django.db import transaction
from wagtail.models import Page

from cluster.audit.actor import acting_for
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.common.listing import listed_models
from sites.content.demo import media
from sites.content.demo.articles import Amount, Draft, compose
from sites.content.demo.papers import plant_papers
from sites.content.demo.voice import voice_of
from sites.content.models import ArticleAttachment
from sites.content.services import publish_in_columns

# Papers stand as articles in the columns of documents, and an article has no index number: a warning, overridden openly.
STANDING = "演示内容均为虚构，文件以文章的形式演示，没有索引号"


def plant_articles(site: Subsite, amount: Amount, now: datetime) -> int:
    """Publish the articles of all empty columns, all or none; return how many."""
    voice = voice_of(site)
    with in_site(site), acting_for(STANDING, name="演示内容"), transaction.atomic():
        drafts = {column: compose(voice, column, amount, now) for column in _empty_columns()}
        _attach([draft for found in drafts.values() for draft in found if draft.file])
        publish_in_columns({column: [draft.article for draft in found] for column, found in drafts.items()})
        papers = plant_papers(voice, now, has_all=amount.has_all_papers)
    return sum(map(len, drafts.values())) + papers


def _attach(drafts: list[Draft]) -> None:
    documents = media.add_documents([draft.file for draft in drafts if draft.file])
    for draft, document in zip(drafts, documents, strict=True):
        draft.article.attachments = [ArticleAttachment(document=document)]


def _empty_columns() -> list[ColumnPage]:
    """List the columns that hold items of their own and have none: those fed by other sites stay out."""
    items = (path for model in listed_models() for path in model._default_manager.values_list("path", flat=True))
    filled = {path[: -Page.steplen] for path in items}
    columns = ColumnPage.objects.filter(fed_by="", live=True).order_by("path")
    return [column for column in columns if column.path not in filled]
