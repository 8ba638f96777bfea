"""Statements that are written out find what the usual queries find, field by field, in the site that asks."""

from django.db.models import Model
from django.test import RequestFactory
from wagtail.images.models import Image
from wagtail.models import Site

from cluster.context import in_site
from cluster.middleware import find_site
from cluster.subsites.models import Domain, Subsite
from sites.common.pictures import image_of
from sites.common.routing import find_page
from sites.content.attached import attachments_of
from sites.content.models import ArticleAttachment, ArticlePage, PolicyDocumentPage
from tests.support.articles import publish_article
from tests.support.documents import publish_document
from tests.support.pages import address_of
from tests.support.pictures import add_document, add_image


def fields(instance: Model | None) -> dict[str, object]:
    """Return what the instance holds in its columns; a StreamField as stored."""
    assert instance is not None
    values = {field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields}
    return {name: list(value.raw_data) if hasattr(value, "raw_data") else value for name, value in values.items()}


class TestSiteOfAHost:
    def test_it_comes_whole_with_region_and_parent(self, alpha: Subsite, beta: Subsite) -> None:
        Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
        found = find_site(alpha.primary_host)
        assert found is not None
        assert fields(found) == fields(Subsite.objects.get(pk=alpha.pk))
        assert found.region == alpha.region
        assert fields(found.parent) == fields(beta)

    def test_a_site_without_any_has_none(self, console: Subsite) -> None:
        found = find_site(console.primary_host)
        assert found is not None
        assert found.region is None
        assert found.parent is None

    def test_a_further_domain_is_not_what_links_name(self, alpha: Subsite) -> None:
        Domain.objects.create(domain="old.example.gov.cn", tenant=alpha, is_primary=False)
        found = find_site("old.example.gov.cn")
        assert found == alpha
        assert found.primary_host == alpha.primary_host

    def test_nobody_answers_to_an_unknown_host(self, alpha: Subsite) -> None:
        assert find_site("gamma.localhost") is None


class TestPage:
    def test_it_comes_whole_with_lists_and_blocks(self, alpha: Subsite, beta: Subsite) -> None:
        page = publish_document(alpha, "关于供热的通知")
        publish_document(beta, "乙市的通知")
        path = address_of(alpha, page)
        with in_site(alpha):
            request = RequestFactory().get(path)
            found = find_page(request, path)
            assert found is not None
            assert isinstance(found[0], PolicyDocumentPage)
            assert fields(found[0]) == fields(PolicyDocumentPage.objects.get(pk=page.pk))
            assert fields(Site.find_for_request(request)) == fields(Site.objects.get())
        with in_site(beta):
            assert find_page(RequestFactory().get(path), path) is None


class TestFiles:
    def test_attachments_come_with_their_files_in_the_editors_order(self, alpha: Subsite, beta: Subsite) -> None:
        page, theirs = publish_article(alpha, "附件"), publish_article(beta, "乙市的附件")
        for site, item in ((alpha, page), (beta, theirs)):
            first, second = (add_document(site, name=f"{site.code}-{number}.txt") for number in (1, 2))
            with in_site(site):
                for document, order in ((second, 1), (first, 0)):
                    ArticleAttachment.objects.create(page_id=item.pk, document=document, sort_order=order, label="名")
        with in_site(alpha):
            page = ArticlePage.objects.get(pk=page.pk)
            found, expected = attachments_of(page), list(page.attachments.select_related("document"))
            assert [one.document.filename for one in found] == ["alpha-1.txt", "alpha-2.txt"]
            assert [fields(one) for one in found] == [fields(one) for one in expected]
            assert [fields(one.document) for one in found] == [fields(one.document) for one in expected]

    def test_of_a_draft_those_that_it_has(self, alpha: Subsite) -> None:
        page = publish_article(alpha, "附件")
        document = add_document(alpha)
        with in_site(alpha):
            draft = ArticlePage.objects.get(pk=page.pk)
            draft.attachments.add(ArticleAttachment(document=document, sort_order=0))
            assert [one.document for one in attachments_of(draft)] == [document]
            assert attachments_of(ArticlePage.objects.get(pk=page.pk)) == []

    def test_a_picture_comes_whole_and_of_its_own_site(self, alpha: Subsite, beta: Subsite) -> None:
        image = add_image(alpha, focal_point_x=3, focal_point_y=4, focal_point_width=5, focal_point_height=6)
        with in_site(alpha):
            assert fields(image_of(image.pk)) == fields(Image.objects.get(pk=image.pk))
            assert image_of(None) is None
        with in_site(beta):
            assert image_of(image.pk) is None
