"""The same title in two sites; what happens to alpha's must leave beta's row as it was."""

from collections.abc import Iterator

import pytest

from cluster.subsites.models import Subsite
from sites.content.models import ArticlePage
from tests.support.articles import publish_article
from tests.support.registry import is_published, row_of
from tests.support.working import work_until_idle

Pair = tuple[Subsite, Subsite, ArticlePage, ArticlePage]


@pytest.fixture
def pair(living: tuple[Subsite, Subsite]) -> Pair:
    """Return alpha, beta and an article of the same title in each."""
    alpha, beta = living
    pages = publish_article(alpha, "春耕备耕安排"), publish_article(beta, "春耕备耕安排")
    work_until_idle()
    return alpha, beta, *pages


@pytest.fixture
def beta_untouched(pair: Pair) -> Iterator[None]:
    """Fail if beta's row moved while alpha was changed."""
    _, beta, _, theirs = pair
    before = row_of(beta, theirs).version
    yield
    work_until_idle()
    assert row_of(beta, theirs).version == before
    assert is_published(beta, theirs)
