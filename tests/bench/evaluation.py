"""How good the search is: the judged queries over the real laws, imported by region, with both engines."""

import json
from collections.abc import Iterator

from tests.bench import corpus
from tests.bench.figures import Figure
from tests.bench.workshop import BenchFailed, Workshop


def evaluate(workshop: Workshop) -> Iterator[Figure]:
    """Import the laws, let the worker index them, ask."""
    if not (corpus.LAWS.exists() and corpus.QUERIES.exists()):
        raise BenchFailed(f"{corpus.MISSING}，检索质量没有测到。")
    _ = workshop.few_sites
    laws = ("import_documents", str(corpus.LAWS), "--by-region", "--column", "flfg", "--actor", "bench")
    seconds = workshop.command(workshop.product, *laws, "--reason", "bench", timeout=1800)
    yield Figure("import_laws", seconds, "s", 3413)
    with workshop.running():
        pass  # until the worker has nothing left to do
    engines = ["postgres"] + (["elasticsearch"] if workshop.elasticsearch_url else [])
    for engine in engines:
        done = workshop.product.manage("search_eval", str(corpus.QUERIES), "--engine", engine, timeout=600)
        if done.returncode:
            raise BenchFailed(done.stdout[-2000:])
        for name, value in json.loads(done.stdout.strip().splitlines()[-1]).items():
            yield Figure(f"search_{engine}_{name}", value, "1", 60)
