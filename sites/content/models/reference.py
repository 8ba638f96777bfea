"""References: one document named by another or by an interpretation, of this site or of another one.

Edited with the item that names it. What comes of them on both ends stands in the public table ResourceLink.
"""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, PageChooserPanel
from wagtail.models import Orderable, Page

from cluster.context import current_site
from cluster.resources.links import LinkRefused, find_item, may_command
from cluster.resources.models import LinkKind, Resource

DOCUMENT_TYPES = ("content.PolicyDocumentPage", "content.ArticlePage")


class Reference(Orderable):
    """Names one document: a page of this site, or the address or registry id of an item of another site."""

    document = models.ForeignKey(
        "wagtailcore.Page", verbose_name="本站文件", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    elsewhere = models.CharField(
        "其他网站的文件",
        max_length=300,
        blank=True,
        help_text="站群内其他网站的文件：粘贴它的网址，或填写它的资源编号。只能引用已经公开的。",
    )
    registry_id = models.UUIDField("资源编号", null=True, blank=True, editable=False)

    target_panels: ClassVar[list[FieldPanel]] = [
        PageChooserPanel("document", list(DOCUMENT_TYPES)),
        FieldPanel("elsewhere"),
    ]

    class Meta(Orderable.Meta):
        abstract = True

    def clean(self) -> None:
        """Refuse a reference to nothing, to two things, to no document, or to one that others must not see."""
        super().clean()
        self.elsewhere = self.elsewhere.strip()
        if bool(self.document_id) == bool(self.elsewhere or self.registry_id):
            raise ValidationError("请选择一份本站文件，或者填写其他网站文件的网址，两者只能有其一。")
        if self.document_id:
            self._check_own()
        else:
            self._find_elsewhere()

    def _check_own(self) -> None:
        found = Page.objects.filter(pk=self.document_id).first()
        if found is None or f"{found.content_type.app_label}.{found.specific_class.__name__}" not in DOCUMENT_TYPES:
            raise ValidationError({"document": "选中的不是文件。请选择一份政策文件，或者一篇法律法规、文件类的文章。"})

    def _find_elsewhere(self) -> None:
        if self.elsewhere:
            try:
                row = find_item(self.elsewhere)
            except LinkRefused as refused:
                raise ValidationError({"elsewhere": str(refused)}) from refused
        else:
            row = Resource.objects.get(pk=str(self.registry_id))
        if row.page_type not in DOCUMENT_TYPES:
            raise ValidationError({"elsewhere": f"“{row.title}”不是文件，请填写政策文件的网址。"})
        self._check_target(row)
        self.registry_id = row.pk

    def _check_target(self, row: Resource) -> None:
        """Refuse targets that this kind of reference must not name."""


class DocumentRelation(Reference):
    """A document that the page repeals or amends."""

    page = ParentalKey("content.PolicyDocumentPage", on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField(
        "关系",
        max_length=12,
        choices=[(kind.value, f"{kind.label}该文件") for kind in (LinkKind.REPEALS, LinkKind.AMENDS)],
        default=LinkKind.REPEALS.value,
    )

    panels: ClassVar[list[FieldPanel]] = [FieldPanel("kind"), *Reference.target_panels]

    class Meta(Reference.Meta):
        abstract = False
        verbose_name = "废止和修改"
        verbose_name_plural = "废止和修改"

    def clean(self) -> None:
        """Refuse a document that repeals itself."""
        super().clean()
        if self.document_id and self.document_id == self.page_id:
            raise ValidationError({"document": "文件不能废止或修改自己。"})

    def _check_target(self, row: Resource) -> None:
        site = current_site()
        if site is not None and not may_command(site, row.site_id):
            verb = LinkKind(self.kind).label
            raise ValidationError(
                {
                    "elsewhere": f"“{row.title}”是{row.site.name}的文件。只有它自己的网站和它的上级网站的文件才能{verb}它。"
                }
            )


class InterpretedDocument(Reference):
    """A document that the page interprets."""

    page = ParentalKey("content.InterpretationPage", on_delete=models.CASCADE, related_name="documents")

    panels: ClassVar[list[FieldPanel]] = Reference.target_panels

    class Meta(Reference.Meta):
        abstract = False
        verbose_name = "所解读的文件"
        verbose_name_plural = "所解读的文件"
