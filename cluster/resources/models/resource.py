"""The content registry: what the sites have published.

Rows are written by cluster.resources.projection; search, lists and the clock read them.
"""

import uuid
from collections.abc import Collection
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.base import ModelState
from django.db.models.functions import Now

from cluster.resources.documents import Theme, Validity
from cluster.subsites.models import Subsite


class ResourceState(models.TextChoices):
    """Whether citizens may read it now. A withdrawn row is a tombstone: it stays and says so."""

    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤回"


class Resource(models.Model):
    """One published item of a site; or, withdrawn, the memory that there was one.

    `version` grows at every change of the row (trigger, one sequence for the cluster): consumers pass it on as external version.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Subsite, verbose_name="站点", on_delete=models.PROTECT, related_name="resources")
    page_id = models.BigIntegerField("页面编号")
    page_type = models.CharField("页面类型", max_length=100)
    source_id = models.CharField("来源编号", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=ResourceState.choices)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    title = models.TextField("标题")
    path = models.TextField("地址")
    summary = models.TextField("摘要", blank=True)
    text = models.TextField("正文", blank=True)
    column_code = models.CharField("栏目代码", max_length=60, blank=True)
    column_name = models.CharField("栏目", max_length=255, blank=True)
    column_class = models.CharField("栏目类别", max_length=30, blank=True)
    source = models.TextField("来源", blank=True)
    author = models.TextField("作者", blank=True)
    issuer = models.TextField("发文机关", blank=True)
    doc_no = models.JSONField("文号", default=list)
    region_name = models.TextField("适用区域", blank=True)
    level = models.CharField("级别", max_length=20, blank=True)
    category = models.TextField("分类", blank=True)
    is_current = models.BooleanField("现行版本", null=True)
    pub_date = models.DateField("公布日期", null=True)
    effective_date = models.DateField("施行日期", null=True)
    index_number = models.CharField("索引号", max_length=40, blank=True, default="", db_default="")
    document_kind = models.CharField("文种", max_length=10, blank=True, default="", db_default="")
    theme = models.CharField("主题分类", max_length=2, blank=True, default="", db_default="", choices=Theme.choices)
    validity = models.CharField(
        "有效性", max_length=10, blank=True, default="", db_default="", choices=Validity.choices
    )
    # The day on which the validity may turn by itself; the worker looks again then.
    validity_until = models.DateField("有效性变化日", null=True)
    keywords = models.TextField("关键词", blank=True)
    published_at = models.DateTimeField("发布时间")
    first_published_at = models.DateTimeField("首次发布时间", null=True)
    updated_at = models.DateTimeField("登记更新时间", db_default=Now())
    document_ids = ArrayField(models.BigIntegerField(), default=list)
    # Named by the page but in a private collection: not searched; remembered so that it is found again when it comes out.
    hidden_document_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    image_ids = ArrayField(models.BigIntegerField(), default=list)
    attachments_digest = models.CharField("附件文本摘要值", max_length=64, blank=True)
    content_hash = models.CharField("内容摘要值", max_length=64)
    version = models.BigIntegerField("版本", db_default=0)

    class Meta:
        verbose_name = "信息资源"
        verbose_name_plural = "信息资源"
        ordering = ("-published_at",)
        constraints = (
            models.UniqueConstraint(fields=("site", "page_id"), name="resource_one_per_page"),
            models.CheckConstraint(condition=models.Q(state__in=ResourceState.values), name="resource_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="published", withdrawn_at__isnull=True)
                | models.Q(state="withdrawn", withdrawn_at__isnull=False),
                name="resource_withdrawn_has_time",
            ),
        )
        indexes = (
            models.Index(fields=("site", "column_code", "-published_at"), name="resource_column"),
            models.Index(fields=("column_code", "-published_at"), name="resource_cluster_column"),
            models.Index(fields=("version",), name="resource_version"),
            models.Index(fields=("source_id",), condition=~models.Q(source_id=""), name="resource_source"),
            models.Index(fields=("index_number",), condition=~models.Q(index_number=""), name="resource_index_number"),
            GinIndex(fields=("document_ids",), name="resource_documents"),
            GinIndex(fields=("image_ids",), name="resource_images"),
            GinIndex(
                fields=("hidden_document_ids",),
                condition=~models.Q(hidden_document_ids=[]),
                name="resource_hidden_docs",
            ),
            models.Index(
                fields=("validity_until",), condition=models.Q(validity_until__isnull=False), name="resource_validity"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @classmethod
    def from_db(  # type: ignore[override]  # the stubs are those of a later Django
        cls, db: str | None, field_names: Collection[str], values: Collection[Any]
    ) -> Self:
        """Make a row of what the database says without Model.__init__, which costs a drain more than the query itself."""
        row = cls.__new__(cls)
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        row.__dict__.update(zip(field_names, values, strict=True))
        return row

    @property
    def url(self) -> str:
        """Absolute address of the page."""
        return self.site.root_url + self.path

    @property
    def is_published(self) -> bool:
        """Whether the row itself is public; the site's state is asked separately."""
        return self.state == ResourceState.PUBLISHED
