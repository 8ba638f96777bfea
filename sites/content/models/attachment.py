"""ArticleAttachment: a file that belongs to an article, in the editor's order.

Edited with the article; the registry hears of its document through ArticlePage.registry_entry.
"""

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.models import Orderable


class ArticleAttachment(Orderable):
    """One attachment and the name under which citizens see it."""

    page = ParentalKey("content.ArticlePage", on_delete=models.CASCADE, related_name="attachments")
    document = models.ForeignKey(
        "wagtaildocs.Document", verbose_name="文件", on_delete=models.CASCADE, related_name="+"
    )
    label = models.CharField("显示名称", max_length=200, blank=True, help_text="留空则用文件的标题。")

    panels = (FieldPanel("document"), FieldPanel("label"))

    class Meta(Orderable.Meta):
        verbose_name = "附件"
        verbose_name_plural = "附件"

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The label, or the title of the file."""
        return self.label or str(self.document.title)
