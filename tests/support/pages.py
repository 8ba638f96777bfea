"""Read public pages as a citizen's browser and an inspector's crawler do."""

from bs4 import BeautifulSoup
from django.test import Client
from wagtail.models import Page

from cluster.context import in_site
from cluster.subsites.models import Subsite


def browse(site: Subsite, path: str, status: int = 200, **query: str) -> BeautifulSoup:
    """Open a page of the site and parse it; fails when the status is another."""
    response = Client(HTTP_HOST=site.primary_host).get(path, query)
    assert response.status_code == status, (site.code, path, response.status_code, response.content[:300])
    return BeautifulSoup(response.content, "html.parser")


def tags(soup: BeautifulSoup) -> dict[str, list[str]]:
    """Return the page's meta tags by name, every content that a name has."""
    found: dict[str, list[str]] = {}
    for tag in soup.find_all("meta", attrs={"name": True}):
        found.setdefault(tag["name"], []).append(tag.get("content", ""))
    return found


def links(soup: BeautifulSoup, selector: str) -> dict[str, str]:
    """Return text → address of the links that the selector finds."""
    return {link.get_text(strip=True): link["href"] for link in soup.select(selector)}


def address_of(site: Subsite, page: Page) -> str:
    """Return the page's address inside its site."""
    with in_site(site):
        return str(page.get_url())
