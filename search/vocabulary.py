"""Everyday words and the official words for them, from data/everyday-words.tsv. Called by parsing; pure after one read."""

from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "everyday-words.tsv"
MAX_TERMS = 8


@cache
def everyday_words() -> dict[str, tuple[str, ...]]:
    """Return everyday word → official words, as the file lists them."""
    table = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines() if _FILE.exists() else []:
        if line.strip() and not line.startswith("#"):
            word, _, official = line.partition("\t")
            table[word.strip()] = tuple(official.split())
    return table


def official_terms(text: str) -> tuple[str, ...]:
    """Return the official words for the everyday words that a folded query holds, longest everyday word first."""
    table = everyday_words()
    words = sorted((word for word in table if word in text), key=lambda word: -len(word))
    used: list[str] = []
    terms: dict[str, None] = {}
    for word in words:
        if not any(word in longer for longer in used):
            used.append(word)
            terms.update(dict.fromkeys(term for term in table[word] if term not in text))
    return tuple(terms)[:MAX_TERMS]
