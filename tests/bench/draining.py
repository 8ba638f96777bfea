"""How fast the feed is drained into Elasticsearch, beside what Elasticsearch takes raw in the same minutes.

The drain is the product's own task in this process: claiming, reading, building, sending, forgetting. Documents are of two
sizes: short articles of 784 bytes as JSON, and whole laws of about 17 KB.
"""

import gc
import time
import uuid
from collections.abc import Iterator
from statistics import median
from typing import Any

import orjson
from django.utils import timezone

from cluster.resources.backlog import feed_status
from cluster.resources.models import Resource, ResourceState
from cluster.subsites.queries import site_by_code
from search.drain import elasticsearch_drain
from search.engines.elasticsearch.bulk import source_of
from search.gather import writes_for
from search.rebuild import rebuild_index
from tests.bench import corpus
from tests.bench.figures import Figure
from tests.bench.raw_bulk import speeds
from tests.bench.workshop import BenchFailed, Workshop

SMALL_BYTES, SMALL_COUNT, LARGE_COUNT = 784, 20_000, 3_413
# After one that warms the server. Raw and drain take turns, for the machine is not as fast in every minute; the median counts.
ROUNDS = 3
# Characters of a law in a short article, so that its JSON has on average as many bytes as asked.
PIECE = 80


def drain(workshop: Workshop) -> Iterator[Figure]:
    """Measure both sizes."""
    if not workshop.elasticsearch_url:
        raise BenchFailed("没有 Elasticsearch，变更分发没有测到。")
    city, _ = workshop.few_sites
    elasticsearch_drain.run()  # registers and makes the index, if no worker has
    gc.collect()
    gc.freeze()  # as the worker does at its start
    for name, records in (("small", _small()), ("large", _large())):
        yield from _measure(workshop, city, name, records)


def _measure(workshop: Workshop, city: str, name: str, records: list[dict[str, Any]]) -> Iterator[Figure]:
    rows = _register(city, records)
    documents: list[Any] = list(writes_for(rows))
    _take_away(rows)
    size = sum(len(orjson.dumps(source_of(one))) for one in documents) / len(documents)
    prefix = workshop.name.replace("_", "-")
    rounds = [(speeds(workshop.elasticsearch_url, prefix, documents), _speed(city, records)) for _ in range(ROUNDS + 1)]
    raw = max(map(median, zip(*(variants for variants, _ in rounds[1:]), strict=True)))
    speed = median(drained for _, drained in rounds[1:])
    yield Figure(f"drain_{name}_bytes", size, "bytes/document", len(documents))
    yield Figure(f"drain_{name}_speed", speed, "documents/s", len(documents))
    yield Figure(f"drain_{name}_raw_speed", raw, "documents/s", len(documents))
    yield Figure(f"drain_{name}_of_raw", speed / raw * 100, "%", len(documents))


def _speed(city: str, records: list[dict[str, Any]]) -> float:
    """Register and drain the records once, and take them away again; return the drain's documents a second.

    Into an index that is made anew, as the raw ones are: one that has just lost the documents of an earlier round merges.
    """
    rebuild_index()
    rows = _register(city, records)
    gc.collect()
    began = time.perf_counter()
    _drain_all()
    speed = len(rows) / (time.perf_counter() - began)
    assert feed_status().changes[elasticsearch_drain.name] == 0
    _take_away(rows)
    return speed


def _take_away(rows: list[Resource]) -> None:
    Resource.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _drain_all()


def _drain_all() -> None:
    while elasticsearch_drain.run() or feed_status().changes.get(elasticsearch_drain.name):
        pass


def _register(city: str, records: list[dict[str, Any]]) -> list[Resource]:
    """Put the records into the registry, as rows without pages: the drain reads nothing else."""
    site, now = site_by_code(city), timezone.now()
    rows = [
        Resource(
            site=site,
            page_id=1_000_000_000 + number,
            page_type="content.ArticlePage",
            state=ResourceState.PUBLISHED,
            title=record["title"],
            path=f"/bench/{number}/",
            text=record["body"],
            column_code="flfg",
            column_class="periodic",
            issuer=record.get("issuer", ""),
            region_name=record.get("region", ""),
            doc_no=record.get("doc_no", []),
            published_at=now,
            content_hash=uuid.uuid4().hex * 2,
        )
        for number, record in enumerate(records)
    ]
    Resource.objects.bulk_create(rows, batch_size=500)
    return list(Resource.objects.filter(pk__in=[row.pk for row in rows]).select_related("site").order_by("page_id"))


def _small() -> list[dict[str, Any]]:
    """Return short articles whose JSON has about SMALL_BYTES: titles and pieces of the laws, or made-up ones."""
    laws = corpus.laws()
    if not laws:
        # About 556 bytes are ids, keys, title and pinyin; three bytes stand for each character of the body.
        return list(corpus.articles(SMALL_COUNT, (SMALL_BYTES - 556) // 3))
    records = []
    for number in range(SMALL_COUNT):
        law = laws[number % len(laws)]
        start = number // len(laws) * PIECE
        records.append({"title": law["title"], "body": law["body"][start : start + PIECE] or law["title"]})
    return records


def _large() -> list[dict[str, Any]]:
    """Return the laws, or articles of the same size where they are missing."""
    return corpus.laws(LARGE_COUNT) or list(corpus.articles(LARGE_COUNT, 5_700))
