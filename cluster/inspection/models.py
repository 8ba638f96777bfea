"""What the inspection stands on (records of columns and home pages, duties), and what it leaves for board and panels.

All in the public schema. Records are written by `mirror` in the transaction that changed a column; states by `clock`. Nothing is
ever judged by a stored state: every evaluation starts from records, registry and ledger.
"""

from django.db import models
from django.db.models.functions import Now

from cluster.column_templates.models import Waiver
from cluster.subsites.models import Subsite


class ColumnRecord(models.Model):
    """A column of a site as it was from `since` until `until` (None: as it is now)."""

    site = models.ForeignKey(Subsite, verbose_name="站点", on_delete=models.CASCADE, related_name="column_records")
    page_id = models.BigIntegerField("页面编号")
    code = models.CharField("栏目代码", max_length=40)
    name = models.CharField("名称", max_length=255)
    parent_code = models.CharField("上级栏目", max_length=40, blank=True)
    place = models.CharField("次序", max_length=255)
    column_class = models.CharField("栏目类别", max_length=12)
    column_type = models.CharField("栏目类型", max_length=40, blank=True)
    description = models.CharField("栏目说明", max_length=300, blank=True)
    keywords = models.CharField("关键词", max_length=200, blank=True)
    fed_by = models.CharField("汇集的站点类别", max_length=12, blank=True)
    # None: nobody has looked since this is kept.
    in_menu = models.BooleanField("显示在导航中", null=True)
    live = models.BooleanField("已发布")
    restricted = models.BooleanField("限制访问", default=False)
    planted = models.BooleanField("模板设立", default=False)
    shows_dates = models.BooleanField("列表显示日期", default=True)
    # Of the text that a static column carries; empty where it carries none.
    body_digest = models.CharField("正文摘要值", max_length=32, blank=True)
    since = models.DateTimeField("自")
    until = models.DateTimeField("至", null=True, blank=True)
    # Later than `since` only where a column was there before anybody kept this record.
    observed_at = models.DateTimeField("登记时间", db_default=Now())

    class Meta:
        verbose_name = "栏目登记"
        verbose_name_plural = "栏目登记"
        ordering = ("site", "place")
        constraints = (
            models.UniqueConstraint(
                fields=("site", "page_id"), condition=models.Q(until=None), name="column_record_one_now"
            ),
        )
        indexes = (models.Index(fields=("site", "code"), name="column_record_code"),)

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class HomeRecord(models.Model):
    """The blocks of a site's home page as citizens saw them from `since` until `until` (None: as they are now)."""

    site = models.ForeignKey(Subsite, verbose_name="站点", on_delete=models.CASCADE, related_name="home_records")
    page_id = models.BigIntegerField("页面编号")
    # What leads on: type, column, layout and the column of its button, of each block in order.
    blocks = models.JSONField("版块", default=list)
    since = models.DateTimeField("自")
    until = models.DateTimeField("至", null=True, blank=True)
    observed_at = models.DateTimeField("登记时间", db_default=Now())

    class Meta:
        verbose_name = "首页登记"
        verbose_name_plural = "首页登记"
        ordering = ("site", "since")
        constraints = (
            models.UniqueConstraint(fields=("site",), condition=models.Q(until=None), name="home_record_one_now"),
        )

    def __str__(self) -> str:
        return f"{self.site_id}的首页"


class ColumnDuty(models.Model):
    """Who answers for a column of a site, and who supervises that."""

    site = models.ForeignKey(Subsite, verbose_name="站点", on_delete=models.CASCADE, related_name="column_duties")
    column_code = models.CharField("栏目代码", max_length=40)
    unit = models.CharField("责任单位", max_length=120, blank=True)
    officer = models.UUIDField("责任人编号", null=True, blank=True, db_index=True)
    officer_name = models.CharField("责任人", max_length=60, blank=True)
    officer_email = models.EmailField("责任人邮箱", blank=True)
    reviewer = models.UUIDField("监督人编号", null=True, blank=True)
    reviewer_name = models.CharField("监督人", max_length=60, blank=True)
    reviewer_email = models.EmailField("监督人邮箱", blank=True)

    class Meta:
        verbose_name = "栏目责任"
        verbose_name_plural = "栏目责任"
        constraints = (models.UniqueConstraint(fields=("site", "column_code"), name="column_duty_once"),)

    def __str__(self) -> str:
        return f"{self.column_code} {self.officer_name}"


class DutyRecord(models.Model):
    """Who answered for a column from `since` until `until` (None: still); a trigger on ColumnDuty writes it, whoever changes that.

    A record without a column says since when the duties of a site are known that is older than these records.
    """

    site = models.ForeignKey(Subsite, verbose_name="站点", on_delete=models.CASCADE, related_name="duty_records")
    column_code = models.CharField("栏目代码", max_length=40, blank=True)
    unit = models.CharField("责任单位", max_length=120, blank=True)
    officer = models.UUIDField("责任人编号", null=True, blank=True)
    officer_name = models.CharField("责任人", max_length=60, blank=True)
    reviewer = models.UUIDField("监督人编号", null=True, blank=True)
    reviewer_name = models.CharField("监督人", max_length=60, blank=True)
    since = models.DateTimeField("自")
    until = models.DateTimeField("至", null=True, blank=True)

    class Meta:
        verbose_name = "栏目责任登记"
        verbose_name_plural = "栏目责任登记"
        ordering = ("site", "column_code", "since")
        constraints = (
            models.UniqueConstraint(
                fields=("site", "column_code"), condition=models.Q(until=None), name="duty_record_one_now"
            ),
        )
        indexes = (models.Index(fields=("site", "since"), name="duty_record_since"),)

    def __str__(self) -> str:
        return f"{self.column_code} {self.officer_name}"

    def as_duty(self) -> ColumnDuty:
        """Return the duty as it was; mailboxes are kept of the present alone."""
        names = ("site_id", "column_code", "unit", "officer", "officer_name", "reviewer", "reviewer_name")
        return ColumnDuty(**{name: getattr(self, name) for name in names})


class Grade(models.TextChoices):
    """How much a broken rule weighs."""

    VETO = "V", "单项否决"
    HIGH = "H", "严重"
    MEDIUM = "M", "一般"
    LOW = "L", "轻微"


class Clock(models.TextChoices):
    """How a column stands."""

    NORMAL = "normal", "正常"
    SOON = "soon", "即将到期"
    LATE = "late", "超期"
    BLANK = "blank", "空白"
    DOWN = "down", "维护中"


# In these somebody has to act.
ALARMS = (Clock.SOON, Clock.LATE, Clock.BLANK)


class ColumnState(models.Model):
    """The last evaluation of one mandatory column, for board and panels alone."""

    site = models.ForeignKey(Subsite, verbose_name="站点", on_delete=models.CASCADE, related_name="column_states")
    column_code = models.CharField("栏目代码", max_length=40)
    name = models.CharField("栏目", max_length=255)
    place = models.PositiveIntegerField("次序")
    state = models.CharField("状态", max_length=8, choices=Clock.choices)
    last_on = models.DateField("最近首次发布", null=True)
    last_title = models.TextField("最近信息", blank=True)
    last_path = models.TextField("最近信息地址", blank=True)
    due_on = models.DateField("应更新至", null=True)
    provisional = models.BooleanField("暂定", default=False)
    items = models.PositiveIntegerField("条数", default=0)
    sentence = models.TextField("说明")
    waiver = models.ForeignKey(Waiver, verbose_name="豁免", null=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.CharField("责任单位", max_length=120, blank=True)
    officer = models.UUIDField("责任人编号", null=True)
    officer_name = models.CharField("责任人", max_length=60, blank=True)
    evaluated_at = models.DateTimeField("检查时间")

    class Meta:
        verbose_name = "栏目状态"
        verbose_name_plural = "栏目状态"
        ordering = ("site", "place")
        constraints = (models.UniqueConstraint(fields=("site", "column_code"), name="column_state_once"),)
        indexes = (
            models.Index(fields=("state", "due_on"), name="column_state_due"),
            models.Index(fields=("officer_name",), name="column_state_officer"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.get_state_display()}"

    @property
    def waived(self) -> bool:
        """Whether the office let the site off the rule that the state is about."""
        return self.waiver_id is not None


class RuleOutcome(models.Model):
    """The last outcome of one rule for a site, for board and panels alone; nothing is judged by it."""

    site = models.ForeignKey(Subsite, verbose_name="站点", on_delete=models.CASCADE, related_name="rule_outcomes")
    rule_id = models.CharField("规则", max_length=8)
    title = models.CharField("名称", max_length=40)
    ok = models.BooleanField("通过")
    grade = models.CharField("轻重", max_length=1, choices=Grade.choices)
    sentence = models.TextField("说明")
    cure = models.TextField("怎么办", blank=True)
    basis = models.CharField("依据", max_length=300)
    # What the waivers that acted say; empty where none did.
    waivers = models.TextField("豁免", blank=True)
    # Since when the rule has been broken, or kept, without a break.
    since = models.DateTimeField("自")
    evaluated_at = models.DateTimeField("检查时间")

    class Meta:
        verbose_name = "检查结论"
        verbose_name_plural = "检查结论"
        ordering = ("site", "rule_id")
        constraints = (models.UniqueConstraint(fields=("site", "rule_id"), name="rule_outcome_once"),)
        indexes = (models.Index(fields=("grade",), condition=models.Q(ok=False), name="rule_outcome_broken"),)

    def __str__(self) -> str:
        return f"{self.rule_id} {self.title}"

    @property
    def is_veto(self) -> bool:
        """Whether this alone fails the site."""
        return not self.ok and self.grade == Grade.VETO


class DutyNotice(models.Model):
    """One episode of which somebody was told: a column came into an alarm after its last publication on `episode`.

    With a rule, the alarm is about items of the column that break it: the one published last, on `episode`, is past its limit.
    The constraint is what keeps anybody from being told twice.
    """

    site = models.ForeignKey(Subsite, verbose_name="站点", on_delete=models.CASCADE, related_name="duty_notices")
    column_code = models.CharField("栏目代码", max_length=40)
    name = models.CharField("栏目", max_length=255)
    state = models.CharField("状态", max_length=8, choices=Clock.choices)
    rule_id = models.CharField("规则", max_length=120, blank=True, default="", db_default="")
    episode = models.CharField("最近首次发布", max_length=10)
    sentence = models.TextField("说明")
    officer = models.UUIDField("责任人编号", null=True)
    officer_name = models.CharField("责任人", max_length=60, blank=True)
    officer_email = models.EmailField("收件人", blank=True)
    supervisor = models.UUIDField("监督人编号", null=True)
    supervisor_name = models.CharField("监督人", max_length=60, blank=True)
    supervisor_email = models.EmailField("监督人邮箱", blank=True)
    created_at = models.DateTimeField("提醒时间", db_default=Now())
    mailed_at = models.DateTimeField("发信时间", null=True)
    escalated_at = models.DateTimeField("报监督人时间", null=True)
    resolved_at = models.DateTimeField("解除时间", null=True)
    error = models.TextField("发信失败", blank=True)

    class Meta:
        verbose_name = "栏目提醒"
        verbose_name_plural = "栏目提醒"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("site", "column_code", "rule_id", "state", "episode"), name="duty_notice_once"
            ),
        )
        indexes = (models.Index(fields=("created_at",), condition=models.Q(resolved_at=None), name="duty_notice_open"),)

    def __str__(self) -> str:
        return f"{self.name} {self.get_state_display()}"


class InspectionRequest(models.Model):
    """A site whose columns must be looked at again; without a site, all. Written by triggers and services, in any number."""

    site_id = models.BigIntegerField("站点编号", null=True)
    asked_at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = "待检查站点"
        verbose_name_plural = "待检查站点"

    def __str__(self) -> str:
        return str(self.site_id or "全部站点")


class InspectionRun(models.Model):
    """The nightly evaluation of one day over all sites."""

    day = models.DateField("日期", primary_key=True)
    began_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("完成时间")
    sites = models.PositiveIntegerField("站点数")
    columns = models.PositiveIntegerField("栏目数")
    alarms = models.PositiveIntegerField("需要处理的栏目数")

    class Meta:
        verbose_name = "每日检查"
        verbose_name_plural = "每日检查"
        ordering = ("-day",)

    def __str__(self) -> str:
        return str(self.day)
