"""Policy documents: marks, the form of numbers, index numbers, validity that follows dates and other documents, both ends."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from wagtail.models import Page

from cluster.context import in_site
from cluster.resources.documents import Validity, ValidityFacts, validity_changes_on, validity_on
from cluster.resources.models import IndexNumber, Mark, Resource, ResourceLink
from cluster.resources.validity_task import turn_validities
from cluster.subsites.models import Subsite
from cluster.subsites.services import resume_site, suspend_site
from sites.content.document_form import normal_document_number
from sites.content.models import ArticlePage, DocumentRelation, PolicyDocumentPage
from tests.support.articles import column_of, publish_article, through_the_gate
from tests.support.documents import draft_document, project_now, publish_document, registered
from tests.support.pages import address_of, browse, links, tags
from tests.support.registry import is_tombstone

TODAY = date(2026, 11, 23)


def _again(site: Subsite, page: PolicyDocumentPage) -> PolicyDocumentPage:
    with in_site(site):
        return PolicyDocumentPage.objects.get(pk=page.pk)


def _shown(site: Subsite, page: PolicyDocumentPage) -> dict[str, str]:
    """Return the table of marks as citizens read it."""
    soup = browse(site, address_of(site, page))
    cells = [cell.get_text(" ", strip=True) for cell in soup.select(".marks th, .marks td")]
    return dict(zip(cells[::2], cells[1::2], strict=True))


# ---- numbers of documents


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


# ---- index numbers


def test_the_index_number_comes_with_the_first_publication_and_stays(alpha, beta):
    draft = draft_document(alpha, "通知")
    assert draft.index_number == ""
    with in_site(alpha):
        draft.save_revision().publish()
    number = _again(alpha, draft).index_number
    assert number.startswith(f"2301840001/{timezone.localdate().year}-")
    with in_site(alpha):
        page = PolicyDocumentPage.objects.get(pk=draft.pk)
        # The draft's own memory is older than its number.
        edited = page.get_latest_revision_as_object()
        assert edited.index_number == number
        edited.title = "改过的通知"
        edited.save_revision().publish()
        page = PolicyDocumentPage.objects.get(pk=draft.pk)
        page.unpublish()
        PolicyDocumentPage.objects.get(pk=draft.pk).save_revision().publish()
    assert _again(alpha, draft).index_number == number
    assert publish_document(beta, "通知").index_number.startswith("2302000001/")


def test_every_road_of_publication_gives_a_number(alpha):
    with in_site(alpha), through_the_gate(alpha):
        page = PolicyDocumentPage(
            title="直接上线", live=True, doc_no=["甲政发〔2026〕6号"], document_kind="通知", author="编辑"
        )
        column_of("zcwj").add_child(instance=page)
        saved = draft_document(alpha, "保存上线")
        saved.live = True
        saved.save(update_fields=["live"])
    numbers = {_again(alpha, found).index_number for found in (page, saved)}
    assert len(numbers - {""}) == 2


def test_copies_and_mirrors_do_not_claim_the_number(alpha):
    page = publish_document(alpha, "通知")
    with in_site(alpha):
        copy = page.copy(update_attrs={"slug": "copy"}, keep_live=True)
        mirror = page.create_alias(parent=column_of("zcwj"), update_slug="mirror")
        assert _again(alpha, copy).index_number not in ("", page.index_number)
        assert _again(alpha, mirror).index_number == ""
        entry = PolicyDocumentPage.registry_queryset().get(pk=mirror.pk).registry_entry(None)
        assert entry is not None
        assert entry.index_number == ""
    assert _shown(alpha, mirror)["索引号"] == page.index_number


def test_a_number_of_another_document_is_refused_and_a_free_one_taken(alpha, beta):
    number = publish_document(alpha, "通知").index_number
    for site in (alpha, beta):
        with pytest.raises(ValidationError) as refused:
            draft_document(site, "冒用", index_number=number)
        assert "已经给了另一份文件" in str(refused.value)
    brought = publish_document(beta, "旧文件", index_number="11441700007280420Y/2021-00050")
    assert _again(beta, brought).index_number == "11441700007280420Y/2021-00050"
    with pytest.raises(ValidationError) as refused:
        draft_document(beta, "写错", index_number="2302000001/2021-5")
    assert "不合格式" in str(refused.value)


def test_no_sql_gives_a_document_the_number_of_another(alpha, beta):
    taken, free = publish_document(alpha, "通知").index_number, "2301840001/2019-00001"
    for site in (alpha, beta):
        page, draft = publish_document(site, "另一份"), draft_document(site, "草稿")
        with in_site(site):
            rows = PolicyDocumentPage.objects
            for pk, number in ((page.pk, taken), (page.pk, free), (draft.pk, taken)):
                with pytest.raises(DatabaseError, match="不是这份文件的"), transaction.atomic():
                    rows.filter(pk=pk).update(index_number=number)
            rows.filter(pk=draft.pk).update(index_number=free)
            rows.filter(pk=draft.pk).update(index_number="")
            with pytest.raises(DatabaseError, match="不能去掉索引号"), transaction.atomic():
                rows.filter(pk=page.pk).update(index_number="")
            assert _again(site, page).index_number == page.index_number


def test_no_sql_gives_a_document_the_key_of_another(alpha, beta):
    """By its key a document owns its number, also after it is gone."""
    gone = publish_document(alpha, "将要删除")
    with in_site(alpha):
        gone.delete()
    for site in (alpha, beta):
        page, article = publish_document(site, "一份文件"), publish_article(site, "一篇文章")
        with in_site(site):
            for pk, key in (
                (page.pk, uuid.uuid4()),
                (page.pk, gone.translation_key),
                (article.pk, gone.translation_key),
            ):
                with pytest.raises(DatabaseError, match="内部编号"), transaction.atomic():
                    Page.objects.filter(pk=pk).update(translation_key=key)
            Page.objects.filter(pk=article.pk).update(translation_key=uuid.uuid4())


def test_a_deleted_documents_number_is_not_given_again(alpha):
    page = publish_document(alpha, "通知")
    number = page.index_number
    with in_site(alpha):
        page.delete()
    assert publish_document(alpha, "下一份").index_number != number
    with pytest.raises(ValidationError):
        draft_document(alpha, "冒用", index_number=number)


def test_a_site_restored_from_an_old_backup_finds_its_numbers_again(alpha):
    """The schema is as it was before the publication; a new document draws on, and the old one gets its own number."""
    page = publish_document(alpha, "通知")
    number = page.index_number
    with in_site(alpha), connection.cursor() as cursor:
        cursor.execute("UPDATE wagtailcore_page SET live = false WHERE id = %s", [page.pk])
        cursor.execute("UPDATE content_policydocumentpage SET index_number = '' WHERE page_ptr_id = %s", [page.pk])
    other = publish_document(alpha, "恢复之后的新文件")
    assert other.index_number != number
    with in_site(alpha):
        PolicyDocumentPage.objects.get(pk=page.pk).save_revision().publish()
    assert _again(alpha, page).index_number == number
    assert IndexNumber.objects.get(number=number).document == page.translation_key


def test_a_site_without_a_code_is_refused_with_a_cure(alpha):
    Subsite.objects.filter(pk=alpha.pk).update(id_code="")
    alpha.refresh_from_db()
    with pytest.raises(ValidationError) as refused:
        publish_document(alpha, "通知")
    assert "还没有登记网站标识码" in str(refused.value)
    publish_document(alpha, "通知", index_number="000014349/2017-00110")


# ---- validity


@pytest.mark.parametrize(
    ("facts", "validity", "turn"),
    [
        ({}, Validity.VALID, None),
        ({"effective_on": TODAY + timedelta(1)}, Validity.PENDING, TODAY + timedelta(1)),
        ({"effective_on": TODAY}, Validity.VALID, None),
        ({"expires_on": TODAY}, Validity.VALID, TODAY + timedelta(1)),
        ({"expires_on": TODAY - timedelta(1)}, Validity.EXPIRED, None),
        ({"expires_on": date.max}, Validity.VALID, None),
        ({"amended_on": TODAY}, Validity.AMENDED, None),
        ({"repealed_on": TODAY + timedelta(9)}, Validity.VALID, TODAY + timedelta(9)),
        ({"repealed_on": TODAY, "amended_on": TODAY}, Validity.REPEALED, None),
        ({"stated": "repealed"}, Validity.REPEALED, None),
        ({"stated": "amended", "expires_on": TODAY - timedelta(1)}, Validity.EXPIRED, None),
        ({"stated": "amended"}, Validity.AMENDED, None),
    ],
)
def test_validity_by_dates_and_links(facts, validity, turn):
    found = ValidityFacts(**facts)
    assert validity_on(TODAY, found) == validity
    assert validity_changes_on(TODAY, found) == turn


def test_a_repeal_shows_on_both_pages_and_its_removal_restores(alpha):
    old = publish_document(alpha, "旧办法")
    assert _shown(alpha, old)["有效性"] == "有效"
    new = publish_document(alpha, "新办法", repeals=old)
    assert "废止" in _shown(alpha, old)["有效性"]
    assert "新办法" in _shown(alpha, old)["有效性"]
    assert links(browse(alpha, address_of(alpha, new)), ".about a") == {"旧办法": address_of(alpha, old)}
    assert list(links(browse(alpha, address_of(alpha, old)), ".about a")) == ["新办法"]
    project_now()
    assert (registered(alpha, old).validity, registered(alpha, old).is_current) == ("repealed", False)
    with in_site(alpha):
        page = PolicyDocumentPage.objects.get(pk=new.pk)
        page.relations.all().delete()
        page = PolicyDocumentPage.objects.get(pk=new.pk)
        page.relations = []
        page.save_revision().publish()
    project_now()
    assert _shown(alpha, old)["有效性"] == "有效"
    assert registered(alpha, old).validity == "valid"


def test_withdrawing_the_repealing_document_restores_too(alpha):
    old = publish_document(alpha, "旧办法")
    new = publish_document(alpha, "新办法", amends=old)
    project_now()
    assert registered(alpha, old).validity == "amended"
    with in_site(alpha):
        PolicyDocumentPage.objects.get(pk=new.pk).unpublish()
    project_now()
    assert is_tombstone(alpha, new)
    assert registered(alpha, old).validity == "valid"
    assert not ResourceLink.objects.exists()


def test_a_repeal_counts_from_the_day_on_which_it_takes_effect(alpha):
    old = publish_document(alpha, "旧办法")
    day = timezone.localdate() + timedelta(30)
    publish_document(alpha, "新办法", repeals=old, effective_date=day)
    project_now()
    row = registered(alpha, old)
    assert (row.validity, row.validity_until) == ("valid", day)


def test_the_worker_turns_validities_when_their_day_comes(alpha):
    page = publish_document(alpha, "将要施行", effective_date=timezone.localdate() + timedelta(1))
    assert registered(alpha, page).validity == "pending"
    assert not turn_validities.run()
    with in_site(alpha):
        # What the calendar does tomorrow.
        PolicyDocumentPage.objects.filter(pk=page.pk).update(effective_date=timezone.localdate())
    Mark.objects.all().delete()
    Resource.objects.filter(page_id=page.pk).update(validity_until=timezone.localdate())
    assert turn_validities.run()
    assert not turn_validities.run(), "one mark is enough"
    project_now()
    assert registered(alpha, page).validity == "valid"


# ---- between sites


def test_a_site_above_may_repeal_and_others_not(alpha, beta):
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    of_county, of_city = publish_document(alpha, "县里的办法"), publish_document(beta, "市里的办法")
    publish_document(beta, "市里的决定", repeals=registered(alpha, of_county))
    project_now()
    assert registered(alpha, of_county).validity == "repealed"
    assert "市里的决定" in _shown(alpha, of_county)["有效性"]
    assert links(browse(alpha, address_of(alpha, of_county)), ".about a")["市里的决定"].startswith(beta.root_url)
    with in_site(alpha), pytest.raises(ValidationError) as refused:
        DocumentRelation(kind="repeals", elsewhere=str(registered(beta, of_city).pk)).clean()
    assert "上级网站" in str(refused.value)
    # By a road that asks nobody: the link comes to nothing.
    publish_document(alpha, "县里的决定", repeals=registered(beta, of_city))
    project_now()
    assert registered(beta, of_city).validity == "valid"
    assert _shown(beta, of_city)["有效性"] == "有效"


def test_another_site_names_documents_by_address_or_number_and_only_public_ones(alpha, beta):
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    public, draft = publish_document(alpha, "公开的"), draft_document(alpha, "草稿")
    row = registered(alpha, public)
    with in_site(beta):
        for text in (str(row.pk), alpha.root_url + row.path, f"{alpha.primary_host}{row.path.rstrip('/')}"):
            relation = DocumentRelation(kind="repeals", elsewhere=text)
            relation.clean()
            assert relation.registry_id == row.pk
    hidden = [alpha.root_url + address_of(alpha, draft), "http://nowhere.example/x/", "不是网址"]
    with in_site(alpha):
        public.unpublish()
    project_now()
    with in_site(beta):
        for text in (*hidden, str(row.pk)):
            with pytest.raises(ValidationError) as refused:
                DocumentRelation(kind="repeals", elsewhere=text).clean()
            assert "找不到" in str(refused.value)


def test_what_a_suspended_site_has_repealed_stays_repealed(alpha, beta):
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    old = publish_document(alpha, "县里的办法")
    new = publish_document(beta, "市里的决定", repeals=registered(alpha, old))
    project_now()
    suspend_site(beta, reason="检修")
    project_now()
    assert is_tombstone(beta, new)
    # The document that says so cannot be read now, and is not named; what it did holds.
    assert links(browse(alpha, address_of(alpha, old)), ".about a") == {}
    assert (_shown(alpha, old)["有效性"], registered(alpha, old).validity) == ("废止", "repealed")
    with in_site(beta):
        PolicyDocumentPage.objects.get(pk=new.pk).unpublish()
    resume_site(beta)
    project_now()
    assert (_shown(alpha, old)["有效性"], registered(alpha, old).validity) == ("有效", "valid")


def test_references_name_documents_and_one_at_a_time(alpha):
    document, article = publish_document(alpha, "办法"), publish_article(alpha, "法律", column="zcwj")
    with in_site(alpha):
        for page in (document, article):
            DocumentRelation(kind="repeals", document_id=page.pk).clean()
        for wrong in (
            {},
            {"document_id": document.pk, "elsewhere": "x"},
            {"document_id": column_of().pk},
            {"document_id": document.pk, "page_id": document.pk},
        ):
            with pytest.raises(ValidationError):
                DocumentRelation(kind="repeals", **wrong).clean()


# ---- what citizens and the registry see


def test_the_page_shows_its_marks_and_the_tags_of_an_article(alpha, beta, client_for):
    for site in (alpha, beta):
        page = publish_document(site, "关于供热的通知", expiry_date=date(2030, 1, 1), validity_note="试行")
        soup = browse(site, address_of(site, page))
        shown = _shown(site, page)
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


# ---- which column takes which kind


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
