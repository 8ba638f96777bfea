"""Subsite and Domain: the tenants of the cluster and the hosts they answer to.

Written by cluster.subsites.services; read by the middleware, search and the console.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django_tenants.models import DomainMixin, TenantMixin

from cluster.subsites.models.region import Region


class SiteKind(models.TextChoices):
    """Kind of a site; decides its base schema, its columns and its rules."""

    PROVINCE = "province", "省门户"
    CITY = "city", "市（地）"
    COUNTY = "county", "县（市）"
    DEPARTMENT = "department", "省直部门"
    BODY = "body", "党群团体及其他机构"
    CONSOLE = "console", "管理控制台"


class SiteState(models.TextChoices):
    """State of a site in its life (47号 §1.6: 拟开设, 试运行, 正常, 临时下线, 永久下线)."""

    PREPARING = "preparing", "筹备中"
    TRIAL = "trial", "试运行"
    OPEN = "open", "正常运行"
    SUSPENDED = "suspended", "临时下线"
    CLOSED = "closed", "永久下线"


# The states in which citizens read the site and its items are found by search.
PUBLIC_STATES = (SiteState.TRIAL, SiteState.OPEN)


class MarkKind(models.TextChoices):
    """Official site mark: red for party and government organs, blue for public institutions."""

    RED = "red", "党政机关"
    BLUE = "blue", "事业单位"


class Subsite(TenantMixin):
    """A site of the cluster: its schema, its place in the province and what its footer must say."""

    auto_create_schema = False  # cluster.subsites.services clones a base schema in one transaction instead

    # Written out since the mixin carries no types.
    objects: ClassVar[models.Manager["Subsite"]] = models.Manager()

    code = models.CharField("站点代码", max_length=40, unique=True)
    name = models.CharField("网站名称", max_length=120)
    short_name = models.CharField("简称", max_length=40, blank=True)
    kind = models.CharField("类别", max_length=12, choices=SiteKind.choices)
    state = models.CharField("状态", max_length=12, choices=SiteState.choices, default=SiteState.PREPARING)
    state_changed_at = models.DateTimeField("状态变更时间", null=True, blank=True)
    state_reason = models.CharField("状态说明", max_length=300, blank=True)
    region = models.ForeignKey(
        Region, verbose_name="行政区划", null=True, blank=True, on_delete=models.PROTECT, related_name="subsites"
    )
    parent = models.ForeignKey(
        "self", verbose_name="上级站点", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    organizer = models.CharField("主办单位", max_length=120, blank=True)
    undertaker = models.CharField("承办单位", max_length=120, blank=True)
    phone = models.CharField("联系电话", max_length=40, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    postcode = models.CharField("邮政编码", max_length=6, blank=True)
    id_code = models.CharField("网站标识码", max_length=10, blank=True)
    icp = models.CharField("ICP备案号", max_length=40, blank=True)
    police_record = models.CharField("公安备案号", max_length=40, blank=True)
    mark_url = models.URLField("网站标识链接", blank=True)
    mark_kind = models.CharField("标识种类", max_length=4, choices=MarkKind.choices, default=MarkKind.RED)
    jiucuo_enabled = models.BooleanField("启用官方找错脚本", default=False)

    keywords = models.CharField("网站关键词", max_length=200, blank=True)
    description = models.CharField("网站简介", max_length=300, blank=True)
    theme = models.CharField("主题", max_length=40, blank=True)
    successor_name = models.CharField("整合后的网站名称", max_length=120, blank=True)
    successor_url = models.URLField("整合后的网站地址", blank=True)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    opened_at = models.DateTimeField("开通时间", null=True, blank=True)
    closed_at = models.DateTimeField("下线时间", null=True, blank=True)

    class Meta:
        verbose_name = "站点"
        verbose_name_plural = "站点"
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=models.Q(code__regex=r"^[a-z][a-z0-9-]{0,39}$"), name="subsite_code_form"),
            models.CheckConstraint(condition=models.Q(kind__in=SiteKind.values), name="subsite_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=SiteState.values), name="subsite_state_known"),
            models.CheckConstraint(
                condition=models.Q(id_code="") | models.Q(id_code__regex=r"^(\d{10}|bm\d{8})$"),
                name="subsite_id_code_form",
            ),
            models.UniqueConstraint(
                fields=("id_code",), condition=~models.Q(id_code=""), name="subsite_one_per_id_code"
            ),
            models.CheckConstraint(
                condition=~models.Q(schema_name="public") & ~models.Q(schema_name__startswith="base_"),
                name="subsite_schema_not_reserved",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        """Whether citizens may read the site now."""
        return self.state in PUBLIC_STATES and self.kind != SiteKind.CONSOLE

    @property
    def is_console(self) -> bool:
        """Whether this is the office's console."""
        return self.kind == SiteKind.CONSOLE

    @property
    def display_name(self) -> str:
        """The short name, or the whole one where none is set."""
        return self.short_name or self.name

    @property
    def primary_host(self) -> str:
        """The host under which links to the site are written (cached on the row)."""
        if not hasattr(self, "_primary_host"):
            found = Domain.objects.filter(tenant=self).order_by("-is_primary", "id").values_list("domain", flat=True)
            self._primary_host = found.first() or f"{self.code}.{settings.SITE_HOST_SUFFIX}"
        return self._primary_host

    @property
    def root_url(self) -> str:
        """Scheme, host and port without a final slash."""
        standard = {"http": 80, "https": 443}[settings.SITE_SCHEME]
        port = "" if standard == settings.SITE_PORT else f":{settings.SITE_PORT}"
        return f"{settings.SITE_SCHEME}://{self.primary_host}{port}"


class Domain(DomainMixin):
    """A host name that leads to a site."""

    class Meta:
        verbose_name = "域名"
        verbose_name_plural = "域名"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(domain__regex=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"), name="domain_lower_ascii"
            ),
        )

    def __str__(self) -> str:
        return self.domain
