"""A store filled by hand, and what its sites are called."""

import gzip
from pathlib import Path

from cluster.edge.addresses import file_of
from cluster.edge.entries import Address

ALPHA, BETA, GAMMA = "alpha.localhost", "beta.localhost", "gamma.localhost"
GENERATION, OLD = "a" * 16, "b" * 16


class Shelves:
    """A store filled by hand."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, address: Address, text: str, media_class: str = "html", generation: str = GENERATION) -> None:
        """Lay a copy with its gzip sibling."""
        path = self.root / generation / file_of(address, media_class)
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(f"{path}.gz").write_bytes(gzip.compress(text.encode()))
        path.write_text(text)

    def page(self, path: str, text: str, host: str = ALPHA, query: str = "", variant: str = "n", **more: str) -> None:
        self.put(Address(host, path, query, variant), text, **more)
