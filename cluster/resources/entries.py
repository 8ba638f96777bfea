"""Read what pages tell the registry; single out those whose content cannot be read at all.

Called by the projection, and by the gate for what it reads of a batch. An editor's transaction fails with whatever the page
raises; the worker goes on without the page.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, DataError, transaction
from wagtail.models import Page

from cluster.resources.entry import RegistryEntry

logger = logging.getLogger(__name__)
# Page id → entry, page type and digest of its facts.
Entries = dict[int, tuple[RegistryEntry, str, str]]
ColumnOf = Callable[[Page], Any]
K = TypeVar("K")
V = TypeVar("V")


def read_entries(column_of: ColumnOf, pages: Iterable[Page]) -> Entries:
    """Return the entries of those of the pages that belong in the registry."""
    by_type: dict[int, list[int]] = defaultdict(list)
    for page in pages:
        by_type[page.content_type_id].append(page.pk)
    found = {}
    for type_id, page_ids in by_type.items():
        model = ContentType.objects.get_for_id(type_id).model_class()
        if model is None or not hasattr(model, "registry_queryset"):
            continue
        for page in model.registry_queryset().filter(pk__in=page_ids):
            entry = page.registry_entry(column_of(page))
            if entry is not None:
                found[page.pk] = (entry, model._meta.label, page.facts_digest())
    return found


def sort_out(read: Callable[[list[Page]], dict[K, V]], pages: Iterable[Page]) -> tuple[dict[K, V], list[Page]]:
    """Return what `read` makes of the pages, and those whose content cannot be read; one of these keeps no other out."""
    pages = list(pages)
    try:
        with transaction.atomic():
            return read(pages), []
    except Exception as error:
        if not is_of_the_content(error):
            raise
        if len(pages) == 1:
            logger.exception("页面 %s 的内容无法读取", pages[0].pk)
            return {}, pages
    found: dict[K, V] = {}
    unreadable: list[Page] = []
    for page in pages:
        theirs, broken = sort_out(read, [page])
        found |= theirs
        unreadable += broken
    return found, unreadable


def is_of_the_content(error: Exception) -> bool:
    """Whether it is the content that raises this; database, disk and memory say nothing of a page, and are tried again."""
    return isinstance(error, DataError) or not isinstance(error, DatabaseError | OSError | MemoryError)
