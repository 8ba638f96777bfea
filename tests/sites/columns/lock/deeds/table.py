"""The table of deeds: name → what somebody does to a column of a site. The modules beside fill it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client

from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage


@dataclass
class Scene:
    """The site, its administrator's browser and token."""

    site: Subsite
    client: Client
    token: str

    def api(self, method: str, path: str, **body: Any) -> Any:
        """Ask the API."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return getattr(self.client, method)(
            f"/api/v3/pages/{path}", json.dumps(body), "application/json", headers=headers
        )


Deed = Callable[[Scene, ColumnPage], Any]
Deeds = dict[str, Deed]
# On a planted column refused with the lock's sentence, on one of the site's own done. "<road>: <what>", see tests/VIOLATIONS.md.
DEEDS: Deeds = {}
# Old or forged drafts, published by each road: on a planted column the text comes and what is locked stays, on another all comes.
DRAFTS: Deeds = {}
# Done below a column: where the template opened no place refused, where it did done.
PLACINGS: Deeds = {}


def deed(name: str, table: Deeds = DEEDS) -> Callable[[Deed], Deed]:
    """Put a function into the table."""

    def put(function: Deed) -> Deed:
        assert name not in table, name
        table[name] = function
        return function

    return put
