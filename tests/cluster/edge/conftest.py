"""The store of one test: turned on, in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.support.edging import Front


@pytest.fixture
def edge(tmp_path: Path, settings: Settings) -> Iterator[Front]:
    """Return the application with the store in front of it."""
    settings.EDGE_ENABLED = True
    settings.EDGE_ROOT = tmp_path / "store"
    front = Front()
    yield front
    front.store.index.connections.close()
