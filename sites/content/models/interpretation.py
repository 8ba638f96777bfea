"""InterpretationPage: explains one or several documents to the public; linked with them both ways.

Written by editors in columns that take it; read by citizens, by cluster.resources for the registry, by the publish gate.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

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

from cluster.column_templates.checking import Context
from cluster.column_templates.vocabulary import Companion, ItemType
from cluster.resources.entry import EntryLink
from cluster.resources.models import LinkKind
from sites.common.panels import PlainTitlePanel, address_panel
from sites.content.models.written import WrittenPage


class InterpretationForm(models.TextChoices):
    """In which form a document is explained (解读形式)."""

    TEXT = "text", "文字解读"
    CHART = "chart", "图表解读"
    DIAGRAM = "diagram", "图解"
    MEDIA = "media", "音视频解读"
    QUESTIONS = "questions", "问答解读"


class InterpretationPage(WrittenPage):
    """An interpretation of policy documents."""

    form = models.CharField(
        "解读形式", max_length=10, choices=InterpretationForm.choices, default=InterpretationForm.TEXT.value
    )

    item_type = ItemType.INTERPRETATION.value
    template = "content/interpretation_page.html"
    page_description = "对一份或几份政策文件的解读：文字、图表、图解、音视频或问答，与文件互相关联。"

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    PlainTitlePanel("title", placeholder="解读标题"),
                    FieldRowPanel([FieldPanel("form"), FieldPanel("source"), FieldPanel("author")]),
                    InlinePanel("documents", heading="所解读的文件", label="文件"),
                    FieldPanel("summary"),
                    FieldPanel("body"),
                    InlinePanel("attachments", heading="附件", label="附件"),
                ],
                heading="内容",
            ),
            ObjectList(
                [
                    FieldPanel("published_at"),
                    MultiFieldPanel([FieldPanel("lead_image"), FieldPanel("lead_image_alt")], heading="题图"),
                    FieldPanel("keywords"),
                    address_panel(),
                    PublishingPanel(),
                ],
                heading="题图与地址",
            ),
        ]
    )

    class Meta:
        verbose_name = "政策解读"
        verbose_name_plural = "政策解读"
        indexes = (models.Index(models.F("published_at").desc(nulls_last=True), name="content_interpretation_time"),)

    def __str__(self) -> str:
        return self.title

    @classmethod
    def registry_queryset(cls) -> QuerySet[Self]:
        """Return the interpretations with files and documents: three queries, however many pages."""
        return cls._default_manager.prefetch_related("attachments", "documents")

    def own_links(self) -> Sequence[EntryLink]:
        """Return the documents that it interprets; a mirror says nothing for itself."""
        if self.alias_of_id:
            return ()
        return [
            EntryLink(LinkKind.INTERPRETS.value, reference.document_id, reference.registry_id)
            for reference in self.documents.all()
        ]

    @classmethod
    def law_contexts(cls, pages: Sequence[Self], base: Context) -> list[Context]:
        """Say which of the interpretations name a document."""
        contexts = super().law_contexts(pages, base)
        return [
            replace(context, companions=context.companions | {Companion.DOCUMENT.value})
            if page.own_links()
            else context
            for page, context in zip(pages, contexts, strict=True)
        ]
