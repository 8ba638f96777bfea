"""ListedPage: a page that columns list, with the marks every published item must carry.

Extended by sites.content; sites.common.listing reads all its concrete kinds in one query.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from wagtail.api import APIField

from cluster.column_templates.checking import Context
from cluster.column_templates.vocabulary import ItemField
from cluster.context import current_site
from sites.common.body import read_body
from sites.common.models.base import BasePage

# The clock of an editor's computer may be a little ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)
# Nothing that is published bears an older date; an earlier one stands for "unknown", or is a slip of the keyboard.
EARLIEST = date(1800, 1, 1)


def _told(value: Any) -> str:
    # A time is the same time whatever zone it is told in: a form says +08:00, the database UTC.
    try:
        return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
    except OverflowError:  # the first or the last day of all calendars: clean() refuses it, but the form is shown again
        return str(value)


class ListedPage(BasePage):
    """An item of a column: source, author, time of publication, summary, keywords, lead image, marks of a document."""

    # What columns call this kind (cluster.column_templates.vocabulary.ItemType).
    item_type: ClassVar[str]

    source = models.CharField(
        "来源", max_length=120, blank=True, help_text="本站原创的写本网站名称，转载的写原发布单位。不能留空。"
    )
    author = models.CharField("作者（责任编辑）", max_length=80, blank=True)
    published_at = models.DateTimeField(
        "发布时间", null=True, blank=True, help_text="留空则为首次发布的时刻。定时发布请用“设置发布日程”。"
    )
    summary = models.TextField("摘要", max_length=300, blank=True, help_text="一两句话，用于列表、检索结果和订阅。")
    keywords = models.CharField("关键词", max_length=200, blank=True, help_text="多个关键词用逗号分开。")
    lead_image = models.ForeignKey(
        "wagtailimages.Image", verbose_name="题图", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lead_image_alt = models.CharField(
        "题图替代文字", max_length=120, blank=True, help_text="给看不见图片的人：一句话说明图片内容。"
    )

    issuer = models.CharField("发文机关", max_length=200, blank=True)
    doc_no = models.JSONField("发文字号", default=list, blank=True, help_text="一个文件可有多个字号。")
    is_current = models.BooleanField("现行有效", null=True, blank=True)
    pub_date = models.DateField("成文（公布）日期", null=True, blank=True)

    # Beside title and address, what the interface may write: no rule lets an item without a source be published.
    api_fields: ClassVar[list[APIField]] = [APIField("source", writable=True)]

    class Meta:
        abstract = True
        indexes = (
            # Lists walk this index backwards and stop at their tenth row, however large the site.
            models.Index(models.F("published_at").desc(nulls_last=True), name="%(app_label)s_%(class)s_time"),
        )

    @property
    def shown_source(self) -> str:
        """The source as citizens read it: where an item names none, the site that shows it. No rule takes that for a source."""
        site = current_site()
        return self.source or (site.name if site else "")

    def law_facts(self) -> dict[str, Any]:
        """Return what the rules of the column may ask of this item: field → value; types with more fields add them.

        Asks no query of its own beyond what `registry_queryset` fetched: the gate calls it for hundreds of items in a row.
        """
        content = read_body(self.law_body())
        lead_image = (self.lead_image_alt,) if self.lead_image_id else ()
        return self.plain_facts() | {
            ItemField.BODY.value: content.text,
            ItemField.IMAGE.value: (*lead_image, *content.image_texts),
            ItemField.ATTACHMENT.value: content.document_ids,
        }

    def plain_facts(self) -> dict[str, Any]:
        """Return those of the facts that stand in plain fields: they can be read where body and files cannot.

        Takes whatever the database may hold: nothing in such a field keeps the others from being read.
        """
        return {
            ItemField.TITLE.value: self.title,
            ItemField.SUMMARY.value: self.summary,
            ItemField.SOURCE.value: self.source,
            ItemField.AUTHOR.value: self.author,
            ItemField.RESPONSIBLE.value: self.author,
            ItemField.KEYWORDS.value: self.keywords,
            ItemField.PUBLISHED_AT.value: self.published_at,
            ItemField.DOCUMENT_NUMBER.value: tuple(self.doc_no) if isinstance(self.doc_no, list | tuple) else (),
            ItemField.ISSUER.value: self.issuer,
            ItemField.WRITTEN_ON.value: self.pub_date,
        }

    def facts_digest(self, *, timed: bool = True) -> str:
        """Return a digest that changes with whatever the rules look at; untimed, as of a draft that has no time yet."""
        facts = self.law_facts() if timed else self.law_facts() | {ItemField.PUBLISHED_AT.value: None}
        told = json.dumps(facts, ensure_ascii=False, sort_keys=True, default=_told)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    def law_body(self) -> Sequence[dict[str, Any]]:
        """Return the raw blocks of the text; a type without a body has none."""
        return ()

    @classmethod
    def law_contexts(cls, pages: Sequence[Self], base: Context) -> list[Context]:
        """Return for each page what the database knows of it, in a few queries for all; `base` says what holds for the site.

        A type whose rules ask for more (a free index number, companions) returns changed copies of `base`.
        """
        return [base] * len(pages)

    def clean(self) -> None:
        """Refuse a time of publication in the future or before all records, and a lead image that says nothing."""
        super().clean()
        if self.published_at and self.published_at.year < EARLIEST.year:
            raise ValidationError({"published_at": f"发布时间早于 {EARLIEST.year} 年，请核对年份。"})
        if self.published_at and self.published_at > timezone.now() + CLOCK_SKEW:
            raise ValidationError({"published_at": "发布时间不能晚于现在。需要定时发布的，请用“设置发布日程”。"})
        if self.lead_image_id and not self.lead_image_alt.strip():
            raise ValidationError({"lead_image_alt": "选了题图就要写替代文字。"})

    def with_content_json(self, content: dict[str, Any]) -> Self:
        """Rebuild a draft; a time or source that the draft left empty stays what it became at publication."""
        draft: Self = super().with_content_json(content)
        draft.published_at = draft.published_at or self.published_at
        draft.source = draft.source or self.source
        return draft

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Fix the time of publication when the page first goes live."""
        if self.live and self.published_at is None:
            # From first_published_at: a later edit whose draft still says "empty" must not move the time.
            self.published_at = self.first_published_at or timezone.now()
        super().save(*args, **kwargs)
