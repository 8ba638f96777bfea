"""What the repo says of itself is true: variables in the README, the environment read in one place."""

import re
import subprocess

from django.conf import settings

REPO = settings.BASE_DIR
READ = re.compile(r"""env\.(?:text|flag|number|items)\(\s*["']([A-Z_]+)["']""")


def _tracked(*patterns: str) -> list[str]:
    found = subprocess.run(["git", "ls-files", *patterns], cwd=REPO, capture_output=True, text=True, check=True)
    return found.stdout.split()


def test_every_variable_stands_in_the_readme() -> None:
    readme = (REPO / "README.md").read_text()
    names = {name for path in _tracked("*.py") for name in READ.findall((REPO / path).read_text())}
    assert "PORT" in names
    assert {name for name in names if f"`{name}`" not in readme} == set()


def test_the_environment_is_read_in_one_place() -> None:
    # The launcher runs before there are settings; the child that reads attachments knows none; wsgi names the settings.
    allowed = (
        "cluster/settings/env.py",
        "deploy/",
        "tests/",
        "cluster/wsgi.py",
        "manage.py",
        "cluster/resources/extraction/",
    )
    readers = [path for path in _tracked("*.py") if re.search(r"\bos\.(environ|getenv)\b", (REPO / path).read_text())]
    assert "cluster/settings/env.py" in readers
    assert [path for path in readers if not path.startswith(allowed)] == []
