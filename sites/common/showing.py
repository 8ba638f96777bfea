"""What a page tells the page store of the lists and bodies that it shows.

Called by what gathers them for home, columns, feeds and items; goes into cluster.edge.recording. Without a recording
nothing is computed.
"""

from collections.abc import Sequence

from django.http import HttpRequest

from cluster.edge import keys, recording
from cluster.postgresql import connection
from sites.common.body import BodyContent
from sites.common.listing import ListedItem
from sites.common.navigation import site_columns


def shows_list(request: HttpRequest, path: str, items: Sequence[ListedItem], limit: int | None = None) -> None:
    """Note the newest items below a place in the tree.

    With a limit, a full list changes only by what is as new as its last line; one without shows totals and page numbers.
    """
    if not recording.is_recording():
        return
    schema = connection.schema_name
    since = items[-1].published_at if limit and len(items) >= limit else None
    for column_path, code in site_columns(request).codes.items():
        if column_path.startswith(path):
            recording.uses(keys.members(schema, code), since)
    shows_lines(items)


def shows_fed_list(parent_id: int, kind: str, items: Sequence[ListedItem], limit: int | None = None) -> None:
    """Note the newest items of the sites of a kind below a site."""
    since = items[-1].published_at if limit and len(items) >= limit else None
    recording.uses(keys.fed(parent_id, kind), since)
    shows_lines(items)


def shows_lines(items: Sequence[ListedItem]) -> None:
    """Note the items themselves, as lists show them, and the other sites whose items they are."""
    recording.uses_all(keys.line(item.schema, item.page_id) for item in items)
    recording.uses_all(keys.borrowed(schema) for schema in {item.schema for item in items} - {connection.schema_name})


def shows_body(content: BodyContent) -> None:
    """Note pictures, attachments and pages that a body leads to."""
    schema = connection.schema_name
    recording.uses_all(keys.image(schema, number) for number in content.image_ids)
    recording.uses_all(keys.document(schema, number) for number in content.document_ids)
    recording.uses_all(keys.line(schema, number) for number in content.page_ids)
