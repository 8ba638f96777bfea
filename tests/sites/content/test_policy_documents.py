"""Policy documents: their marks and the form of numbers, what citizens and the registry see, and which column takes them."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from wagtail.models import Page

from cluster.context import in_site
from sites.content.document_form import normal_document_number
from sites.content.models import ArticlePage, PolicyDocumentPage
from tests.support.articles import column_of
from tests.support.documents import draft_document, project_now, publish_document, registered, shown_marks
from tests.support.pages import address_of, browse, links, tags

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "typed",
    [
        *("甲政发[2026]5号", "甲政发(2026)5号", "甲政发（2026）5号", "甲政发〔2026〕5号"),
        *(" 甲政发【2026】 5 号", "甲政发〔２０２６〕5号"),
    ],
)
def test_whatever_brackets_are_typed_become_six_sided(typed: str) -> None:
    assert normal_document_number(typed) == "甲政发〔2026〕5号"


def test_a_number_is_stored_in_its_official_form(alpha, beta):
    for site in (alpha, beta):
        assert publish_document(site, "通知", doc_no=["甲政发[2026]5号"]).doc_no == ["甲政发〔2026〕5号"]


@pytest.mark.parametrize(
    "number", ["甲政发〔2026〕第5号", "甲政发〔2026〕05号", "甲政发2026年5号", "〔2026〕5号", "甲政发〔26〕5号"]
)
def test_a_number_of_another_form_is_refused(alpha, number):
    with pytest.raises(ValidationError) as refused:
        draft_document(alpha, "通知", doc_no=[number])
    assert "六角括号" in str(refused.value)


@pytest.mark.parametrize(
    "dates",
    [
        {"effective_date": date(2026, 12, 1), "expiry_date": date(2026, 11, 30)},
        {"pub_date": date(2026, 11, 20), "effective_date": date(2026, 11, 1)},
    ],
)
def test_dates_in_the_wrong_order_are_refused(alpha, dates):
    with pytest.raises(ValidationError) as refused:
        draft_document(alpha, "通知", **dates)
    assert "请核对两个日期" in str(refused.value)
    draft_document(alpha, "通知", pub_date=TODAY, effective_date=TODAY, expiry_date=TODAY)


def test_the_page_shows_its_marks_and_the_tags_of_an_article(alpha, beta, client_for):
    for site in (alpha, beta):
        page = publish_document(site, "关于供热的通知", expiry_date=date(2030, 1, 1), validity_note="试行")
        soup = browse(site, address_of(site, page))
        shown = shown_marks(site, page)
        assert shown["索引号"] == page.index_number
        assert shown["主题分类"] == "综合政务"
        assert (shown["发文机关"], shown["发文字号"]) == ("甲县人民政府", "甲政发〔2026〕5号")
        assert (shown["成文日期"], shown["失效日期"], shown["文种"]) == ("2026-11-20", "2030-01-01", "通知")
        assert shown["有效性"] == "有效 试行"
        meta = tags(soup)
        assert meta["ArticleTitle"] == [page.title]
        assert meta["ColumnName"] == ["政策文件"]
        assert len(meta["PubDate"]) == len(meta["ContentSource"]) == 1
        assert [crumb.get_text() for crumb in soup.select(".crumbs li")][-1].strip() == "正文"
        listing = browse(site, "/zc/zcwj/")
        assert page.title in links(listing, ".papers a, .list a")
        assert page.title in client_for(site).get("/zc/zcwj/rss/").content.decode()


def test_the_registry_row_carries_the_marks(alpha):
    page = publish_document(alpha, "通知", effective_date=TODAY)
    row = registered(alpha, page)
    assert (row.index_number, row.document_kind, row.theme, row.validity) == (page.index_number, "通知", "02", "valid")
    assert (row.issuer, row.doc_no, row.pub_date, row.effective_date) == (
        "甲县人民政府",
        ["甲政发〔2026〕5号"],
        date(2026, 11, 20),
        TODAY,
    )
    assert row.is_current is True
    before = row.content_hash
    with in_site(alpha):
        page.theme = "05"
        page.save_revision().publish()
    project_now()
    assert registered(alpha, page).content_hash != before


def test_the_facts_for_rules_are_in_words(alpha):
    page = publish_document(alpha, "通知")
    with in_site(alpha):
        facts = PolicyDocumentPage.registry_queryset().get(pk=page.pk).law_facts()
    assert facts["document_kind"] == "通知"
    assert facts["index_number"] == page.index_number
    assert (facts["theme"], facts["validity"]) == ("综合政务", "有效")
    assert facts["document_number"] == ("甲政发〔2026〕5号",)


def test_many_documents_cost_the_registry_three_queries(alpha, django_assert_num_queries):
    for number in range(3):
        publish_document(alpha, f"通知{number}")
    with in_site(alpha):
        column = column_of("zcwj")
        with django_assert_num_queries(3):
            entries = [page.registry_entry(column) for page in PolicyDocumentPage.registry_queryset()]
            facts = [page.law_facts() for page in PolicyDocumentPage.registry_queryset()[:0]]
    assert (len(entries), facts) == (3, [])


def test_columns_take_the_kinds_of_their_law(alpha, beta):
    for site in (alpha, beta):
        with in_site(site):
            news, papers = column_of("dtyw"), column_of("zcwj")
            assert PolicyDocumentPage.can_create_at(papers)
            assert not PolicyDocumentPage.can_create_at(news)
            assert ArticlePage.can_create_at(news)
        with pytest.raises(ValidationError) as refused:
            draft_document(site, "通知", column="dtyw")
        assert "不收“政策文件”" in str(refused.value)
        page = draft_document(site, "通知")
        with in_site(site):
            assert not page.can_move_to(news)
            with pytest.raises(ValidationError):
                Page.objects.get(pk=page.pk).move(news, pos="last-child")
            Page.objects.get(pk=page.pk).move(papers, pos="first-child")
            with pytest.raises(ValidationError):
                page.copy(to=news)
            page = PolicyDocumentPage.objects.get(pk=page.pk)
            page.title = "改过的通知"
            page.save()


def test_a_sites_own_column_takes_all(alpha):
    with in_site(alpha):
        own = type(column_of())(title="自设栏目", column_type="政策文件", description="自设", keywords="自设")
        column_of("zt").add_child(instance=own)
        assert PolicyDocumentPage.can_create_at(own)
        assert ArticlePage.can_create_at(own)
    draft_document(alpha, "通知", column=own.code)
