"""Column pages: list, pages, sub-columns, feed, what lower sites publish, codes."""

import xml.etree.ElementTree as ElementTree
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction

from cluster.column_templates.applying import apply_version, version_law
from cluster.column_templates.current import current_law
from cluster.column_templates.planning import plan_sites
from cluster.context import in_site
from cluster.inspection.evaluation import evaluate_columns
from cluster.inspection.models import Clock, ColumnRecord
from cluster.resources.projection import project_pages
from cluster.subsites.models import Subsite
from sites.columns.lock.refusals import ColumnLocked
from sites.columns.models import ColumnPage
from sites.columns.models.column import free_code
from sites.content.models import ArticlePage
from tests.support.articles import column_of, publish_article
from tests.support.columns import own_column
from tests.support.inspecting import column_of as judged
from tests.support.pages import address_of, browse, links
from tests.support.people import make_user, sign_in
from tests.support.templates import draft


def _publish_many(site, count, column="tzgg"):
    now = timezone.now()
    return [
        publish_article(site, f"通知{number:02}", column=column, published_at=now - timedelta(hours=number))
        for number in range(count)
    ]


def test_list_is_newest_first_and_only_this_sites(alpha, beta):
    _publish_many(alpha, 3)
    publish_article(beta, "乙市通知", column="tzgg")
    titles = list(links(browse(alpha, "/tzgg/"), ".list a"))
    assert titles == ["通知00", "通知01", "通知02"]
    assert list(links(browse(beta, "/tzgg/"), ".list a")) == ["乙市通知"]


def test_pages_go_on_to_the_last_and_no_further(alpha):
    _publish_many(alpha, 45)
    first, last = browse(alpha, "/tzgg/"), browse(alpha, "/tzgg/", page="3")
    assert len(first.select(".list.long li")) == 20
    assert links(first, ".pages a")["下一页"] == "?page=2"
    assert "上一页" not in links(first, ".pages a")
    assert [link.get_text(strip=True) for link in last.select(".list.long a")] == [f"通知{n:02}" for n in range(40, 45)]
    assert last.select_one("link[rel=canonical]")["href"] == f"{alpha.root_url}/tzgg/?page=3"
    assert "共 45 条" in last.get_text()
    browse(alpha, "/tzgg/", page="4", status=404)


@pytest.mark.parametrize("asked", ["0", "-1", "abc", "", "٣", "1e3", "9" * 30, "1\x00"])
def test_a_senseless_page_number_means_the_first(alpha, asked):
    _publish_many(alpha, 2)
    assert list(links(browse(alpha, "/tzgg/", page=asked), ".list a")) == ["通知00", "通知01"]


def test_an_empty_column_says_so(alpha):
    soup = browse(alpha, "/sjfb/")
    assert "还没有内容" in soup.get_text()
    assert not soup.select(".pages")


def test_a_column_without_items_of_its_own_shows_its_sub_columns(alpha):
    publish_article(alpha, "一个办法", column="zcwj")
    publish_article(alpha, "一篇解读", column="zcjd")
    soup = browse(alpha, "/zc/")
    assert [heading.get_text() for heading in soup.select(".overview h2")] == ["政策文件", "政策解读"]
    family = {"政策": "/zc/", "政策文件": "/zc/zcwj/", "政策解读": "/zc/zcjd/", "回应关切": "/zc/hygq/"}
    assert links(soup, ".family a") == family
    beside = browse(alpha, "/zc/zcwj/").select_one(".family [aria-current=page]")
    assert beside.get_text() == "政策文件"


def test_a_parents_list_holds_the_items_of_its_sub_columns(alpha):
    publish_article(alpha, "指南甲", column="grbs")
    publish_article(alpha, "总的说明", column="bsfw")
    assert set(links(browse(alpha, "/bsfw/"), ".list.long a")) == {"指南甲", "总的说明"}


def test_drafts_and_withdrawn_items_are_not_listed(alpha):
    page = publish_article(alpha, "先发后撤", column="tzgg")
    assert "先发后撤" in browse(alpha, "/tzgg/").get_text()
    with in_site(alpha):
        page.unpublish()
    assert "先发后撤" not in browse(alpha, "/tzgg/").get_text()


def test_static_columns_show_their_text(alpha):
    assert "跳到正文" in browse(alpha, "/wzasm/").select_one(".prose").get_text()


def test_feed_lists_the_newest_with_absolute_addresses(alpha, beta, client_for):
    page = publish_article(alpha, "甲县<通知>", column="tzgg", summary="摘要 & 要点")
    response = client_for(alpha).get("/tzgg/rss/")
    assert response["Content-Type"].startswith("application/rss+xml")
    channel = ElementTree.fromstring(response.content).find("channel")
    item = channel.find("item")
    assert item.find("title").text == "甲县<通知>"
    assert item.find("description").text == "摘要 & 要点"
    assert item.find("link").text == alpha.root_url + address_of(alpha, page)
    assert "甲县" in channel.find("title").text
    assert ElementTree.fromstring(client_for(beta).get("/tzgg/rss/").content).find("channel/item") is None
    assert browse(alpha, "/tzgg/").select_one("link[type='application/rss+xml']")["href"] == "/tzgg/rss/"


def test_a_fed_column_gathers_the_news_of_lower_sites(alpha, beta):
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    page = publish_article(alpha, "甲县要闻")
    publish_article(alpha, "甲县通知", column="tzgg")
    publish_article(beta, "乙市要闻")
    with in_site(alpha):
        project_pages(list(ArticlePage.objects.values_list("pk", flat=True)))
    for path in ("/dtyw/xqdt/", "/"):
        soup = browse(beta, path)
        lines = {line.get_text(): line["href"] for line in soup.select(".list a") if line.b}
        assert lines == {"甲县甲县要闻": alpha.root_url + address_of(alpha, page)}
    Subsite.objects.filter(pk=alpha.pk).update(state="suspended")
    assert "甲县要闻" not in browse(beta, "/dtyw/xqdt/").get_text()


def test_a_fed_column_of_a_site_without_lower_sites_is_empty(alpha, beta):
    publish_article(alpha, "甲县要闻")
    assert "甲县要闻" not in browse(beta, "/dtyw/xqdt/").get_text()


def test_a_code_names_one_column_of_a_site(alpha, beta):
    for site in (alpha, beta):
        with in_site(site):
            own_column(site)
            assert column_of("dtyw").pk  # both sites have it: the rule holds inside one
    with in_site(alpha), pytest.raises(IntegrityError, match=r"\(code\)=\(dtyw\)"), transaction.atomic():
        ColumnPage.objects.filter(code="zslm").update(code="dtyw")
    with in_site(alpha), pytest.raises(IntegrityError, match="column_code_form"), transaction.atomic():
        ColumnPage.objects.filter(code="zslm").update(code="Not a code")


def test_a_new_column_gets_address_and_code_from_its_name(alpha):
    with in_site(alpha):
        column = ColumnPage(title="重点领域", column_type="政府信息公开", description="说明", keywords="词")
        column_of("fdzdgk").add_child(instance=column)
        assert (column.slug, column.code) == ("zdly", "zdly")
    browse(alpha, "/xxgk/fdzdgk/zdly/")


@pytest.mark.parametrize("slug", ["rss", "admin", "search"])
def test_addresses_of_the_system_are_refused(alpha, slug):
    column = ColumnPage(title="甲", slug=slug, column_type="x", description="x", keywords="x")
    with in_site(alpha), pytest.raises(ValidationError) as refused:
        column_of("gk").add_child(instance=column)
    assert "保留" in str(refused.value)


def test_copies_and_mirrors_of_a_column_get_codes_of_their_own(alpha):
    column = own_column(alpha, under="sjfb")
    with in_site(alpha):
        copy = CopyPageAction(column, to=column_of("gk")).execute(skip_permission_checks=True)
        alias = CreatePageAliasAction(column, parent=column_of("fdzdgk")).execute(skip_permission_checks=True)
        codes = {page.pk: page.specific.code for page in (column, copy, alias)}
        assert len(set(codes.values())) == 3
        column.title = "解读"
        column.save_revision().publish()
        assert ColumnPage.objects.get(pk=alias.pk).title == "解读"
        assert ColumnPage.objects.get(pk=alias.pk).code == codes[alias.pk]
        assert copy.get_latest_revision_as_object().code == codes[copy.pk]


def test_free_codes_are_codes(alpha):
    with in_site(alpha):
        assert free_code("dtyw") == "dtyw-2"
        assert free_code("2026-xm") == "xm"
        assert free_code("___") == "column"


def test_lists_show_the_dates_of_their_items_and_no_site_can_switch_them_off(alpha, beta, client_for):
    """Only the law hides them; what a site may write does not."""
    for site in (alpha, beta):
        own = own_column(site, under="zt")
        for code in ("tzgg", "dtyw", "xzxk", own.code):  # periodic, in real time, catalogue, the site's own
            page = publish_article(site, f"{site.code}-{code}", column=code)
            with in_site(site):
                project_pages([column_of(code).pk])
                address = column_of(code).get_url()
            (line,) = browse(site, address).select(".list.long li")
            assert line.a.get_text() == page.title
            assert line.time["datetime"] == f"{timezone.localdate(page.published_at)}"
            assert ColumnRecord.objects.get(site=site, code=code, until=None).shows_dates
    client = sign_in(client_for(alpha), make_user(alpha, "site_admin"))
    form = {"title": "自设栏目", "slug": "zslm", "column_class": "static", "column_type": "通知公告", "body-count": "0"}
    form |= {"description": "说明", "keywords": "词", "shows_dates": "", "action-publish": "action-publish"}
    with in_site(alpha):
        address, pk = column_of("zslm").get_url(), column_of("zslm").pk
    assert client.post(f"/admin/pages/{pk}/edit/", form).status_code == 302
    assert browse(alpha, address).select_one(".list.long li time")


def dates_on(site, address, *places):
    """Return the dates that lists print in these places of a page."""
    page = browse(site, address)
    return [found["datetime"] for place in places for found in page.select(f"{place} time")]


def test_a_law_without_dates_hides_them_in_every_list(alpha, beta, client_for):
    for site in (alpha, beta):
        for code in ("dtyw", "tzgg"):
            publish_article(site, f"{site.code}-{code}", column=code, summary="要点")
    number = draft(override={"tzgg": {"shows_dates": False}}, kinds=("county",)).number
    plans = {plan.code: plan for plan in plan_sites(version_law(number), [alpha, beta], before=current_law())}
    assert [(step.action.value, step.detail) for step in plans["alpha"].comparison.steps] == [
        ("reword", "列表显示日期")
    ]
    assert plans["beta"].is_in_step
    assert not apply_version(number).failed
    for site, hides in ((alpha, True), (beta, False)):
        project_pages_of(site, "tzgg", "dtyw")
        assert bool(dates_on(site, "/tzgg/", ".list.long")) is not hides
        (heading,) = [one for one in browse(site, "/").select(".head h2") if one.get_text() == "通知公告"]
        assert f"{site.code}-tzgg" in heading.parent.parent.get_text()
        assert bool(heading.parent.parent.select("time")) is not hides
        assert dates_on(site, "/dtyw/", ".list.long")
        assert ColumnRecord.objects.get(site=site, code="tzgg", until=None).shows_dates is not hides
        told = client_for(site).get("/tzgg/rss/").content.decode()
        assert f"{site.code}-tzgg" in told
        assert [name in told for name in ("<pubDate>", "<lastBuildDate>")] == [not hides] * 2
        assert "<pubDate>" in client_for(site).get("/dtyw/rss/").content.decode()
    found = evaluate_columns(["alpha", "beta"])
    assert judged(found, alpha, "tzgg").state == Clock.LATE
    assert "不显示日期" in judged(found, alpha, "tzgg").sentence
    assert judged(found, beta, "tzgg").state == Clock.NORMAL
    # Given up by the law, the column is the site's own, which could not bring them back.
    dropped = draft(drop=("tzgg", "gggs"), kinds=("county",)).number
    assert not apply_version(dropped).failed
    assert dates_on(alpha, "/tzgg/", ".list.long")


def project_pages_of(site, *codes):
    with in_site(site):
        items = ArticlePage.objects.values_list("pk", flat=True)
        project_pages([*items, *(column_of(code).pk for code in codes)])


def test_static_columns_of_the_standard_set_print_no_dates(alpha, beta):
    for site in (alpha, beta):
        publish_article(site, "办公室职责", column="jgzn")
        assert browse(site, "/gk/jgzn/").select_one(".list.long li a").get_text() == "办公室职责"
        assert not dates_on(site, "/gk/jgzn/", ".list.long")


def test_a_mirror_and_a_copy_of_a_column_without_dates_are_the_sites_own_and_show_them(alpha):
    with in_site(alpha):
        with pytest.raises(ColumnLocked, match="更改日期的显示"):
            own_column(alpha, "zslm2", "自设二", shows_dates=False)
        assert own_column(alpha, "zslm3", "自设三").shows_dates
        alias = CreatePageAliasAction(column_of("jgzn"), parent=column_of("fdzdgk")).execute(
            skip_permission_checks=True
        )
        copy = CopyPageAction(column_of("ldxx"), to=column_of("fdzdgk"), recursive=False).execute(
            skip_permission_checks=True
        )
        for page in (alias, copy):
            assert ColumnPage.objects.get(pk=page.pk).shows_dates
