"""Make the tokens that the PostgreSQL engine matches. Called by its engine (documents) and its query; pure.

A token's prefix says where it stood: none = body, `t:` title, `u:` one character of the title, `r:` region, `p:` two
syllables of the title, `n:` document number. `+` and `++` behind a body token mean that it stood there three and ten times.
"""

import re
from collections import Counter

from search.documents import SearchDocument
from search.pinyin import syllable_pairs

_RUNS = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\\W_]+")
_HAN_START = "\u3400"
OFTEN, VERY_OFTEN = 3, 10
#: A tsvector holds at most 1 MB; this many characters stay well below.
MAX_INDEXED_LENGTH = 60_000
MAX_TOKEN_LENGTH = 200
_MIXED = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\u3400-\u9fff\U00020000-\U0003ffff]+")


def words_of(text: str) -> list[str]:
    """Return two-character words of Chinese runs, and Latin words and numbers whole, in lower case."""
    words: list[str] = []
    for run in _RUNS.findall(text.lower()):
        for piece in _MIXED.findall(run):
            if piece[0] < _HAN_START or len(piece) == 1:
                words.append(piece[:MAX_TOKEN_LENGTH])
            else:
                words += map(str.__add__, piece, piece[1:])
    return words


def tokens_of(document: SearchDocument) -> list[str]:
    """Return the tokens of a document; PostgreSQL sorts them and drops repeats."""
    counts = Counter(words_of(document.body[:MAX_INDEXED_LENGTH]))
    tokens = list(counts)
    tokens += [f"{word}+" for word, count in counts.items() if count >= OFTEN]
    tokens += [f"{word}++" for word, count in counts.items() if count >= VERY_OFTEN]
    tokens += [f"t:{word}" for word in words_of(document.title)]
    tokens += [f"u:{character}" for character in document.title_key]
    tokens += [f"r:{word}" for word in words_of(document.region_name)]
    tokens += [f"p:{pair}" for pair in syllable_pairs(document.syllables)]
    tokens += [f"n:{number}" for number in document.doc_numbers]
    return tokens
