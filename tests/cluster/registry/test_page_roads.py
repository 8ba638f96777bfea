"""Every road on which a page changes reaches the registry, and nothing of it reaches the other site.

Roads with a signal are in the registry at once; the others after the worker has looked at what the triggers marked.
"""

import pytest
from wagtail.models import Page

from sites.columns.models import ColumnPage
from tests.support import roads
from tests.support.registry import is_published, is_tombstone, ledger_of, row_of
from tests.support.working import work_until_idle


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
        with pytest.raises(RuntimeError):
            roads.fail_after_publishing(alpha, ours)
        assert row_of(alpha, ours).version == before
        assert ledger_of(ours, alpha) == ["publish"]

    def test_unpublish_leaves_a_tombstone(self, pair):
        alpha, _, ours, _ = pair
        roads.unpublish(alpha, ours)
        assert is_tombstone(alpha, ours)
        assert ledger_of(ours, alpha) == ["publish", "withdraw"]

    def test_save_of_a_live_page_in_a_shell(self, pair):
        alpha, _, ours, _ = pair
        roads.save_live(alpha, ours, title="改过的标题")
        assert row_of(alpha, ours).title == "改过的标题"
        assert ledger_of(ours, alpha) == ["publish", "revise"]

    def test_add_child_of_a_live_page(self, pair):
        alpha, _, _, _ = pair
        assert is_published(alpha, roads.add_live(alpha))

    def test_a_draft_stays_out(self, pair):
        alpha, _, _, _ = pair
        page = roads.write_draft(alpha)
        work_until_idle()
        assert row_of(alpha, page) is None

    def test_delete(self, pair):
        alpha, _, ours, _ = pair
        roads.delete(alpha, ours)
        assert is_tombstone(alpha, ours)

    def test_copy_that_stays_live(self, pair):
        alpha, _, ours, _ = pair
        copied = roads.copy_live(alpha, ours)
        assert is_published(alpha, copied)
        assert row_of(alpha, copied).column_code == "tzgg"

    def test_alias(self, pair):
        alpha, _, ours, _ = pair
        alias = roads.mirror(alpha, ours)
        assert is_published(alpha, alias)
        roads.publish_again(alpha, ours, title="源头改了")
        work_until_idle()
        assert row_of(alpha, alias).title == "源头改了"

    def test_move_changes_column_and_path(self, pair):
        alpha, _, ours, _ = pair
        roads.move(alpha, ours)
        work_until_idle()
        row = row_of(alpha, ours)
        assert (row.column_code, row.path) == ("tzgg", f"/tzgg/{ours.slug}/")

    def test_slug_change(self, pair):
        alpha, _, ours, _ = pair
        roads.publish_again(alpha, ours, slug="xin-dizhi")
        assert row_of(alpha, ours).path == "/dtyw/xin-dizhi/"

    def test_restriction_on_the_parent_hides_and_shows_again(self, pair):
        alpha, _, ours, _ = pair
        restriction = roads.restrict_parent(alpha)
        assert is_tombstone(alpha, ours)
        roads.lift_restriction(alpha, restriction)
        assert is_published(alpha, ours)


@pytest.mark.usefixtures("beta_untouched")
class TestRoadsWithoutASignal:
    """Marked by triggers, told by the worker."""

    def test_queryset_update_of_the_core_table(self, pair):
        alpha, _, ours, _ = pair
        roads.update_core(alpha, ours, live=False)
        assert is_published(alpha, ours), "nothing but the mark can know yet"
        work_until_idle()
        assert is_tombstone(alpha, ours)

    def test_queryset_update_of_the_page_types_own_table(self, pair):
        alpha, _, ours, _ = pair
        roads.update_own_table(alpha, ours, summary="批量写入的摘要")
        work_until_idle()
        assert row_of(alpha, ours).summary == "批量写入的摘要"

    def test_raw_sql_update(self, pair):
        alpha, _, ours, _ = pair
        roads.rename_by_sql(alpha, ours, "数据库里改的")
        work_until_idle()
        assert row_of(alpha, ours).title == "数据库里改的"

    def test_raw_sql_delete(self, pair):
        alpha, _, ours, _ = pair
        roads.delete_by_sql(alpha, ours)
        work_until_idle()
        assert is_tombstone(alpha, ours)

    def test_inline_table(self, pair):
        alpha, _, ours, _ = pair
        document = roads.new_document(alpha)
        roads.attach_by_rows(alpha, ours, document)
        work_until_idle()
        assert row_of(alpha, ours).document_ids == [document.pk]

    def test_a_mirror_is_as_restricted_as_its_original(self, pair):
        alpha, _, ours, _ = pair
        mirror = roads.mirror(alpha, ours)
        assert is_published(alpha, mirror)
        roads.restrict_parent_by_rows(alpha)
        work_until_idle()
        assert is_tombstone(alpha, mirror)

    def test_rename_of_a_column_renames_it_in_every_item(self, pair):
        alpha, _, ours, _ = pair
        with roads.reshaped_column(alpha, Page, title="今日动态"):
            work_until_idle()
            name = row_of(alpha, ours).column_name
        assert name == "今日动态"

    def test_a_columns_code_and_class_reach_every_item(self, pair):
        alpha, _, ours, _ = pair
        with roads.reshaped_column(alpha, ColumnPage, column_class="static"):
            work_until_idle()
            told = row_of(alpha, ours).column_class
        assert told == "static"

    def test_restriction_by_sql(self, pair):
        alpha, _, ours, _ = pair
        roads.restrict_parent_by_rows(alpha)
        work_until_idle()
        assert is_tombstone(alpha, ours)
