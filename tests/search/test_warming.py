"""What gunicorn's hook loads before it forks: asked in a process of its own, where nothing was loaded yet."""

import json
import subprocess
import sys

from django.conf import settings

# Tells before and after the hook how many entries each memory has, and which connections are open.
STORY = """
import json, sys
import cluster.wsgi
from cluster.settings import env
hook = {}
exec((env.REPO_DIR / "deploy" / "gunicorn.conf.py").read_text(), hook)
assert hook["preload_app"]

def tell():
    from django.conf import settings
    from django.db import connections
    from django.urls import get_resolver
    from search import normalize, pinyin, vocabulary
    memories = {
        "fold": normalize._fold_table, "readings": pinyin._readings, "phrases": pinyin._exceptions,
        "syllables": pinyin._known_syllables, "words": vocabulary.everyday_words,
    }
    counts = {name: memory.cache_info().currsize for name, memory in memories.items()}
    for name in (settings.ROOT_URLCONF, settings.CONSOLE_URLCONF):
        counts[name] = int(get_resolver(name)._populated)
    counts["views"] = int("search.views" in sys.modules)
    counts["client"] = int("elasticsearch" in sys.modules)
    return counts, [alias.connection is not None for alias in connections.all(initialized_only=True)]

before, _ = tell()
hook["when_ready"](None)
after, open_connections = tell()
print(json.dumps([before, after, open_connections]))
"""


def test_everything_is_loaded_before_the_fork_and_no_connection_is_shared():
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", STORY],
        capture_output=True, text=True, check=False, cwd=settings.BASE_DIR, timeout=120,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    before, after, open_connections = json.loads(told.stdout.splitlines()[-1])
    # The console's own addresses and the memories are empty in a process that nobody has asked yet.
    assert {name for name in ("fold", "readings", "phrases", "syllables", "words") if before[name]} == set()
    assert {name for name, count in after.items() if not count} == set()
    assert not any(open_connections)


def test_the_database_is_not_asked_however_often_it_is_called():
    """Without the `db` fixture every query fails this test."""
    from search.warming import warm_up

    warm_up()
    warm_up()
