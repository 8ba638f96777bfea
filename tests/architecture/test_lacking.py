"""What a machine lacks is passed over at a desk and fails in CI, for the web role as for Elasticsearch and Chromium."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.support.lacking import refuse_or_skip
from tests.support.web_role import need_web_role

TESTS = Path(settings.BASE_DIR) / "tests"


@pytest.mark.parametrize("word", ["true", "1", "yes"])
def test_in_ci_nothing_may_be_lacking(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("CI", word)
    with pytest.raises(pytest.fail.Exception, match="没有这样东西"):
        refuse_or_skip("没有这样东西")


@pytest.mark.parametrize("word", ["", "false"])
def test_elsewhere_it_is_said(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("CI", word)
    with pytest.raises(pytest.skip.Exception, match="没有这样东西"):
        refuse_or_skip("没有这样东西")


def test_the_web_role_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(settings, "DATABASE_WEB_ROLE", "")
    with pytest.raises(pytest.fail.Exception, match="DATABASE_WEB_URL"):
        need_web_role()
    monkeypatch.setattr(settings, "DATABASE_WEB_ROLE", "anybody")
    need_web_role()


def test_no_test_skips_for_it_by_itself() -> None:
    """One that does would be green in CI without having looked."""
    here = Path(__file__)
    sources = {path: path.read_text() for path in TESTS.rglob("*.py") if path != here}
    assert [path.name for path, text in sources.items() if "DATABASE_WEB_ROLE" in text and "skip" in text] == [
        "web_role.py"
    ]
    connecting = [path for path, text in sources.items() if "as_web()" in text and path.name != "web_role.py"]
    assert len(connecting) > 3, "the search itself works"
    assert [path.name for path in connecting if "mark.web_role" not in sources[path]] == []
