"""Every road on which a page changes reaches the registry, and nothing of it reaches the other site.

Each test publishes the same title in alpha and in beta, changes alpha by one road, and asks what the registry says of both.
Roads with a signal are in the registry at once; the others after the worker has looked at what the triggers marked.
"""

import json
import time
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.resources.models import AttachmentText, Mark
from cluster.subsites.services import close_site, open_site, resume_site, suspend_site
from sites.columns.models import ColumnPage
from sites.common.scheduling import publish_scheduled
from sites.content.models import ArticleAttachment, ArticlePage
from tests.support.articles import column_of, page_in, publish_article
from tests.support.people import api_token, make_user, sign_in
from tests.support.registry import is_published, is_tombstone, ledger_of, row_of
from tests.support.working import work_until_idle


@pytest.fixture
def pair(living):
    """Return alpha, beta and an article of the same title in each."""
    alpha, beta = living
    pages = publish_article(alpha, "春耕备耕安排"), publish_article(beta, "春耕备耕安排")
    work_until_idle()
    return alpha, beta, *pages


@pytest.fixture
def beta_untouched(pair):
    """Fail if beta's row moved while alpha was changed."""
    _, beta, _, theirs = pair
    before = row_of(beta, theirs).version
    yield
    work_until_idle()
    assert row_of(beta, theirs).version == before
    assert is_published(beta, theirs)


@pytest.mark.usefixtures("beta_untouched")
class TestRoadsWithASignal:
    """In the registry when the transaction commits, without a worker."""

    def test_publish_writes_row_feed_and_ledger_together(self, pair):
        alpha, _, ours, _ = pair
        row = row_of(alpha, ours)
        assert (row.title, row.column_code, row.text, row.path) == (
            "春耕备耕安排",
            "dtyw",
            "正文",
            f"/dtyw/{ours.slug}/",
        )
        assert ledger_of(ours, alpha) == ["publish"]

    def test_a_failure_after_publish_leaves_nothing(self, pair):
        alpha, _, ours, _ = pair
        before = row_of(alpha, ours).version

        def publish_and_fail():
            with in_site(alpha), transaction.atomic():
                page = ArticlePage.objects.get(pk=ours.pk)
                page.title = "没有发生的标题"
                page.save_revision().publish()
                raise RuntimeError("after publish")

        with pytest.raises(RuntimeError):
            publish_and_fail()
        assert row_of(alpha, ours).version == before
        assert ledger_of(ours, alpha) == ["publish"]

    def test_unpublish_leaves_a_tombstone(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            ArticlePage.objects.get(pk=ours.pk).unpublish()
        assert is_tombstone(alpha, ours)
        assert ledger_of(ours, alpha) == ["publish", "withdraw"]

    def test_save_of_a_live_page_in_a_shell(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            page = ArticlePage.objects.get(pk=ours.pk)
            page.title = "改过的标题"
            page.save()
        assert row_of(alpha, ours).title == "改过的标题"
        assert ledger_of(ours, alpha) == ["publish", "revise"]

    def test_add_child_of_a_live_page(self, pair):
        alpha, _, _, _ = pair
        with in_site(alpha):
            page = column_of("tzgg").add_child(instance=ArticlePage(title="直接上线", live=True))
        assert is_published(alpha, page)

    def test_a_draft_stays_out(self, pair):
        alpha, _, _, _ = pair
        with in_site(alpha):
            page = column_of("tzgg").add_child(instance=ArticlePage(title="草稿", live=False))
            page.save_revision()
        work_until_idle()
        assert row_of(alpha, page) is None

    def test_delete(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            ArticlePage.objects.get(pk=ours.pk).delete()
        assert is_tombstone(alpha, ours)

    def test_copy_that_stays_live(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            copied = CopyPageAction(
                page_in(alpha, ours), to=column_of("tzgg"), keep_live=True, update_attrs={"slug": "copied"}
            ).execute(skip_permission_checks=True)
        assert is_published(alpha, copied)
        assert row_of(alpha, copied).column_code == "tzgg"

    def test_alias(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            alias = CreatePageAliasAction(page_in(alpha, ours), parent=column_of("tzgg"), update_slug="mirror").execute(
                skip_permission_checks=True
            )
            assert is_published(alpha, alias)
            page = page_in(alpha, ours)
            page.title = "源头改了"
            page.save_revision().publish()
        work_until_idle()
        assert row_of(alpha, alias).title == "源头改了"

    def test_move_changes_column_and_path(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            page_in(alpha, ours).move(column_of("tzgg"), pos="last-child")
        work_until_idle()
        row = row_of(alpha, ours)
        assert (row.column_code, row.path) == ("tzgg", f"/tzgg/{ours.slug}/")

    def test_slug_change(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            page = page_in(alpha, ours)
            page.slug = "xin-dizhi"
            page.save_revision().publish()
        assert row_of(alpha, ours).path == "/dtyw/xin-dizhi/"

    def test_restriction_on_the_parent_hides_and_shows_again(self, pair):
        alpha, _, ours, _ = pair
        with opened(alpha), in_site(alpha):
            restriction = PageViewRestriction.objects.create(
                page=column_of("dtyw"), restriction_type=PageViewRestriction.LOGIN
            )
        assert is_tombstone(alpha, ours)
        with in_site(alpha):
            restriction.delete()
        assert is_published(alpha, ours)


@pytest.mark.usefixtures("beta_untouched")
class TestRoadsWithoutASignal:
    """Marked by triggers, told by the worker."""

    def test_queryset_update_of_the_core_table(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            Page.objects.filter(pk=ours.pk).update(live=False)
        assert is_published(alpha, ours), "nothing but the mark can know yet"
        work_until_idle()
        assert is_tombstone(alpha, ours)

    def test_queryset_update_of_the_page_types_own_table(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            ArticlePage.objects.filter(pk=ours.pk).update(summary="批量写入的摘要")
        work_until_idle()
        assert row_of(alpha, ours).summary == "批量写入的摘要"

    def test_raw_sql_update(self, pair):
        alpha, _, ours, _ = pair
        with connection.cursor() as cursor:
            cursor.execute("UPDATE site_alpha.wagtailcore_page SET title = '数据库里改的' WHERE id = %s", [ours.pk])
        work_until_idle()
        assert row_of(alpha, ours).title == "数据库里改的"

    def test_raw_sql_delete(self, pair):
        alpha, _, ours, _ = pair
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL search_path = site_alpha, public")
            for table in ("content_articleattachment", "wagtailcore_pagesubscription", "content_articlepage"):
                column = {"content_articlepage": "page_ptr_id"}.get(table, "page_id")
                cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [ours.pk])
            cursor.execute("DELETE FROM wagtailcore_page WHERE id = %s", [ours.pk])
        work_until_idle()
        assert is_tombstone(alpha, ours)

    def test_inline_table(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            document = get_document_model().objects.create(title="附件", file=ContentFile("文".encode(), name="a.txt"))
            ArticleAttachment.objects.bulk_create([ArticleAttachment(page_id=ours.pk, document=document, sort_order=0)])
        work_until_idle()
        assert row_of(alpha, ours).document_ids == [document.pk]

    def test_a_mirror_is_as_restricted_as_its_original(self, pair):
        alpha, _, ours, _ = pair
        with in_site(alpha):
            mirror = CreatePageAliasAction(
                page_in(alpha, ours), parent=column_of("tzgg"), update_slug="mirror"
            ).execute(skip_permission_checks=True)
        assert is_published(alpha, mirror)
        with opened(alpha), in_site(alpha):
            PageViewRestriction.objects.bulk_create(
                [PageViewRestriction(page=column_of("dtyw"), restriction_type=PageViewRestriction.LOGIN)]
            )
        work_until_idle()
        assert is_tombstone(alpha, mirror)

    def test_rename_of_a_column_renames_it_in_every_item(self, pair):
        alpha, _, ours, _ = pair
        with opened(alpha), in_site(alpha):
            Page.objects.filter(pk=column_of("dtyw").pk).update(title="今日动态")
        work_until_idle()
        name = row_of(alpha, ours).column_name
        with opened(alpha), in_site(alpha):
            Page.objects.filter(pk=column_of("dtyw").pk).update(title="动态要闻")
        assert name == "今日动态"

    def test_a_columns_code_and_class_reach_every_item(self, pair):
        alpha, _, ours, _ = pair
        with opened(alpha), in_site(alpha):
            ColumnPage.objects.filter(code="dtyw").update(column_class="static")
        work_until_idle()
        told = row_of(alpha, ours).column_class
        with opened(alpha), in_site(alpha):
            ColumnPage.objects.filter(code="dtyw").update(column_class="realtime")
        assert told == "static"

    def test_restriction_by_sql(self, pair):
        alpha, _, ours, _ = pair
        with opened(alpha), in_site(alpha):
            PageViewRestriction.objects.bulk_create(
                [PageViewRestriction(page=column_of("dtyw"), restriction_type=PageViewRestriction.LOGIN)]
            )
        work_until_idle()
        assert is_tombstone(alpha, ours)


@pytest.mark.usefixtures("beta_untouched")
class TestAttachments:
    """Files are found by their text, and a replaced file by its new one."""

    def attach(self, alpha, ours, text, name="tongzhi.txt"):
        with in_site(alpha):
            document = get_document_model().objects.create(title="附件", file=ContentFile(text.encode(), name=name))
            page = page_in(alpha, ours)
            page.attachments = [ArticleAttachment(document=document, sort_order=0)]
            page.save_revision().publish()
        work_until_idle()
        return document

    def test_text_is_extracted_and_bumps_the_row(self, pair):
        alpha, beta, ours, _ = pair
        before = row_of(alpha, ours).version
        document = self.attach(alpha, ours, "种子补贴发放标准")
        stored = AttachmentText.objects.get(schema_name=alpha.schema_name, document_id=document.pk)
        assert (stored.state, stored.text.strip()) == ("done", "种子补贴发放标准")
        assert row_of(alpha, ours).version > before
        assert row_of(alpha, ours).attachments_digest
        assert not AttachmentText.objects.filter(schema_name=beta.schema_name).exists()

    def test_replaced_file(self, pair):
        alpha, _, ours, _ = pair
        document = self.attach(alpha, ours, "旧的标准")
        digest = row_of(alpha, ours).attachments_digest
        with in_site(alpha):
            document.refresh_from_db()
            document.file = ContentFile("新的标准".encode(), name="tongzhi2.txt")
            document.save()
        work_until_idle()
        assert AttachmentText.objects.get(document_id=document.pk).text.strip() == "新的标准"
        assert row_of(alpha, ours).attachments_digest != digest

    def test_document_in_a_private_collection_is_kept_out(self, pair):
        alpha, _, ours, _ = pair
        document = self.attach(alpha, ours, "内部资料")
        with in_site(alpha):
            private = Collection.get_first_root_node().add_child(name="内部")
            CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
            type(document).objects.filter(pk=document.pk).update(collection=private)
        work_until_idle()
        assert row_of(alpha, ours).document_ids == []
        version = row_of(alpha, ours).version
        with in_site(alpha):
            type(document).objects.filter(pk=document.pk).update(collection=Collection.get_first_root_node())
        work_until_idle()
        assert row_of(alpha, ours).document_ids == [document.pk]
        assert row_of(alpha, ours).attachments_digest
        assert row_of(alpha, ours).version > version
        assert ledger_of(ours, alpha)[-2:] == ["revise", "revise"]

    def test_document_that_was_private_from_the_first_day_comes_out(self, pair):
        """Its text was never extracted; the page names it in its body, where a bulk update put it."""
        alpha, _, ours, _ = pair
        with in_site(alpha):
            private = Collection.get_first_root_node().add_child(name="内部")
            CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
            document = get_document_model().objects.create(
                title="附件", file=ContentFile("内部资料".encode(), name="a.txt"), collection=private
            )
            body = [{"type": "paragraph", "value": f'<p><a linktype="document" id="{document.pk}">见附件</a></p>'}]
            ArticlePage.objects.filter(pk=ours.pk).update(body=json.dumps(body))
        work_until_idle()
        assert row_of(alpha, ours).document_ids == []
        assert not AttachmentText.objects.exists()
        with in_site(alpha):
            document.collection = Collection.get_first_root_node()
            document.save()
        work_until_idle()
        assert row_of(alpha, ours).document_ids == [document.pk]
        assert AttachmentText.objects.get(schema_name=alpha.schema_name).text.strip() == "内部资料"

    def test_collection_moved_below_a_private_one_and_out_again(self, pair):
        alpha, _, ours, _ = pair
        document = self.attach(alpha, ours, "内部资料")
        with in_site(alpha):
            private = Collection.get_first_root_node().add_child(name="内部")
            CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
            plain = Collection.get_first_root_node().add_child(name="普通")
            inner = plain.add_child(name="普通之下")
            type(document).objects.filter(pk=document.pk).update(collection=inner)
        work_until_idle()
        assert row_of(alpha, ours).document_ids == [document.pk]
        with in_site(alpha):
            Collection.objects.get(pk=plain.pk).move(Collection.objects.get(pk=private.pk), pos="sorted-child")
        work_until_idle()
        assert row_of(alpha, ours).document_ids == []
        with in_site(alpha):
            Collection.objects.get(pk=plain.pk).move(Collection.get_first_root_node(), pos="sorted-child")
        work_until_idle()
        assert row_of(alpha, ours).document_ids == [document.pk]

    def test_restriction_on_a_collection_above_and_its_end(self, pair):
        alpha, _, ours, _ = pair
        document = self.attach(alpha, ours, "内部资料")
        with in_site(alpha):
            outer = Collection.get_first_root_node().add_child(name="上级")
            inner = outer.add_child(name="下级")
            type(document).objects.filter(pk=document.pk).update(collection=inner)
        work_until_idle()
        assert row_of(alpha, ours).document_ids == [document.pk]
        with in_site(alpha):
            restriction = CollectionViewRestriction(collection=outer, restriction_type="login")
            CollectionViewRestriction.objects.bulk_create([restriction])
        work_until_idle()
        assert row_of(alpha, ours).document_ids == []
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM site_alpha.wagtailcore_collectionviewrestriction")
        work_until_idle()
        assert row_of(alpha, ours).document_ids == [document.pk]

    def test_a_new_or_renamed_collection_is_no_work(self, pair):
        alpha, _, _, _ = pair
        with in_site(alpha):
            made = Collection.get_first_root_node().add_child(name="新的")
            made.name = "改名"
            made.save()
        assert not Mark.objects.exists()

    def test_deleted_document_takes_its_text_along(self, pair):
        alpha, _, ours, _ = pair
        document = self.attach(alpha, ours, "要删的附件")
        with in_site(alpha):
            document.delete()
        work_until_idle()
        assert not AttachmentText.objects.filter(schema_name=alpha.schema_name).exists()


@pytest.mark.usefixtures("beta_untouched")
class TestRoadsOfTheAdmin:
    """The roads an editor takes, through HTTP."""

    @pytest.fixture
    def editor(self, pair, client_for):
        alpha = pair[0]
        user = make_user(alpha)
        return sign_in(client_for(alpha), user), user

    def test_unpublish_view(self, pair, editor):
        alpha, _, ours, _ = pair
        client, user = editor
        response = client.post(f"/admin/pages/{ours.pk}/unpublish/")
        assert response.status_code == 302
        assert is_tombstone(alpha, ours)
        from cluster.audit.models import LedgerEntry

        line = LedgerEntry.objects.filter(action="withdraw").latest("id")
        assert (line.actor["name"], line.actor["person"], line.actor["site"]) == (
            user.username,
            str(user.person_uuid),
            "alpha",
        )

    def test_bulk_unpublish_and_publish(self, pair, editor):
        alpha, _, ours, _ = pair
        other = publish_article(alpha, "第二条")
        client, _ = editor
        ids = f"id={ours.pk}&id={other.pk}"
        assert client.post(f"/admin/bulk/wagtailcore/page/unpublish/?{ids}").status_code == 302
        assert is_tombstone(alpha, ours)
        assert is_tombstone(alpha, other)
        assert client.post(f"/admin/bulk/wagtailcore/page/publish/?{ids}").status_code == 302
        assert is_published(alpha, ours)
        assert is_published(alpha, other)

    def test_bulk_move_and_delete(self, pair, editor):
        alpha, _, ours, _ = pair
        client, _ = editor
        with in_site(alpha):
            target = column_of("tzgg").pk
        assert client.post(f"/admin/bulk/wagtailcore/page/move/?id={ours.pk}", {"chooser": target}).status_code == 302
        work_until_idle()
        assert row_of(alpha, ours).column_code == "tzgg"
        assert client.post(f"/admin/bulk/wagtailcore/page/delete/?id={ours.pk}").status_code == 302
        assert is_tombstone(alpha, ours)

    def test_an_editor_of_the_other_site_cannot(self, pair, client_for):
        alpha, beta, ours, _ = pair
        stranger = sign_in(client_for(beta), make_user(beta))
        # The cookie of beta means nothing on alpha's host.
        stranger.defaults["HTTP_HOST"] = alpha.primary_host
        response = stranger.post(f"/admin/pages/{ours.pk}/unpublish/")
        assert response.status_code == 302
        assert "/admin/login/" in response["Location"]
        assert is_published(alpha, ours)


@pytest.mark.usefixtures("beta_untouched")
class TestRoadOfTheApi:
    """Wagtail's write API, signed by a token of the site."""

    def call(self, client, token, path):
        return client.post(
            f"/api/v3/pages/{path}", "{}", "application/json", headers={"Authorization": f"Bearer {token}"}
        )

    def test_unpublish_and_publish(self, pair, client_for):
        alpha, _, ours, _ = pair
        user = make_user(alpha)
        client, token = client_for(alpha), api_token(alpha, user)
        assert self.call(client, token, f"{ours.pk}/actions/unpublish/").status_code == 200
        assert is_tombstone(alpha, ours)
        assert self.call(client, token, f"{ours.pk}/actions/publish/").status_code == 200
        assert is_published(alpha, ours)
        from cluster.audit.models import LedgerEntry

        assert LedgerEntry.objects.latest("id").actor["name"] == user.username

    def test_a_token_of_the_other_site_is_refused(self, pair, client_for):
        alpha, beta, ours, _ = pair
        token = api_token(beta, make_user(beta))
        assert self.call(client_for(alpha), token, f"{ours.pk}/actions/unpublish/").status_code == 401
        assert is_published(alpha, ours)


@pytest.mark.usefixtures("beta_untouched")
class TestSchedule:
    """Going live and expiring by the clock."""

    def test_goes_live_and_expires(self, pair):
        alpha, _, _, _ = pair
        with in_site(alpha), transaction.atomic():
            page = column_of("tzgg").add_child(instance=ArticlePage(title="定时的通知", live=False))
            page.go_live_at = timezone.now() + timedelta(seconds=1)
            page.save_revision().publish()
        publish_scheduled.run()
        assert not is_published(alpha, page), "not before its time"
        time.sleep(1.1)
        publish_scheduled.run()
        assert is_published(alpha, page)
        with in_site(alpha):
            Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
        publish_scheduled.run()
        assert is_tombstone(alpha, page)
        assert ledger_of(page, alpha) == ["publish", "withdraw"]


class TestWholeSites:
    """What happens to a site happens to all that is in it, and to nothing else."""

    def test_suspending_withdraws_and_resuming_brings_back(self, pair):
        alpha, beta, ours, theirs = pair
        suspend_site(alpha, reason="检修")
        work_until_idle()
        assert is_tombstone(alpha, ours)
        assert is_published(beta, theirs)
        resume_site(alpha)
        work_until_idle()
        assert is_published(alpha, ours)

    def test_closing(self, pair):
        _, beta, _, theirs = pair
        gamma = open_site(code="gamma", name="丙县人民政府", kind="county", region_code="230123")
        page = publish_article(gamma, "丙县的消息")
        assert is_published(gamma, page)
        close_site(gamma, reason="整合")
        work_until_idle()
        assert is_tombstone(gamma, page)
        assert is_published(beta, theirs)

    def test_truncate(self, pair):
        _, beta, _, theirs = pair
        gamma = open_site(code="gamma", name="丙县人民政府", kind="county", region_code="230123")
        page = publish_article(gamma, "清空之前")
        with opened(gamma), connection.cursor() as cursor:
            cursor.execute("TRUNCATE site_gamma.wagtailcore_page CASCADE")
        work_until_idle()
        assert is_tombstone(gamma, page)
        assert is_published(beta, theirs)

    def test_state_changed_by_sql(self, pair):
        alpha, beta, ours, theirs = pair
        with connection.cursor() as cursor:
            cursor.execute("UPDATE subsites_subsite SET state = 'suspended' WHERE code = 'alpha'")
        work_until_idle()
        assert is_tombstone(alpha, ours)
        assert is_published(beta, theirs)

    def test_marks_of_a_base_schema_are_not_made(self, pair):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE base_county.wagtailcore_page SET title = title || '' WHERE depth = 2")
        assert not Mark.objects.filter(schema_name__startswith="base_").exists()
