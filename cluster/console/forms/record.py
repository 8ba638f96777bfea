"""RecordForm and DomainForm: what the footer of a site says, and the hosts that lead to it.

Used by views.record; the rules stand in cluster.subsites.record and cluster.subsites.rules.
"""

from typing import Any

from django import forms

from cluster.subsites.models import Subsite
from cluster.subsites.record import RECORD_FIELDS, check_record

HELP = {
    "short_name": "用于检索结果和面包屑，例如 五常市政府。",
    "undertaker": "负责日常运行维护的单位。",
    "phone": "向公众公布的联系电话，例如 0451-82620000。",
    "id_code": "10位数字，前6位与行政区划一致。",
    "icp": "例如 黑ICP备05001234号-1。",
    "police_record": "例如 黑公网安备23010202010001号。",
    "mark_url": "编制部门发放的链接，例如 https://bszs.conac.cn/sitename?method=show&id=…；未填写时页脚不显示标识。",
    "jiucuo_enabled": "启用后，页面会加载“政府网站找错”平台的官方脚本；不启用或没有网站标识码时只显示链接。",
    "keywords": "写入页面的网站关键词，以逗号分开。",
    "description": "写入页面的网站简介。",
}


class RecordForm(forms.ModelForm):
    """The record of a site; saved by services, not by the form."""

    class Meta:
        model = Subsite
        fields = RECORD_FIELDS
        help_texts = HELP
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def clean(self) -> dict[str, Any]:
        """Show each rule's sentence at its field."""
        typed = super().clean() or self.cleaned_data
        for error in check_record(self.instance, typed):
            if error.field not in self.errors:
                self.add_error(error.field, str(error))
        return typed

    def _post_clean(self) -> None:
        """Leave the row alone: describe_site writes what differs, so that a move made meanwhile is kept."""


class DomainForm(forms.Form):
    """A further host of a site."""

    domain = forms.CharField(
        label="新增域名", max_length=300, help_text="不带 http:// 和端口；中文域名可以直接填写，例如 五常.政务。"
    )
