"""Read a stored body without building its blocks, and make one from plain text.

Called thousands of times in a row by the projection into the registry and by the import, therefore no queries here.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape

# So much of the text is the summary of an item that has none of its own.
SUMMARY_LENGTH = 120
_BLOCK_END = re.compile(r"</(?:p|li|h\d|tr|div|blockquote)>|<br\s*/?>|<hr\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_DOCUMENT_LINK = re.compile(r"<a\b[^>]*\blinktype=\"document\"[^>]*>", re.IGNORECASE)
_PAGE_LINK = re.compile(r"<a\b[^>]*\blinktype=\"page\"[^>]*>", re.IGNORECASE)
_IMAGE_EMBED = re.compile(r"<embed\b[^>]*\bembedtype=\"image\"[^>]*>", re.IGNORECASE)
_ALT = re.compile(r"\balt=\"([^\"]*)\"")
_ID = re.compile(r"\bid=\"(\d+)\"")
_BLANK_LINES = re.compile(r"[ \t\u3000]*\n\s*")


@dataclass(frozen=True, slots=True)
class BodyContent:
    """The words of a body and the files it shows."""

    text: str
    document_ids: tuple[int, ...]
    image_ids: tuple[int, ...]
    # The alternative text of each picture, in order; empty where it has none.
    image_texts: tuple[str, ...] = ()
    page_ids: tuple[int, ...] = ()


def read_body(raw_blocks: Iterable[dict[str, Any]], *, with_text: bool = True) -> BodyContent:
    """Take text and file ids out of the raw value of a StreamField (`value.raw_data`); without the text in less time."""
    texts: list[str] = []
    documents: list[int] = []
    images: list[int] = []
    image_texts: list[str] = []
    pages: list[int] = []
    for block in raw_blocks:
        kind, value = block.get("type"), block.get("value")
        if not value:
            continue
        if kind == "paragraph":
            if with_text:
                texts.append(text_of_html(value))
            documents += _ids(_DOCUMENT_LINK, value)
            images += _ids(_IMAGE_EMBED, value)
            image_texts += _alternatives(value)
            pages += _ids(_PAGE_LINK, value)
        else:
            if with_text:
                texts += _strings(kind, value)
            if kind == "image" and value.get("image"):
                images.append(int(value["image"]))
                image_texts.append((value.get("alt") or "").strip())
            if kind == "document" and value.get("document"):
                documents.append(int(value["document"]))
    text = _BLANK_LINES.sub("\n", "\n".join(part for part in texts if part)).strip()
    return BodyContent(
        text,
        tuple(dict.fromkeys(documents)),
        tuple(dict.fromkeys(images)),
        image_texts=tuple(image_texts),
        page_ids=tuple(dict.fromkeys(pages)),
    )


def first_image_id(raw_blocks: Iterable[dict[str, Any]]) -> int | None:
    """Return the id of the first picture in the raw value of a StreamField; reads no further than to it."""
    for block in raw_blocks:
        value = block.get("value")
        if block.get("type") == "image" and value and value.get("image"):
            return int(value["image"])
        if block.get("type") == "paragraph" and value and (found := _ids(_IMAGE_EMBED, value)):
            return found[0]
    return None


def text_of_html(value: str) -> str:
    """Turn the rich text of one block into plain lines."""
    return html.unescape(_TAG.sub("", _BLOCK_END.sub("\n", value))).replace("\xa0", " ").strip()


def body_of_text(text: str) -> str:
    """Make the stored form of a body (JSON) from plain text; each line becomes a paragraph of one block.

    One block and not one per line: a law of a thousand lines then renders as fast as a short notice.
    """
    lines = [line.strip() for line in text.splitlines()]
    value = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    return json.dumps([{"type": "paragraph", "value": value}] if value else [], ensure_ascii=False)


def _ids(tag: re.Pattern[str], value: str) -> list[int]:
    found = (_ID.search(match) for match in tag.findall(value))
    return [int(match.group(1)) for match in found if match]


def _alternatives(value: str) -> list[str]:
    found = (_ALT.search(match) for match in _IMAGE_EMBED.findall(value))
    return [html.unescape(match.group(1)).strip() if match else "" for match in found]


def _strings(kind: str | None, value: Any) -> list[str]:
    if kind == "heading":
        return [value]
    if kind == "image":
        return [value.get("caption") or value.get("alt") or ""]
    if kind == "quote":
        return [value.get("text") or "", value.get("source") or ""]
    if kind == "document":
        return [value.get("label") or ""]
    if kind == "list":
        return [str(_item(entry)) for entry in value]
    if kind == "table":
        return list(_table_lines(value))
    return []


def _item(entry: Any) -> Any:
    return entry.get("value", "") if isinstance(entry, dict) else entry


def _table_lines(value: dict[str, Any]) -> Iterator[str]:
    yield value.get("caption") or ""
    yield " ".join(column.get("heading") or "" for column in value.get("columns", ()))
    for row in value.get("rows", ()):
        yield " ".join(str(cell) for cell in row.get("values", ()) if cell)
