"""Leaks L1 to L3: what one site puts into a cache, another must not find there.

The fix is the KEY_FUNCTION of every alias in CACHES. Each test runs the same steps without it and meets the leak, so that it
proves itself.
"""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.template import Context, Template
from django.test import override_settings
from wagtail.contrib.redirects.tmp_storages import CacheStorage
from wagtail.coreutils import get_locales_display_names
from wagtail.models import Locale, Page

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.models import HomePage
from tests.support.pictures import add_image

WITHOUT_THE_FIX = {
    alias: {name: value for name, value in options.items() if name != "KEY_FUNCTION"} | {"LOCATION": f"leaky-{alias}"}
    for alias, options in settings.CACHES.items()
}


@pytest.fixture
def leaky_caches() -> Iterator[None]:
    """Run the test with caches that do not know the site."""
    with override_settings(CACHES=WITHOUT_THE_FIX):
        # These stores have names, and so one memory for the whole run: what a test left would answer in this one.
        _empty_caches()
        yield
        _empty_caches()


def _empty_caches() -> None:
    for alias in WITHOUT_THE_FIX:
        caches[alias].clear()


def _home_addresses(*sites: Subsite) -> list[str]:
    addresses = []
    for site in sites:
        with in_site(site):
            # Wagtail's own page: ours name the root of the site's record, and ask no cache for it.
            addresses.append(HomePage.objects.get().page_ptr.full_url)
    return addresses


def test_l1_root_paths(alpha: Subsite, beta: Subsite) -> None:
    """The address of a page names its own site's host, whoever asked first."""
    for _ in range(2):
        assert _home_addresses(alpha, beta) == ["http://alpha.localhost/", "http://beta.localhost/"]


@pytest.mark.usefixtures("leaky_caches")
def test_l1_leaks_without_the_key_function(alpha: Subsite, beta: Subsite) -> None:
    assert _home_addresses(alpha, beta) == ["http://alpha.localhost/", "http://alpha.localhost/"]


def test_l1_pages_that_only_one_site_has(alpha: Subsite, beta: Subsite) -> None:
    """A root page of another number would have no address at all under the paths of the first site."""
    _move_the_root(beta)
    assert _home_addresses(alpha, beta) == ["http://alpha.localhost/", "http://beta.localhost/"]


@pytest.mark.usefixtures("leaky_caches")
def test_l1_links_are_dead_without_the_key_function(alpha: Subsite, beta: Subsite) -> None:
    _move_the_root(beta)
    assert _home_addresses(alpha, beta) == ["http://alpha.localhost/", None]


def _move_the_root(site: Subsite) -> None:
    """Give the site's home page another address in the tree, as a site has that was not born by cloning."""
    with opened(site), in_site(site):
        Page.objects.filter(url_path__startswith="/home/").update(url_path="/elsewhere/")


def _rendition_exists(site: Subsite, image_id: int) -> tuple[str, bool]:
    image = add_image(site, pk=image_id, name=f"{site.code}.png")
    with in_site(site):
        rendition = image.get_rendition("fill-20x20")
        return rendition.url, default_storage.exists(rendition.file.name)


def test_l2_renditions(alpha: Subsite, beta: Subsite) -> None:
    """Two sites have a picture of the same number and content; each serves its own rendition."""
    url, exists = _rendition_exists(alpha, 700_001)
    assert url.startswith("/media/site_alpha/images/alpha")
    assert exists
    url, exists = _rendition_exists(beta, 700_001)
    assert url.startswith("/media/site_beta/images/beta")
    assert exists


@pytest.mark.usefixtures("leaky_caches")
def test_l2_leaks_without_the_key_function(alpha: Subsite, beta: Subsite) -> None:
    assert _rendition_exists(alpha, 700_002)[1]
    url, exists = _rendition_exists(beta, 700_002)
    assert url.startswith("/media/site_beta/images/alpha")
    assert not exists


def _locales(alpha: Subsite, beta: Subsite) -> list[int]:
    with in_site(beta):
        Locale.objects.bulk_create([Locale(language_code="en")])  # no signal, as in a migration
    counts = []
    for site in (alpha, beta):
        with in_site(site):
            counts.append(len(get_locales_display_names()))
    return counts


def test_l3_names_of_locales(alpha: Subsite, beta: Subsite) -> None:
    assert _locales(alpha, beta) == [1, 2]


@pytest.mark.usefixtures("leaky_caches")
def test_l3_names_of_locales_leak_without_the_key_function(alpha: Subsite, beta: Subsite) -> None:
    assert _locales(alpha, beta) == [1, 1]


def _fragments(*sites: Subsite) -> list[str]:
    template = Template("{% load cache %}{% cache 60 footer %}{{ organizer }}{% endcache %}")
    shown = []
    for site in sites:
        with in_site(site):
            shown.append(template.render(Context({"organizer": site.code})))
    return shown


def test_l3_template_fragments(alpha: Subsite, beta: Subsite) -> None:
    assert _fragments(alpha, beta) == ["alpha", "beta"]


@pytest.mark.usefixtures("leaky_caches")
def test_l3_template_fragments_leak_without_the_key_function(alpha: Subsite, beta: Subsite) -> None:
    assert _fragments(alpha, beta) == ["alpha", "alpha"]


def _imported_redirects(alpha: Subsite, beta: Subsite) -> bytes | None:
    """Upload a list of redirects in alpha, then read the upload of the same name in beta."""
    with in_site(alpha):
        storage = CacheStorage(None)
        storage.save(b"/old/,/new/")
    with in_site(beta):
        return caches["default"].get(storage.CACHE_PREFIX + storage.name)


def test_l3_redirect_import(alpha: Subsite, beta: Subsite) -> None:
    assert _imported_redirects(alpha, beta) is None


@pytest.mark.usefixtures("leaky_caches")
def test_l3_redirect_import_leaks_without_the_key_function(alpha: Subsite, beta: Subsite) -> None:
    assert _imported_redirects(alpha, beta) == b"/old/,/new/"


@pytest.mark.parametrize("alias", sorted(settings.CACHES))
def test_every_alias_keeps_sites_apart(alias: str, alpha: Subsite, beta: Subsite) -> None:
    """Setting, reading, deleting and counting in one site does nothing to the other."""
    with in_site(alpha):
        caches[alias].set("k", "alpha")
    with in_site(beta):
        assert caches[alias].get("k") is None
        caches[alias].set("k", 1)
        caches[alias].incr("k")
        caches[alias].delete("k")
    with in_site(alpha):
        assert caches[alias].get("k") == "alpha"
    assert caches[alias].get("k") is None  # nor in public
