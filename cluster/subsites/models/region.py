"""Administrative divisions (行政区划), as GB/T 2260 codes them. Sites belong to one; search filters by it."""

from django.db import models


class RegionLevel(models.TextChoices):
    """Level of a division."""

    PROVINCE = "province", "省"
    CITY = "city", "市（地）"
    COUNTY = "county", "县（市、区）"


class Region(models.Model):  # type: ignore[django-manager-missing]  # Subsite's mixin carries no types
    """A division with its six-digit code."""

    code = models.CharField("代码", max_length=6, primary_key=True)
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=10, choices=RegionLevel.choices)
    parent = models.ForeignKey(
        "self", verbose_name="上级", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    class Meta:
        verbose_name = "行政区划"
        verbose_name_plural = "行政区划"
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(condition=models.Q(code__regex=r"^\d{6}$"), name="region_code_six_digits"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """Names from the province down, parted by blanks: 黑龙江省 哈尔滨市."""
        above = self.parent.full_name + " " if self.parent else ""
        return above + self.name
