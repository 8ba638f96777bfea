"""Statements that are written out find what the usual queries find, field by field, in the site that asks."""

from django.db.models import Model
from django.test import RequestFactory
from wagtail.models import Site

from cluster.context import in_site
from cluster.middleware import find_site
from cluster.subsites.models import Domain, Subsite
from sites.common.routing import find_page
from sites.content.models import PolicyDocumentPage
from tests.support.documents import publish_document
from tests.support.pages import address_of


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
