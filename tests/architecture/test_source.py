"""The source itself: migrations that keep up, no forgotten rooms, no trace of the machine on which it was written."""

import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
ROOMS = ("cluster", "sites", "search", "tests", "deploy", "templates")
# Written in parts, so that this file does not contain what it looks for.
FORBIDDEN = [
    "/" + "work/",
    "/tmp/" + "plan",
    "/" + "root/",
    r"\bpy" + r"pi\.org",
    "python" + "hosted",
    r"repo1?\." + "maven",
    "maven" + r"\.apache\.org/maven2",
    "npm" + "js",
    "(extra-)?index" + "-url",
    r"https?://" + r"(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.\d",
]
VAGUE = {"utils.py", "helpers.py", "misc.py", "common_utils.py", "helper.py"}


def _files() -> list[Path]:
    """Return the files of the repository; without git, all in its rooms."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    return [
        path
        for path in [*ROOT.glob("*.*"), *(path for room in ROOMS for path in (ROOT / room).rglob("*"))]
        if path.is_file() and "__pycache__" not in path.parts and "var" not in path.parts
    ]


def _texts() -> list[tuple[Path, str]]:
    texts = []
    for path in _files():
        data = path.read_bytes()
        if b"\x00" not in data:
            texts.append((path.relative_to(ROOT), data.decode("utf-8", "replace")))
    return texts


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    out = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=out)
    assert out.getvalue().strip() in {"No changes detected", "没有检测到更改"}, out.getvalue()


@pytest.mark.django_db
def test_django_finds_nothing_wrong() -> None:
    call_command("check", "--fail-level", "WARNING")


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_no_trace_of_a_machine_or_a_registry(pattern: str) -> None:
    """Whoever clones the repository has other folders and reaches packages by other roads."""
    found = [str(path) for path, text in _texts() if re.search(pattern, text)]
    assert found == []


def test_the_forbidden_patterns_find_what_they_look_for() -> None:
    sample = "see /" + "work/main, pip install --index" + "-url https://py" + "pi.org/simple, http://" + "10.0.0.1:8080"
    assert sum(bool(re.search(pattern, sample)) for pattern in FORBIDDEN) == 4


def test_no_room_without_a_name() -> None:
    assert [str(path) for path, _ in _texts() if path.name in VAGUE] == []


@pytest.mark.parametrize("room", ROOMS[:4])
def test_every_package_says_what_it_holds(room: str) -> None:
    """Ruff asks for the docstring of modules; an empty __init__ is allowed only where Django asks for the folder."""
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / room).rglob("__init__.py")
        if not path.read_text().lstrip().startswith('"""')
        and not {"migrations", "management", "commands", "templatetags"} & set(path.parts)
    ]
    assert silent == []


def test_no_site_is_named_in_code() -> None:
    """Variation is data: `if site.code == "harbin"` is refused; the console is a kind, not a code."""
    pattern = re.compile(r"\.code\s*(==|!=|in)\s*[\[({]?\s*[\"']")
    found = [
        str(path)
        for path, text in _texts()
        if path.suffix == ".py" and path.parts[0] in ROOMS[:3] and pattern.search(text)
    ]
    assert found == []


def test_schemas_are_entered_by_the_one_door() -> None:
    """Outside of cluster/context.py nobody switches the connection by hand, but for those who make the door."""
    makers = {
        "cluster/context.py",
        "cluster/middleware.py",
        "cluster/postgresql/base.py",
        "cluster/subsites/migration.py",
        "cluster/worker/loop.py",
    }
    pattern = re.compile(r"connection\.set_(schema|tenant)|schema_context|tenant_context")
    found = {
        str(path)
        for path, text in _texts()
        if path.parts[0] in ROOMS[:3] and path.suffix == ".py" and pattern.search(text)
    }
    assert found - makers == set()
