"""What one publication touches in the store of a large cluster: how long it takes to find, and how many files it replaces.

The index is the product's, filled with rows of 100,000 items over the sites of the province, a tenth of them in one column.
No files lie behind the rows: finding is measured, not writing.
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cluster.edge import keys, reach, rows
from cluster.edge.entries import Address, Entry, Touch
from cluster.edge.index import Index
from tests.bench.figures import Figure
from tests.bench.measuring import percentile
from tests.bench.workshop import Workshop

SITES, COLUMNS, ITEMS, LARGE = 113, 70, 100_000, 5_000
PER_PAGE, PANELS = 20, 12
TOUCHES = 300
GENERATION = "a" * 16
NOW = datetime(2026, 11, 23, tzinfo=UTC)
LARGE_COLUMN = "c0"


def find_touched(workshop: Workshop) -> Iterator[Figure]:
    """Fill an index and ask it what publications touch."""
    folder = workshop.folder / "lookup"
    folder.mkdir(exist_ok=True)
    index = Index(folder / "index.sqlite3", GENERATION)
    with index.connections.writing() as connection:
        for site in range(SITES):
            for entry, used in _site(site):
                number = rows.insert(connection, entry, used, ())
                connection.execute("UPDATE entries SET pending = 0 WHERE id = ?", (number,))
    seconds, replaced = _ask(index)
    yield Figure("edge_lookup", percentile(seconds, 0.99) * 1000, "ms", TOUCHES)
    yield Figure("edge_lookup_p50", percentile(seconds, 0.5) * 1000, "ms", TOUCHES)
    yield Figure("edge_lookup_replaced", percentile(replaced, 0.5), "files", TOUCHES)
    found = reach.reach_of(index.connections.get(), _publication(0, LARGE_COLUMN, 10_000_000), GENERATION)
    yield Figure("edge_large_column_replaced", len(found.replace), "pages", LARGE)
    yield Figure("edge_large_column_dropped", len(found.dropped), "pages", LARGE)
    index.connections.close()


def _schema(site: int) -> str:
    return f"site_{site}"


def _site(site: int) -> Iterator[tuple[Entry, dict[str, float | None]]]:
    """Yield the stored pages of a site with what they used: front page, columns with every page of their lists, items."""
    schema, count = _schema(site), ITEMS // SITES
    everywhere: dict[str, float | None] = {keys.columns(schema): None, keys.record(schema): None, keys.ALL: None}
    newest = (NOW - timedelta(days=1)).timestamp()
    panels = {keys.members(schema, f"c{number}"): newest for number in range(PANELS)}
    yield _entry(site, "/", "home"), {**everywhere, keys.DIRECTORY: None, **panels, **_lines(schema, 0, PANELS * 8)}
    for number in range(COLUMNS):
        held = LARGE if site == 0 and number == 0 else count // COLUMNS
        members = {keys.members(schema, f"c{number}"): None}
        for page in range(1, max(1, -(-held // PER_PAGE)) + 1):
            query, kind = ("", "column") if page == 1 else (f"page={page}", "deep")
            shown = _lines(schema, page * PER_PAGE, PER_PAGE)
            yield _entry(site, f"/c{number}/", kind, query), {**everywhere, **members, **shown}
        yield _entry(site, f"/c{number}/rss/", "feed"), {**everywhere, keys.members(schema, f"c{number}"): newest}
    yield _entry(site, "/sitemap.xml", "map"), {**everywhere, keys.items(schema): None}
    for number in range(count + (LARGE if site == 0 else 0)):
        used = {keys.page(schema, number): None, keys.line(schema, number): None}
        yield _entry(site, f"/c0/i{number}/", "item"), {**everywhere, **used}


def _lines(schema: str, first: int, count: int) -> dict[str, float | None]:
    return {keys.line(schema, number): None for number in range(first, first + count)}


def _entry(site: int, path: str, kind: str, query: str = "") -> Entry:
    address = Address(f"s{site}.localhost", path, query, "n")
    return Entry(address, GENERATION, _schema(site), kind, "html", 20_000, NOW.timestamp())


def _publication(site: int, column: str, number: int) -> list[Touch]:
    """Return what the triggers tell of a new item (cluster/edge/sql/feed.sql)."""
    schema = _schema(site)
    told = (keys.page(schema, number), keys.line(schema, number), keys.members(schema, column), keys.items(schema))
    return [Touch(key, NOW) for key in told]


def _ask(index: Index) -> tuple[list[float], list[float]]:
    chance, connection = random.Random(7), index.connections.get()
    seconds, replaced = [], []
    for number in range(TOUCHES):
        touches = _publication(chance.randrange(SITES), f"c{chance.randrange(COLUMNS)}", 10_000_000 + number)
        began = time.perf_counter()
        found = reach.reach_of(connection, touches, GENERATION)
        seconds.append(time.perf_counter() - began)
        replaced.append(float(len(found.replace)))
    return seconds, replaced
