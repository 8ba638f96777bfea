"""Attachments: files that belong to an item, in the editor's order.

Edited with the item; the registry hears of their documents through WrittenPage.registry_entry.
"""

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.models import Orderable


class Attachment(Orderable):
    """One attachment and the name under which citizens see it."""

    document = models.ForeignKey(
        "wagtaildocs.Document", verbose_name="文件", on_delete=models.CASCADE, related_name="+"
    )
    label = models.CharField("显示名称", max_length=200, blank=True, help_text="留空则用文件的标题。")

    panels = (FieldPanel("document"), FieldPanel("label"))

    class Meta(Orderable.Meta):
        abstract = True
        verbose_name = "附件"
        verbose_name_plural = "附件"

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The label, or the title of the file."""
        return self.label or str(self.document.title)


class ArticleAttachment(Attachment):
    """A file of an article."""

    page = ParentalKey("content.ArticlePage", on_delete=models.CASCADE, related_name="attachments")

    class Meta(Attachment.Meta):
        abstract = False


class DocumentAttachment(Attachment):
    """A file of a policy document."""

    page = ParentalKey("content.PolicyDocumentPage", on_delete=models.CASCADE, related_name="attachments")

    class Meta(Attachment.Meta):
        abstract = False


class InterpretationAttachment(Attachment):
    """A file of an interpretation."""

    page = ParentalKey("content.InterpretationPage", on_delete=models.CASCADE, related_name="attachments")

    class Meta(Attachment.Meta):
        abstract = False
