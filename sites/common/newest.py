"""Read the newest items of several columns at once, as front pages and overviews show them.

Called by sites.columns. Small columns are read whole, all in one statement of fixed shape: the database needs longer to plan a
part for each column and kind of item than to read and sort some hundred rows. A large one gets a part of its own.
"""

from collections.abc import Iterable, Mapping

from cluster.postgresql import connection
from sites.common.listing import (
    LISTED_FIELDS,
    ORDER,
    ListedItem,
    below_parameters,
    listed_item,
    listed_models,
    newest_below,
    table_of,
)

# Of a column of so many pages, reading it costs about as much as planning a part for it.
FEW = 800
Found = dict[str, list[ListedItem]]


def newest_items(
    limits: Mapping[str, int], sizes: Mapping[str, int], root_url_path: str, hidden: Iterable[str] = ()
) -> Found:
    """Return tree path → its newest items.

    `sizes` says about how many pages stand below a path; it decides how they are read, not which.
    """
    hidden_paths = tuple(hidden)
    small = {path: limit for path, limit in limits.items() if sizes.get(path, FEW + 1) <= FEW}
    large = {path: limit for path, limit in limits.items() if path not in small}
    return {
        **_read(_of_small(small, len(hidden_paths)), _small_parameters(small, hidden_paths), small, root_url_path),
        **_read(_of_large(large, len(hidden_paths)), _large_parameters(large, hidden_paths), large, root_url_path),
    }


def _read(statement: str, parameters: list[str | int], paths: Iterable[str], root_url_path: str) -> Found:
    by_slot: list[list[ListedItem]] = [[] for _ in paths]
    if by_slot:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            for row in cursor.fetchall():
                by_slot[row[0]].append(listed_item(row, root_url_path))
    return dict(zip(paths, by_slot, strict=True))


def _of_small(limits: Mapping[str, int], hidden_count: int) -> str:
    # Bytes are compared, as the index over paths for LIKE has them; the signs of paths come before "[".
    places = ", ".join(["(%s::int, %s::int, %s, %s)"] * len(limits))
    hidden = " AND p.path NOT LIKE %s" * hidden_count
    kinds = " UNION ALL ".join(
        f"SELECT p.slot, {LISTED_FIELDS}, p.most FROM placed p JOIN {table_of(model)} a ON a.page_ptr_id = p.id"
        for model in listed_models()
    )
    return f"""WITH placed AS MATERIALIZED (
            SELECT place.slot, place.most, p.id, p.title, p.url_path
            FROM (VALUES {places}) AS place (slot, most, low, high)
            JOIN wagtailcore_page p ON p.path ~>=~ place.low AND p.path ~<~ place.high WHERE p.live{hidden})
        SELECT * FROM (SELECT listed.*, row_number() OVER (PARTITION BY slot {ORDER}) AS number FROM ({kinds}) AS listed)
            AS numbered WHERE number <= most ORDER BY slot, number"""


def _small_parameters(limits: Mapping[str, int], hidden: tuple[str, ...]) -> list[str | int]:
    parameters: list[str | int] = []
    for slot, (path, limit) in enumerate(limits.items()):
        parameters += [slot, limit, path, f"{path}["]
    return [*parameters, *(f"{prefix}%" for prefix in hidden)]


def _of_large(limits: Mapping[str, int], hidden_count: int) -> str:
    parts = [
        f"({newest_below(slot, hidden_count, limit)} {ORDER} LIMIT {int(limit)})"
        for slot, limit in enumerate(limits.values())
    ]
    # A union promises no order, though each part was cut from an ordered list.
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS listed {ORDER}"


def _large_parameters(limits: Mapping[str, int], hidden: tuple[str, ...]) -> list[str | int]:
    parameters: list[str | int] = []
    for path in limits:
        parameters += below_parameters(path, hidden) * len(listed_models())
    return parameters
