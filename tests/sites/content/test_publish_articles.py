"""publish_articles: many pages in one go that nobody can tell from those an editor made one by one."""

import contextlib
import threading
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from wagtail.documents import get_document_model
from wagtail.models import Page, PageLogEntry, ReferenceIndex, Revision
from wagtail.search.models import IndexEntry

from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.resources import pending
from cluster.resources.models import Mark, Resource
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage
from sites.content.models import ArticleAttachment, ArticlePage
from sites.content.services import ArticleRefused, PublicationError, publish_articles, publish_in_columns
from tests.support.articles import column_of, publish_article
from tests.support.columns import own_column
from tests.support.people import make_user, sign_in

BODY = '[{"type": "paragraph", "value": "<p>甲</p><p>乙</p>", "id": "2d5a7d2e-5d43-4b64-9f0e-111111111111"}]'
# What no two pages share, and times; everything else must be equal.
OWN = {"id", "page_ptr_id", "path", "slug", "url_path", "translation_key", "page_id", "object_id", "uuid", "pk"}
OWN |= {"latest_revision_id", "live_revision_id", "revision_id", "version", "content_hash", "content", "title_norm"}


def articles(*titles: str, **fields: Any) -> list[ArticlePage]:
    return [ArticlePage(title=title, **{"source": "本单位", "body": BODY, **fields}) for title in titles]


def publish(site: Subsite, *titles: str, column: str = "dtyw", **fields: Any) -> list[ArticlePage]:
    with in_site(site):
        page_ids = publish_articles(column_of(column), articles(*titles, **{"source": site.name, **fields}))
        pending.flush()
        return [ArticlePage.objects.get(pk=pk) for pk in page_ids]


def traits(rows: Any) -> list[dict[str, Any]]:
    """Return the rows without what is each page's own; a time becomes whether it is set."""
    return [
        {
            name: bool(value) if name.endswith(("_at", "timestamp")) or name == "at" else value
            for name, value in row.items()
            if name not in OWN
        }
        for row in rows
    ]


def by_editor(site: Subsite, title: str) -> ArticlePage:
    page = publish_article(site, title)
    pending.flush()
    with in_site(site):
        ArticlePage.objects.filter(pk=page.pk).update(body=BODY)
        return page


def test_every_row_is_as_the_editors_road_leaves_it(alpha: Subsite) -> None:
    one, (many,) = by_editor(alpha, "同一个标题"), publish(alpha, "同一个标题")
    with in_site(alpha):
        for rows in (
            lambda page: Page.objects.filter(pk=page.pk).values(),
            lambda page: ArticlePage.objects.filter(pk=page.pk).values(),
            lambda page: Revision.objects.filter(object_id=str(page.pk)).values(),
            lambda page: PageLogEntry.objects.filter(page_id=page.pk).order_by("timestamp", "id").values(),
            lambda page: IndexEntry.objects.filter(object_id=str(page.pk)).values(),
            lambda page: ReferenceIndex.objects.filter(object_id=str(page.pk)).values(),
            lambda page: Resource.objects.filter(site=alpha, page_id=page.pk).exclude(text="甲").values(),
        ):
            mine, theirs = traits(rows(many)), traits(rows(one))
            for row in (*mine, *theirs):  # the editor's text was put in by hand, after its registry row
                for name in ("text", "summary"):
                    row.pop(name, None)
            assert mine == theirs


def test_the_revision_holds_the_same_fields(alpha: Subsite) -> None:
    one, (many,) = publish_article(alpha, "标题"), publish(alpha, "标题")
    with in_site(alpha):
        assert set(many.live_revision.content) == set(one.live_revision.content)
        assert many.live_revision.content["pk"] == many.pk
        assert many.live_revision.as_object().body.raw_data[0]["value"] == "<p>甲</p><p>乙</p>"


def test_the_tree_stays_whole_and_the_other_site_untouched(alpha: Subsite, beta: Subsite) -> None:
    with in_site(alpha):
        planted = column_of().numchild
    publish(alpha, *[f"第{number}条" for number in range(45)])
    publish_article(alpha, "编辑的一条")
    publish(alpha, "又一条")
    with in_site(alpha):
        assert Page.find_problems() == ([], [], [], [], [])
        assert column_of().get_children().count() == column_of().numchild == planted + 47
    with in_site(beta):
        assert not ArticlePage.objects.exists()
    assert set(Resource.objects.values_list("site__code", flat=True)) == {"alpha"}


def test_equal_titles_get_numbered_addresses_like_wagtails(alpha: Subsite) -> None:
    first = publish_article(alpha, "通知")
    many = publish(alpha, "通知", "通知", "通 知")
    last = publish_article(alpha, "通知")
    slugs = [page.slug for page in (first, *many, last)]
    assert slugs == [first.slug, *(f"{first.slug}-{number}" for number in (2, 3, 4, 5))]
    with in_site(alpha):
        url_paths = {page.url_path for page in ArticlePage.objects.all()}
    assert url_paths == {f"{many[0].url_path.removesuffix(slugs[1] + '/')}{slug}/" for slug in slugs}


def test_a_reserved_address_is_never_given(alpha: Subsite) -> None:
    (search,) = publish(alpha, "Search")
    (given,) = publish(alpha, "检索", slug="search")
    assert "search" not in (search.slug, given.slug)


def test_the_registry_and_the_ledger_have_them_in_the_same_transaction(living: tuple[Subsite, Subsite]) -> None:
    alpha, beta = living
    with in_site(alpha):
        page_ids = publish_articles(column_of(), articles("甲", "乙"))
        with contextlib.suppress(RuntimeError), transaction.atomic():
            publish_articles(column_of(), articles("丙"))
            raise RuntimeError
    rows = Resource.objects.filter(page_id__in=page_ids)
    assert sorted(rows.values_list("title", "text", "site__code")) == [
        ("乙", "甲\n乙", "alpha"),
        ("甲", "甲\n乙", "alpha"),
    ]
    assert LedgerEntry.objects.filter(subject_id__in=[str(row.pk) for row in rows], action="publish").count() == 2
    assert not Resource.objects.filter(title="丙").exists()
    assert Mark.objects.filter(schema_name=alpha.schema_name).exists()  # triggers saw them, too
    assert not Resource.objects.filter(site=beta).exists()


def test_attachments_come_with_their_articles_and_are_noted_as_references(alpha: Subsite) -> None:
    with in_site(alpha):
        document = get_document_model().objects.create(title="附件", file=ContentFile(b"abc", "a.txt"))
        article, plain = articles("有附件", "无附件")
        article.attachments = [ArticleAttachment(document=document, label="表一")]
        with_file, without = publish_articles(column_of(), [article, plain])
        pending.flush()
        assert ArticlePage.objects.get(pk=with_file).attachments.get().label == "表一"
        page = ArticlePage.objects.get(pk=with_file)
        assert page.live_revision.content["attachments"][0]["document"] == document.pk
        assert ReferenceIndex.get_references_to(document).get().object_id == str(with_file)
    assert Resource.objects.get(page_id=with_file).document_ids == [document.pk]
    assert Resource.objects.get(page_id=without).document_ids == []


def test_one_bad_article_is_named_and_none_goes_in(alpha: Subsite) -> None:
    with in_site(alpha):
        with pytest.raises(ArticleRefused) as caught, transaction.atomic():
            publish_articles(column_of(), articles("好", "坏\x00", "好"))
        assert caught.value.index == 1
        assert "NUL" in str(caught.value)
        assert not ArticlePage.objects.exists()
        assert len(publish_articles(column_of(), articles("好", "也好😀"))) == 2


def test_several_columns_at_once(alpha: Subsite, beta: Subsite) -> None:
    """Each article in its own column, in its order, beside what was there; the other site has nothing of it."""
    publish_article(alpha, "先有的一条")
    with in_site(alpha):
        news, notices = column_of("dtyw"), column_of("tzgg")
        before = {column.pk: column.numchild for column in (news, notices)}
        page_ids = publish_in_columns(
            {news: articles("甲", "先有的一条"), notices: articles("甲"), column_of("zcjd"): []}
        )
        pending.flush()
        found = [ArticlePage.objects.get(pk=pk) for pk in page_ids]
        assert [(page.title, page.get_parent().slug) for page in found] == [
            *(("甲", "dtyw"), ("先有的一条", "dtyw"), ("甲", "tzgg")),
        ]
        assert found[1].slug.endswith("-2")
        assert found[0].slug == found[2].slug
        assert column_of("dtyw").numchild == before[news.pk] + 2
        assert column_of("tzgg").numchild == before[notices.pk] + 1
        assert Page.find_problems() == ([], [], [], [], [])
    with in_site(beta):
        assert not ArticlePage.objects.exists()
    assert set(Resource.objects.values_list("site__code", flat=True)) == {"alpha"}
    rows = Resource.objects.filter(page_id__in=page_ids).values_list("page_id", "column_code")
    assert dict(rows) == dict(zip(page_ids, ("dtyw", "dtyw", "tzgg"), strict=True))


def test_a_bad_article_is_named_through_all_columns_and_none_goes_in(alpha: Subsite) -> None:
    with in_site(alpha):
        with pytest.raises(ArticleRefused) as caught, transaction.atomic():
            publish_in_columns({column_of("dtyw"): articles("好", "好"), column_of("tzgg"): articles("坏\x00")})
        assert caught.value.index == 2
        assert not ArticlePage.objects.exists()
        assert (
            len(publish_in_columns({column_of("dtyw"): articles("好", "好"), column_of("tzgg"): articles("好")})) == 3
        )


def test_a_column_that_is_gone_is_said(alpha: Subsite) -> None:
    own = own_column(alpha)
    with in_site(alpha):
        assert len(publish_articles(own, articles("在的时候"))) == 1
        pending.flush()
        gone = ColumnPage.objects.get(pk=own.pk)
        ColumnPage.objects.get(pk=own.pk).delete()
        with pytest.raises(PublicationError, match=f"{gone.title}”刚刚被删除"), transaction.atomic():
            publish_articles(gone, articles("不在了"))


def test_editors_go_on_working_with_them(alpha: Subsite, client_for: Any) -> None:
    user = make_user(alpha, "site_admin")
    page, other = publish(alpha, "要改的", "不动的")
    client = sign_in(client_for(alpha), user)
    for address in (
        f"/admin/pages/{page.pk}/edit/",
        f"/admin/pages/{page.pk}/history/",
        f"/admin/pages/search/?q={page.title}",
    ):
        response = client.get(address)
        assert response.status_code == 200
        assert page.title in response.content.decode()
    with in_site(alpha):
        page.title = "改过的"
        page.save_revision(user=user).publish(user=user)
        pending.flush()
        copied = other.copy(update_attrs={"slug": "fu-ben"})
        other.move(column_of("tzgg"), pos="last-child")
        page = ArticlePage.objects.get(pk=page.pk)
        page.unpublish()
        pending.flush()
        assert Page.find_problems() == ([], [], [], [], [])
        assert ArticlePage.objects.get(pk=other.pk).get_parent().slug == "tzgg"
        assert copied.get_parent().pk == column_of().pk
    row = Resource.objects.get(page_id=page.pk)
    assert (row.title, row.state) == ("改过的", "withdrawn")
    assert Resource.objects.get(page_id=other.pk).column_code == "tzgg"


def test_editors_and_imports_at_once_never_get_the_same_place(living: tuple[Subsite, Subsite]) -> None:
    alpha, _ = living
    failures: list[BaseException] = []

    def work(kind: str) -> None:
        try:
            for number in range(4):
                if kind == "editor":
                    publish_article(alpha, f"编辑{number}")
                else:
                    with in_site(alpha), transaction.atomic():
                        publish_articles(column_of(), articles(*["导入"] * 20))
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[kind]) for kind in ("editor", "import", "import")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with in_site(alpha):
        assert Page.find_problems() == ([], [], [], [], [])
        assert ArticlePage.objects.count() == 164
        assert len(set(ArticlePage.objects.values_list("slug", flat=True))) == 164
