"""Find rows of the database that the process remembers: in function caches and in the globals of modules."""

import functools
import gc
import sys
from collections.abc import Iterator
from typing import Any

from django.db.models import Model, QuerySet

WATCHED = (
    "cluster",
    "sites",
    "search",
    "wagtail",
    "modelcluster",
    "modelsearch",
    "taggit",
    "django_tenants",
    "django.contrib",
)
DEPTH = 4


def _rows_in(value: Any, depth: int = DEPTH) -> Iterator[Model]:
    kind = type(value)  # isinstance would wake lazy objects, and those ask the database
    if issubclass(kind, Model):
        if value._state.db is not None:
            yield value
    elif issubclass(kind, QuerySet):
        yield from _rows_in(value._result_cache or [], depth - 1)
    elif depth and issubclass(kind, dict):
        for part in list(value.values()):
            yield from _rows_in(part, depth - 1)
    elif depth and issubclass(kind, list | tuple | set | frozenset):
        for part in list(value):
            yield from _rows_in(part, depth - 1)


def _function_caches() -> Iterator[tuple[str, Any]]:
    for thing in gc.get_objects():
        if type(thing) is functools._lru_cache_wrapper:
            name = f"{thing.__module__}.{thing.__qualname__}"
            # The results of a bounded cache are referents themselves; those of an unbounded one lie in its dictionary.
            yield from ((name, part) for part in gc.get_referents(thing))


def _module_globals() -> Iterator[tuple[str, Any]]:
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in WATCHED or name.startswith("django.contrib."):
            yield from ((f"{name}.{key}", value) for key, value in list(vars(module).items()))


def remembered_rows() -> dict[str, list[Model]]:
    """Return where in the process rows are kept beyond a request, and which."""
    found: dict[str, list[Model]] = {}
    for name, value in [*_function_caches(), *_module_globals()]:
        rows = list(_rows_in(value))
        if rows:
            found.setdefault(name, []).extend(rows)
    return found
