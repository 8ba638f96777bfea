"""What the repo says of itself is true: variables in the README, the environment read in one place."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# What every program finds in its environment, whoever wrote it.
OF_THE_SYSTEM = {"PATH", "HOME", "LANG", "DEBIAN_FRONTEND", "PGPASSWORD", "TERM"}
# wsgi names the settings; the child that reads attachments knows none.
ALLOWED = ("cluster/settings/env.py", "cluster/wsgi.py", "cluster/resources/extraction/")


def _sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def _reads_environ(path: Path) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_the_environment_is_read_in_one_place() -> None:
    """Ambient switches hidden in modules are found by nobody; cluster.settings.env hands everything over."""
    readers = [str(path.relative_to(ROOT)) for path in _sources("cluster", "sites", "search") if _reads_environ(path)]
    assert [name for name in readers if not name.startswith(ALLOWED)] == []
    assert "cluster/settings/env.py" in readers


def _named_in(path: Path) -> Iterator[str]:
    """Yield the variables that a module reads: env.text("X"), environ.get("X"), environ["X"]."""
    for node in ast.walk(ast.parse(path.read_text())):
        key: ast.expr | None = None
        if isinstance(node, ast.Call) and node.args:
            called = ast.unparse(node.func)
            if re.fullmatch(r"(env\.)?(text|flag|number|items|folder)", called) or called.endswith("environ.get"):
                key = node.args[0]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
            key = node.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def test_every_variable_stands_in_the_table_of_readme() -> None:
    told = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "README.md").read_text()))
    read = {name for path in _sources("cluster/settings", "deploy") for name in _named_in(path)}
    assert {"DATABASE_URL", "VAR", "SECRET_KEY", "PORT"} <= read, "the search itself works"
    assert read - OF_THE_SYSTEM - told == set()


def test_the_table_of_readme_tells_of_nothing_that_is_gone() -> None:
    rows = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row.split("|")[1])}
    places = [ROOT / "Makefile", *_sources("cluster/settings", "deploy"), *_sources("tests")]
    text = "\n".join(path.read_text() for path in places)
    assert {name for name in told if not re.search(rf"\b{name}\b", text)} == set()
