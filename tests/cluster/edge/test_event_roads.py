"""Every road on which something public changes tells the stores of it by the right keys, and says nothing of the other site.

The roads are those of tests/cluster/test_roads.py. What the web process withdraws by itself stands under the name of nobody.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from cluster.column_templates.models import TemplateVersion
from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.edge.models import EdgeEvent, EdgeServer
from cluster.resources.feed import CHANNEL
from cluster.subsites.models import Domain, Subsite
from cluster.subsites.services import add_domain, close_site, open_site, resume_site, suspend_site
from sites.columns.models import ColumnPage, HomePage
from sites.common.scheduling import publish_scheduled
from sites.content.models import ArticleAttachment, ArticlePage
from tests.support.articles import column_of, page_in, publish_article
from tests.support.people import api_token, make_user, sign_in
from tests.support.pictures import add_image, png
from tests.support.working import work_until_idle

SERVERS = ("east", "west")


@pytest.fixture
def pair(living):
    """Return alpha, beta and an article of the same title in each; two servers hear what happens from now on."""
    alpha, beta = living
    pages = publish_article(alpha, "春耕备耕安排"), publish_article(beta, "春耕备耕安排")
    work_until_idle()
    EdgeServer.objects.bulk_create(EdgeServer(name=name) for name in SERVERS)
    EdgeEvent.objects.all().delete()
    return alpha, beta, *pages


def told(work: bool = True, server: str = SERVERS[0]) -> set[str]:
    """Return the keys that a server was told; what is gone with a minus before it."""
    if work:
        work_until_idle()
    return {("-" if event.gone else "") + event.key for event in EdgeEvent.objects.filter(server=server)}


def gone_for_the_committer() -> set[str]:
    """Return what the process whose transaction it was would withdraw by itself."""
    return {f"-{event.key}" for event in EdgeEvent.objects.filter(server="")}


def keys_of(page: Page, *kinds: str) -> set[str]:
    """Return keys of a page of alpha, for kinds like "page" and "-line"."""
    return {f"{kind}:site_alpha:{page.pk}" for kind in kinds}


WITHDRAWN = {"-page", "-line"}
MEMBERS = "members:site_alpha:dtyw"


@pytest.fixture(autouse=True)
def _beta_is_not_named(pair):
    """Fail if a change of alpha told anything of beta, or the two servers different things."""
    yield
    work_until_idle()
    names = list(EdgeEvent.objects.filter(server=SERVERS[0]).values_list("key", flat=True))
    assert [name for name in names if "beta" in name] == []
    assert told(server=SERVERS[0]) == told(server=SERVERS[1])


class TestRoadsWithASignal:
    def test_a_new_item_touches_the_lists_of_its_column(self, pair):
        alpha, _, _, _ = pair
        page = publish_article(alpha, "新的一条", column="tzgg")
        assert told(work=False) == keys_of(page, "page", "line") | {"members:site_alpha:tzgg", "items:site_alpha"}
        event = EdgeEvent.objects.get(server="east", key="members:site_alpha:tzgg")
        assert event.at == page_in(alpha, page).published_at

    def test_an_edited_text_touches_its_page_alone(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha), transaction.atomic():
            page = page_in(alpha, ours)
            page.body = [("paragraph", "<p>另一段</p>")]
            page.summary = page.summary or ""
            page.save_revision().publish()
        # The registry's summary is made of the text, and lists of other sites show that one.
        assert told() == keys_of(ours, "page", "line") | {"items:site_alpha"}

    def test_an_edited_text_below_its_own_summary_leaves_lists_alone(self, pair):
        alpha, _, _, _ = pair
        page = publish_article(alpha, "有摘要的一条", summary="自己写的摘要")
        EdgeEvent.objects.all().delete()
        with in_site(alpha), transaction.atomic():
            draft = page_in(alpha, page)
            draft.body = [("paragraph", "<p>另一段</p>")]
            draft.save_revision().publish()
        assert told() == keys_of(page, "page") | {"items:site_alpha"}

    def test_an_edited_title_touches_the_lists_that_show_it(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            page = page_in(alpha, ours)
            page.title = "改过的标题"
            page.save()
        assert told() == keys_of(ours, "page", "line")

    def test_a_failure_after_publish_tells_nothing(self, pair):
        alpha, _, ours, _ = pair

        def publish_and_fail():
            with in_site(alpha), transaction.atomic():
                page = page_in(alpha, ours)
                page.title = "没有发生的标题"
                page.save_revision().publish()
                raise RuntimeError("after publish")

        with pytest.raises(RuntimeError):
            publish_and_fail()
        assert told() == set()

    def test_a_draft_is_quiet(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            page = column_of("tzgg").add_child(instance=ArticlePage(title="草稿", live=False))
            page.save_revision()
            page_in(alpha, ours).save_revision()
        assert not told() & {"members:site_alpha:tzgg", "columns:site_alpha", *keys_of(ours, "line")}

    def test_unpublish(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            page_in(alpha, ours).unpublish()
        assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}

    def test_delete(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            page_in(alpha, ours).delete()
        assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}

    def test_a_page_that_is_born_live_touches_no_page(self, pair):
        """None shows it yet: an import of thousands tells of its column alone."""
        alpha, _, _, _ = pair
        with in_site(alpha):
            column_of("tzgg").add_child(instance=ArticlePage(title="直接上线", live=True))
        assert told() == {"members:site_alpha:tzgg", "items:site_alpha"}

    def test_copy_that_stays_live(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            copied = CopyPageAction(
                page_in(alpha, ours), to=column_of("tzgg"), keep_live=True, update_attrs={"slug": "copied"}
            ).execute(skip_permission_checks=True)
        assert told() >= {"members:site_alpha:tzgg", "items:site_alpha"}
        assert not told() & keys_of(copied, *WITHDRAWN)

    def test_alias(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            alias = CreatePageAliasAction(page_in(alpha, ours), parent=column_of("tzgg"), update_slug="mirror").execute(
                skip_permission_checks=True
            )
            assert told() >= {"members:site_alpha:tzgg"}
            page = page_in(alpha, ours)
            page.title = "源头改了"
            page.save_revision().publish()
        assert told() >= keys_of(alias, "page", "line") | keys_of(ours, "page", "line")

    def test_move_leaves_the_old_address_and_touches_both_columns(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            page_in(alpha, ours).move(column_of("tzgg"), pos="last-child")
        assert told() == keys_of(ours, "-page", "line") | {MEMBERS, "members:site_alpha:tzgg", "items:site_alpha"}

    def test_slug_change(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            page = page_in(alpha, ours)
            page.slug = "xin-dizhi"
            page.save_revision().publish()
        assert told() == keys_of(ours, "-page", "line") | {"items:site_alpha"}

    def test_another_date_reaches_what_shows_the_old_or_the_new(self, pair):
        alpha, _, ours, _ = pair
        before = page_in(alpha, ours).published_at
        with in_site(alpha), transaction.atomic():
            page = page_in(alpha, ours)
            page.published_at = datetime(2020, 5, 1, 8, tzinfo=UTC)
            page.save_revision().publish()
        assert told() == keys_of(ours, "page", "line") | {MEMBERS, "items:site_alpha"}
        assert EdgeEvent.objects.get(server="east", key=MEMBERS).at == before

    def test_restriction_on_the_parent_takes_all_below_it_along(self, pair):
        alpha, _, ours, _ = pair
        with opened(alpha), in_site(alpha):
            column = column_of("dtyw")
            restriction = PageViewRestriction.objects.create(page=column, restriction_type=PageViewRestriction.LOGIN)
        gone = keys_of(ours, *WITHDRAWN) | keys_of(column, *WITHDRAWN)
        assert told(work=False) >= gone | {MEMBERS, "columns:site_alpha", "items:site_alpha"}
        EdgeEvent.objects.all().delete()
        with in_site(alpha):
            restriction.delete()
        assert told() >= {MEMBERS, "columns:site_alpha", *keys_of(column, "page")}


class TestRoadsWithoutASignal:
    def test_queryset_update_that_withdraws(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            Page.objects.filter(pk=ours.pk).update(live=False)
        assert told(work=False) == keys_of(ours, *WITHDRAWN) | {"items:site_alpha"}
        assert told() == keys_of(ours, *WITHDRAWN) | {"items:site_alpha", MEMBERS}

    def test_queryset_update_that_expires(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            Page.objects.filter(pk=ours.pk).update(expired=True)
        assert told(work=False) == keys_of(ours, *WITHDRAWN)

    @pytest.mark.parametrize(
        ("field", "value", "in_lists"),
        [
            ("summary", "批量写入的摘要", True),
            ("lead_image_alt", "另一句话", True),
            ("doc_no", ["甲政发〔2026〕1号"], True),
            ("author", "另一位", False),
        ],
    )
    def test_queryset_update_of_the_types_own_table(self, pair, field, value, in_lists):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            ArticlePage.objects.filter(pk=ours.pk).update(**{field: value})
        assert told(work=False) == keys_of(ours, *(("page", "line") if in_lists else ("page",)))

    def test_raw_sql_update(self, pair):
        _, _, ours, _ = pair
        with connection.cursor() as cursor:
            cursor.execute("UPDATE site_alpha.wagtailcore_page SET title = '数据库里改的' WHERE id = %s", [ours.pk])
        assert told() == keys_of(ours, "page", "line")

    def test_raw_sql_delete(self, pair):
        _, _, ours, _ = pair
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL search_path = site_alpha, public")
            for table in ("content_articleattachment", "wagtailcore_pagesubscription", "content_articlepage"):
                column = {"content_articlepage": "page_ptr_id"}.get(table, "page_id")
                cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [ours.pk])
            cursor.execute("DELETE FROM wagtailcore_page WHERE id = %s", [ours.pk])
        assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}

    def test_inline_table(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            document = get_document_model().objects.create(title="附件", file=ContentFile("文".encode(), name="a.txt"))
            EdgeEvent.objects.all().delete()
            ArticleAttachment.objects.bulk_create([ArticleAttachment(page_id=ours.pk, document=document, sort_order=0)])
        assert told(work=False) == keys_of(ours, "page")

    def test_a_mirror_goes_with_its_restricted_original(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            mirror = CreatePageAliasAction(
                page_in(alpha, ours), parent=column_of("tzgg"), update_slug="mirror"
            ).execute(skip_permission_checks=True)
        with opened(alpha), in_site(alpha):
            PageViewRestriction.objects.bulk_create(
                [PageViewRestriction(page=column_of("dtyw"), restriction_type=PageViewRestriction.LOGIN)]
            )
        assert told(work=False) >= keys_of(mirror, *WITHDRAWN) | keys_of(ours, *WITHDRAWN)
        assert told() >= {MEMBERS, "members:site_alpha:tzgg"}

    @pytest.mark.parametrize(
        ("fields", "in_menus"),
        [({"title": "今日动态"}, True), ({"show_in_menus": False}, True), ({"seo_title": "今日"}, False)],
    )
    def test_a_columns_own_row_of_the_core_table(self, pair, fields, in_menus):
        alpha, _, _, _ = pair
        with opened(alpha), in_site(alpha):
            column = Page.objects.get(pk=column_of("dtyw").pk)
            before = {name: getattr(column, name) for name in fields}
            Page.objects.filter(pk=column.pk).update(**fields)
        keys = told(work=False)
        with opened(alpha), in_site(alpha):
            Page.objects.filter(pk=column.pk).update(**before)
        assert ("columns:site_alpha" in keys) == in_menus

    @pytest.mark.parametrize(
        ("fields", "in_menus"),
        [
            ({"column_class": "static"}, True),
            ({"description": "另一句"}, True),
            ({"body": [("paragraph", "<p>导言</p>")]}, False),
        ],
    )
    def test_a_columns_own_table(self, pair, fields, in_menus):
        alpha, _, _, _ = pair
        with opened(alpha), in_site(alpha):
            column = column_of("dtyw")
            before = {name: getattr(column, name) for name in fields}
            ColumnPage.objects.filter(pk=column.pk).update(**fields)
        keys = told(work=False)
        with opened(alpha), in_site(alpha):
            ColumnPage.objects.filter(pk=column.pk).update(**before)
        assert keys >= keys_of(column, "page")
        assert ("columns:site_alpha" in keys) == in_menus

    def test_a_sites_own_column_comes_moves_and_goes(self, pair):
        alpha, _, _, _ = pair
        with in_site(alpha):
            place = ColumnPage.objects.filter(open_below=True).first()
            column = place.add_child(
                instance=ColumnPage(title="本地专栏", column_type="专栏", description="专栏", keywords="专栏")
            )
            assert told() >= {"columns:site_alpha"}
            EdgeEvent.objects.all().delete()
            column.slug = "zhuanlan"
            column.save()
            assert told() >= {"columns:site_alpha", *keys_of(column, "-page")}
            EdgeEvent.objects.all().delete()
            column.delete()
        assert told() >= {"columns:site_alpha", *keys_of(column, *WITHDRAWN)}

    def test_the_home_pages_blocks(self, pair):
        alpha, _, _, _ = pair
        with opened(alpha), in_site(alpha):
            home = HomePage.objects.get()
            HomePage.objects.filter(pk=home.pk).update(blocks=home.blocks)
        assert told(work=False) == keys_of(home, "page")


class TestFiles:
    def document(self, alpha, ours):
        """Attach a document to alpha's article, and forget what that told."""
        with in_site(alpha):
            document = get_document_model().objects.create(title="附件", file=ContentFile("文".encode(), name="a.txt"))
            page = page_in(alpha, ours)
            page.attachments = [ArticleAttachment(document=document, sort_order=0)]
            page.save_revision().publish()
        work_until_idle()
        EdgeEvent.objects.all().delete()
        return document, f"document:site_alpha:{document.pk}"

    def test_another_title_of_a_document(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        with in_site(alpha):
            document.title = "附件一"
            document.save()
        assert key in told(work=False)
        assert f"-{key}" not in told()

    def test_a_replaced_file_is_gone_as_it_was(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        with in_site(alpha):
            document.file = ContentFile("新的标准".encode(), name="b.txt")
            document.save()
        assert f"-{key}" in told(work=False)

    def test_a_deleted_document(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        with in_site(alpha):
            document.delete()
        assert f"-{key}" in told(work=False)

    def test_a_document_put_into_another_collection(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        with in_site(alpha):
            inner = Collection.get_first_root_node().add_child(name="内部")
            type(document).objects.filter(pk=document.pk).update(collection=inner)
        assert f"-{key}" in told(work=False)

    def test_restriction_on_a_collection_above_and_its_end(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        with in_site(alpha):
            outer = Collection.get_first_root_node().add_child(name="上级")
            inner = outer.add_child(name="下级")
            type(document).objects.filter(pk=document.pk).update(collection=inner)
            EdgeEvent.objects.all().delete()
            CollectionViewRestriction.objects.bulk_create(
                [CollectionViewRestriction(collection=outer, restriction_type="login")]
            )
        assert f"-{key}" in told(work=False)
        EdgeEvent.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM site_alpha.wagtailcore_collectionviewrestriction")
        assert told() >= {"record:site_alpha"}

    def test_a_moved_collection(self, pair):
        alpha, _, ours, _ = pair
        document, key = self.document(alpha, ours)
        with in_site(alpha):
            above, moved = (Collection.get_first_root_node().add_child(name=name) for name in ("甲", "乙"))
            type(document).objects.filter(pk=document.pk).update(collection=moved)
            EdgeEvent.objects.all().delete()
            Collection.objects.get(pk=moved.pk).move(Collection.objects.get(pk=above.pk), pos="sorted-child")
        assert f"-{key}" in told(work=False)

    def test_a_pictures_words_and_its_file(self, pair):
        alpha, _, _, _ = pair
        image = add_image(alpha)
        key = f"image:site_alpha:{image.pk}"
        EdgeEvent.objects.all().delete()
        with in_site(alpha):
            image.title = "另一个名字"
            image.save()
            assert told(work=False) == {key}
            EdgeEvent.objects.all().delete()
            image.file = ContentFile(png("blue"), name="b.png")
            image.save()
            assert told(work=False) == {f"-{key}"}


class TestRoadsOfTheAdminAndTheApi:
    def test_bulk_unpublish_and_publish(self, pair, client_for):
        alpha, _, ours, _ = pair
        client = sign_in(client_for(alpha), make_user(alpha))
        assert client.post(f"/admin/bulk/wagtailcore/page/unpublish/?id={ours.pk}").status_code == 302
        assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}
        EdgeEvent.objects.all().delete()
        assert client.post(f"/admin/bulk/wagtailcore/page/publish/?id={ours.pk}").status_code == 302
        assert told() >= keys_of(ours, "page") | {MEMBERS, "items:site_alpha"}

    def test_an_editor_of_the_other_site_tells_nothing(self, pair, client_for):
        alpha, beta, ours, _ = pair
        stranger = sign_in(client_for(beta), make_user(beta))
        EdgeEvent.objects.all().delete()
        stranger.defaults["HTTP_HOST"] = alpha.primary_host
        assert stranger.post(f"/admin/pages/{ours.pk}/unpublish/").status_code == 302
        assert told() == set()

    def test_the_api(self, pair, client_for):
        alpha, _, ours, _ = pair
        token = api_token(alpha, make_user(alpha))
        EdgeEvent.objects.all().delete()
        answer = client_for(alpha).post(
            f"/api/v3/pages/{ours.pk}/actions/unpublish/",
            "{}",
            "application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 200
        assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}


def test_the_schedule(pair):
    alpha, _, ours, _ = pair
    with in_site(alpha):
        Page.objects.filter(pk=ours.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    EdgeEvent.objects.all().delete()
    publish_scheduled.run()
    assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}


class TestWholeSites:
    def test_suspending_and_resuming(self, pair):
        alpha, _, _, _ = pair
        suspend_site(alpha, reason="检修")
        assert told(work=False) == {"-record:site_alpha", "columns:site_alpha", "directory"}
        EdgeEvent.objects.all().delete()
        resume_site(alpha)
        assert told(work=False) == {"record:site_alpha", "columns:site_alpha", "directory"}

    def test_state_changed_by_sql(self, pair):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE subsites_subsite SET state = 'suspended' WHERE code = 'alpha'")
        assert told(work=False) >= {"-record:site_alpha", "directory"}

    def test_a_telephone_number_and_a_name(self, pair):
        alpha, _, _, _ = pair
        Subsite.objects.filter(pk=alpha.pk).update(phone="0451-1")
        assert told(work=False) == {"record:site_alpha", "columns:site_alpha"}
        Subsite.objects.filter(pk=alpha.pk).update(short_name="甲县")
        assert "directory" in told(work=False)
        Subsite.objects.filter(pk=alpha.pk).update(phone="", short_name="")

    def test_another_host_and_its_end(self, pair):
        alpha, _, _, _ = pair
        add_domain(alpha, "jia.localhost")
        assert told(work=False) == {"record:site_alpha", "columns:site_alpha", "directory"}
        Domain.objects.filter(domain="jia.localhost").delete()
        assert "-record:site_alpha" in told(work=False)

    def test_opening_and_closing(self, pair):
        gamma = open_site(code="gamma", name="丙县人民政府", kind="county", region_code="230123")
        assert "directory" in told()
        close_site(gamma, reason="整合")
        assert "-record:site_gamma" in told()

    def test_truncate(self, pair):
        gamma = open_site(code="gamma", name="丙县人民政府", kind="county", region_code="230123")
        publish_article(gamma, "清空之前")
        EdgeEvent.objects.all().delete()
        with opened(gamma), connection.cursor() as cursor:
            cursor.execute("TRUNCATE site_gamma.wagtailcore_page CASCADE")
        assert "-record:site_gamma" in told()

    def test_another_law_of_columns(self, pair):
        TemplateVersion.objects.update(state="past")
        TemplateVersion.objects.update(state="current")
        assert told(work=False) == {"all"}

    def test_moulds_tell_nothing(self, pair):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE base_county.wagtailcore_page SET title = title || '' WHERE depth = 2")
            cursor.execute("UPDATE base_county.columns_columnpage SET keywords = keywords || ''")
        assert told() == set()


class TestTheCommitter:
    """What is gone is told to the process that commits, under the name of nobody; the rest is not."""

    @pytest.mark.parametrize(
        "deed",
        [
            lambda alpha, ours: page_in(alpha, ours).unpublish(),
            lambda alpha, ours: page_in(alpha, ours).delete(),
            lambda alpha, ours: Page.objects.filter(pk=ours.pk).update(live=False),
        ],
        ids=["unpublish", "delete", "update"],
    )
    def test_what_is_gone(self, pair, deed: Callable[[Subsite, Page], object]):
        alpha, _, ours, _ = pair
        EdgeServer.objects.all().delete()
        with in_site(alpha):
            deed(alpha, ours)
        assert gone_for_the_committer() == keys_of(ours, *WITHDRAWN)

    def test_what_comes_is_nobodys_business(self, pair):
        alpha, _, _, _ = pair
        publish_article(alpha, "新的一条")
        assert gone_for_the_committer() == set()

    def test_is_taken_by_its_own_transaction_alone(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            Page.objects.filter(pk=ours.pk).update(live=False)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM public.qz_edge_take()")
            assert cursor.fetchall() == []
            cursor.execute("UPDATE site_alpha.wagtailcore_page SET live = true WHERE id = %s", [ours.pk])
            cursor.execute("UPDATE site_alpha.wagtailcore_page SET live = false WHERE id = %s", [ours.pk])
            cursor.execute("SELECT * FROM public.qz_edge_take()")
            assert {f"-{key}" for (key,) in cursor.fetchall()} == keys_of(ours, *WITHDRAWN)
        assert gone_for_the_committer() == keys_of(ours, *WITHDRAWN), "those of the first transaction"


def test_a_transaction_tells_each_key_once_with_the_latest_date(pair):
    alpha, _, _, _ = pair
    with transaction.atomic():
        for year in (2021, 2024, 2022):
            publish_article(alpha, f"{year}年的信息", column="tzgg", published_at=datetime(year, 5, 1, tzinfo=UTC))
    event = EdgeEvent.objects.get(server="east", key="members:site_alpha:tzgg")
    assert event.at == datetime(2024, 5, 1, tzinfo=UTC)


def test_the_feed_is_notified(pair):
    alpha = pair[0]
    listener = connection.copy()
    try:
        with listener.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
            with in_site(alpha):
                # What it shows stays as it was: every later test of this site reads its home page.
                HomePage.objects.update(blocks=HomePage.objects.get().blocks)
            cursor.execute("SELECT 1")
            assert listener.connection.notifies
    finally:
        listener.close()
