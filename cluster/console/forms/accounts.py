"""AccountForm: an account for a site's staff, opened by the office.

Used by views.accounts; accounts.opening checks every field and writes.
"""

from typing import Any

from django import forms

from cluster.accounts.roles import role_label, roles_of_site
from cluster.subsites.models import Subsite


class AccountForm(forms.Form):
    """Who gets the account, under which name and role."""

    username = forms.CharField(
        label="用户名", max_length=150, help_text="登录用，本站内不能重复；可含字母、数字和 @ . + - _。"
    )
    name = forms.CharField(label="姓名", max_length=60, help_text="本人真实姓名。同名同单位的工作人员视为同一个人。")
    role = forms.ChoiceField(
        label="角色", help_text="决定此账号能做什么；一个站点先开设站点管理员，其余账号可由其开设。"
    )
    unit = forms.CharField(label="单位", max_length=120, required=False, help_text="留空则用站点的主办单位。")
    email = forms.EmailField(label="电子邮箱", required=False, help_text="找回密码时用，可以留空。")

    def __init__(self, *args: Any, site: Subsite, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, f"{role_label(role)}（{role}）") for role in roles_of_site(site)]  # type: ignore[attr-defined]
