"""Fixture of the tests that plant demonstration articles for real."""

from collections.abc import Iterator

import pytest

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.content.models import ArticlePage


@pytest.fixture
def planted(living: tuple[Subsite, Subsite]) -> Iterator[tuple[Subsite, Subsite]]:
    """Give the two living sites; afterwards drop all articles at once, for the general cleaning takes them one by one."""
    yield living
    for site in living:
        with in_site(site):
            ArticlePage.objects.all().delete()
