"""The same title in two sites and two servers that hear of changes; what happens to alpha's must not name beta."""

from collections.abc import Iterator

import pytest

from cluster.edge.models import EdgeEvent, EdgeServer
from cluster.subsites.models import Subsite
from sites.content.models import ArticlePage
from tests.cluster.edge.events.hearing import SERVERS, forget, told
from tests.support.articles import publish_article
from tests.support.working import work_until_idle

Pair = tuple[Subsite, Subsite, ArticlePage, ArticlePage]


@pytest.fixture
def pair(living: tuple[Subsite, Subsite]) -> Pair:
    """Return alpha, beta and an article of the same title in each; two servers hear what happens from now on."""
    alpha, beta = living
    pages = publish_article(alpha, "春耕备耕安排"), publish_article(beta, "春耕备耕安排")
    work_until_idle()
    EdgeServer.objects.bulk_create(EdgeServer(name=name) for name in SERVERS)
    forget()
    return alpha, beta, *pages


@pytest.fixture(autouse=True)
def _beta_is_not_named(pair: Pair) -> Iterator[None]:
    """Fail if a change of alpha told anything of beta, or the two servers different things."""
    yield
    work_until_idle()
    names = list(EdgeEvent.objects.filter(server=SERVERS[0]).values_list("key", flat=True))
    assert [name for name in names if "beta" in name] == []
    assert told(server=SERVERS[0]) == told(server=SERVERS[1])
