"""Mark a query's words in the title and the text of a result. Called by queries for the ten results of a page; pure.

One marker for both engines, over the registry's text of this moment: what was withdrawn or rewritten since it was indexed
never shows. Returns HTML with `<em>` and everything else escaped.
"""

import re
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from search.normalize import fold_text
from search.parsing import ParsedQuery
from search.pinyin import syllables_of

SNIPPET_LENGTH = 130
LEAD = 30
MAX_MATCHES = 400
MAX_TEXT = 200_000
_SENTENCE_ENDS = "。！？；\n"
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Highlighter:
    """Marks one query's words; made once per page of results."""

    pattern: re.Pattern[str] | None
    spellings: tuple[tuple[str, ...], ...]

    @classmethod
    def for_query(cls, query: ParsedQuery) -> "Highlighter":
        """Return the highlighter of a query: its words, the official words for them, and pairs of characters."""
        whole = [query.core, *query.parts, *query.terms]
        pairs = [first + second for part in query.parts if part.isascii() is False for first, second in pairwise(part)]
        words = sorted({word for word in (*whole, *pairs) if word}, key=lambda word: (-len(word), word))
        pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None
        spellings = query.spellings or ((query.homophones,) if query.homophones else ())
        return cls(pattern, spellings)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the words stand, neighbours joined."""
        if self.pattern is None:
            return []
        spans: list[tuple[int, int]] = []
        for number, match in enumerate(self.pattern.finditer(fold_text(text))):
            if number == MAX_MATCHES:
                break
            start, end = match.span()
            if spans and spans[-1][1] == start:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
        return spans

    def title(self, title: str) -> str:
        """Return the whole title, marked; by its sound where no character matches."""
        return marked(title, self.spans(title) or self._spelled(title))

    def snippet(self, *texts: str) -> str:
        """Return the most telling piece of the first text that has one; else the beginning of the first."""
        for text in texts:
            text = text[:MAX_TEXT]
            spans = self.spans(text)
            if spans:
                start, end = best_window(text, spans)
                inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
                return ("…" if start else "") + marked(text[start:end], inside) + ("…" if end < len(text) else "")
        beginning = next((text for text in texts if text), "")
        return marked(beginning[:SNIPPET_LENGTH], []) + ("…" if len(beginning) > SNIPPET_LENGTH else "")

    def _spelled(self, title: str) -> list[tuple[int, int]]:
        """Return the piece of a title that sounds like what was typed in letters, or misspelled."""
        if not self.spellings:
            return []
        sounds = [syllables_of(character)[:1] or [""] for character in fold_text(title)]
        flat = [sound[0] for sound in sounds]
        for spelling in self.spellings:
            for start in range(len(flat) - len(spelling) + 1):
                if tuple(flat[start : start + len(spelling)]) == spelling:
                    return [(start, start + len(spelling))]
        return []


def best_window(text: str, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the window that shows the most different words, longest words first, near the beginning of a sentence."""
    best, best_points = spans[0][0], -1
    for number, (start, _) in enumerate(spans):
        seen: set[str] = set()
        points = 0
        for a, b in spans[number:]:
            if a >= start + SNIPPET_LENGTH - LEAD:
                break
            word = text[a:b]
            points += 1 if word in seen else 4 * (b - a)
            seen.add(word)
        if points > best_points:
            best, best_points = start, points
    lead = text[max(0, best - LEAD) : best]
    cut = max(lead.rfind(mark) for mark in _SENTENCE_ENDS) + 1
    begin = best - len(lead) + cut
    return begin, min(len(text), begin + SNIPPET_LENGTH)


def marked(text: str, spans: list[tuple[int, int]]) -> str:
    """Return the text as HTML with the spans in `<em>` and blanks joined."""
    pieces, position = [], 0
    for start, end in spans:
        pieces += [escape(_BLANKS.sub(" ", text[position:start])), f"<em>{escape(text[start:end])}</em>"]
        position = end
    pieces.append(escape(_BLANKS.sub(" ", text[position:])))
    return "".join(pieces).strip()
