"""Every road on which a page changes tells the stores of it by the right keys, and says nothing of the other site."""

from datetime import UTC, datetime

import pytest

from cluster.context import in_site
from cluster.edge.models import EdgeEvent
from tests.cluster.edge.events.hearing import MEMBERS, WITHDRAWN, forget, keys_of, told
from tests.support import roads
from tests.support.articles import page_in, publish_article


class TestRoadsWithASignal:
    def test_a_new_item_touches_the_lists_of_its_column(self, pair):
        alpha, _, _, _ = pair
        page = publish_article(alpha, "新的一条", column="tzgg")
        assert told(work=False) == keys_of(page, "page", "line") | {"members:site_alpha:tzgg", "items:site_alpha"}
        event = EdgeEvent.objects.get(server="east", key="members:site_alpha:tzgg")
        assert event.at == page_in(alpha, page).published_at

    def test_an_edited_text_touches_its_page_alone(self, pair):
        alpha, _, ours, _ = pair
        roads.publish_again(alpha, ours, body=[("paragraph", "<p>另一段</p>")])
        # The registry's summary is made of the text, and lists of other sites show that one.
        assert told() == keys_of(ours, "page", "line") | {"items:site_alpha"}

    def test_an_edited_text_below_its_own_summary_leaves_lists_alone(self, pair):
        alpha, _, _, _ = pair
        page = publish_article(alpha, "有摘要的一条", summary="自己写的摘要")
        forget()
        roads.publish_again(alpha, page, body=[("paragraph", "<p>另一段</p>")])
        assert told() == keys_of(page, "page") | {"items:site_alpha"}

    def test_an_edited_title_touches_the_lists_that_show_it(self, pair):
        alpha, _, ours, _ = pair
        roads.save_live(alpha, ours, title="改过的标题")
        assert told() == keys_of(ours, "page", "line")

    def test_a_failure_after_publish_tells_nothing(self, pair):
        alpha, _, ours, _ = pair
        with pytest.raises(RuntimeError):
            roads.fail_after_publishing(alpha, ours)
        assert told() == set()

    def test_a_draft_is_quiet(self, pair):
        alpha, _, ours, _ = pair
        roads.write_draft(alpha)
        with in_site(alpha):
            page_in(alpha, ours).save_revision()
        assert not told() & {"members:site_alpha:tzgg", "columns:site_alpha", *keys_of(ours, "line")}

    def test_unpublish(self, pair):
        alpha, _, ours, _ = pair
        roads.unpublish(alpha, ours)
        assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}

    def test_delete(self, pair):
        alpha, _, ours, _ = pair
        roads.delete(alpha, ours)
        assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}

    def test_a_page_that_is_born_live_touches_no_page(self, pair):
        """None shows it yet: an import of thousands tells of its column alone."""
        alpha, _, _, _ = pair
        roads.add_live(alpha)
        assert told() == {"members:site_alpha:tzgg", "items:site_alpha"}

    def test_copy_that_stays_live(self, pair):
        alpha, _, ours, _ = pair
        copied = roads.copy_live(alpha, ours)
        assert told() >= {"members:site_alpha:tzgg", "items:site_alpha"}
        assert not told() & keys_of(copied, *WITHDRAWN)

    def test_alias(self, pair):
        alpha, _, ours, _ = pair
        alias = roads.mirror(alpha, ours)
        assert told() >= {"members:site_alpha:tzgg"}
        roads.publish_again(alpha, ours, title="源头改了")
        assert told() >= keys_of(alias, "page", "line") | keys_of(ours, "page", "line")

    def test_move_leaves_the_old_address_and_touches_both_columns(self, pair):
        alpha, _, ours, _ = pair
        roads.move(alpha, ours)
        assert told() == keys_of(ours, "-page", "line") | {MEMBERS, "members:site_alpha:tzgg", "items:site_alpha"}

    def test_slug_change(self, pair):
        alpha, _, ours, _ = pair
        roads.publish_again(alpha, ours, slug="xin-dizhi")
        assert told() == keys_of(ours, "-page", "line") | {"items:site_alpha"}

    def test_another_date_reaches_what_shows_the_old_or_the_new(self, pair):
        alpha, _, ours, _ = pair
        before = page_in(alpha, ours).published_at
        roads.publish_again(alpha, ours, published_at=datetime(2020, 5, 1, 8, tzinfo=UTC))
        assert told() == keys_of(ours, "page", "line") | {MEMBERS, "items:site_alpha"}
        assert EdgeEvent.objects.get(server="east", key=MEMBERS).at == before

    def test_restriction_on_the_parent_takes_all_below_it_along(self, pair):
        alpha, _, ours, _ = pair
        restriction = roads.restrict_parent(alpha)
        column = restriction.page
        gone = keys_of(ours, *WITHDRAWN) | keys_of(column, *WITHDRAWN)
        assert told(work=False) >= gone | {MEMBERS, "columns:site_alpha", "items:site_alpha"}
        forget()
        roads.lift_restriction(alpha, restriction)
        assert told() >= {MEMBERS, "columns:site_alpha", *keys_of(column, "page")}


class TestRoadsWithoutASignal:
    def test_queryset_update_that_withdraws(self, pair):
        alpha, _, ours, _ = pair
        roads.update_core(alpha, ours, live=False)
        assert told(work=False) == keys_of(ours, *WITHDRAWN) | {"items:site_alpha"}
        assert told() == keys_of(ours, *WITHDRAWN) | {"items:site_alpha", MEMBERS}

    def test_queryset_update_that_expires(self, pair):
        alpha, _, ours, _ = pair
        roads.update_core(alpha, ours, expired=True)
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
        roads.update_own_table(alpha, ours, **{field: value})
        assert told(work=False) == keys_of(ours, *(("page", "line") if in_lists else ("page",)))

    def test_raw_sql_update(self, pair):
        alpha, _, ours, _ = pair
        roads.rename_by_sql(alpha, ours, "数据库里改的")
        assert told() == keys_of(ours, "page", "line")

    def test_raw_sql_delete(self, pair):
        alpha, _, ours, _ = pair
        roads.delete_by_sql(alpha, ours)
        assert told() == keys_of(ours, *WITHDRAWN) | {MEMBERS, "items:site_alpha"}

    def test_inline_table(self, pair):
        alpha, _, ours, _ = pair
        document = roads.new_document(alpha)
        forget()
        roads.attach_by_rows(alpha, ours, document)
        assert told(work=False) == keys_of(ours, "page")

    def test_a_mirror_goes_with_its_restricted_original(self, pair):
        alpha, _, ours, _ = pair
        mirror = roads.mirror(alpha, ours)
        roads.restrict_parent_by_rows(alpha)
        assert told(work=False) >= keys_of(mirror, *WITHDRAWN) | keys_of(ours, *WITHDRAWN)
        assert told() >= {MEMBERS, "members:site_alpha:tzgg"}
