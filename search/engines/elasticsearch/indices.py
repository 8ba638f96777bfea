"""The indices behind the alias: make one, point the alias at it, remove what a killed rebuild left.

Called by the engine, search.rebuild and the tests.
"""

from datetime import UTC, datetime

from elasticsearch import Elasticsearch

from search.engines.elasticsearch.errors import translated
from search.engines.elasticsearch.mapping import index_body


class Indices:
    """Everything about indices as such; documents are the engine's."""

    def __init__(self, client: Elasticsearch, alias: str) -> None:
        self.client, self.alias, self.next_alias = client, alias, f"{alias}-next"

    def exist(self) -> bool:
        """Tell whether the alias points at an index."""
        with translated():
            return bool(self.client.indices.exists_alias(name=self.alias))

    def create_next(self) -> str:
        """Make an empty index under the next alias, which a rebuild killed after its swap left on another; return its name."""
        name = f"{self.alias}-{datetime.now(UTC):%Y%m%d%H%M%S%f}"
        with translated():
            for left in self._behind(self.next_alias):
                self.client.indices.delete_alias(index=left, name=self.next_alias)
            self.client.indices.create(index=name, aliases={self.next_alias: {}}, **index_body())
        return name

    def swap(self, name: str) -> list[str]:
        """Point the alias at the index in one step; return the indices it pointed at before."""
        with translated():
            before = self._behind(self.alias)
            self.client.indices.update_aliases(
                actions=[
                    {"add": {"index": name, "alias": self.alias}},
                    *({"remove": {"index": old, "alias": self.alias}} for old in before if old != name),
                ]
            )
        return [old for old in before if old != name]

    def drop_next_alias(self, name: str) -> None:
        """End the double writing into an index that now stands behind the alias itself."""
        with translated():
            self.client.indices.delete_alias(index=name, name=self.next_alias)

    def remove(self, names: list[str]) -> None:
        """Remove indices by name."""
        if names:
            with translated():
                self.client.indices.delete(index=",".join(names), ignore_unavailable=True)

    def leftovers(self) -> list[str]:
        """Return the indices of this prefix that the alias does not point at: what killed rebuilds left."""
        with translated():
            made = self.client.indices.get(index=f"{self.alias}-2*", allow_no_indices=True, features="aliases").body
        return sorted(name for name, about in made.items() if self.alias not in about["aliases"])

    def _behind(self, alias: str) -> list[str]:
        if not self.client.indices.exists_alias(name=alias):
            return []
        return sorted(self.client.indices.get_alias(name=alias).body)

    def remove_all(self) -> None:
        """Remove every index of this prefix: for tests and for taking an installation down."""
        with translated():
            made = self.client.indices.get(index=f"{self.alias}-2*", allow_no_indices=True, features="aliases").body
        self.remove(sorted(made))
