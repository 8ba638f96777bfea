"""The site map for people, the one for machines, and robots.txt: only this site's public pages."""

import xml.etree.ElementTree as ElementTree

from wagtail.models import PageViewRestriction

from cluster.context import in_site
from sites.columns.models import ColumnPage
from sites.common import sitemaps
from tests.support.articles import column_of, publish_article
from tests.support.columns import own_column
from tests.support.pages import address_of, browse, links

NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def _addresses(client, query=""):
    response = client.get(f"/sitemap.xml{query}")
    assert response["Content-Type"].startswith("application/xml")
    return [place.text for place in ElementTree.fromstring(response.content).findall(".//s:loc", NAMESPACE)]


def test_sitemap_lists_own_public_pages_only(alpha, beta, client_for):
    mine, theirs = publish_article(alpha, "甲的文章"), publish_article(beta, "乙的文章")
    draft = publish_article(alpha, "撤下的文章")
    with in_site(alpha):
        draft.unpublish()
    found = _addresses(client_for(alpha))
    assert f"{alpha.root_url}/" in found
    assert alpha.root_url + address_of(alpha, mine) in found
    assert alpha.root_url + address_of(alpha, draft) not in found
    assert not [address for address in found if beta.primary_host in address]
    assert beta.root_url + address_of(beta, theirs) in _addresses(client_for(beta))


def test_restricted_pages_are_in_neither_map_nor_menu_nor_list(alpha, client_for):
    own_column(alpha, under="sjfb", show_in_menus=True)
    page = publish_article(alpha, "内部文章", column="zslm")
    publish_article(alpha, "公开文章")
    with in_site(alpha):
        PageViewRestriction.objects.create(page=column_of("zslm"), restriction_type="login")
    home = browse(alpha, "/")
    assert "内部文章" not in home.get_text()
    assert "公开文章" in home.get_text()
    assert "自设栏目" not in browse(alpha, "/sjfb/").get_text()
    assert not [address for address in _addresses(client_for(alpha)) if "/zslm/" in address]
    assert client_for(alpha).get(address_of(alpha, page)).status_code == 302


def test_large_sites_get_an_index_of_parts(alpha, client_for, monkeypatch):
    publish_article(alpha, "一篇")
    whole = _addresses(client_for(alpha))
    monkeypatch.setattr(sitemaps, "PER_FILE", 10)
    parts = _addresses(client_for(alpha))
    assert parts[0] == f"{alpha.root_url}/sitemap.xml?p=1"
    joined = [
        address for number in range(1, len(parts) + 1) for address in _addresses(client_for(alpha), f"?p={number}")
    ]
    assert joined == whole
    for query in ("?p=0", "?p=99"):
        assert client_for(alpha).get(f"/sitemap.xml{query}").status_code == 404
    assert client_for(alpha).get("/sitemap.xml?p=abc").status_code == 200


def test_site_map_for_people_has_every_column(alpha, beta):
    for site in (alpha, beta):
        with in_site(site):
            titles = set(ColumnPage.objects.values_list("title", flat=True))
        assert set(links(browse(site, "/sitemap/"), ".map a")) == titles


def test_robots_names_the_sites_own_map(alpha, beta, client_for):
    for site in (alpha, beta):
        text = client_for(site).get("/robots.txt").content.decode()
        assert f"Sitemap: {site.root_url}/sitemap.xml" in text
        assert "Disallow: /admin/" in text


def test_a_mirror_of_a_restricted_page_is_hidden_with_it(alpha, client_for):
    own_column(alpha, under="sjfb", show_in_menus=True)
    page = publish_article(alpha, "内部文章", column="zslm")
    with in_site(alpha):
        mirror = page.create_alias(parent=column_of("dtyw"))
    assert "内部文章" in browse(alpha, "/dtyw/").get_text()
    with in_site(alpha):
        PageViewRestriction.objects.create(page=column_of("zslm"), restriction_type="login")
    assert "内部文章" not in browse(alpha, "/dtyw/").get_text()
    assert client_for(alpha).get(address_of(alpha, mirror)).status_code == 302
    assert "内部文章" not in client_for(alpha).get("/dtyw/rss/").content.decode()
