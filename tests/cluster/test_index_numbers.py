"""Index numbers: their forms, one for each document, unique in the cluster, never given twice, drawn without a race."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from cluster.resources.index_numbers import (
    Document,
    IndexNumberRefused,
    claim,
    draw,
    is_well_formed,
    normal_number,
    refusal_of,
    settle,
    taken_by_others,
)
from cluster.resources.models import IndexNumber
from cluster.subsites.models import Subsite
from cluster.subsites.services import close_site

DAY = date(2026, 11, 23)


def document(site: Subsite, title: str = "一份文件") -> Document:
    return Document(uuid.uuid4(), title, site)


@pytest.mark.parametrize(
    "number",
    [
        "2301840001/2026-00001",
        "bm64130001/2026-00001",
        "000014349/2017-00110",
        "11441700007280420Y/2021-00050",
        "11440000006940300K/202105-00050",
    ],
)
def test_numbers_of_every_form_are_taken(number: str) -> None:
    assert is_well_formed(number)


@pytest.mark.parametrize(
    "number",
    [
        "2301840001/2026-1",
        "2301840001-2026-00001",
        "230184/2026-00001",
        "2301840001/1826-00001",
        "2301840001/202613-00001",
        "11441700007280420X/2021-00050",  # the check sign is Y
        "2301840001/2026-00001\n",
        "",
    ],
)
def test_others_are_refused(number: str) -> None:
    assert not is_well_formed(number)


def test_lookalike_signs_are_meant_as_the_plain_ones() -> None:
    assert normal_number(" 11441700007280420y／2021－00050") == "11441700007280420Y/2021-00050"
    assert normal_number("bm64130001/2026—00001") == "bm64130001/2026-00001"


def test_each_site_counts_by_itself_and_by_year(alpha: Subsite, beta: Subsite) -> None:
    first, second, other = (settle(document(site), "", DAY) for site in (alpha, alpha, beta))
    assert first.startswith("2301840001/2026-")
    assert int(second[-5:]) == int(first[-5:]) + 1
    assert other.startswith("2302000001/2026-")
    assert settle(document(alpha), "", date(1999, 1, 1)) == "2301840001/1999-00001"


def test_a_document_keeps_its_number(alpha: Subsite) -> None:
    """Also where the page forgot it: after a restore of the site's schema, or withdrawn and published again."""
    paper = document(alpha)
    number = settle(paper, "", DAY)
    assert settle(paper, "", date(2027, 1, 4)) == number
    assert settle(paper, number, DAY) == number


def test_a_number_of_another_document_is_refused(alpha: Subsite, beta: Subsite) -> None:
    number = settle(document(alpha), "", DAY)
    for thief in (document(alpha), document(beta)):
        with pytest.raises(IndexNumberRefused, match="已经给了另一份文件"):
            settle(thief, number, DAY)
        assert taken_by_others({thief.key: number}) == {thief.key}


def test_another_sites_future_numbers_cannot_be_taken(alpha: Subsite, beta: Subsite) -> None:
    number = "2301840001/2030-00007"
    assert "另一个网站的标识码" in refusal_of(document(beta), number)
    assert refusal_of(document(alpha), number) == ""


def test_a_number_brought_along_is_claimed_and_passed_over_by_the_count(alpha: Subsite) -> None:
    first = int(settle(document(alpha), "", DAY)[-5:])
    claim(document(alpha), f"2301840001/2026-{first + 1:05d}")
    assert int(draw(document(alpha), DAY)[-5:]) == first + 2
    claim(document(alpha), "000014349/2017-00110")


def test_a_site_without_a_code_is_told_what_to_do(alpha: Subsite) -> None:
    alpha.id_code = ""
    with pytest.raises(IndexNumberRefused, match="还没有登记网站标识码"):
        settle(document(alpha), "", DAY)
    assert settle(document(alpha), "000014349/2017-00111", DAY)


def test_the_last_number_of_a_year(alpha: Subsite) -> None:
    claim(document(alpha), "2301840001/2001-99998")
    IndexNumber.objects.bulk_create(
        [
            IndexNumber(
                number="2301840001/2001-99997",
                document=uuid.uuid4(),
                site_code="alpha",
                prefix="2301840001",
                year=2001,
                serial=99997,
                is_generated=True,
            )
        ]
    )
    assert draw(document(alpha), date(2001, 1, 1)) == "2301840001/2001-99999"
    with pytest.raises(IndexNumberRefused, match="已经用完"):
        draw(document(alpha), date(2001, 1, 1))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE resources_indexnumber SET document = gen_random_uuid()",
        "DELETE FROM resources_indexnumber",
        "TRUNCATE resources_indexnumber",
    ],
)
def test_the_table_only_grows(alpha: Subsite, statement: str) -> None:
    settle(document(alpha), "", DAY)
    with pytest.raises(DatabaseError, match="索引号一经取用"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_closure_of_a_site_leaves_its_numbers(alpha: Subsite, beta: Subsite) -> None:
    number = settle(document(alpha), "", DAY)
    close_site(alpha, reason="整合")
    assert IndexNumber.objects.filter(number=number, site_code="alpha").exists()
    assert refusal_of(document(beta), number)


def _in_threads(count: int, work) -> list[str]:
    start = threading.Barrier(count)

    def run(_: int) -> str:
        start.wait()
        try:
            with transaction.atomic():
                return work()
        except IndexNumberRefused as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_eight_at_once_get_eight_numbers_without_a_gap(living) -> None:
    alpha, _ = living
    year = date(2031, 5, 5)
    found = _in_threads(8, lambda: settle(document(alpha), "", year))
    serials = sorted(int(number[-5:]) for number in found)
    assert serials == list(range(serials[0], serials[0] + 8))


def test_of_two_that_claim_one_number_at_once_one_gets_it(living) -> None:
    alpha, beta = living
    number = f"000014349/2031-{uuid.uuid4().int % 100000:05d}"
    sites = iter((alpha, beta))
    found = _in_threads(2, lambda: settle(document(next(sites)), number, DAY))
    assert sorted(text == number for text in found) == [False, True]
