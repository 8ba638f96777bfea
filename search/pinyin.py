"""Turn Chinese into pinyin and split typed pinyin into syllables. Called by documents (titles) and parsing (queries).

The readings are those of pypinyin, reduced to one table of characters and one of the phrases that read otherwise: a title
takes a few microseconds in place of some 250, and index and query always agree.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise

_TONE_MARKS = {"\u0300", "\u0301", "\u0304", "\u030c"}
_LATIN_WORD = re.compile("[0-9a-z]+")
_RARE = {"m", "n", "hm", "ng", "fiao", "rua", "ei", "eng", "lo", "yo", "den", "kei"}
_LATIN_QUERY = re.compile(r"[a-zü'’ ]+")
MAX_SYLLABLES = 30


def _without_tone(reading: str) -> str:
    plain = "".join(mark for mark in unicodedata.normalize("NFD", reading) if mark not in _TONE_MARKS)
    return unicodedata.normalize("NFC", plain).replace("ü", "v").replace("ê", "e")


@cache
def _readings() -> dict[str, str]:
    """Return the commonest reading of every character."""
    from pypinyin.pinyin_dict import pinyin_dict  # 0.3 s to load: only processes that search or index pay it

    return {
        chr(code): _without_tone(readings.split(",")[0])
        for code, readings in pinyin_dict.items()
        if 0x3400 <= code <= 0x9FFF
    }


@cache
def _exceptions() -> dict[str, list[tuple[str, list[str]]]]:
    """Return, by their first two characters and longest first, phrases that do not read as their characters do (重庆)."""
    from pypinyin.phrases_dict import phrases_dict

    readings = _readings()
    by_start: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for phrase, marked in phrases_dict.items():
        plain = [_without_tone(reading[0]) for reading in marked]
        if len(plain) == len(phrase) and any(readings.get(c) != p for c, p in zip(phrase, plain, strict=True)):
            by_start[phrase[:2]].append((phrase, plain))
    for phrases in by_start.values():
        phrases.sort(key=lambda item: -len(item[0]))
    return dict(by_start)


def syllables_of(text: str) -> list[str]:
    """Return the syllables of a folded text; Latin words and numbers stay as they are, all else is dropped."""
    readings, exceptions = _readings(), _exceptions()
    text = text.lower()
    found: list[str] = []
    position, end = 0, len(text)
    while position < end:  # one look-up in each table for a character: this runs for every title that is indexed
        reading = readings.get(text[position])
        if reading is None:
            word = _LATIN_WORD.match(text, position)
            if word:
                found.append(word.group())
            position = word.end() if word else position + 1
            continue
        for phrase, plain in exceptions.get(text[position : position + 2], ()):
            if text.startswith(phrase, position):
                found += plain
                position += len(phrase)
                break
        else:
            found.append(reading)
            position += 1
    return found


@cache
def _known_syllables() -> frozenset[str]:
    return frozenset(_readings().values()) - _RARE


@lru_cache(maxsize=1024)
def split_syllables(latin: str) -> tuple[tuple[str, ...], ...]:
    """Return the shortest ways, at most three, to read typed letters as pinyin; none if they are not pinyin."""
    if not _LATIN_QUERY.fullmatch(latin):
        return ()
    ways: list[tuple[str, ...]] = [()]
    for word in re.split(r"[ '’]+", latin.replace("ü", "v").strip()):
        ways = [way + more for way in ways for more in _splits_of_word(word)][:3]
    return tuple(way for way in ways if 0 < len(way) <= MAX_SYLLABLES)


def _splits_of_word(word: str) -> list[tuple[str, ...]]:
    """Return the ways with the fewest syllables, by dynamic programming over the end positions."""
    if len(word) > 6 * MAX_SYLLABLES:
        return []
    known = _known_syllables()
    best: list[list[tuple[str, ...]]] = [[()], *([] for _ in word)]
    for end in range(1, len(word) + 1):
        ways = [
            (*way, word[start:end])
            for start in range(max(0, end - 6), end)
            if word[start:end] in known
            for way in best[start]
        ]
        shortest = min(map(len, ways), default=0)
        best[end] = [way for way in ways if len(way) == shortest][:3]
    return best[-1]


def initials_of(syllables: Iterable[str]) -> str:
    """Return the first letters (全国人大 → qgrd)."""
    return "".join(syllable[0] for syllable in syllables)


def syllable_pairs(syllables: Iterable[str]) -> list[str]:
    """Return neighbouring syllables joined by a bar: what the PostgreSQL engine looks titles up by."""
    return [f"{first}|{second}" for first, second in pairwise(syllables)]
