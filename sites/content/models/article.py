"""ArticlePage: one item of a column, with its text, files and marks.

Written by editors in the admin and by the import; read by citizens, and by cluster.resources for the registry.
"""

from dataclasses import replace
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import QuerySet
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)

from cluster.column_templates.vocabulary import ItemField, ItemType
from cluster.resources.entry import RegistryEntry
from sites.common.models import ListedPage, RegisteredColumn
from sites.common.panels import PlainTitlePanel, address_panel
from sites.content.models.written import WrittenPage


class MarksOfImport(ObjectList):
    """The tab with the marks that an imported document brought along; an article that was written here has none."""

    class BoundPanel(ObjectList.BoundPanel):
        """The tab on a form."""

        def is_shown(self) -> bool:
            """Show it for documents that came in from outside."""
            return bool(super().is_shown() and self.instance.has_facts)


class ArticlePage(WrittenPage):
    """An article. The fields from source_id on come from the import of documents; editors see them, no more."""

    source_id = models.CharField("来源编号", max_length=200, blank=True, db_index=True)
    region_name = models.CharField("适用区域", max_length=80, blank=True)
    level = models.CharField("级别", max_length=20, blank=True)
    category = models.CharField("分类", max_length=80, blank=True)
    effective_date = models.DateField("施行日期", null=True, blank=True)
    note = models.TextField("题注", blank=True)

    item_type = ItemType.ARTICLE.value
    template = "content/article_page.html"
    exclude_fields_in_copy: ClassVar[list[str]] = ["source_id"]
    page_description = "栏目里的一条信息：新闻、通知、文件、解读。"

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    PlainTitlePanel("title", placeholder="标题"),
                    FieldRowPanel([FieldPanel("source"), FieldPanel("author"), FieldPanel("published_at")]),
                    FieldPanel("summary"),
                    FieldPanel("body"),
                    InlinePanel("attachments", heading="附件", label="附件"),
                ],
                heading="内容",
            ),
            ObjectList(
                [
                    MultiFieldPanel([FieldPanel("lead_image"), FieldPanel("lead_image_alt")], heading="题图"),
                    FieldPanel("keywords"),
                    address_panel(),
                    PublishingPanel(),
                ],
                heading="题图与地址",
            ),
            MarksOfImport(
                [
                    FieldPanel(name, read_only=True)
                    for name in (
                        *("issuer", "doc_no", "pub_date", "effective_date", "is_current"),
                        *("level", "category", "region_name", "note", "source_id"),
                    )
                ],
                heading="文件要素",
            ),
        ]
    )

    class Meta:
        verbose_name = "文章"
        verbose_name_plural = "文章"
        indexes = ListedPage.Meta.indexes

    def __str__(self) -> str:
        return self.title

    @property
    def has_facts(self) -> bool:
        """Whether there are marks of a document to show in a table."""
        return bool(self.issuer or self.doc_no or self.pub_date or self.effective_date or self.note)

    @classmethod
    def registry_queryset(cls) -> QuerySet[Self]:
        """Return the articles with their attachments: two queries, however many pages."""
        return cls._default_manager.prefetch_related("attachments")

    def registry_entry(self, column: RegisteredColumn | None) -> RegistryEntry | None:
        """Add the marks of an imported document."""
        entry = super().registry_entry(column)
        return entry and replace(
            entry,
            region_name=self.region_name,
            level=self.level,
            category=self.category,
            effective_date=self.effective_date,
            # A mirror of an imported document is not the document: its number names one item of the site.
            source_id="" if self.alias_of_id else self.source_id,
        )

    def plain_facts(self) -> dict[str, Any]:
        """Add the document's day of effect and whether it is in force."""
        in_force = "" if self.is_current is None else "有效" if self.is_current else "失效"
        return super().plain_facts() | {
            ItemField.EFFECTIVE_ON.value: self.effective_date,
            ItemField.VALIDITY.value: in_force,
        }
