"""Find the misspelled piece of a query by the titles it nearly met. Called by queries; pure but for the question it is given.

Two kinds of mistakes, measured on real typing: a whole word of which one character differs from a title (证卷法 → 证券法),
and two characters that sound like others (促近 → 促进). Either is only a mistake if it stands nowhere in the cluster.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise

from search.documents import title_key
from search.parsing import ParsedQuery
from search.pinyin import syllables_of

MIN_WORD, MAX_WORD = 3, 10
#: One character that also sounds alike is a better guess than any number of titles.
SOUNDS_ALIKE, AT_AN_EDGE = 10, 2
_HAN_WORD = re.compile("[\u4e00-\u9fff]+")


def corrected_text(
    query: ParsedQuery, titles: Sequence[str], occurring: Callable[[Sequence[str]], Collection[str]]
) -> str | None:
    """Return the query's text with misspelled pieces put right, or None if nothing is clearly wrong.

    `titles`: folded titles of the first hits; `occurring`: returns those of the phrases that stand in any document.
    """
    keys = [title_key(title) for title in titles]
    guesses = [guess for part in query.parts for guess in _guesses(part, keys)]
    if not guesses:
        return None
    right = set(occurring([wrong for wrong, _ in guesses]))
    text = query.text
    for wrong, better in guesses:
        if wrong not in right:
            text = text.replace(wrong, better)
    return text if text != query.text else None


def _guesses(part: str, titles: list[str]) -> list[tuple[str, str]]:
    """Return (typed, meant) pairs for one word."""
    if not _HAN_WORD.fullmatch(part) or len(part) < MIN_WORD or any(part in title for title in titles):
        return []
    if len(part) <= MAX_WORD:
        near = Counter[str]()
        for title in titles:
            near.update(dict(_near(part, title)))
        if near:
            return [(part, near.most_common(1)[0][0])]
    return list(_sound_alikes(part, titles))


def _near(part: str, title: str) -> Iterator[tuple[str, int]]:
    """Yield the pieces of a title that differ from the word in one character, with how good a guess each is."""
    for start in range(len(title) - len(part) + 1):
        piece = title[start : start + len(part)]
        different = [(typed, meant) for typed, meant in zip(part, piece, strict=True) if typed != meant]
        if len(different) == 1 and _HAN_WORD.fullmatch(different[0][1]):
            typed, meant = different[0]
            points = 1 + SOUNDS_ALIKE * (syllables_of(typed) == syllables_of(meant))
            points += AT_AN_EDGE * (start == 0) + AT_AN_EDGE * (start + len(part) == len(title))
            yield piece, points


def _sound_alikes(part: str, titles: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of characters that no title has but that sound like a pair some title has."""
    for typed in map("".join, pairwise(part)):
        if any(typed in title for title in titles):
            continue
        sound = syllables_of(typed)
        near = Counter(
            meant
            for title in titles
            for meant in map("".join, pairwise(title))
            if (meant[0] == typed[0]) != (meant[1] == typed[1]) and syllables_of(meant) == sound
        )
        if near:
            yield typed, near.most_common(1)[0][0]
