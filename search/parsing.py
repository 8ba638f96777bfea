"""The query front end: what a citizen typed becomes a ParsedQuery. Called by queries; both engines read its result.

Pure: no database, no clock. The steps follow one order: fold, document number, pinyin, question words, everyday words.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from search.docnumbers import number_keys
from search.normalize import fold_query, has_han
from search.pinyin import split_syllables, syllables_of
from search.vocabulary import official_terms

MAX_QUERY_LENGTH = 200
#: A typo replaces characters by others that sound alike; below three syllables too many titles sound alike.
MIN_HOMOPHONE_SYLLABLES = 3
_SYMBOLS = re.compile(r"[^\w]+|_+")
_QUESTION_WORDS = re.compile(
    "为什么|是不是|能不能|可不可以|要不要|有没有|怎么办理|怎么办|怎么样|怎么|怎样|如何|多长时间|多少钱|多少|多久|多大|多长"
    "|什么时候|什么|哪些|哪里|哪儿|哪个|是否|能否|可否|请问|我想|想要|需要|可以|应该|一共|总共|几个|吗|呢|吧|啊|呀|么"
)
_PARTICLES = re.compile("(?<=[\u4e00-\u9fff])[的了](?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class ParsedQuery:
    """One query, understood.

    `parts` are the words between blanks and symbols, without question words; `terms` the official words for everyday ones.
    """

    text: str
    parts: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    doc_numbers: tuple[str, ...] = ()
    spellings: tuple[tuple[str, ...], ...] = ()
    letters: str = ""
    homophones: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing searchable is left, as of a query of symbols only."""
        return not self.parts

    @property
    def core(self) -> str:
        """Return the query without blanks, symbols and question words."""
        return "".join(self.parts)


@lru_cache(maxsize=2048)
def parse_query(raw: str) -> ParsedQuery:
    """Read a raw query of any content and length; only the first MAX_QUERY_LENGTH characters count."""
    text = fold_query(raw[: 4 * MAX_QUERY_LENGTH])[:MAX_QUERY_LENGTH]
    parts = tuple(_parts_of(text))
    if not parts:
        return ParsedQuery(text=text)
    latin = not has_han(text)
    letters = re.sub("[^a-z]", "", text.replace("ü", "v")) if latin and not re.search("[0-9]", text) else ""
    syllables = syllables_of("".join(parts))
    return ParsedQuery(
        text=text,
        parts=parts,
        terms=official_terms(text),
        doc_numbers=tuple(number_keys(text)),
        spellings=split_syllables(text) if letters else (),
        letters=letters,
        homophones=tuple(syllables) if not latin and len(syllables) >= MIN_HOMOPHONE_SYLLABLES else (),
    )


def _parts_of(text: str) -> list[str]:
    """Return the words between blanks and symbols, without question words unless fewer than two characters would remain."""
    plain = [part for part in _SYMBOLS.split(text) if part]
    asked = [part for part in _SYMBOLS.split(_PARTICLES.sub("", _QUESTION_WORDS.sub(" ", text))) if part]
    return asked if sum(map(len, asked)) >= 2 else plain
