"""Index numbers of documents: given with the first publication, kept through every road, and never given twice."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from wagtail.models import Page

from cluster.context import in_site
from cluster.resources.models import IndexNumber
from cluster.subsites.models import Subsite
from sites.content.models import PolicyDocumentPage
from tests.support.articles import column_of, publish_article, through_the_gate
from tests.support.documents import again, draft_document, publish_document, shown_marks


def test_the_index_number_comes_with_the_first_publication_and_stays(alpha, beta):
    draft = draft_document(alpha, "通知")
    assert draft.index_number == ""
    with in_site(alpha):
        draft.save_revision().publish()
    number = again(alpha, draft).index_number
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
    assert again(alpha, draft).index_number == number
    assert publish_document(beta, "通知").index_number.startswith("2302000001/")


def test_every_road_of_publication_gives_a_number(alpha):
    with in_site(alpha), through_the_gate(alpha):
        page = PolicyDocumentPage(
            title="直接上线",
            source="甲县",
            live=True,
            doc_no=["甲政发〔2026〕6号"],
            document_kind="通知",
            author="编辑",
        )
        column_of("zcwj").add_child(instance=page)
        saved = draft_document(alpha, "保存上线")
        saved.live = True
        saved.save(update_fields=["live"])
    numbers = {again(alpha, found).index_number for found in (page, saved)}
    assert len(numbers - {""}) == 2


def test_copies_and_mirrors_do_not_claim_the_number(alpha):
    page = publish_document(alpha, "通知")
    with in_site(alpha):
        copy = page.copy(update_attrs={"slug": "copy"}, keep_live=True)
        mirror = page.create_alias(parent=column_of("zcwj"), update_slug="mirror")
        assert again(alpha, copy).index_number not in ("", page.index_number)
        assert again(alpha, mirror).index_number == ""
        entry = PolicyDocumentPage.registry_queryset().get(pk=mirror.pk).registry_entry(None)
        assert entry is not None
        assert entry.index_number == ""
    assert shown_marks(alpha, mirror)["索引号"] == page.index_number


def test_a_number_of_another_document_is_refused_and_a_free_one_taken(alpha, beta):
    number = publish_document(alpha, "通知").index_number
    for site in (alpha, beta):
        with pytest.raises(ValidationError) as refused:
            draft_document(site, "冒用", index_number=number)
        assert "已经给了另一份文件" in str(refused.value)
    brought = publish_document(beta, "旧文件", index_number="11441700007280420Y/2021-00050")
    assert again(beta, brought).index_number == "11441700007280420Y/2021-00050"
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
            assert again(site, page).index_number == page.index_number


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
    assert again(alpha, page).index_number == number
    assert IndexNumber.objects.get(number=number).document == page.translation_key


def test_a_site_without_a_code_is_refused_with_a_cure(alpha):
    Subsite.objects.filter(pk=alpha.pk).update(id_code="")
    alpha.refresh_from_db()
    with pytest.raises(ValidationError) as refused:
        publish_document(alpha, "通知")
    assert "还没有登记网站标识码" in str(refused.value)
    publish_document(alpha, "通知", index_number="000014349/2017-00110")
