"""The blocks of a home page: each is fed by a column, so that nothing is published twice.

Planted by sites.columns.planting as templates/columns/*.toml say; sites.columns.home_view fills them with items.
"""

from django.apps import apps
from wagtail import blocks

from cluster.column_templates.vocabulary import HOME_DEFAULTS
from cluster.subsites.models import SiteKind

LAYOUTS = [("dated", "标题与日期"), ("policy", "文件（字号、日期、效力）"), ("brief", "标题与摘要"), ("tiles", "卡片")]
WIDTHS = [("half", "半栏（相邻两个并排）"), ("full", "整栏")]


def column_choices() -> list[tuple[str, str]]:
    """List the site's columns; asked when a form is drawn, never at import (the site is not known then)."""
    columns = apps.get_model("columns", "ColumnPage").objects.order_by("path")
    return [
        (column.code, f"{'　' * (column.depth - 3)}{column.title}") for column in columns.only("code", "title", "depth")
    ]


class HeadlineBlock(blocks.StructBlock):
    """The newest item large, the next as a list."""

    column = blocks.ChoiceBlock(label="栏目", choices=column_choices)
    limit = blocks.IntegerBlock(label="条数", default=HOME_DEFAULTS["headline"]["limit"], min_value=3, max_value=15)

    class Meta:
        icon = "doc-full-inverse"
        label = "头条与要闻"


class ColumnListBlock(blocks.StructBlock):
    """The newest items of one column."""

    column = blocks.ChoiceBlock(label="栏目", choices=column_choices)
    heading = blocks.CharBlock(label="标题", required=False, max_length=20, help_text="留空则用栏目名称。")
    limit = blocks.IntegerBlock(label="条数", default=HOME_DEFAULTS["column_list"]["limit"], min_value=1, max_value=20)
    layout = blocks.ChoiceBlock(label="样式", choices=LAYOUTS, default=HOME_DEFAULTS["column_list"]["layout"])
    width = blocks.ChoiceBlock(label="宽度", choices=WIDTHS, default=HOME_DEFAULTS["column_list"]["width"])
    action = blocks.CharBlock(label="主按钮", required=False, max_length=20, help_text="例如“怎样写信”。")
    action_column = blocks.ChoiceBlock(label="主按钮去往的栏目", required=False, choices=column_choices)

    class Meta:
        icon = "list-ul"
        label = "栏目列表"


class ServicesBlock(blocks.StructBlock):
    """The way to the services: sub-columns as short cuts, items as tiles."""

    column = blocks.ChoiceBlock(label="栏目", choices=column_choices)
    heading = blocks.CharBlock(label="标题", required=False, max_length=20, help_text="留空则用栏目名称。")
    limit = blocks.IntegerBlock(label="条数", default=HOME_DEFAULTS["services"]["limit"], min_value=2, max_value=16)

    class Meta:
        icon = "tasks"
        label = "办事入口"


class DirectoryBlock(blocks.StructBlock):
    """The other sites of the cluster, by kind."""

    heading = blocks.CharBlock(label="标题", default=HOME_DEFAULTS["directory"]["heading"], max_length=20)
    kinds = blocks.MultipleChoiceBlock(
        label="站点类别", choices=[choice for choice in SiteKind.choices if choice[0] != SiteKind.CONSOLE]
    )

    class Meta:
        icon = "site"
        label = "站群导航"


def home_blocks() -> list[tuple[str, blocks.Block]]:
    """List the blocks of a home page."""
    return [
        ("headline", HeadlineBlock()),
        ("column_list", ColumnListBlock()),
        ("services", ServicesBlock()),
        ("directory", DirectoryBlock()),
    ]
