"""Hundreds of random changes with readers in between: afterwards every stored page is what would be rendered now."""

import random

import pytest

from cluster.subsites.models import Subsite
from tests.support.edge import EdgeBox
from tests.support.turmoil import Newsroom

CHANGES = 150


@pytest.mark.timeout(900)
def test_no_stored_page_is_out_of_date(living: tuple[Subsite, Subsite], east: EdgeBox) -> None:
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    rooms = [Newsroom(site, chance) for site in living]
    done: list[str] = []
    with east.here():
        for room in rooms:
            room.set_up()
        for number in range(CHANGES):
            room = chance.choice(rooms)
            done.append(f"{room.site.code} {room.act()}")
            for path in chance.sample(room.paths(), 2):
                assert east.visit(room.site, path).status_code in {200, 301, 302, 404}, (seed, path)
            if number % 7 == 0:
                east.catch_up()
    east.catch_up()
    wrong = east.wrong_pages()
    assert wrong == [], (seed, done[-20:])
    with east.here() as store:
        kept = store.index.entries_of()
    # How many is a matter of chance: the last changes may have been a whole site's.
    assert kept, (seed, done[-20:])
