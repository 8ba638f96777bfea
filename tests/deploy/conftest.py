"""Fixtures of the launcher's tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder that the test may not write into; root, who may write everywhere, becomes an ordinary user."""
    tmp_path.chmod(0o500)
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(NOBODY)
    try:
        yield tmp_path
    finally:
        if was_root:
            os.seteuid(0)
        tmp_path.chmod(0o700)
