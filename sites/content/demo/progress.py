"""Remember which sites have had their demonstration content, so that what an editor deletes stays deleted.

A small JSON file beside the accounts, read and written by the command. A site opened anew (another database) counts
as another site.
"""

import json
from pathlib import Path

from cluster.subsites.models import Subsite


class PlantedSites:
    """The sites that are done, in one file; a lost or broken file only means that empty columns are filled again."""

    def __init__(self, path: Path) -> None:
        """Read the file, if it is there."""
        self.path = path
        try:
            self._done: dict[str, str] = dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self._done = {}

    def has(self, site: Subsite) -> bool:
        """Tell whether this very site is done."""
        return self._done.get(site.code) == site.created_at.isoformat()

    def add(self, site: Subsite) -> None:
        """Note a site, replacing the file as a whole."""
        self._done[site.code] = site.created_at.isoformat()
        draft = self.path.with_name(self.path.name + ".new")
        draft.write_text(json.dumps(self._done, indent=1), encoding="utf-8")
        draft.replace(self.path)
