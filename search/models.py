"""Rows of search in the public schema: the PostgreSQL engine's table, a rebuild in progress, a fill that is due.

Written by engines.postgres, rebuild and drain; PostgresDocument holds words and filters only, nothing that people are shown.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class PostgresDocument(models.Model):
    """One resource as the PostgreSQL engine knows it; without tokens it is the tombstone of a withdrawn one."""

    id = models.UUIDField(primary_key=True)
    version = models.BigIntegerField("版本")
    digest = models.CharField("摘要值", max_length=16, blank=True)
    site = models.CharField("站点", max_length=40, blank=True)
    column = models.CharField("栏目", max_length=60, blank=True)
    column_class = models.CharField("栏目类别", max_length=30, blank=True)
    year = models.SmallIntegerField("年份", null=True)
    published_at = models.DateTimeField("发布时间", null=True)
    title_key = models.TextField("标题", blank=True)
    pinyin = models.TextField("标题拼音", blank=True)
    initials = models.TextField("标题首字母", blank=True)
    tokens = SearchVectorField("词", null=True)

    class Meta:
        verbose_name = "检索条目"
        verbose_name_plural = "检索条目"
        indexes = (GinIndex(fields=("tokens",), name="search_tokens"),)

    def __str__(self) -> str:
        return self.title_key


class Rebuild(models.Model):
    """A rebuild in progress behind an alias: while the row stands, the drain writes to the next index as well."""

    alias = models.CharField("索引别名", max_length=100, primary_key=True)
    index = models.CharField("新索引", max_length=150)
    started_at = models.DateTimeField("开始时间", auto_now_add=True)

    class Meta:
        verbose_name = "索引重建"
        verbose_name_plural = "索引重建"

    def __str__(self) -> str:
        return self.index


class PendingFill(models.Model):
    """A consumer of the feed that is new to it, or was dropped: its index must be filled from the whole registry."""

    consumer = models.CharField("订阅方", max_length=60, primary_key=True)
    since = models.DateTimeField("起始时间", auto_now_add=True)

    class Meta:
        verbose_name = "待建立的索引"
        verbose_name_plural = "待建立的索引"

    def __str__(self) -> str:
        return self.consumer
