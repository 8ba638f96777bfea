"""Problem and BrokenTemplates: what is wrong with a text, where, and what to do. Collected by all readers of this package."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a text."""

    file: str
    line: int
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.file} 第 {self.line} 行：{self.what}。{self.cure}。"


class BrokenTemplates(ValueError):
    """Texts that no law can be made of; the message names every problem, one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def one_of(words: Iterable[str], written: object = "") -> str:
    """Say which words may stand here, the likeliest first named."""
    known = list(words)
    near = get_close_matches(str(written), known, n=1)
    guess = f"是不是想写“{near[0]}”？" if near else ""
    return f"{guess}可以写的有：{'、'.join(known)}"
