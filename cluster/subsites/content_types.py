"""Keep what Django remembers of content types apart by thread: their numbers differ from site to site.

django-tenants empties Django's memory at each change of the site, but there is one memory for all threads of a process: a
thread in another site fills it again meanwhile (leaks L4 and L5 of the platform notes). Called by SubsitesConfig.ready.
"""

import threading
from typing import Any

from django.contrib.contenttypes.models import ContentType


class MemoryOfThread(threading.local):
    """The dictionary that ContentTypeManager works with, another one in each thread."""

    def __init__(self) -> None:
        self.known: dict[str, dict[Any, ContentType]] = {}

    def __getitem__(self, database: str) -> dict[Any, ContentType]:
        return self.known[database]

    def setdefault(self, database: str, empty: dict[Any, ContentType]) -> dict[Any, ContentType]:
        """Return the database's part, made now if it is missing."""
        return self.known.setdefault(database, empty)

    def clear(self) -> None:
        """Forget what this thread remembers; called at each change of the site."""
        self.known.clear()


def keep_apart() -> None:
    """Replace the memory of the default manager, which all of Django and Wagtail ask."""
    ContentType.objects._cache = MemoryOfThread()  # type: ignore[attr-defined]
