"""From plain text to the stored form of a body: chapters become headings, tables tables, all else paragraphs.

Called by `articles`. Every word of the text stays, in its order, so that search finds what the source says.
"""

import json
import re
import uuid
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.utils.html import escape

_NUMBER = "零〇○一二三四五六七八九十百千\\d"
_HEADING = re.compile(rf"第[{_NUMBER}]+(?:编|分编|章|节)(?:$|[^，。；：、,.;:]{{1,40}}$)")
# 第七章规定的… is a sentence, 第七章附则 a heading: a sentence speaks on with one of these.
_SENTENCE = re.compile(rf"第[{_NUMBER}]+(?:编|分编|章|节)(?:[的第至与和及规所中]|相应)")
_TABLE_ROW = re.compile(r"\|.*\|$")
_TABLE_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+$")
_NAMESPACE = uuid.UUID("5f0c9a52-51e0-4a3c-9a43-6d1b8f1f7d0e")


def stored_body(text: str, document_id: str) -> str:
    """Return the body as JSON. Block ids follow from the document's id, so that two versions of it compare well."""
    blocks = [
        {"type": kind, "value": value, "id": str(uuid.uuid5(_NAMESPACE, f"{document_id}:{number}"))}
        for number, (kind, value) in enumerate(_blocks(text))
    ]
    return json.dumps(blocks, ensure_ascii=False)


def is_heading(line: str) -> bool:
    """Return whether the line names a part, chapter or section of a law."""
    return _HEADING.match(line) is not None and _SENTENCE.match(line) is None


def _blocks(text: str) -> Iterator[tuple[str, Any]]:
    lines = [line for line in (raw.strip() for raw in text.split("\n")) if line]
    for kind, group in groupby(lines, key=_kind):
        together = list(group)
        if kind == "heading":
            yield from (("heading", line) for line in together)
        elif kind == "table" and len(together) > 1 and _TABLE_RULE.match(together[1]):
            yield "table", _table(together)
        else:
            yield "paragraph", "".join(f"<p>{escape(line)}</p>" for line in together)


def _kind(line: str) -> str:
    if _TABLE_ROW.match(line):
        return "table"
    return "heading" if is_heading(line) else "paragraph"


def _table(lines: list[str]) -> dict[str, Any]:
    head, *rows = [_cells(line) for line in lines if not _TABLE_RULE.match(line)]
    width = max(len(cells) for cells in (head, *rows))
    head += [""] * (width - len(head))
    return {
        "caption": "",
        "columns": [{"type": "text", "heading": cell} for cell in head],
        "rows": [{"values": cells + [""] * (width - len(cells))} for cells in rows],
    }


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
