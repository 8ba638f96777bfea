"""An index of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.edge.index.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """Return an empty index."""
    shelf = Shelf(tmp_path / "store" / "index.sqlite3")
    yield shelf
    shelf.index.connections.close()
