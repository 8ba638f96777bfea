"""MoveForm: the reason for bringing a site into another state, and where its readers go when it closes.

Used by views.moves.
"""

from typing import Any

from django import forms

from cluster.console.forms.numbered import NumberedForm
from cluster.console.moves import Move
from cluster.subsites.models import SiteState, Subsite


class MoveForm(NumberedForm):
    """Why a site changes its state."""

    reason = forms.CharField(
        label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="写入台账，不超过300字。"
    )
    successor_name = forms.CharField(
        label="整合后的网站名称",
        max_length=120,
        required=False,
        help_text="栏目并入别的网站时填写，显示在原网址的说明页上。",
    )
    successor_url = forms.URLField(label="整合后的网站地址", max_length=200, required=False, assume_scheme="https")
    code = forms.CharField(label="输入站点代码以确认", max_length=60)

    def __init__(self, *args: Any, site: Subsite, move: Move, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site, self.move = site, move
        self.fields["reason"].required = move.needs_reason
        self.fields["code"].help_text = f"永久下线不能撤销。请输入 {site.code}。"
        if move.to != SiteState.CLOSED:
            for name in ("successor_name", "successor_url", "code"):
                del self.fields[name]

    def clean_code(self) -> str:
        """Refuse to close a site that was not meant."""
        code = self.cleaned_data["code"].strip()
        if code != self.site.code:
            raise forms.ValidationError(f"输入的代码与站点代码“{self.site.code}”不一致，请核对是不是要下线这个站点。")
        return code

    def params(self) -> dict[str, str]:
        """Return the order as the job takes it."""
        typed = self.cleaned_data
        order = {"code": self.site.code, "name": self.site.name, "reason": typed["reason"]}
        for name in ("successor_name", "successor_url"):
            if typed.get(name):
                order[name] = typed[name]
        return order
