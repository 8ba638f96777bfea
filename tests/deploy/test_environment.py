"""What the product's processes and the record of a run get to know of the caller's shell."""

import re
from pathlib import Path

import pytest

from deploy.launcher.environment import RECORDED, environment
from deploy.launcher.options import REPO, Options


def test_what_would_disturb_stays_out_and_the_rest_comes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PYTHONPATH", "DJANGO_SETTINGS_MODULE", "MAKEFLAGS", "GUNICORN_CMD_ARGS", "QUNZHAN_ROLE"):
        monkeypatch.setenv(name, "disturbs")
    monkeypatch.setenv("ELASTICSEARCH_API_KEY", "key")
    env = environment(Options(var=tmp_path, port=8123), settings="cluster.settings.dev")
    assert "disturbs" not in env.values()
    assert (env["VAR"], env["PORT"], env["ELASTICSEARCH_API_KEY"]) == (str(tmp_path), "8123", "key")


def test_a_second_terminal_is_told_every_variable_that_says_where_things_are() -> None:
    read = set()
    for path in (REPO / "cluster" / "settings").glob("*.py"):
        read |= set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', path.read_text(encoding="utf-8")))
    places = {name for name in read if name.endswith(("_URL", "_KEY", "_PREFIX", "_SUFFIX", "_SCHEME"))}
    assert places <= set(RECORDED)
