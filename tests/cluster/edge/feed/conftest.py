"""Fixtures: a server that is registered, and an article in each site with all pages that show it stored."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from cluster.subsites.models import Subsite
from sites.content.models import ArticlePage
from tests.support.articles import publish_article
from tests.support.edge import EdgeBox
from tests.support.working import work_until_idle

PATHS = ("/", "/dtyw/", "/dtyw/rss/")


@pytest.fixture
def east(living: tuple[Subsite, Subsite], tmp_path: Path) -> EdgeBox:
    """Return a server that hears of changes."""
    box = EdgeBox("east", tmp_path / "east")
    box.catch_up()
    return box


@dataclass
class Stored:
    """Two sites with an article of the same place in each; everything that shows them is stored."""

    east: EdgeBox
    alpha: Subsite
    beta: Subsite
    ours: ArticlePage
    theirs: ArticlePage

    @property
    def path(self) -> str:
        """The address of alpha's article."""
        return f"/dtyw/{self.ours.slug}/"

    def visit_all(self) -> None:
        """Have everything stored that shows the two articles."""
        for site, page in ((self.alpha, self.ours), (self.beta, self.theirs)):
            for path in (*PATHS, f"/dtyw/{page.slug}/"):
                assert self.east.visit(site, path).status_code == 200
                assert self.east.text(site, path) is not None, (site.code, path)


@pytest.fixture
def stored(living: tuple[Subsite, Subsite], east: EdgeBox) -> Stored:
    """Publish in both sites and read every page that shows it."""
    alpha, beta = living
    ours, theirs = publish_article(alpha, "甲县的春耕安排"), publish_article(beta, "乙市的春耕安排")
    work_until_idle()
    east.catch_up()
    found = Stored(east, alpha, beta, ours, theirs)
    found.visit_all()
    return found
