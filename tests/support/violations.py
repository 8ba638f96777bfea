"""The listing of violating actions, tests/VIOLATIONS.md: what is tried on which road against lock and gate, each beside its twin.

The lock's deeds and the gate's roads are tables of their own; what a test walks without a table it names with `twinned`.
tests/architecture/test_violations.py compares listing and tables; `python -m tests.support.violations` writes it.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., None])
# Those that the issue names, then those that came with looking closer.
ROADS = (
    *("form", "bulk action", "copy", "move", "schedule", "API", "save()", "QuerySet.update()", "QuerySet.delete()"),
    *("raw SQL", "add_child", "alias", "import", "workflow"),
    *("publish", "unpublish", "delete", "history", "restriction"),
)
LOCK, GATE = "lock", "gate"
# Where a road cannot lead, and why.
NONE = {
    (LOCK, "import"): "writes items alone, columns never",
    (GATE, "unpublish"): "takes away, which is free",
    (GATE, "delete"): "takes away, which is free",
    (GATE, "restriction"): "hides, which is free",
}
LISTING = Path(__file__).parent.parent / "VIOLATIONS.md"
HEAD = """# Violating actions

What is tried against the lock on planted columns and against the publish gate, road by road. Each stands in a test beside its
allowed twin: the same deed where it is permitted. Written by `python -m tests.support.violations`; a test compares it with the
tables of deeds.

"""
_GATE_TESTS = (
    "test_roads",
    "test_schedules",
    "test_batches",
    "test_admin_roads",
    "test_api_roads",
    "test_rechecking",
    "test_taking",
    "test_unreadable",
    "test_partly_unreadable",
    "test_reasons",
    "test_not_entered",
)
_named: list[str] = []


def twinned(*names: str) -> Callable[[Test], Test]:
    """Enter what the test walks against the gate, as "<road>: <what>"."""

    def enter(test: Test) -> Test:
        _named.extend(names)
        return test

    return enter


def violations() -> dict[str, list[str]]:
    """Return law → what is tried against it."""
    deeds = import_module("tests.sites.columns.lock.deeds")
    taking = import_module("tests.sites.columns.lock.test_places").TAKING
    modules = [import_module(f"tests.sites.common.gate.{name}") for name in _GATE_TESTS]
    roads = import_module("tests.sites.common.gate.roads").ROADS
    places = modules[_GATE_TESTS.index("test_taking")].ROADS
    return {
        LOCK: [*deeds.DEEDS, *deeds.DRAFTS, *deeds.PLACINGS, *taking],
        GATE: [*roads, *places, *_named],
    }


def on(road: str, names: Iterable[str]) -> list[str]:
    """Return what of these is tried on the road, without the road's name, in an order of their own."""
    return sorted(what for one in names for begin, _, what in [one.partition(": ")] if begin == road)


def listing() -> str:
    """Return the listing as it should stand."""
    tried = violations()
    lines = [HEAD + "| road | lock | gate |", "|---|---|---|"]
    lines += [f"| {road} | {' | '.join(_cell(law, road, tried[law]) for law in (LOCK, GATE))} |" for road in ROADS]
    return "\n".join([*lines, f"| **all** | **{len(tried[LOCK])}** | **{len(tried[GATE])}** |", ""])


def _cell(law: str, road: str, names: list[str]) -> str:
    found = on(road, names)
    return f"{len(found)}: {'; '.join(found)}" if found else NONE.get((law, road), "")


if __name__ == "__main__":
    import django

    django.setup()
    # By its own name: what the tests enter, they enter there and not into this copy.
    own = import_module("tests.support.violations")
    LISTING.write_text(own.listing(), encoding="utf-8")
