"""网页标签 of standards part 10: on which pages, exact names, one each, never empty."""

import pytest

from tests.support.articles import publish_article
from tests.support.pages import address_of, browse, tags

SITE_TAGS = ("SiteName", "SiteDomain", "SiteIDCode")
COLUMN_TAGS = ("ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType")
CONTENT_TAGS = ("ArticleTitle", "PubDate", "ContentSource")


def test_home_has_the_sites_tags_and_no_others(alpha, beta):
    for site in (alpha, beta):
        found = tags(browse(site, "/"))
        assert [found[name] for name in SITE_TAGS] == [[site.name], [site.primary_host], [site.id_code]]
        assert not {*COLUMN_TAGS, *CONTENT_TAGS} & set(found)


def test_column_has_site_and_column_tags(alpha):
    found = tags(browse(alpha, "/tzgg/"))
    assert found["ColumnName"] == ["通知公告"]
    assert found["ColumnType"] == ["通知公告"]
    assert all(len(found[name]) == 1 and found[name][0] for name in (*SITE_TAGS, *COLUMN_TAGS))
    assert "ArticleTitle" not in found


def test_article_has_all_three_groups(alpha, beta):
    page = publish_article(alpha, "供暖通知", column="tzgg", author="李某", keywords="供暖,退费", summary="一句话")
    found = tags(browse(alpha, address_of(alpha, page)))
    assert all(len(found[name]) == 1 and found[name][0] for name in (*SITE_TAGS, *COLUMN_TAGS, *CONTENT_TAGS))
    assert found["ArticleTitle"] == ["供暖通知"]
    assert found["ContentSource"] == [alpha.name]
    assert (found["Author"], found["Keywords"], found["Description"]) == (["李某"], ["供暖,退费"], ["一句话"])
    assert found["Url"] == [alpha.root_url + address_of(alpha, page)]
    browse(beta, address_of(alpha, page), status=404)


def test_pub_date_is_to_the_minute_in_chinas_time(alpha):
    from datetime import UTC, datetime

    page = publish_article(alpha, "时间", published_at=datetime(2026, 7, 18, 23, 16, 40, tzinfo=UTC))
    soup = browse(alpha, address_of(alpha, page))
    assert tags(soup)["PubDate"] == ["2026-07-19 07:16"]
    assert "2026-07-19 07:16" in soup.select_one(".title .meta").get_text()


@pytest.mark.parametrize("path", ["/", "/dtyw/", "/zc/zcwj/"])
def test_canonical_address_is_the_primary_hosts(alpha, path):
    from cluster.subsites.services import add_domain

    add_domain(alpha, "other-name.localhost")
    from django.test import Client

    page = Client(HTTP_HOST="other-name.localhost").get(path).content.decode()
    assert f'<link rel="canonical" href="{alpha.root_url}{path}">' in page


def test_a_title_with_signs_of_html_stays_text(alpha):
    page = publish_article(alpha, '"><script>alert(1)</script>通知')
    soup = browse(alpha, address_of(alpha, page))
    assert soup.h1.get_text() == '"><script>alert(1)</script>通知'
    assert not [script for script in soup.find_all("script") if not script.get("src")]
