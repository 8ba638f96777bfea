"""GateRefused: why items must not be published, in sentences for editors.

Raised by sites.common.gate before a commit, in forms and by services; the API answers 422 with it, the admin shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from cluster.column_templates.checking import Verdict

NEEDS_REASON = "须说明理由才能发布：在编辑页右侧“发布检查”中填写理由后再发布；命令用 --reason，接口在请求正文里用 gate_reason 说明。"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One item that must not go live, and the verdicts that stop it; with warnings alone, a reason would do.

    `waived` are the rules that it breaks as well and that do not stop it.
    """

    page_id: int | None
    title: str
    verdicts: tuple[Verdict, ...]
    waived: tuple[Verdict, ...] = ()

    @property
    def needs_only_reason(self) -> bool:
        """Whether nothing but the reason for its warnings is missing."""
        return not any(verdict.stops for verdict in self.verdicts)

    @property
    def sentences(self) -> list[str]:
        """One sentence for each rule, with its basis and its cure; last what is waived, with signer, end and reason."""
        reason = [NEEDS_REASON] if self.needs_only_reason else []
        waived = [f"不影响发布：{verdict.text}" for verdict in self.waived]
        return [f"“{self.title}”：{said}" for said in (*(one.text for one in self.verdicts), *reason, *waived)]


class GateRefused(ValidationError):
    """Items were refused, and with them the transaction that would have published them."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__([sentence for refusal in refusals for sentence in refusal.sentences], code="gate_refused")
        self.refusals = tuple(refusals)

    def __str__(self) -> str:
        return "\n".join(self.messages)
