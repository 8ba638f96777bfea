"""What happens to columns and to the home page tells menus, lists and pages what they must know."""

import pytest
from wagtail.models import Page

from cluster.column_templates.opening import opened
from cluster.context import in_site
from sites.columns.models import ColumnPage, HomePage
from tests.cluster.edge.events.hearing import WITHDRAWN, forget, keys_of, told
from tests.support import roads


class TestColumns:
    @pytest.mark.parametrize(
        ("fields", "in_menus"),
        [({"title": "今日动态"}, True), ({"show_in_menus": False}, True), ({"seo_title": "今日"}, False)],
    )
    def test_a_columns_own_row_of_the_core_table(self, pair, fields, in_menus):
        alpha, _, _, _ = pair
        with roads.reshaped_column(alpha, Page, **fields):
            keys = told(work=False)
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
        with roads.reshaped_column(alpha, ColumnPage, **fields) as column:
            keys = told(work=False)
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
            forget()
            column.slug = "zhuanlan"
            column.save()
            assert told() >= {"columns:site_alpha", *keys_of(column, "-page")}
            forget()
            column.delete()
        assert told() >= {"columns:site_alpha", *keys_of(column, *WITHDRAWN)}

    def test_the_home_pages_blocks(self, pair):
        alpha, _, _, _ = pair
        with opened(alpha), in_site(alpha):
            home = HomePage.objects.get()
            HomePage.objects.filter(pk=home.pk).update(blocks=home.blocks)
        assert told(work=False) == keys_of(home, "page")
