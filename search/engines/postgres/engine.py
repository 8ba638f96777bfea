"""PostgresEngine: search in one table of the public schema, for when there is no Elasticsearch or it is down.

Called through search.engine; writes and reads search.models.PostgresDocument.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.extras import execute_values

from search.documents import SearchDocument
from search.engines.base import Hit, IndexEntry, Outcome, SearchPage, SearchRequest, Write
from search.engines.postgres.query import TABLE, build_statement, lexemes
from search.engines.postgres.tokens import tokens_of, words_of
from search.models import PostgresDocument

_CHINA = ZoneInfo("Asia/Shanghai")
_COLUMNS = 'id, version, digest, site, "column", column_class, year, published_at, title_key, pinyin, initials, tokens'
#: A withdrawn document stays as a row without tokens: its version keeps an older document from coming back.
_UPSERT = f"""
    INSERT INTO {TABLE} ({_COLUMNS}) VALUES %s
    ON CONFLICT (id) DO UPDATE SET ({_COLUMNS}) = ROW (EXCLUDED.*)
    WHERE {TABLE.split(".")[1]}.version <= EXCLUDED.version"""
_ROW = "(%s::uuid, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, array_to_tsvector(%s::text[]))"
ROWS_AT_ONCE = 100


class PostgresEngine:
    """Search by tokens made in Python; knows only what PostgreSQL has without extensions."""

    name = "postgres"

    def write(self, writes: Iterable[Write], *, refresh: bool = False) -> Outcome:
        """Put rows in, a hundred at a time; a hundred that is refused is tried again one by one to find the bad one."""
        outcome: Outcome = {}
        waiting: list[Write] = []
        for write in writes:
            waiting.append(write)
            if len(waiting) == ROWS_AT_ONCE:
                outcome |= self._put(waiting)
                waiting = []
        return outcome | (self._put(waiting) if waiting else {})

    def _put(self, writes: list[Write]) -> Outcome:
        newest = {write.id: write for write in writes}
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                rows = sorted((_row_of(write) for write in newest.values()), key=lambda row: str(row[0]))
                execute_values(cursor.cursor, _UPSERT, rows, template=_ROW, page_size=ROWS_AT_ONCE)
        except DatabaseError as error:
            if len(newest) == 1:
                return dict.fromkeys(newest, error)
            outcome: Outcome = {}
            for write in newest.values():
                outcome |= self._put([write])
            return outcome
        return dict.fromkeys(newest)

    def search(self, request: SearchRequest) -> SearchPage:
        """Answer from the GIN index alone."""
        if request.query.is_empty or not request.public_sites:
            return SearchPage()
        hits: list[Hit] = []
        total, counts = 0, defaultdict[str, dict[str, int]](dict)
        # Without a sequential scan, which would unpack every tsvector to test it: the planner does not know that price.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL jit = off")
            statement, parameters = build_statement(request, self._estimate(cursor))
            cursor.execute(statement, parameters)
            for kind, value, number in cursor.fetchall():
                if kind == "hit":
                    hits.append(Hit(value, number))
                elif kind == "total":
                    total = int(number)
                else:
                    counts[kind][value] = int(number)
            cursor.execute("SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL jit TO DEFAULT")
        return SearchPage(hits=tuple(hits), total=total, counts=dict(counts))

    def _estimate(self, cursor: CursorWrapper) -> int:
        """Return about how many documents there are: the measure of rarity needs no exact count."""
        cursor.execute("SELECT greatest(reltuples, 100)::bigint FROM pg_class WHERE oid = %s::regclass", [TABLE])
        return int(cursor.fetchone()[0])

    def occurring(self, phrases: Sequence[str]) -> set[str]:
        """Return those of the phrases whose words stand together in any document; nearly, since order is not kept."""
        found = set()
        with connection.cursor() as cursor:
            for phrase in phrases:
                words = words_of(phrase)
                if not words:
                    continue
                cursor.execute(
                    f"SELECT EXISTS (SELECT FROM {TABLE} WHERE tokens @@ %s::tsquery OR tokens @@ %s::tsquery)",
                    [lexemes(words), lexemes(words, "t:")],
                )
                if cursor.fetchone()[0]:
                    found.add(phrase)
        return found

    def count(self) -> int:
        """Return how many documents can be found."""
        return PostgresDocument.objects.filter(tokens__isnull=False).count()

    def scan(self, after: str, limit: int) -> list[IndexEntry]:
        """Return the next entries in the order of their ids."""
        rows = PostgresDocument.objects.filter(tokens__isnull=False).order_by("id")
        if after:
            rows = rows.filter(id__gt=after)
        return [
            IndexEntry(str(pk), version, digest)
            for pk, version, digest in rows.values_list("id", "version", "digest")[:limit]
        ]

    def forget(self, ids: Collection[str]) -> None:
        """Take out rows whatever their version."""
        PostgresDocument.objects.filter(pk__in=list(ids)).delete()

    def refresh(self) -> None:
        """Do nothing: what is committed is visible."""


def _row_of(write: Write) -> tuple[object, ...]:
    if not isinstance(write, SearchDocument):
        return (write.id, write.version, "", "", "", "", None, None, "", "", "", None)
    return (
        write.id,
        write.version,
        write.digest,
        write.site,
        write.column,
        write.column_class,
        write.published_at.astimezone(_CHINA).year,
        write.published_at,
        write.title_key,
        f" {' '.join(write.syllables)} ",
        "".join(syllable[0] for syllable in write.syllables),
        tokens_of(write),
    )
