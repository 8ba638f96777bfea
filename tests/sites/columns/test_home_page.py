"""Home pages: blocks in the order of the kind, items of their columns, the picture, the directory."""

import json

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from wagtail.models import Site

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.columns.home_sections import arrange
from sites.columns.lock.refusals import ColumnLocked
from sites.columns.models import HomePage
from sites.columns.panel import Panel
from tests.support.articles import publish_article
from tests.support.pages import address_of, browse, links
from tests.support.pictures import add_image


def _headings(soup):
    return [heading.get_text() for heading in soup.select(".head h2")]


def test_blocks_stand_in_the_order_of_the_kind(alpha, beta):
    assert _headings(browse(alpha, "/"))[:3] == ["办事服务", "领导信箱", "通知公告"]
    assert _headings(browse(beta, "/"))[:3] == ["动态要闻", "政策文件", "通知公告"]


def test_items_appear_in_their_blocks_on_their_site_only(alpha, beta):
    publish_article(alpha, "甲县通知", column="tzgg")
    publish_article(alpha, "居住证申领", column="grbs", summary="承诺 5 个工作日")
    publish_article(alpha, "一个办法", column="zcwj", doc_no=["甲政发〔2026〕1号"], is_current=True)
    home = browse(alpha, "/")
    assert "甲县通知" in links(home, ".list a")
    assert "承诺 5 个工作日" in home.select_one(".tiles").get_text()
    assert "甲政发〔2026〕1号" in home.select_one(".papers").get_text()
    other = browse(beta, "/").get_text()
    assert not [words for words in ("甲县通知", "居住证申领", "一个办法") if words in other]


def test_headline_shows_picture_with_its_words(alpha):
    picture = add_image(alpha)
    page = publish_article(alpha, "头条", lead_image_id=picture.pk, lead_image_alt="晴空下的河谷")
    story = browse(alpha, "/").select_one(".story")
    assert story.h2.a["href"] == address_of(alpha, page)
    assert story.img["alt"] == "晴空下的河谷"
    assert f"/media/{alpha.schema_name}/" in story.img["src"]


def test_a_block_whose_column_is_gone_or_withdrawn_vanishes(alpha):
    with in_site(alpha):
        home = HomePage.objects.get()
        home.blocks = json.dumps([{"type": "headline", "value": {"column": "nowhere"}}])
        home.save()
    assert "首页正在准备" in browse(alpha, "/").get_text()


def test_directory_lists_public_sites_below_and_no_others(alpha, beta):
    publish = browse(beta, "/")
    assert "县（市、区）网站" not in publish.get_text()
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    assert links(browse(beta, "/"), ".group a") == {"甲县": f"{alpha.root_url}/"}
    Subsite.objects.filter(pk=alpha.pk).update(state="preparing")
    assert not browse(beta, "/").select(".group")


def test_two_halves_share_a_band_and_grounds_alternate():
    whole, half = Panel("dated", "甲"), Panel("dated", "乙", is_half=True)
    bands = arrange([whole, half, half, half, whole])
    assert [len(band.panels) for band in bands] == [1, 2, 1, 1]
    assert [band.is_washed for band in bands] == [False, True, False, True]


def test_the_root_of_a_site_is_deleted_by_no_road(alpha):
    with in_site(alpha):
        for delete in (HomePage.objects.get().delete, HomePage.objects.all().delete):
            with pytest.raises((ProtectedError, ColumnLocked)), transaction.atomic():
                delete()
        assert Site.objects.get().root_page_id == HomePage.objects.get().pk
    browse(alpha, "/")


def test_number_of_queries_does_not_grow_with_the_content(alpha, django_assert_max_num_queries, client_for):
    client = client_for(alpha)
    for number in range(3):
        for column in ("dtyw", "tzgg", "zcwj", "zcjd", "hfxd", "grbs"):
            publish_article(alpha, f"{column}{number}", column=column)
    client.get("/")
    with django_assert_max_num_queries(20):
        client.get("/")
    # Each of these counts two SET search_path and the test's own savepoint, which takes two.
    for path, budget in (("/tzgg/", 18), ("/zc/", 20), (address_of(alpha, publish_article(alpha, "一篇")), 18)):
        client.get(path)
        with django_assert_max_num_queries(budget):
            client.get(path)
