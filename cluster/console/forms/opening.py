"""OpenSiteForm: the order to open a site, with every rule's sentence at its field.

Used by views.opening; the job passes `params()` to services.open_site, which checks once more.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django import forms
from django.conf import settings

from cluster.console.forms.numbered import NumberedForm
from cluster.subsites import rules
from cluster.subsites.errors import InvalidSite, SiteExists
from cluster.subsites.models import Job, JobState, Region, SiteKind, SiteState, Subsite
from cluster.subsites.services import checked_order, refuse_taken

KINDS = [choice for choice in SiteKind.choices if choice[0] != SiteKind.CONSOLE]
FIRST_STATES = [(state.value, state.label) for state in (SiteState.OPEN, SiteState.TRIAL, SiteState.PREPARING)]

Fields = dict[str, Any]

# The rules one by one, so that all mistakes are told at once; a rule waits while a field that it needs is wrong in itself.
CHECKS: tuple[Callable[[Fields], Any], ...] = (
    lambda typed: rules.check_code(typed["code"]),
    lambda typed: rules.check_name(typed["name"]),
    lambda typed: rules.check_region(typed["region"].code, SiteKind(typed["kind"])),
    lambda typed: rules.check_id_code(typed["id_code"], typed["region"]),
    lambda typed: rules.check_domain(typed["domain"], SiteKind(typed["kind"]), typed["parent"]),
)


class RegionField(forms.ModelChoiceField):
    """A division, shown with those above it."""

    def label_from_instance(self, obj: Region) -> str:
        """Show code and full name."""
        return f"{obj.code} {obj.full_name}"


class SiteField(forms.ModelChoiceField):
    """A site, shown with its code."""

    def label_from_instance(self, obj: Subsite) -> str:
        """Show name and code."""
        return f"{obj.name}（{obj.code}）"


class OpenSiteForm(NumberedForm):
    """What the office says of a new site."""

    code = forms.CharField(
        label="站点代码",
        max_length=200,
        help_text="小写英文字母开头，可含数字和连字符，最多40个字符，开通后不能更改，例如 wuchang。",
    )
    name = forms.CharField(label="网站名称", max_length=500, help_text="实体机构名称或规范名称，例如 五常市人民政府。")
    kind = forms.ChoiceField(
        label="类别", choices=[("", "请选择"), *KINDS], help_text="决定站点的栏目、域名要求和检查规则。"
    )
    region = RegionField(
        label="行政区划",
        queryset=Region.objects.select_related("parent__parent"),
        empty_label="请选择",
        help_text="部门网站选择其所属的省、市或县。",
    )
    parent = SiteField(
        label="上级站点",
        queryset=Subsite.objects.exclude(kind=SiteKind.CONSOLE)
        .exclude(state=SiteState.CLOSED)
        .order_by("kind", "code"),
        required=False,
        to_field_name="code",
        empty_label="按行政区划",
        help_text="不选时：县归所在市的站点（没有则归省门户），市归省门户，部门归本级门户；上面没有站点的就没有上级。",
    )
    domain = forms.CharField(
        label="域名",
        max_length=300,
        required=False,
        help_text="不带 http:// 和端口，例如 www.hrbwc.gov.cn；留空则用“站点代码.{suffix}”。",
    )
    organizer = forms.CharField(label="主办单位", max_length=120, required=False, help_text="留空则同网站名称。")
    id_code = forms.CharField(
        label="网站标识码",
        max_length=60,
        required=False,
        help_text="10位数字，前6位与行政区划一致；尚未取得可以留空，以后在页脚资料里补填。",
    )
    state = forms.ChoiceField(label="开通后的状态", choices=FIRST_STATES, initial=SiteState.OPEN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        suffix = settings.SITE_HOST_SUFFIX
        self.fields["domain"].help_text = str(self.fields["domain"].help_text).format(suffix=suffix)

    def clean(self) -> Fields:
        """Ask every rule, then whether another site or another order has the code already."""
        typed = super().clean() or self.cleaned_data
        if "code" in typed:
            typed["domain"] = typed.get("domain") or f"{typed['code']}.{settings.SITE_HOST_SUFFIX}"
        for check in CHECKS:
            try:
                with suppress(KeyError):
                    check(typed)
            except InvalidSite as error:
                self.add_error(error.field, str(error))
        if not self.errors:
            self._refuse_taken()
        return typed

    def _refuse_taken(self) -> None:
        try:
            refuse_taken(checked_order(**self.params()))
        except InvalidSite as error:
            self.add_error(error.field, str(error))
        except SiteExists as error:
            self.add_error(error.field or None, str(error))
        waiting = Job.objects.filter(
            kind="open_site",
            state__in=(JobState.QUEUED, JobState.RUNNING),
            params__code=self.cleaned_data.get("code", ""),
        ).exclude(pk=self.order_number())
        if waiting.exists():
            self.add_error("code", "这个代码的开通任务已经提交，正在等待或执行，请到“任务”里查看进度。")

    def params(self) -> dict[str, str]:
        """Return the order as services.open_site takes it."""
        typed = self.cleaned_data
        return {
            "code": typed["code"],
            "name": typed["name"],
            "kind": typed["kind"],
            "region_code": typed["region"].code,
            "parent_code": typed["parent"].code if typed["parent"] else "",
            "domain": typed["domain"],
            "organizer": typed["organizer"],
            "id_code": typed["id_code"],
            "state": typed["state"],
        }


def typed_before(params: dict[str, str]) -> dict[str, str]:
    """Return the form's initial values for an order that failed, so that nobody types it again."""
    return {**params, "region": params.get("region_code", ""), "parent": params.get("parent_code", "")}
