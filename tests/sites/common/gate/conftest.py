"""Two living sites whose notices (tzgg) must carry a summary, and should carry keywords."""

import pytest

from cluster.subsites.models import Subsite
from sites.content.models import ArticlePage
from tests.support.articles import publish_article
from tests.support.laws import GiveRules, demand, give_rules
from tests.support.registry import is_published, row_of
from tests.support.working import work_until_idle

__all__ = ["give_rules"]
REFUSAL, WARNING = demand("tzgg", "summary"), demand("tzgg", "keywords", "warning")
GOOD = {"summary": "一句话摘要", "keywords": "供暖"}
BAD, WARNED = {**GOOD, "summary": ""}, {**GOOD, "keywords": ""}


@pytest.fixture
def ruled_pair(living: tuple[Subsite, Subsite], give_rules: GiveRules) -> tuple[Subsite, Subsite]:
    """Return alpha and beta under the rules; in both a good notice is published, whose row in beta must stay as it is."""
    give_rules(tzgg=(REFUSAL, WARNING))
    alpha, beta = living
    theirs = publish_article(beta, "乙市的通知", column="tzgg", **GOOD)
    work_until_idle()
    before = row_of(beta, theirs).version
    yield alpha, beta
    work_until_idle()
    assert row_of(beta, theirs).version == before
    assert is_published(beta, theirs)


@pytest.fixture
def ours(ruled_pair: tuple[Subsite, Subsite]) -> ArticlePage:
    """Return a good notice of alpha, live."""
    return publish_article(ruled_pair[0], "甲县的通知", column="tzgg", **GOOD)
