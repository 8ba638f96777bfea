"""Generations: a deployment begins one, the one before stays as a fall-back, and no process of older code comes between."""

import os
import subprocess
import sys
import time

import pytest
from django.conf import settings

from cluster.edge import generation, keys
from cluster.edge.entries import Touch
from cluster.edge.store import Store
from cluster.subsites.models import Subsite
from tests.support.edging import Front

# Loads a program, then changes what the disk holds; tells the name at once and later, and that of a program loaded later.
STORY = """
import importlib, sys
import django
django.setup()
importlib.import_module(sys.argv[1])
from cluster.edge import generation
of_this = generation.product_generation.__wrapped__()
generation._shaping_files = lambda: iter(())
generation._installed_packages = lambda: ["wagtail-99.dist-info"]
print(of_this, generation.product_generation(), generation.product_generation.__wrapped__())
"""


def test_a_deployment_begins_anew_and_keeps_the_old_copies_as_a_fall_back(edge: Front, alpha: Subsite) -> None:
    edge.get(alpha, "/")
    old = edge.store
    (home,) = old.index.entries_of(alpha.schema_name)
    new = Store(old.root, "0123456789abcdef")
    assert new.find(home.address) is None
    assert new.find(home.address, link="previous") is not None
    assert not old.is_current, "processes of the old code store nothing more"
    new.touch([Touch(keys.record(alpha.schema_name), gone=True)])
    assert new.find(home.address, link="previous") is None
    newest = Store(old.root, "fedcba9876543210")
    assert not (old.root / old.generation).exists(), "only one is kept"
    newest.index.connections.close()
    new.index.connections.close()


def test_a_process_of_an_earlier_deployment_that_wakes_late_turns_nothing_back(
    edge: Front, alpha: Subsite, beta: Subsite
) -> None:
    """A worker forked from the old master opens the store at its first page, long after the new code began its own."""
    edge.get(alpha, "/")
    edge.get(beta, "/")
    loaded = time.time()
    new = Store(edge.store.root, "f" * 16)
    late = Store(edge.store.root, edge.store.generation, loaded_at=loaded - 1)
    assert (new.is_current, late.is_current) == (True, False)
    assert len(late.index.entries_of()) == 2, "nor does it forget the fall-back"
    newer = Store(edge.store.root, "e" * 16, loaded_at=time.time())
    assert newer.is_current
    for store in (new, late, newer):
        store.index.connections.close()


def test_a_clock_that_was_set_back_keeps_no_deployment_out(edge: Front, alpha: Subsite) -> None:
    edge.get(alpha, "/")
    future = time.time() + 3600
    os.utime(edge.store.root / "current", (future, future), follow_symlinks=False)
    new = Store(edge.store.root, "f" * 16)
    assert new.is_current
    new.index.connections.close()


@pytest.mark.parametrize("program", ["cluster.wsgi", "cluster.edge.agent"])
def test_the_code_is_named_when_it_is_loaded(program: str) -> None:
    """What lies on the disk later, or is installed then, names the next generation."""
    run = subprocess.run(
        [sys.executable, "-c", STORY, program], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    at_once, later, of_others = run.stdout.split()
    assert at_once == later != of_others


@pytest.mark.parametrize("what", ["_shaping_files", "_installed_packages"])
def test_other_code_and_other_packages_are_another_generation(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = generation.product_generation.__wrapped__()
    assert generation.product_generation.__wrapped__() == now
    before = list(getattr(generation, what)())
    assert len(before) > 50
    monkeypatch.setattr(generation, what, lambda: before[:-1])
    assert generation.product_generation.__wrapped__() != now


def test_an_undone_deployment_does_not_find_its_old_copies(edge: Front, alpha: Subsite) -> None:
    edge.get(alpha, "/")
    old = edge.store
    (home,) = old.index.entries_of(alpha.schema_name)
    Store(old.root, "0123456789abcdef").index.connections.close()
    again = Store(old.root, old.generation)
    assert again.find(home.address) is None
    assert again.index.entries_of(alpha.schema_name) == []
    again.index.connections.close()
