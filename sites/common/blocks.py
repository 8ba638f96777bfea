"""The sober set of blocks of which a body is made; there is no block for raw HTML.

Used by the page models for their StreamFields. sites.common.body reads the stored values without building them.
"""

from typing import Any

from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

RICH_TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link", "superscript", "subscript"]


class ImageBlock(blocks.StructBlock):
    """A picture that says in words what it shows."""

    image = ImageChooserBlock(label="图片")
    alt = blocks.CharBlock(
        label="替代文字", max_length=120, help_text="给看不见图片的人：一句话说明图片内容，不要写“图片”“照片”。"
    )
    caption = blocks.CharBlock(label="图注", required=False, max_length=200)

    class Meta:
        icon = "image"
        label = "图片"
        template = "parts/blocks/image.html"


class QuoteBlock(blocks.StructBlock):
    """Somebody else's words, with their origin."""

    text = blocks.TextBlock(label="引文")
    source = blocks.CharBlock(label="出处", required=False, max_length=120)

    class Meta:
        icon = "openquote"
        label = "引用"
        template = "parts/blocks/quote.html"


class DocumentBlock(blocks.StructBlock):
    """An attachment in the midst of the text."""

    document = DocumentChooserBlock(label="文件")
    label = blocks.CharBlock(label="显示名称", required=False, max_length=200, help_text="留空则用文件的标题。")

    class Meta:
        icon = "doc-full"
        label = "附件"
        template = "parts/blocks/document.html"


class TableBlock(TypedTableBlock):
    """A table of plain texts and figures; the first row of headings is the editor's duty."""

    class Meta:
        icon = "table"
        label = "表格"
        template = "parts/blocks/table.html"


def table_block() -> TableBlock:
    """Make the table block with its kinds of columns."""
    return TableBlock(
        [
            ("text", blocks.CharBlock(label="文字", required=False)),
            ("number", blocks.CharBlock(label="数字", required=False)),
        ]
    )


def body_blocks() -> list[tuple[str, Any]]:
    """List the blocks of a body; a list and not a class, so that migrations hold plain blocks."""
    return [
        ("paragraph", blocks.RichTextBlock(label="正文", features=RICH_TEXT_FEATURES, icon="pilcrow")),
        (
            "heading",
            blocks.CharBlock(label="小标题", max_length=120, icon="title", template="parts/blocks/heading.html"),
        ),
        ("image", ImageBlock()),
        (
            "list",
            blocks.ListBlock(
                blocks.CharBlock(label="一项"), label="列表", icon="list-ul", template="parts/blocks/list.html"
            ),
        ),
        ("quote", QuoteBlock()),
        ("table", table_block()),
        ("document", DocumentBlock()),
    ]
