"""Columns of a site's own, below a place that the template opens: what tests shape, since planted columns are locked."""

from typing import Any

from django.db import transaction

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from tests.support.articles import column_of

WORDS = {"column_class": "periodic", "column_type": "通知公告", "description": "本站自设", "keywords": "自设"}


def own_column(
    site: Subsite, code: str = "zslm", title: str = "自设栏目", under: str = "gk", **fields: Any
) -> ColumnPage:
    """Set up a live column in the site, as its administrator may."""
    with in_site(site), transaction.atomic():
        page = ColumnPage(title=title, slug=code, code=code, **{**WORDS, **fields})
        column_of(under).add_child(instance=page)
        return ColumnPage.objects.get(pk=page.pk)
