"""WrittenPage: an item with a body and files; what articles, policy documents and interpretations have in common.

Extended by the page models beside it; read by citizens, and by cluster.resources for the registry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from wagtail.fields import StreamField
from wagtail.models import Page

from cluster.column_templates.checking import Context
from cluster.column_templates.vocabulary import Companion, ItemField
from cluster.context import current_site
from cluster.edge import keys, recording
from cluster.postgresql import connection
from cluster.resources.entry import EntryLink, RegistryEntry
from cluster.resources.links import LinkedItem, links_from, links_to, pointed_at
from cluster.resources.models import LinkKind
from sites.columns.breadcrumb import place_of
from sites.columns.taking import refusal_of_item, takes
from sites.common.blocks import body_blocks
from sites.common.body import SUMMARY_LENGTH, first_image_id, read_body
from sites.common.models import ListedPage, RegisteredColumn
from sites.common.pictures import Picture, image_of, picture_of
from sites.common.showing import shows_body
from sites.content.attached import attachments_of


class WrittenPage(ListedPage):
    """An item with a body and attachments, in a column that takes its kind."""

    body = StreamField(body_blocks(), verbose_name="正文", blank=True)

    attachments: Any  # each concrete type has a table of its own
    parent_page_types: ClassVar[list[str]] = ["columns.ColumnPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        abstract = True

    @property
    def shown_time(self) -> datetime:
        """The time that citizens read; a draft in preview has none yet and shows the present."""
        return self.published_at or self.first_published_at or timezone.now()

    @classmethod
    def can_exist_under(cls, parent: Page) -> bool:
        """Whether the column takes this kind; Wagtail asks when it offers types, and before it moves, copies or mirrors."""
        return bool(super().can_exist_under(parent)) and takes(parent, cls.item_type)

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        """Refuse a new place in a column that does not take this kind."""
        self._check_place()
        super().full_clean(*args, **kwargs)

    def minimal_clean(self) -> None:
        """Refuse it to a draft, too."""
        self._check_place()
        super().minimal_clean()

    def _check_place(self) -> None:
        # What stands there already may be edited: a later law may have narrowed what the column takes.
        if self._state.adding and self.path and (reason := refusal_of_item(self.get_parent(), self.item_type)):
            raise ValidationError(reason)

    def own_links(self) -> Sequence[EntryLink]:
        """Return what this item says of others."""
        return ()

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
            source=self.source,
            author=self.author,
            issuer=self.issuer,
            doc_no=tuple(self.doc_no or ()),
            is_current=self.is_current,
            pub_date=self.pub_date,
            keywords=self.keywords,
            published_at=self.published_at or self.first_published_at,
            document_ids=tuple(dict.fromkeys([*attached, *content.document_ids])),
            image_ids=tuple(dict.fromkeys([*images, *content.image_ids])),
            links=tuple(self.own_links()),
        )

    def law_body(self) -> Sequence[dict[str, Any]]:
        """Return the raw blocks of the text."""
        return self.body.raw_data  # type: ignore[no-any-return]

    def law_facts(self) -> dict[str, Any]:
        """Add the attachments."""
        facts = super().law_facts()
        attached = [attachment.document_id for attachment in self.attachments.all()]
        return facts | {ItemField.ATTACHMENT.value: (*attached, *facts[ItemField.ATTACHMENT.value])}

    @classmethod
    def law_contexts(cls, pages: Sequence[Self], base: Context) -> list[Context]:
        """Say which of the pages have an interpretation beside them: one query for all."""
        site = current_site()
        interpreted = pointed_at(LinkKind.INTERPRETS, site, [page.pk for page in pages if page.pk]) if site else set()
        with_companion = replace(base, companions=base.companions | {Companion.INTERPRETATION.value})
        contexts = super().law_contexts(pages, base)
        return [
            with_companion if page.pk in interpreted and context is base else context
            for page, context in zip(pages, contexts, strict=True)
        ]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the column, the breadcrumb, the attachments with their files, and the items that belong to this one."""
        place = place_of(self, request)
        attachments = attachments_of(self)
        self._tell_store(attachments)
        shot = picture_of(image_of(self.lead_image_id))
        return {
            **super().get_context(request, *args, **kwargs),
            "column": place.column,
            "column_url": place.links[-1].url if place.links else "/",
            "url": place.url,
            "breadcrumb": place.links,
            "shot": shot,
            "picture": shot or self._first_picture(),
            "attachments": attachments,
            "related": self.related(),
        }

    def _tell_store(self, attachments: Iterable[Any]) -> None:
        """Note what this page shows beside its own row; called for each rendering."""
        if not recording.is_recording():
            return
        schema = connection.schema_name
        shows_body(read_body(self.body.raw_data, with_text=False))
        recording.uses_all(keys.document(schema, attachment.document_id) for attachment in attachments)
        if self.lead_image_id:
            recording.uses(keys.image(schema, self.lead_image_id))

    def related(self) -> "Related":
        """Return the public items at the other ends of the links from and to this one."""
        site = current_site()
        if site is None:
            return Related((), ())
        # A mirror shows what belongs to its original.
        original = self.alias_of.specific if self.alias_of_id else self
        recording.uses(keys.page(site.schema_name, original.pk or 0))
        return Related(links_from(site, original.own_links()), links_to(site, original.pk or 0))

    def _first_picture(self) -> Picture | None:
        """Return the first picture of the body as the body shows it."""
        return picture_of(image_of(first_image_id(self.body.raw_data)))


class Related:
    """The items that belong to one, sorted by what they are to it, as templates ask for them."""

    def __init__(self, outgoing: Iterable[LinkedItem], incoming: Iterable[LinkedItem]) -> None:
        """Take the items that it names and those that name it."""
        outgoing, incoming = list(outgoing), list(incoming)
        self.interpreted = _of(LinkKind.INTERPRETS, outgoing)
        self.interpretations = _of(LinkKind.INTERPRETS, incoming)
        self.repeals, self.repealed_by = _of(LinkKind.REPEALS, outgoing), _of(LinkKind.REPEALS, incoming)
        self.amends, self.amended_by = _of(LinkKind.AMENDS, outgoing), _of(LinkKind.AMENDS, incoming)

    @property
    def history(self) -> list[tuple[str, list[LinkedItem]]]:
        """Name and items of each relation between documents that there is."""
        groups = (
            ("被以下文件废止", self.repealed_by),
            ("被以下文件修改", self.amended_by),
            ("废止以下文件", self.repeals),
            ("修改以下文件", self.amends),
        )
        return [(name, items) for name, items in groups if items]


def _of(kind: LinkKind, items: Iterable[LinkedItem]) -> list[LinkedItem]:
    return [item for item in items if item.kind == kind]
