"""Turn the light markup of the demonstration texts into blocks of a body, and into plain lines for files.

`# ` begins a heading, `- ` an item of a list, `|` a row of a table; everything else is a paragraph.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.utils.html import escape

MARKS = {"# ": "heading", "- ": "list", "| ": "table"}


def kind_of(line: str) -> str:
    """Tell what a line is."""
    return MARKS.get(line[:2], "paragraph")


def cells_of(line: str) -> list[str]:
    """Split a row of a table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def blocks_of(text: str) -> list[dict[str, Any]]:
    """Give the raw value of a body."""
    blocks: list[dict[str, Any]] = []
    for kind, group in groupby((line.strip() for line in text.strip().splitlines() if line.strip()), key=kind_of):
        blocks += _blocks(kind, list(group))
    return blocks


def plain_lines(text: str) -> list[str]:
    """Give the text without its marks, for attachments."""
    return [
        "　".join(cells_of(line)) if kind_of(line) == "table" else line.removeprefix("# ").removeprefix("- ")
        for line in text.strip().splitlines()
        if line.strip()
    ]


def _blocks(kind: str, lines: list[str]) -> Iterator[dict[str, Any]]:
    if kind == "heading":
        yield from ({"type": "heading", "value": line[2:]} for line in lines)
    elif kind == "list":
        yield {"type": "list", "value": [{"type": "item", "value": line[2:]} for line in lines]}
    elif kind == "table":
        yield {"type": "table", "value": _table([cells_of(line) for line in lines])}
    else:
        yield {"type": "paragraph", "value": "".join(f"<p>{escape(line)}</p>" for line in lines)}


def _table(rows: list[list[str]]) -> dict[str, Any]:
    columns = [{"type": "text", "heading": heading} for heading in rows[0]]
    return {"columns": columns, "rows": [{"values": row} for row in rows[1:]], "caption": ""}
