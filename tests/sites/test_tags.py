"""网页标签 of standards part 10: on which pages, exact names, one each, never empty."""

import pytest

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.resources import pending
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.common.body import first_image_id
from sites.common.templatetags.portal import ascii_commas
from sites.content.models import ArticlePage
from tests.support.articles import column_of, publish_article
from tests.support.pages import address_of, browse, tags
from tests.support.pictures import add_image

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


# ---- keywords


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("供暖,退费", "供暖,退费"),
        ("供暖，退费、 热费；补贴", "供暖,退费,热费,补贴"),
        ("供暖;\u3000退费｜热费\n补贴", "供暖,退费,热费,补贴"),
        ("，供暖，，退费，", "供暖,退费"),
        ("Heilongjiang Province，IPv6", "Heilongjiang Province,IPv6"),
        ("，、", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_keywords_are_parted_by_one_ascii_comma(typed, written):
    assert ascii_commas(typed) == written


def test_keywords_are_written_so_on_every_kind_of_page(alpha, beta):
    Subsite.objects.filter(pk=alpha.pk).update(keywords="甲县，政府网站、政务")
    page = publish_article(alpha, "供暖", column="tzgg", keywords="供暖，退费；热费")
    with opened(alpha), in_site(alpha):
        ColumnPage.objects.filter(code="tzgg").update(keywords="通知，公告、公示")
    assert tags(browse(alpha, "/"))["keywords"] == ["甲县,政府网站,政务"]
    assert tags(browse(alpha, "/tzgg/"))["ColumnKeywords"] == ["通知,公告,公示"]
    found = tags(browse(alpha, address_of(alpha, page)))
    assert (found["ColumnKeywords"], found["Keywords"]) == (["通知,公告,公示"], ["供暖,退费,热费"])
    assert "甲县" not in str(tags(browse(beta, "/tzgg/")))


def test_keywords_of_commas_alone_are_none(alpha):
    page = publish_article(alpha, "供暖", column="tzgg", keywords="，、")
    with opened(alpha), in_site(alpha):
        ColumnPage.objects.filter(code="tzgg").update(keywords="，")
    found = tags(browse(alpha, address_of(alpha, page)))
    assert found["ColumnKeywords"] == ["通知公告"]
    assert "Keywords" not in found


# ---- the picture


def _article_with(site, *blocks, **fields):
    with in_site(site):
        page = column_of().add_child(
            instance=ArticlePage(title="有图", source="本单位", live=False, body=list(blocks), **fields)
        )
        page.save_revision().publish()
        pending.flush()  # a picture is public when the registry says so, which it does at the commit
        return ArticlePage.objects.get(pk=page.pk)


def test_the_picture_is_the_lead_image_or_else_the_first_of_the_body(alpha, beta):
    for site in (alpha, beta):
        lead, first, second = (add_image(site, name=f"{name}.png") for name in ("ti-tu", "di-yi", "di-er"))
        words = ("paragraph", "<p>正文</p>")
        shown = [("image", {"image": image, "alt": "河谷"}) for image in (first, second)]
        embedded = f'<p>文</p><embed embedtype="image" id="{second.pk}" format="fullwidth" alt="河谷"/>'
        cases = [
            (_article_with(site, words, *shown, lead_image=lead, lead_image_alt="题图"), "ti-tu"),
            (_article_with(site, words, *shown), "di-yi"),
            (_article_with(site, ("paragraph", embedded), *shown), "di-er"),
        ]
        for page, name in cases:
            soup = browse(site, address_of(site, page))
            (address,) = tags(soup)["Image"]
            assert address.startswith(f"{site.root_url}/media/{site.schema_name}/images/{name}.")
            assert browse_file(site, address)
        assert "Image" not in tags(browse(site, address_of(site, _article_with(site, words))))


def browse_file(site, address):
    """Return whether a citizen gets the file of an absolute address."""
    from django.test import Client

    return Client(HTTP_HOST=site.primary_host).get(address.removeprefix(site.root_url)).status_code == 200


def test_a_picture_that_is_gone_leaves_no_tag_and_no_broken_page(alpha):
    picture = add_image(alpha)
    page = _article_with(alpha, ("image", {"image": picture, "alt": "河谷"}))
    with in_site(alpha):
        picture.file.storage.delete(picture.file.name)
    assert "Image" not in tags(browse(alpha, address_of(alpha, page)))
    assert first_image_id(page.body.raw_data) == picture.pk


def test_nothing_in_a_body_is_no_picture():
    assert first_image_id([]) is None
    assert first_image_id([{"type": "image", "value": {"image": None}}, {"type": "paragraph", "value": None}]) is None
    assert first_image_id([{"type": "heading", "value": "一"}, {"type": "image", "value": {"image": 7}}]) == 7
