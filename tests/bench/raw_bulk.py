"""What Elasticsearch itself can take: bodies built beforehand, sent by plain HTTP, same mapping and refresh as the product.

Called by draining; the best of 1, 2 and 4 writers with 1 and 5 MB bodies is the yardstick.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import requests
import urllib3

from search.documents import SearchDocument
from search.engines.elasticsearch.bulk import lines_of
from search.engines.elasticsearch.mapping import index_body

MB = 1_000_000
VARIANTS = [(writers, size * MB) for writers in (1, 2, 4) for size in (1, 5)]


def speeds(url: str, prefix: str, documents: Sequence[SearchDocument]) -> list[float]:
    """Return documents a second of each variant in turn, each into an index of its own."""
    return [_speed(url, prefix, documents, writers, size) for writers, size in VARIANTS]


def _speed(url: str, prefix: str, documents: Sequence[SearchDocument], writers: int, size: int) -> float:
    index = f"{prefix}-raw"
    requests.delete(f"{url}/{index}", params={"ignore_unavailable": "true"}, timeout=60)
    requests.put(f"{url}/{index}", json=index_body(), timeout=60).raise_for_status()
    bodies = list(_bodies(documents, size))
    pool = urllib3.PoolManager(maxsize=writers)
    address = f"{url}/{index}/_bulk?filter_path=errors"

    def send(body: bytes) -> None:
        answer = pool.request("POST", address, body=body, headers={"Content-Type": "application/x-ndjson"}, timeout=120)
        assert answer.data == b'{"errors":false}', answer.data[:300]

    began = time.perf_counter()
    with ThreadPoolExecutor(writers) as executor:
        list(executor.map(send, bodies))
    seconds = time.perf_counter() - began
    requests.delete(f"{url}/{index}", timeout=60)
    return len(documents) / seconds


def _bodies(documents: Sequence[SearchDocument], size: int) -> Iterator[bytes]:
    body = bytearray()
    for document in documents:
        body += lines_of(document, ("raw",))
        if len(body) >= size:
            yield bytes(body)
            body.clear()
    if body:
        yield bytes(body)
