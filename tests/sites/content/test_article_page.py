"""Articles: time of publication, source, address, what the registry hears, how the page looks."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cluster.context import in_site
from cluster.resources import pending
from sites.common.models import BasePage
from sites.content.models import ArticleAttachment, ArticlePage
from tests.support.articles import column_of, publish_article, through_the_gate
from tests.support.pages import address_of, browse, links
from tests.support.pictures import add_document, add_image


def test_time_of_publication_is_fixed_at_the_first_and_kept(alpha):
    with in_site(alpha):
        page = ArticlePage(title="一篇", source="本单位", live=False)
        column_of().add_child(instance=page)
        assert page.published_at is None
        page.save_revision().publish()
        first = ArticlePage.objects.get(pk=page.pk).published_at
        assert abs(first - timezone.now()) < timedelta(minutes=1)
        draft = ArticlePage.objects.get(pk=page.pk).get_latest_revision_as_object()
        assert draft.published_at == first
        draft.published_at = None
        draft.title = "改过的一篇"
        draft.save_revision().publish()
        assert ArticlePage.objects.get(pk=page.pk).published_at == first


def test_a_live_child_gets_a_time_and_keeps_its_source(alpha, beta):
    for site in (alpha, beta):
        with in_site(site):
            page = column_of().add_child(instance=ArticlePage(title="直接上线", source="本单位", live=True))
            assert page.published_at
            assert page.source == "本单位"


def test_a_time_in_the_future_is_refused_and_one_in_the_past_kept(alpha):
    with in_site(alpha), pytest.raises(ValidationError) as refused:
        column_of().add_child(instance=ArticlePage(title="未来", published_at=timezone.now() + timedelta(days=1)))
    assert "不能晚于现在" in str(refused.value)
    page = publish_article(alpha, "补录", published_at=datetime(2020, 1, 2, tzinfo=UTC))
    assert page.published_at == datetime(2020, 1, 2, tzinfo=UTC)


def test_a_lead_image_needs_words(alpha):
    picture = add_image(alpha)
    with in_site(alpha), pytest.raises(ValidationError) as refused:
        column_of().add_child(instance=ArticlePage(title="有图", lead_image=picture))
    assert "替代文字" in str(refused.value)
    publish_article(alpha, "有图有字", lead_image_id=picture.pk, lead_image_alt="河谷")


def test_a_nul_in_the_title_is_refused_and_an_emoji_kept(alpha):
    with in_site(alpha), pytest.raises(ValidationError) as refused:
        column_of().add_child(instance=ArticlePage(title="坏\x00标题"))
    assert "NUL" in str(refused.value)
    page = publish_article(alpha, "冰雪节开幕 🎉")
    assert browse(alpha, address_of(alpha, page)).h1.get_text() == "冰雪节开幕 🎉"


def test_equal_titles_get_different_addresses(alpha):
    first, second = publish_article(alpha, "通知"), publish_article(alpha, "通知")
    assert second.slug == f"{first.slug}-2"
    assert browse(alpha, address_of(alpha, second)).h1.get_text() == "通知"


def test_articles_stand_in_columns_only():
    assert ArticlePage.allowed_parent_page_models() == [column_class()]
    assert ArticlePage.allowed_subpage_models() == []


def column_class() -> type[BasePage]:
    from sites.columns.models import ColumnPage

    return ColumnPage


def _full_article(site):
    document, picture = add_document(site, name="登记表.txt"), add_image(site)
    with in_site(site):
        page = ArticlePage(
            title="供热通知",
            source="甲县住房和城乡建设局",
            live=False,
            issuer="住建局",
            doc_no=["甲建发〔2026〕1号"],
            is_current=True,
            source_id="n1",
            lead_image=picture,
            lead_image_alt="管网检修",
            body=[
                ("paragraph", '<p>正文第一段，见<a href="https://www.gov.cn/">中国政府网</a>。</p>'),
                ("heading", "一、标准"),
                ("list", ["登记", "上门"]),
            ],
        )
        column_of("zcwj").add_child(instance=page)
        page.attachments.add(ArticleAttachment(document=document, label="附件1"))
        with through_the_gate(site):
            page.save_revision().publish()
        return ArticlePage.objects.get(pk=page.pk)


def test_the_registry_hears_all_without_further_queries(alpha, django_assert_num_queries):
    _full_article(alpha)
    publish_article(alpha, "另一篇", column="zcwj")
    with in_site(alpha):
        column = column_of("zcwj")
        with django_assert_num_queries(2):
            entries = [page.registry_entry(column) for page in ArticlePage.registry_queryset().order_by("pk")]
    entry = entries[0]
    assert entry.text == "正文第一段，见中国政府网。\n一、标准\n登记\n上门"
    assert entry.summary == entry.text[:120]
    assert (entry.column_code, entry.column_name, entry.column_class) == ("zcwj", "政策文件", "periodic")
    assert (entry.issuer, entry.doc_no, entry.source_id, entry.source) == (
        "住建局",
        ("甲建发〔2026〕1号",),
        "n1",
        "甲县住房和城乡建设局",
    )
    assert len(entry.document_ids) == len(entry.image_ids) == 1
    assert column.registry_entry(None) is None


def test_a_mirror_of_an_imported_document_does_not_claim_its_number(alpha):
    page = _full_article(alpha)
    with in_site(alpha):
        alias = page.create_alias(parent=column_of("tzgg"))
        assert ArticlePage.registry_queryset().get(pk=alias.pk).registry_entry(None).source_id == ""
        assert page.copy(to=column_of("tzgg"), update_attrs={"slug": "copy"}).source_id == ""
        assert page.registry_entry(None).source_id == "n1"


def test_the_page_shows_marks_of_the_document_files_and_pictures(alpha):
    page = _full_article(alpha)
    pending.flush()  # a file is public when the registry says so, which it does at the commit
    soup = browse(alpha, address_of(alpha, page))
    assert "甲建发〔2026〕1号" in soup.select_one(".facts").get_text()
    assert soup.select_one(".prose img")["alt"] == "管网检修"
    files = links(soup, ".files a")
    assert list(files) == ["附件1"]
    assert browse_bytes(alpha, files["附件1"]) == b"fu jian"
    assert soup.select_one("meta[name=Image]")["content"].startswith(f"{alpha.root_url}/media/{alpha.schema_name}/")
    assert [label.get_text() for label in soup.select(".sizes label")] == ["小", "中", "大"]


def browse_bytes(site, path) -> bytes:
    from django.test import Client

    response = Client(HTTP_HOST=site.primary_host).get(path)
    assert response.status_code == 200
    return b"".join(response)


def test_files_of_one_site_are_not_served_by_the_other(alpha, beta, client_for):
    page = _full_article(alpha)
    pending.flush()  # a file is public when the registry says so, which it does at the commit
    soup = browse(alpha, address_of(alpha, page))
    for path in (links(soup, ".files a")["附件1"], soup.select_one(".prose img")["src"]):
        assert client_for(alpha).get(path).status_code == 200
        assert client_for(beta).get(path).status_code == 404


def test_a_bad_address_is_not_found_and_no_error(alpha, client_for):
    page = publish_article(alpha, "一篇")
    good = address_of(alpha, page)
    for path in (f"{good}more/", "/dtyw/none/", "/none/", "/dtyw/%00/", "/dtyw/rss/more/", f"/tzgg/{page.slug}/"):
        assert client_for(alpha).get(path).status_code == 404, path
    assert client_for(alpha).get(good.rstrip("/")).status_code == 301
    assert client_for(alpha).get(good).status_code == 200


def test_unpublished_articles_are_not_found(alpha):
    page = publish_article(alpha, "一篇")
    with in_site(alpha):
        page.unpublish()
    browse(alpha, address_of(alpha, page), status=404)
