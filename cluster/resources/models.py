"""Rows of the content registry, of the change feed and of attachment texts, all in the public schema.

Resource rows are written by cluster.resources.projection; Mark and Change rows by database triggers
(cluster/resources/sql); the worker takes Marks and Changes away when they are done.
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


class LinkKind(models.TextChoices):
    """What one item says of another."""

    INTERPRETS = "interprets", "解读"
    REPEALS = "repeals", "废止"
    AMENDS = "amends", "修改"


class ResourceLink(models.Model):
    """A published item points at another, of its own site or of another one; read from both ends.

    Written by cluster.resources.links with the source's row, gone with its withdrawal. The target is named by its page,
    not by its row: it may be published later than the item that points at it.
    """

    source = models.ForeignKey(Resource, verbose_name="由", on_delete=models.CASCADE, related_name="links")
    kind = models.CharField("关系", max_length=12, choices=LinkKind.choices)
    target_site = models.ForeignKey(Subsite, verbose_name="对象站点", on_delete=models.CASCADE, related_name="+")
    target_page_id = models.BigIntegerField("对象页面编号")
    since = models.DateField("自", null=True)

    class Meta:
        verbose_name = "信息关联"
        verbose_name_plural = "信息关联"
        constraints = (
            models.UniqueConstraint(
                fields=("source", "kind", "target_site", "target_page_id"), name="resource_link_once"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=LinkKind.values), name="resource_link_known"),
        )
        indexes = (models.Index(fields=("target_site", "target_page_id", "kind"), name="resource_link_target"),)

    def __str__(self) -> str:
        return f"{self.source_id} {self.get_kind_display()} {self.target_site_id}:{self.target_page_id}"


class IndexNumber(models.Model):
    """An index number (索引号) that was once given to a document: it is that document's for ever.

    Rows are only added (triggers refuse the rest), and none hangs on a site or a page: withdrawal, deletion, the closure of
    a site and the restore of its schema leave them alone. `document` is the page's translation key, which unlike its number
    is never given twice. Written by cluster.resources.index_numbers.
    """

    number = models.CharField("索引号", max_length=40, primary_key=True)
    document = models.UUIDField("文件", db_index=True)
    site_code = models.CharField("站点代码", max_length=40)
    title = models.TextField("取号时的标题", blank=True)
    prefix = models.CharField("单位代码", max_length=18)
    year = models.PositiveSmallIntegerField("年份")
    serial = models.PositiveIntegerField("序号")
    is_generated = models.BooleanField("系统生成")
    given_at = models.DateTimeField("取号时间", db_default=Now())

    class Meta:
        verbose_name = "索引号"
        verbose_name_plural = "索引号"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(number__regex=r"^[0-9A-Za-z]{9,18}/[0-9]{4}([0-9]{2})?-[0-9]{5}$"),
                name="index_number_form",
            ),
        )
        indexes = (
            models.Index(
                fields=("prefix", "year", "-serial"), condition=models.Q(is_generated=True), name="index_number_last"
            ),
        )

    def __str__(self) -> str:
        return self.number


class FeedRow(models.Model):
    """What a Mark and a Change have in common: tries, back-off and the place for poison."""

    id = models.BigAutoField(primary_key=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", db_default=0)
    not_before = models.DateTimeField("不早于", db_default=Now())
    error = models.TextField("错误", db_default="")
    parked_at = models.DateTimeField("搁置时间", null=True)

    class Meta:
        abstract = True


class MarkScope(models.TextChoices):
    """What a mark points at."""

    PAGE = "page", "页面"
    SUBTREE = "subtree", "页面及下级"
    DOCUMENT = "document", "附件"
    IMAGE = "image", "图片"
    SITE = "site", "全站"


class Mark(FeedRow):
    """Something in a site changed, by whatever road: look at it again. Written by triggers only."""

    schema_name = models.CharField("模式", max_length=63)
    scope = models.CharField("范围", max_length=10, choices=MarkScope.choices)
    object_id = models.BigIntegerField("对象编号", db_default=0)
    marked_at = models.DateTimeField("标记时间", db_default=Now())

    class Meta:
        verbose_name = "待登记变更"
        verbose_name_plural = "待登记变更"
        indexes = (models.Index(fields=("not_before", "id"), condition=models.Q(parked_at=None), name="mark_due"),)

    def __str__(self) -> str:
        return f"{self.schema_name} {self.get_scope_display()} {self.object_id}"


class Consumer(models.Model):
    """Someone who must hear of every change of the registry."""

    name = models.CharField("名称", max_length=60, primary_key=True)
    active = models.BooleanField("启用", default=True)
    registered_at = models.DateTimeField("登记时间", db_default=Now())
    heartbeat_at = models.DateTimeField("最近活动", db_default=Now())

    class Meta:
        verbose_name = "变更订阅方"
        verbose_name_plural = "变更订阅方"

    def __str__(self) -> str:
        return self.name


class Change(FeedRow):
    """A resource changed; this consumer has not yet heard of it."""

    consumer = models.CharField("订阅方", max_length=60)
    resource_id = models.UUIDField("信息资源")
    version = models.BigIntegerField("版本")
    created_at = models.DateTimeField("产生时间", db_default=Now())

    class Meta:
        verbose_name = "待分发变更"
        verbose_name_plural = "待分发变更"
        indexes = (
            models.Index(
                fields=("consumer", "not_before", "id"), condition=models.Q(parked_at=None), name="change_due"
            ),
            models.Index(fields=("resource_id",), name="change_resource"),
        )

    def __str__(self) -> str:
        return f"{self.consumer} {self.resource_id}"


class AttachmentState(models.TextChoices):
    """How far the text of a file has come."""

    PENDING = "pending", "待提取"
    DONE = "done", "已提取"
    FAILED = "failed", "提取失败"
    REFUSED = "refused", "不予提取"


class AttachmentText(models.Model):
    """The text of one document of a site, extracted in the worker."""

    schema_name = models.CharField("模式", max_length=63)
    document_id = models.BigIntegerField("附件编号")
    file = models.TextField("文件")
    file_hash = models.CharField("文件摘要值", max_length=64, blank=True)
    filename = models.TextField("文件名")
    state = models.CharField(max_length=10, choices=AttachmentState.choices, default=AttachmentState.PENDING)
    text = models.TextField("文本", blank=True)
    error = models.TextField("说明", blank=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    not_before = models.DateTimeField("不早于", db_default=Now())
    extracted_at = models.DateTimeField("提取时间", null=True)

    class Meta:
        verbose_name = "附件文本"
        verbose_name_plural = "附件文本"
        constraints = (
            models.UniqueConstraint(fields=("schema_name", "document_id"), name="attachment_one_per_document"),
        )
        indexes = (models.Index(fields=("not_before",), condition=models.Q(state="pending"), name="attachment_due"),)

    def __str__(self) -> str:
        return f"{self.filename}（{self.get_state_display()}）"
