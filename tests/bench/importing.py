"""How fast import_documents brings articles in, published and in the registry."""

from collections.abc import Iterator

from cluster.resources.consumers import register_consumer
from cluster.resources.models import Resource
from tests.bench import corpus
from tests.bench.figures import Figure
from tests.bench.workshop import Workshop

COUNT, LENGTH = 5000, 2000


def import_articles(workshop: Workshop) -> Iterator[Figure]:
    """Import new articles into one site with every consumer of the feed registered; the worker stands still."""
    city, _ = workshop.few_sites
    for name in ("search-elasticsearch", "search-postgres"):
        register_consumer(name)
    path = corpus.write_lines(workshop.folder / "articles.jsonl", corpus.articles(COUNT, LENGTH))
    arguments = ("--site", city, "--column", "tzgg", "--actor", "bench", "--reason", "bench")
    seconds = workshop.command(workshop.product, "import_documents", str(path), *arguments)
    found = Resource.objects.filter(source_id__startswith="bench-", state="published").count()
    assert found == COUNT, f"{found} of {COUNT} articles are in the registry"
    yield Figure("import_5000", seconds, "s", COUNT)
    yield Figure("import_speed", COUNT / seconds, "documents/s", COUNT)
    again = workshop.command(workshop.product, "import_documents", str(path), *arguments)
    yield Figure("import_5000_unchanged", again, "s", COUNT)
