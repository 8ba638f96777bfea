"""ArticlePage: one item of a column, with its text, files and marks.

Written by editors in the admin and by the import; read by citizens, and by cluster.resources for the registry.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
    TitleFieldPanel,
)
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.images.models import AbstractRendition, SourceImageIOError

from cluster.column_templates.vocabulary import ItemField
from cluster.resources.entry import RegistryEntry
from sites.columns.breadcrumb import place_of
from sites.common.blocks import body_blocks
from sites.common.body import first_image_id, read_body
from sites.common.models import ListedPage, RegisteredColumn

SUMMARY_LENGTH = 120
LEAD_IMAGE = "width-1200|format-webp"


class ArticlePage(ListedPage):
    """An article. The fields from source_id on come from the import of documents; editors see them, no more."""

    body = StreamField(body_blocks(), verbose_name="正文", blank=True)
    source_id = models.CharField("来源编号", max_length=200, blank=True, db_index=True)
    region_name = models.CharField("适用区域", max_length=80, blank=True)
    level = models.CharField("级别", max_length=20, blank=True)
    category = models.CharField("分类", max_length=80, blank=True)
    effective_date = models.DateField("施行日期", null=True, blank=True)
    note = models.TextField("题注", blank=True)

    template = "content/article_page.html"
    parent_page_types: ClassVar[list[str]] = ["columns.ColumnPage"]
    subpage_types: ClassVar[list[str]] = []
    exclude_fields_in_copy: ClassVar[list[str]] = ["source_id"]
    page_description = "栏目里的一条信息：新闻、通知、文件、解读。"

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    TitleFieldPanel("title", targets=[], placeholder="标题"),
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
                    FieldPanel(
                        "slug",
                        heading="网页地址",
                        help_text="留空则由标题拼音首字母和日期组成。改动后旧地址自动转到新地址。",
                    ),
                ],
                heading="题图与地址",
            ),
            ObjectList(
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
    def shown_time(self) -> datetime:
        """The time that citizens read; a draft in preview has none yet and shows the present."""
        return self.published_at or self.first_published_at or timezone.now()

    @property
    def has_facts(self) -> bool:
        """Whether there are marks of a document to show in a table."""
        return bool(self.issuer or self.doc_no or self.pub_date or self.effective_date or self.note)

    @classmethod
    def registry_queryset(cls) -> QuerySet[Self]:
        """Return the articles with their attachments: two queries, however many pages."""
        return cls._default_manager.prefetch_related("attachments")

    def registry_entry(self, column: RegisteredColumn | None) -> RegistryEntry | None:
        """Tell the registry all that search and lists of other sites need."""
        content = read_body(self.body.raw_data)
        attached = [attachment.document_id for attachment in self.attachments.all()]
        images = [self.lead_image_id] if self.lead_image_id else []
        return RegistryEntry(
            title=self.title,
            summary=self.summary or content.text[:SUMMARY_LENGTH],
            text=content.text,
            column_code=column.code if column else "",
            column_name=column.title if column else "",
            column_class=column.column_class if column else "",
            source=self.shown_source,
            author=self.author,
            issuer=self.issuer,
            doc_no=tuple(self.doc_no or ()),
            region_name=self.region_name,
            level=self.level,
            category=self.category,
            is_current=self.is_current,
            pub_date=self.pub_date,
            effective_date=self.effective_date,
            keywords=self.keywords,
            published_at=self.published_at or self.first_published_at,
            # A mirror of an imported document is not the document: its number names one item of the site.
            source_id="" if self.alias_of_id else self.source_id,
            document_ids=tuple(dict.fromkeys([*attached, *content.document_ids])),
            image_ids=tuple(dict.fromkeys([*images, *content.image_ids])),
        )

    def law_body(self) -> Sequence[dict[str, Any]]:
        """Return the raw blocks of the text."""
        return self.body.raw_data  # type: ignore[no-any-return]

    def law_facts(self) -> dict[str, Any]:
        """Add the attachments, the documents' day of effect and whether it is in force."""
        facts = super().law_facts()
        attached = [attachment.document_id for attachment in self.attachments.all()]
        in_force = "" if self.is_current is None else "有效" if self.is_current else "失效"
        return facts | {
            ItemField.ATTACHMENT.value: (*attached, *facts[ItemField.ATTACHMENT.value]),
            ItemField.EFFECTIVE_ON.value: self.effective_date,
            ItemField.VALIDITY.value: in_force,
        }

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the column, the breadcrumb and the attachments with their files."""
        place = place_of(self, request)
        shot = self.lead_image.get_rendition(LEAD_IMAGE) if self.lead_image else None
        return {
            **super().get_context(request, *args, **kwargs),
            "column": place.column,
            "column_url": place.links[-1].url if place.links else "/",
            "url": place.url,
            "breadcrumb": place.links,
            "shot": shot,
            "picture": shot or self._first_picture(),
            "attachments": list(self.attachments.select_related("document")),
        }

    def _first_picture(self) -> AbstractRendition | None:
        """Return the first picture of the body as the body shows it; None where its file is lost."""
        image_id = first_image_id(self.body.raw_data)
        image = get_image_model().objects.filter(pk=image_id).first() if image_id else None
        try:
            return image.get_rendition(LEAD_IMAGE) if image else None
        except SourceImageIOError:
            return None
