"""Demonstration articles take the road of every publication, fill empty columns only, and are told apart."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from wagtail.documents import get_document_model

from cluster.audit.actor import acting_as
from cluster.context import in_site
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.content.demo.articles import NOTICE, Amount
from sites.content.demo.planting import plant_articles
from sites.content.models import ArticlePage
from sites.content.services import publish_articles

NOW = datetime.now(tz=UTC)
LITTLE = Amount(news=3, others=1, has_files=False)
WITH_FILES = Amount(news=6, others=2, has_files=True)


@pytest.fixture(autouse=True)
def as_the_command() -> Iterator[None]:
    """Act under a name and without a reason, as the command does."""
    with acting_as(name="演示", occasion="演示内容"):
        yield


def items_by_column(site: Subsite) -> dict[str, int]:
    """Count the articles of every column that holds its own."""
    with in_site(site):
        columns = ColumnPage.objects.filter(fed_by="")
        return {column.code: ArticlePage.objects.child_of(column).count() for column in columns}


def test_every_column_gets_items_on_both_sites(planted: tuple[Subsite, Subsite]) -> None:
    """A county and a city: no column stays empty, no title is shared, all is in the registry and marked."""
    titles = []
    for site in planted:
        assert plant_articles(site, LITTLE, NOW) > 20
        counts = items_by_column(site)
        assert min(counts.values()) >= 1
        assert counts["dtyw"] == 3
        with in_site(site):
            articles = list(ArticlePage.objects.all())
            for article in articles:
                article.full_clean()
        titles.append({article.title for article in articles})
        rows = Resource.objects.filter(site=site, page_type="content.ArticlePage", state="published")
        assert rows.count() == len(articles)
        for article in articles:
            assert article.live
            assert NOTICE in str(article.body.raw_data)
            assert "演示" in article.source
            assert article.published_at <= NOW
    shared = titles[0] & titles[1]
    assert not {title for title in shared if not title.startswith("关于")}


def test_second_run_adds_nothing(alpha: Subsite) -> None:
    """Filled columns are left alone."""
    assert plant_articles(alpha, LITTLE, NOW) > 0
    assert plant_articles(alpha, LITTLE, NOW) == 0


def test_column_with_an_editors_item_is_left_alone(alpha: Subsite) -> None:
    """Only empty columns are filled: its neighbour is."""
    with in_site(alpha):
        publish_articles(ColumnPage.objects.get(code="tzgg"), [ArticlePage(title="真实的通知", source="本单位")])
    plant_articles(alpha, LITTLE, NOW)
    counts = items_by_column(alpha)
    assert (counts["tzgg"], counts["dtyw"]) == (1, 3)


def test_failure_in_the_middle_leaves_nothing(
    planted: tuple[Subsite, Subsite], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that dies within a site is simply run again."""
    alpha, _ = planted

    def dying(*args: object, **kwargs: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("sites.content.demo.planting.plant_papers", dying)
    with pytest.raises(KeyboardInterrupt):
        plant_articles(alpha, LITTLE, NOW)
    assert set(items_by_column(alpha).values()) == {0}
    monkeypatch.undo()
    assert plant_articles(alpha, LITTLE, NOW) > 20


def test_files_and_pictures_belong_to_the_site(planted: tuple[Subsite, Subsite]) -> None:
    """Attachments and lead images with alternative text; nothing of it in the neighbour."""
    alpha, beta = planted
    plant_articles(alpha, WITH_FILES, NOW)
    with in_site(alpha):
        documents = list(get_document_model().objects.all())
        assert documents
        assert {document.file_extension for document in documents} <= {"docx", "xlsx", "pdf", "txt"}
        assert all(document.file_size and document.file_hash for document in documents)
        assert all(list(document.get_usage()) for document in documents)
        pictured = ArticlePage.objects.exclude(lead_image=None)
        assert pictured.count() > 0
        assert not pictured.filter(lead_image_alt="").exists()
        assert ArticlePage.objects.filter(attachments__document__in=documents).distinct().count() == len(documents)
    with in_site(beta):
        assert not get_document_model().objects.exists()


def test_citizen_reads_them(planted: tuple[Subsite, Subsite]) -> None:
    """The page is served on its own site and unknown to the other."""
    alpha, beta = planted
    plant_articles(alpha, LITTLE, NOW)
    article = Resource.objects.filter(site=alpha, column_code="dtyw").latest("published_at")
    served = Client(HTTP_HOST=alpha.primary_host).get(article.path)
    assert served.status_code == 200
    assert article.title in served.content.decode()
    assert Client(HTTP_HOST=beta.primary_host).get(article.path).status_code == 404
