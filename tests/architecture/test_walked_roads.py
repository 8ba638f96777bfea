"""Every road of tests/support/roads.py is walked by the tests of the registry and by those of the page stores."""

import ast
import inspect
from pathlib import Path

import pytest
from django.conf import settings

from tests.support import roads

TESTS = Path(settings.BASE_DIR) / "tests"


def walked(folder: str) -> set[str]:
    """Return the names that the tests of a folder take from the table of roads."""
    trees = [ast.parse(path.read_text()) for path in (TESTS / folder).glob("test_*.py")]
    return {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "roads"
    }


@pytest.mark.parametrize("folder", ["cluster/registry", "cluster/edge/events"])
def test_no_road_is_left_out(folder: str) -> None:
    known = {name for name, road in inspect.getmembers(roads, inspect.isfunction) if road.__module__ == roads.__name__}
    assert len(known) > 25, "the search itself works"
    assert known - walked(folder) == set()
