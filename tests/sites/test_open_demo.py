"""The command open_demo as `make run` calls it: opens, fills, tells the log-ins, and may be run again."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cluster.context import in_site
from cluster.staff.models import Person
from cluster.subsites.models import Subsite
from sites.content.demo import articles, planter
from sites.content.demo.sources import SiteLine
from sites.content.management.commands import open_demo
from sites.content.models import ArticlePage

Run = Callable[[], str]
LINES = [
    SiteLine("alpha", "甲县人民政府", "county", "230184"),
    SiteLine("gamma", "黑龙江省教育厅", "department", "230000", "", "2300000004"),
    SiteLine("console", "控制台", "console", "230000"),
]


@pytest.fixture
def run(
    living: tuple[Subsite, Subsite], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], str]]:
    """Give a function that runs the command for three sites and returns its output."""
    monkeypatch.setattr(open_demo, "site_lines", lambda cluster: LINES)
    monkeypatch.setattr(open_demo, "SOBER", articles.Amount(news=2, others=1, has_files=False))

    def command() -> str:
        out = io.StringIO()
        path = tmp_path / "demo-accounts.json"
        call_command("open_demo", sites="demo", accounts=path, stdout=out, stderr=io.StringIO())
        return out.getvalue()

    yield command
    with in_site(living[0]):
        ArticlePage.objects.all().delete()  # at once; the general cleaning takes them one by one


def test_opens_fills_and_tells(run: Run, tmp_path: Path) -> None:
    """A new site beside a living one: footer plainly invented, columns filled, log-ins written."""
    said = run()
    assert "新开通 1 个，已有 2 个" in said
    gamma = Subsite.objects.get(code="gamma")
    assert "虚构" in gamma.undertaker
    assert "演示" in gamma.address
    assert gamma.short_name == "省教育厅"
    roles = [(entry["site"], entry["role"]) for entry in json.loads((tmp_path / "demo-accounts.json").read_text())]
    assert roles.count(("gamma", "publisher")) == 1
    assert [role for site, role in roles if site == "console"] == ["office", "inspector"]
    with in_site(gamma):
        assert ArticlePage.objects.count() > 20


def test_second_run_adds_nothing_and_restores_nothing(
    run: Run, living: tuple[Subsite, Subsite], tmp_path: Path
) -> None:
    """What an editor deleted in between stays deleted, passwords stay as they were."""
    alpha, _ = living
    run()
    told = (tmp_path / "demo-accounts.json").read_bytes()
    people = Person.objects.count()
    with in_site(alpha):
        for article in ArticlePage.objects.filter(url_path__contains="/tzgg/"):
            article.delete()
        left = ArticlePage.objects.count()
    said = run()
    assert "新开通 0 个" in said
    assert "新发布 0 篇" in said
    assert (tmp_path / "demo-accounts.json").read_bytes() == told
    assert Person.objects.count() == people
    with in_site(alpha):
        assert ArticlePage.objects.count() == left


def test_killed_while_publishing_goes_on_where_it_stopped(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site that was done is not touched again; the one that was not is filled."""
    plant = planter.plant_articles

    def dying(site: Subsite, *args: object) -> int:
        if site.code == "gamma":
            raise KeyboardInterrupt
        return plant(site, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(planter, "plant_articles", dying)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.setattr(planter, "plant_articles", plant)
    with in_site(Subsite.objects.get(code="alpha")):
        before = set(ArticlePage.objects.values_list("pk", flat=True))
    run()
    with in_site(Subsite.objects.get(code="alpha")):
        assert set(ArticlePage.objects.values_list("pk", flat=True)) == before
    with in_site(Subsite.objects.get(code="gamma")):
        assert ArticlePage.objects.count() > 20


def test_missing_folder_is_one_sentence(tmp_path: Path, db: None) -> None:
    """The path must lie in a folder that exists."""
    with pytest.raises(CommandError, match="请先建立"):
        call_command("open_demo", accounts=tmp_path / "none" / "accounts.json")


def test_broken_account_file_is_one_sentence(run: Run, tmp_path: Path) -> None:
    """The command stops and says what to do; the file is not overwritten."""
    (tmp_path / "demo-accounts.json").write_text("spoiled")
    with pytest.raises(CommandError, match="无法识别"):
        run()
    assert (tmp_path / "demo-accounts.json").read_text() == "spoiled"
