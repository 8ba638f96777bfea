"""PolicyDocumentPage: an official document with its marks, number, index number, validity and what it repeals or amends.

Written by editors in columns that take it; read by citizens, by cluster.resources for the registry, by the publish gate.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
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
    PublishingPanel,
    TabbedInterface,
)

from cluster.column_templates.checking import Context
from cluster.column_templates.checks import DOCUMENT_KINDS, DOCUMENT_NUMBER
from cluster.column_templates.vocabulary import ItemField, ItemType
from cluster.context import current_site
from cluster.edge import recording
from cluster.resources import index_numbers
from cluster.resources.documents import (
    STANDING,
    Disclosure,
    Theme,
    Validity,
    ValidityFacts,
    validity_changes_on,
    validity_on,
)
from cluster.resources.entry import EntryLink, RegistryEntry
from cluster.resources.links import commands_on
from cluster.resources.models import LinkKind
from sites.common.models import RegisteredColumn
from sites.common.panels import PlainTitlePanel, address_panel
from sites.content.document_form import NUMBER_REFUSED, PolicyDocumentForm, normal_document_number
from sites.content.models.written import WrittenPage

KIND_CHOICES = [(kind, "命令（令）" if kind == "命令" else kind) for kind in DOCUMENT_KINDS]
# What an editor may say against the dates and links: something outside of the cluster did it.
STATED = (Validity.AMENDED, Validity.EXPIRED, Validity.REPEALED)


class PolicyDocumentPage(WrittenPage):
    """An official document. Its `pub_date` is the day on which it was written (成文), `doc_no` its number."""

    document_kind = models.CharField("文种", max_length=4, choices=KIND_CHOICES, blank=True)
    effective_date = models.DateField("施行日期", null=True, blank=True, help_text="留空表示自发布之日起施行。")
    expiry_date = models.DateField("失效日期", null=True, blank=True, help_text="有效期的最后一天；长期有效的留空。")
    theme = models.CharField("主题分类", max_length=2, choices=Theme.choices, blank=True)
    disclosure = models.CharField(
        "公开方式", max_length=10, choices=Disclosure.choices, default=Disclosure.ACTIVE.value
    )
    index_number = models.CharField(
        "索引号",
        max_length=40,
        blank=True,
        help_text="留空则首次发布时自动生成。文件已有正式索引号的照填；全省唯一，用过不再用。",
    )
    stated_validity = models.CharField(
        "有效性另有情况",
        max_length=10,
        choices=[(validity.value, validity.label) for validity in STATED],
        blank=True,
        help_text="通常留空，由施行、失效日期和废止、修改关系得出。被站群以外的文件废止或修改的，在此选择并说明。",
    )
    validity_note = models.CharField("有效性说明", max_length=200, blank=True)

    item_type = ItemType.POLICY_DOCUMENT.value
    template = "content/policy_document_page.html"
    base_form_class = PolicyDocumentForm
    exclude_fields_in_copy: ClassVar[list[str]] = ["index_number"]
    page_description = "一份公文：文种、文号、成文日期、主题、索引号、有效性，与解读互相关联。"

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    PlainTitlePanel("title", placeholder="文件标题"),
                    MultiFieldPanel(
                        [
                            FieldRowPanel([FieldPanel("document_number"), FieldPanel("document_kind")]),
                            FieldRowPanel([FieldPanel("issuer"), FieldPanel("pub_date", heading="成文日期")]),
                            FieldRowPanel([FieldPanel("theme"), FieldPanel("index_number")]),
                        ],
                        heading="文件要素",
                    ),
                    FieldPanel("summary"),
                    FieldPanel("body"),
                    InlinePanel("attachments", heading="附件", label="附件"),
                ],
                heading="内容",
            ),
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("effective_date"), FieldPanel("expiry_date")]),
                    InlinePanel("relations", heading="本文件废止或修改的文件", label="文件"),
                    MultiFieldPanel([FieldPanel("stated_validity"), FieldPanel("validity_note")], heading="有效性"),
                ],
                heading="效力",
            ),
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("source"), FieldPanel("author"), FieldPanel("published_at")]),
                    FieldPanel("disclosure"),
                    FieldPanel("keywords"),
                    MultiFieldPanel([FieldPanel("lead_image"), FieldPanel("lead_image_alt")], heading="题图"),
                    address_panel(),
                    PublishingPanel(),
                ],
                heading="发布与地址",
            ),
        ]
    )

    class Meta:
        verbose_name = "政策文件"
        verbose_name_plural = "政策文件"
        indexes = (models.Index(models.F("published_at").desc(nulls_last=True), name="content_document_time"),)

    def __str__(self) -> str:
        return self.title

    # ---- what must be right, by whatever road

    def clean(self) -> None:
        """Refuse numbers of another form, dates in the wrong order, and an index number that is not this document's."""
        super().clean()
        self.doc_no = [normal_document_number(str(number)) for number in self.doc_no or () if str(number).strip()]
        wrong = [number for number in self.doc_no if not DOCUMENT_NUMBER.match(number)]
        if wrong:
            raise ValidationError(NUMBER_REFUSED.format(number=wrong[0]))
        if self.expiry_date and self.effective_date and self.expiry_date < self.effective_date:
            raise ValidationError({"expiry_date": "失效日期早于施行日期，请核对两个日期。"})
        if self.pub_date and self.effective_date and self.effective_date < self.pub_date:
            raise ValidationError({"effective_date": "施行日期早于成文日期，请核对两个日期。"})
        self._check_index_number()

    def minimal_clean(self) -> None:
        """Refuse another document's index number to a draft, too: the database would, and less politely."""
        super().minimal_clean()
        self._check_index_number()

    def _check_index_number(self) -> None:
        self.index_number = index_numbers.normal_number(self.index_number)
        claimant = self._claimant()
        if not self.index_number or claimant is None or self.alias_of_id:
            return
        reason = index_numbers.refusal_of(claimant, self.index_number)
        if reason:
            raise ValidationError({"index_number": reason})

    def with_content_json(self, content: dict[str, Any]) -> Self:
        """Rebuild a draft; the number that the document was published under stays, if the draft names none."""
        draft: Self = super().with_content_json(content)
        draft.index_number = draft.index_number or self.index_number
        return draft

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give the document its index number when it goes live; a mirror has none of its own."""
        fields = kwargs.get("update_fields")
        if self.alias_of_id:
            self.index_number = ""
        elif self.live and (fields is None or "live" in fields):
            self.index_number = self._settled_number()
            if fields is not None:
                kwargs["update_fields"] = [*fields, "index_number"]
        super().save(*args, **kwargs)

    def _claimant(self) -> index_numbers.Document | None:
        site = current_site()
        if site is None or site.pk is None:  # a mould has no numbers
            return None
        return index_numbers.Document(self.translation_key, self.title, site)

    def _settled_number(self) -> str:
        claimant = self._claimant()
        if claimant is None:
            return self.index_number
        try:
            return index_numbers.settle(claimant, self.index_number, timezone.localdate())
        except index_numbers.IndexNumberRefused as refused:
            raise ValidationError({"index_number": str(refused)}) from refused

    # ---- what it is worth, and what it says of others

    @cached_property
    def repealed_since(self) -> date | None:
        """The day since when another document repeals this one; `registry_queryset` brings it along."""
        return self._touched(LinkKind.REPEALS)

    @cached_property
    def amended_since(self) -> date | None:
        """The day since when another document amends this one."""
        return self._touched(LinkKind.AMENDS)

    def _touched(self, kind: LinkKind) -> date | None:
        site, key = current_site(), self.alias_of_id or self.pk
        if site is None or site.pk is None or key is None:
            return None
        found = type(self)._default_manager.filter(pk=key).annotate(since=commands_on(kind, site))
        return found.values_list("since", flat=True).first()

    @property
    def validity_facts(self) -> ValidityFacts:
        """What decides on the validity."""
        return ValidityFacts(
            stated=self.stated_validity,
            effective_on=self.effective_date,
            expires_on=self.expiry_date,
            repealed_on=self.repealed_since,
            amended_on=self.amended_since,
        )

    @property
    def validity(self) -> Validity:
        """Whether the document is in force today."""
        return validity_on(timezone.localdate(), self.validity_facts)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Say until when the validity on the page holds."""
        turns_on = validity_changes_on(timezone.localdate(), self.validity_facts)
        if turns_on:
            recording.holds_until(timezone.make_aware(datetime.combine(turns_on, time.min)))
        return super().get_context(request, *args, **kwargs)

    @property
    def shown_index_number(self) -> str:
        """The index number as citizens read it; a mirror shows that of its original."""
        original = self.alias_of.specific_deferred if self.alias_of_id else self
        return str(original.index_number)

    @property
    def acts_since(self) -> date:
        """The day from which on its repeals and amendments count."""
        return self.effective_date or timezone.localdate(self.shown_time)

    def own_links(self) -> Sequence[EntryLink]:
        """Return what the document repeals and amends; a mirror says nothing for itself."""
        if self.alias_of_id:
            return ()
        return [
            EntryLink(relation.kind, relation.document_id, relation.registry_id, self.acts_since)
            for relation in self.relations.all()
        ]

    # ---- what others hear of it

    @classmethod
    def registry_queryset(cls) -> QuerySet[Self]:
        """Return the documents with files, relations and what others say of them: three queries, however many pages."""
        found = cls._default_manager.prefetch_related("attachments", "relations")
        site = current_site()
        if site is None or site.pk is None:
            return found
        return found.annotate(
            repealed_since=commands_on(LinkKind.REPEALS, site), amended_since=commands_on(LinkKind.AMENDS, site)
        )

    def registry_entry(self, column: RegisteredColumn | None) -> RegistryEntry | None:
        """Add the marks of the document."""
        entry, facts = super().registry_entry(column), self.validity_facts
        return entry and replace(
            entry,
            category=str(Theme(self.theme).label) if self.theme else "",
            is_current=self.validity in STANDING,
            effective_date=self.effective_date,
            # A mirror is not the document: the number names one item of the cluster.
            index_number="" if self.alias_of_id else self.index_number,
            document_kind=self.document_kind,
            theme=self.theme,
            validity=self.validity.value,
            validity_until=validity_changes_on(timezone.localdate(), facts),
        )

    def plain_facts(self) -> dict[str, Any]:
        """Add the marks of the document, in the words that rules use."""
        return super().plain_facts() | {
            ItemField.DOCUMENT_KIND.value: self.document_kind,
            ItemField.EFFECTIVE_ON.value: self.effective_date,
            ItemField.INDEX_NUMBER.value: self.shown_index_number,
            ItemField.THEME.value: str(dict(Theme.choices).get(self.theme, self.theme)),
        }

    def law_facts(self) -> dict[str, Any]:
        """Add the validity, on which other documents have their say."""
        return super().law_facts() | {ItemField.VALIDITY.value: str(self.validity.label)}

    @classmethod
    def law_contexts(cls, pages: Sequence[Self], base: Context) -> list[Context]:
        """Say which of the documents name an index number that is another one's: one query for all."""
        wanted = {page.translation_key: page.index_number for page in pages if not page.alias_of_id}
        taken = index_numbers.taken_by_others(wanted)
        contexts = super().law_contexts(pages, base)
        return [
            replace(context, index_number_taken=True) if page.translation_key in taken else context
            for page, context in zip(pages, contexts, strict=True)
        ]
