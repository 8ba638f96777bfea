"""TemplatesForm: the texts of the next version of the column templates, one field for each file.

Used by views.templates; every problem is shown at its file, with line, the line itself and cure, and nothing typed is lost.
"""

from collections import Counter
from typing import Any

from django import forms

from cluster.column_templates import versions
from cluster.column_templates.models import TemplateVersion
from cluster.column_templates.reading import BrokenTemplates, Problem
from cluster.column_templates.reading.texts import shown
from cluster.column_templates.sources import COMMON, FILES
from cluster.subsites.errors import SiteError
from cluster.subsites.models import SiteKind

SHOWN = 60  # signs of a faulty line


def label_of(file: str) -> str:
    """Call a file as people do."""
    kind = file.removesuffix(".toml")
    return f"公共部分（{file}）" if file == COMMON else f"{SiteKind(kind).label}（{file}）"


class TemplatesForm(forms.Form):
    """All texts together: they are right or wrong together."""

    note = forms.CharField(
        label="这一版改了什么",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="供以后查阅，例如：县级站点增加“社会救助”栏目。",
    )
    edited = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for file in FILES:
            self.fields[file] = forms.CharField(
                label=label_of(file),
                required=False,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 24, "class": "qz-source", "spellcheck": "false", "wrap": "off"}),
            )
            # Django's word on NUL signs would keep the reader from naming the line.
            self.fields[file].validators = []
        self.order_fields([*FILES, "note"])

    def clean(self) -> dict[str, Any]:
        """Browsers send lines as forms do; files have them as files do."""
        typed = super().clean() or self.cleaned_data
        for file in FILES:
            typed[file] = typed.get(file, "").replace("\r\n", "\n")
        return typed

    def save(self) -> TemplateVersion | None:
        """Save the next version, or put the reasons why not at their fields and return None."""
        sources = {file: self.cleaned_data[file] for file in FILES}
        try:
            return versions.save_draft(
                sources, note=self.cleaned_data["note"], edited=self.cleaned_data["edited"] or None
            )
        except BrokenTemplates as error:
            self._tell(error.problems, sources)
        except SiteError as error:
            self.add_error(None, str(error))
        return None

    def _tell(self, problems: list[Problem], sources: dict[str, str]) -> None:
        for problem in problems:
            lines = sources[problem.file].split("\n")
            line = shown(lines[problem.line - 1].strip()[:SHOWN]) if 0 < problem.line <= len(lines) else ""
            quoted = f"（{line}）" if line else ""
            self.add_error(problem.file, f"第 {problem.line} 行{quoted}：{problem.what}。{problem.cure}。")
        counts = Counter(problem.file for problem in problems)
        told = "、".join(f"{label_of(file)} {counts[file]} 处" for file in FILES if file in counts)
        self.add_error(None, f"没有保存：共有 {len(problems)} 处问题，{told}。输入的内容都还在，改正后再保存。")
