"""Which addresses a site's public pages have: for filling the store before anybody asks.

Called by the command edge_warm. Reads the tree of the site; what may be stored decide the views.
"""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from wagtail.models import Page, Site

from cluster.context import in_site
from cluster.edge.addresses import FILES
from cluster.edge.down import DOWN_PATH
from cluster.edge.entries import Address
from cluster.edge.middleware import WAIT_SECONDS
from cluster.edge.rendering import render
from cluster.edge.store import Store
from cluster.edge.variants import Variant
from cluster.subsites.models import Domain, SiteState, Subsite

_FEED = "rss/"


def stored_sites() -> list[Subsite]:
    """Return the sites whose pages are stored."""
    sites = Subsite.objects.filter(state=SiteState.OPEN).select_related("region", "parent").order_by("id")
    return [site for site in sites if site.is_public]


def essentials() -> list[Address]:
    """Return the addresses that every site must have stored: its home page, and what it says when all else is down.

    At each of its hosts: copies of one are not shown at another.
    """
    domains = Domain.objects.filter(tenant__in=stored_sites()).order_by("tenant_id", "-is_primary", "id")
    hosts = domains.values_list("domain", flat=True)
    return [Address(host, path, "", Variant.NORMAL.value) for host in hosts for path in ("/", DOWN_PATH)]


def addresses_of(site: Subsite, variants: tuple[Variant, ...]) -> list[Address]:
    """Return the addresses of a site's pages: the home page, columns with their feeds, then items, newest first.

    At its first host, which all of them name as canonical; at further ones they are stored when somebody asks.
    """
    with in_site(site):
        paths = [*_paths(), *FILES, DOWN_PATH]
    return [Address(site.primary_host, path, "", variant.value) for variant in variants for path in paths]


def _paths() -> Iterator[str]:
    root = Site.objects.select_related("root_page").get(is_default_site=True).root_page
    pages = Page.objects.live().descendant_of(root, inclusive=True)
    columns = set(apps.get_model(settings.COLUMN_MODEL).objects.values_list("pk", flat=True))
    rows = list(pages.order_by("depth", "-first_published_at").values_list("pk", "url_path"))
    for pk, url_path in sorted(rows, key=lambda row: row[0] != root.pk and row[0] not in columns):
        path = "/" + url_path.removeprefix(root.url_path)
        yield path
        if pk in columns:
            yield path + _FEED


def missing(store: Store, addresses: list[Address]) -> list[Address]:
    """Return the addresses that have no copy, or one that is known to be out of date; so an interrupted run goes on."""
    waiting = {entry.address for entry in store.index.stale_entries(limit=1_000_000)}
    return [address for address in addresses if address in waiting or not store.find(address)]


def warm(store: Store, address: Address) -> bool:
    """Render the page of an address; return whether it is stored now."""
    render(address, wait=WAIT_SECONDS)
    return store.find(address) is not None
