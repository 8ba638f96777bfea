"""Send documents and tombstones by _bulk: bodies of at most 2 MB, two at a time, made while the last ones travel.

Called by the engine and the rebuild. Versions are the registry's, checked by Elasticsearch (external_gte): what is older
than what the index or one of its tombstones knows is dropped. "gte" and not "gt" because a site's change of state or
name announces the same version of a row again, and the same version is the same row.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast
from zoneinfo import ZoneInfo

import orjson
from elasticsearch import Elasticsearch

from search.documents import SearchDocument
from search.engines.base import EngineUnavailable, IndexMissing, Outcome, Write
from search.engines.elasticsearch.errors import translated
from search.pinyin import initials_of

MAX_BODY_BYTES = 2_000_000
MAX_ROWS = 2_000
WRITERS = 2
#: Whether anything went wrong is one word; a line for each document would cost as much as reading the documents.
_ANY_ERRORS = "errors"
#: 409 means that the index knows a newer version, which is well.
_WHICH_ERRORS = "errors,items.*._id,items.*._index,items.*.status,items.*.error"
_CHINA = ZoneInfo("Asia/Shanghai")
_writers = ThreadPoolExecutor(max_workers=WRITERS, thread_name_prefix="search-bulk")


class RejectedDocument(Exception):
    """Elasticsearch refuses this one document; the message says why."""


@dataclass(slots=True)
class Body:
    """One request's body and the ids in it; one growing buffer, for thousands of small lines cost as much as making them."""

    data: bytearray = field(default_factory=bytearray)
    ids: list[str] = field(default_factory=list)


def source_of(document: SearchDocument) -> dict[str, Any]:
    """Return the fields of the index for a document."""
    return {
        "id": document.id,
        "digest": document.digest,
        "site": document.site,
        "column": document.column,
        "column_class": document.column_class,
        "year": document.published_at.astimezone(_CHINA).year,
        "published_at": document.published_at,
        "title": document.title,
        "title_key": document.title_key,
        "pinyin": " ".join(document.syllables),
        "pinyin_key": "".join(document.syllables),
        "initials": initials_of(document.syllables),
        "region": document.region_name,
        "doc_number": document.doc_numbers,
        "body": document.body,
    }


def lines_of(write: Write, targets: tuple[str, ...]) -> bytes:
    """Return the lines of one write, into each of the targets; the first one stands in the request's address."""
    if isinstance(write, SearchDocument):
        action, source = "index", orjson.dumps(source_of(write), option=orjson.OPT_APPEND_NEWLINE)
    else:
        action, source = "delete", b""
    address = f'"_id":"{write.id}","version":{write.version},"version_type":"external_gte"}}}}\n'
    lines = f'{{"{action}":{{{address}'.encode() + source
    for target in targets[1:]:
        lines += f'{{"{action}":{{"_index":"{target}",{address}'.encode() + source
    return lines


def bodies_of(writes: Iterable[Write], targets: tuple[str, ...]) -> Iterator[Body]:
    """Yield request bodies of at most MAX_BODY_BYTES (a single larger document travels alone) and MAX_ROWS rows."""
    body = Body()
    for write in writes:
        lines = lines_of(write, targets)
        if body.ids and (len(body.data) + len(lines) > MAX_BODY_BYTES or len(body.ids) >= MAX_ROWS):
            yield body
            body = Body()
        body.data += lines
        body.ids.append(write.id)
    if body.ids:
        yield body


def send_all(client: Elasticsearch, writes: Iterable[Write], targets: tuple[str, ...], *, refresh: bool) -> Outcome:
    """Send everything; a lone body goes at once, more of them by two writers with the next one in the making."""
    bodies = bodies_of(writes, targets)
    first, second = next(bodies, None), next(bodies, None)
    if first is None:
        return {}
    if second is None:
        return _send(client, first, targets[0], refresh)
    waiting = [_submit(client, body, targets[0]) for body in (first, second)]
    outcome: Outcome = {}
    for body in bodies:
        while len(waiting) > WRITERS:
            outcome |= waiting.pop(0).result()
        waiting.append(_submit(client, body, targets[0]))
    for future in waiting:
        outcome |= future.result()
    if refresh:
        with translated():
            client.indices.refresh(index=targets[0])
    return outcome


def _submit(client: Elasticsearch, body: Body, main: str) -> Future[Outcome]:
    return _writers.submit(_send, client, body, main, False)


def _send(client: Elasticsearch, body: Body, main: str, refresh: bool) -> Outcome:
    """Send a body; where anything in it failed, send it again to hear what: versions make the second time harmless."""
    outcome: Outcome = dict.fromkeys(body.ids)
    if _bulk(client, body, main, refresh, _ANY_ERRORS)["errors"]:
        answer = _bulk(client, body, main, refresh, _WHICH_ERRORS)
        for item in answer.get("items", ()):
            _note(outcome, next(iter(item.values())), main)
    return outcome


def _bulk(client: Elasticsearch, body: Body, main: str, refresh: bool, filter_path: str) -> dict[str, Any]:
    with translated():
        return client.bulk(
            index=main,
            operations=cast(Any, bytes(body.data)),
            refresh=refresh,
            require_alias=True,
            filter_path=filter_path,
        ).body


def _note(outcome: Outcome, item: dict[str, Any], main: str) -> None:
    """Write the error of one item into the outcome, if it is one."""
    error = item.get("error")
    if error is None or item["status"] == 409:
        return
    if error["type"] == "index_not_found_exception":
        if item["_index"] == main:
            raise IndexMissing(f"索引 {main} 不存在")
        return  # the second target is a rebuild that was given up
    if item["status"] == 429 or item["status"] >= 500:
        raise EngineUnavailable(f"{error['type']}: {error.get('reason', '')}")
    outcome[item["_id"]] = RejectedDocument(f"{error['type']}: {error.get('reason', '')}"[:500])
