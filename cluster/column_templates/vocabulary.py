"""The closed words of the rule language: what a template may say, and how people read it.

Used by the reader, which refuses every other word, by the checks and by the console. docs: cluster/column_templates/LANGUAGE.md.
"""

from django.db import models

# Grows whenever the language begins to refuse what it has taken before. A version keeps the number under which it was written:
# an older one is still read, and what would be refused today is named (see reading.read_law).
# 2: rules that no page of the column can fulfil, two names side by side, columns that outlive their parents, double heirs.
# 3: signs that nobody sees, faults in columns that no kind lists, the same rule twice for every column.
LANGUAGE = 3


class Severity(models.TextChoices):
    """What follows from a broken rule. An advice is shown, a warning asks for a reason, a refusal stops, a veto fails the site."""

    ADVICE = "advice", "建议"
    WARNING = "warning", "警告"
    REFUSAL = "refusal", "拒绝"
    VETO = "veto", "单项否决"


class Unit(models.TextChoices):
    """How days of a limit are counted."""

    DAYS = "days", "天"
    WORKDAYS = "workdays", "个工作日"


class ItemField(models.TextChoices):
    """What an item can carry; pages answer for these names in `law_facts`."""

    TITLE = "title", "标题"
    BODY = "body", "正文"
    SUMMARY = "summary", "摘要"
    SOURCE = "source", "来源"
    AUTHOR = "author", "责任编辑"
    KEYWORDS = "keywords", "关键词"
    IMAGE = "image", "图片"
    ATTACHMENT = "attachment", "附件"
    PUBLISHED_AT = "published_at", "发布时间"
    DOCUMENT_NUMBER = "document_number", "发文字号"
    DOCUMENT_KIND = "document_kind", "文种"
    ISSUER = "issuer", "发文机关"
    WRITTEN_ON = "written_on", "成文日期"
    EFFECTIVE_ON = "effective_on", "施行日期"
    INDEX_NUMBER = "index_number", "索引号"
    THEME = "theme", "主题分类"
    VALIDITY = "validity", "有效性"
    # The same entry of a page as the author: the norm of page tags has Author alone, for whoever answers for the item.
    RESPONSIBLE = "responsible", "责任人"


class Check(models.TextChoices):
    """What is asked of a field. `argument` in a rule is a number, a list of words, or the name of another field."""

    REQUIRED = "required", "必须填写"
    DOCUMENT_NUMBER = "document_number", "发文字号格式"
    DOCUMENT_KIND = "document_kind", "十五种公文之一"
    INDEX_NUMBER = "index_number", "索引号格式且全省唯一"
    AT_LEAST = "at_least", "至少若干字"
    AT_MOST = "at_most", "最多若干字"
    ONE_OF = "one_of", "限定的几种之一"
    NOT_AFTER = "not_after", "不晚于另一日期"
    WITHIN_WORKDAYS_OF = "within_workdays_of", "另一日期之后若干个工作日内"
    ALTERNATIVE_TEXT = "alternative_text", "图片有替代文字"


class Companion(models.TextChoices):
    """What must stand beside an item."""

    INTERPRETATION = "interpretation", "政策解读"
    DOCUMENT = "document", "所解读的文件"


class ColumnClass(models.TextChoices):
    """How a column moves; the limits of updating hang on it (standards 2.4)."""

    REALTIME = "realtime", "实时更新"
    PERIODIC = "periodic", "定期更新"
    INTERACTIVE = "interactive", "互动交流"
    STATIC = "static", "静态"


class ItemType(models.TextChoices):
    """What editors may put into a column; each is a page type of the sites."""

    ARTICLE = "article", "文章"
    POLICY_DOCUMENT = "policy_document", "政策文件"
    INTERPRETATION = "interpretation", "政策解读"


DATE_FIELDS = frozenset({ItemField.PUBLISHED_AT.value, ItemField.WRITTEN_ON.value, ItemField.EFFECTIVE_ON.value})
# Fields of which there can be few or many: characters, pictures, files.
COUNTED_FIELDS = frozenset(
    field.value
    for field in (
        ItemField.TITLE,
        ItemField.BODY,
        ItemField.SUMMARY,
        ItemField.SOURCE,
        ItemField.AUTHOR,
        ItemField.KEYWORDS,
        ItemField.DOCUMENT_NUMBER,
        ItemField.ISSUER,
        ItemField.RESPONSIBLE,
        ItemField.IMAGE,
        ItemField.ATTACHMENT,
    )
)
# Fields whose value is one word or number; a list of allowed words can fit these alone.
WORD_FIELDS = frozenset(
    field.value
    for field in (
        ItemField.TITLE,
        ItemField.SOURCE,
        ItemField.AUTHOR,
        ItemField.KEYWORDS,
        ItemField.DOCUMENT_NUMBER,
        ItemField.DOCUMENT_KIND,
        ItemField.ISSUER,
        ItemField.THEME,
        ItemField.VALIDITY,
        ItemField.RESPONSIBLE,
    )
)
# Fields and companions that only some types of page have; a rule over them in a column that takes none of these could
# never be fulfilled.
TYPES_WITH_FIELD: dict[str, frozenset[str]] = {
    field.value: frozenset({ItemType.POLICY_DOCUMENT.value})
    for field in (ItemField.DOCUMENT_KIND, ItemField.INDEX_NUMBER, ItemField.THEME)
}
TYPES_WITH_COMPANION: dict[str, frozenset[str]] = {
    Companion.INTERPRETATION.value: frozenset({ItemType.POLICY_DOCUMENT.value}),
    Companion.DOCUMENT.value: frozenset({ItemType.INTERPRETATION.value}),
}
# First parts of addresses that the product itself answers on every site; a column of such a code could not be reached.
RESERVED_CODES = frozenset({"admin", "api", "documents", "down", "media", "search", "sitemap", "static", "view"})
# A check that knows one field alone, or some; the others fit every field.
CHECK_FIELDS: dict[str, frozenset[str]] = {
    Check.DOCUMENT_NUMBER.value: frozenset({ItemField.DOCUMENT_NUMBER.value}),
    Check.DOCUMENT_KIND.value: frozenset({ItemField.DOCUMENT_KIND.value}),
    Check.INDEX_NUMBER.value: frozenset({ItemField.INDEX_NUMBER.value}),
    Check.AT_LEAST.value: COUNTED_FIELDS,
    Check.AT_MOST.value: COUNTED_FIELDS,
    Check.ONE_OF.value: WORD_FIELDS,
    Check.NOT_AFTER.value: DATE_FIELDS,
    Check.WITHIN_WORKDAYS_OF.value: DATE_FIELDS,
    Check.ALTERNATIVE_TEXT.value: frozenset({ItemField.IMAGE.value, ItemField.BODY.value}),
}
# Blocks of a home page and their words; the sites' home page has blocks of these names.
HOME_BLOCKS: dict[str, tuple[str, ...]] = {
    "headline": ("column", "limit"),
    "column_list": ("column", "heading", "limit", "layout", "width", "action", "action_column"),
    "services": ("column", "heading", "limit"),
    "directory": ("heading", "kinds"),
}
# What a block says where its words are not written; the sites' forms fill the same in.
HOME_DEFAULTS: dict[str, dict[str, object]] = {
    "headline": {"limit": 8},
    "column_list": {"limit": 6, "layout": "dated", "width": "half"},
    "services": {"limit": 8},
    "directory": {"heading": "站群导航"},
}
HOME_LAYOUTS = ("dated", "policy", "brief", "tiles")
HOME_WIDTHS = ("half", "full")
# Of the blocks with items, those that print no dates: a column in them does not make a home page look alive.
UNDATED_BLOCKS, UNDATED_LAYOUTS = ("services", "directory"), ("tiles",)
# Columns that the foot of every page leads to, wherever an editor moved them: about the site, accessibility.
FOOT_CODES = ("gywm", "wzasm")
# What a column that gathers lower sites (fed_by) lists of them: their news; regulations and notices stay in their own columns.
NEWS_CODES = ("dtyw",)
