"""The admin's form of policy documents: one number in its official form, and a word in time where none can be given.

Named by PolicyDocumentPage.base_form_class; the page's `doc_no` stays the list that everything else reads.
"""

import re
from typing import Any

from django import forms

from cluster.column_templates.checks import DOCUMENT_NUMBER
from cluster.context import current_site
from sites.common.page_form import SitePageForm

NO_SITE_CODE = "本网站还没有登记网站标识码，不能自动生成索引号。请填写文件已有的索引号，或请管理处先登记标识码。"
NUMBER_REFUSED = (
    "发文字号“{number}”不合格式。请写成“黑政发〔2026〕5号”的样子：年份用六角括号，不加“第”，序号不以 0 开头。"
)
_BRACKETS = re.compile(r"[\[(（【［〔﹝{]\s*((?:19|20)\d{2})\s*[\])）】］〕﹞}]")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


def normal_document_number(text: str) -> str:
    """Return the number with six-sided brackets around the year and without blanks, whatever brackets were typed."""
    return _BRACKETS.sub(r"〔\1〕", "".join(text.split()).translate(_FULL_WIDTH))


class PolicyDocumentForm(SitePageForm):
    """Form of a policy document."""

    document_number = forms.CharField(
        label="发文字号",
        required=False,
        max_length=60,
        help_text="例如 黑政发〔2026〕5号；年份的括号用 [] 或 () 也可以，会自动改为六角括号。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show the first number of the document; further ones (joint issues) stay as they are."""
        super().__init__(*args, **kwargs)
        numbers = self.instance.doc_no or [""]
        self.initial.setdefault("document_number", numbers[0])

    def clean_document_number(self) -> str:
        """Refuse a number of another form, and put a good one where the page keeps it."""
        number = normal_document_number(self.cleaned_data["document_number"])
        if number and not DOCUMENT_NUMBER.match(number):
            raise forms.ValidationError(NUMBER_REFUSED.format(number=number))
        self.instance.doc_no = [*filter(None, [number]), *(self.instance.doc_no or [])[1:]]
        return number

    def clean(self) -> dict[str, Any]:
        """Say before the publication where no index number can be generated."""
        cleaned: dict[str, Any] = super().clean()
        site = current_site()
        publishes = "action-publish" in self.data
        if publishes and site and not site.id_code and not (cleaned.get("index_number") or self.instance.index_number):
            self.add_error("index_number", NO_SITE_CODE)
        return cleaned
