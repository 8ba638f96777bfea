"""Demonstration documents: fit to be published as they are, linked with their interpretations, one repeals another."""

from datetime import UTC, datetime

import pytest

from cluster.context import in_site
from cluster.resources.models import LinkKind, Resource, ResourceLink
from sites.content.demo.papers import papers, plant_papers
from sites.content.demo.voice import voice_of
from sites.content.demo.writing import GAP
from sites.content.models import InterpretationPage, PolicyDocumentPage
from tests.support.documents import project_now
from tests.support.pages import address_of, browse, links

NOW = datetime.now(tz=UTC)


def test_every_relation_names_a_paper_that_comes_before() -> None:
    seen: list[str] = []
    for paper in papers():
        assert {paper.repeals, paper.amends} <= {"", *seen}
        seen.append(paper.key)
    assert len(set(seen)) == len(seen)


def test_both_sites_get_documents_and_interpretations_that_show_each_other(alpha, beta):
    for site in (alpha, beta):
        with in_site(site):
            assert plant_papers(voice_of(site), NOW) == 5
            assert plant_papers(voice_of(site), NOW) == 0
        project_now()
        with in_site(site):
            documents = {page.slug.split("-")[1]: page for page in PolicyDocumentPage.objects.all()}
            for page in (*documents.values(), *InterpretationPage.objects.all()):
                page.full_clean()
                assert page.live
                assert page.published_at <= NOW
                assert not GAP.search(page.title + page.summary + page.law_facts()["body"])
        assert Resource.objects.get(site=site, page_id=documents["old"].pk).validity == "repealed"
        assert Resource.objects.get(site=site, page_id=documents["plan"].pk).validity == "pending"
        assert len(links(browse(site, address_of(site, documents["new"])), ".about a")) == 3
    assert set(ResourceLink.objects.values_list("kind", flat=True)) == {LinkKind.REPEALS, LinkKind.INTERPRETS}


def test_those_for_everywhere_are_few_and_need_no_other(alpha):
    few = [paper for paper in papers() if paper.everywhere]
    assert not any(paper.repeals or paper.amends for paper in few)
    assert {kind for paper in few for kind in paper.kinds} == {"province", "city", "county", "department", "body"}
    with in_site(alpha):
        assert plant_papers(voice_of(alpha), NOW, has_all=False) == 1
        assert PolicyDocumentPage.objects.get().live


@pytest.mark.parametrize("kind", ["province", "city", "county", "department", "body"])
def test_every_kind_of_site_has_papers(kind: str) -> None:
    assert any(kind in paper.kinds and paper.interpretations for paper in papers())
