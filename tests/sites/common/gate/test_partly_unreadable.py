"""Many broken bodies are no cover: what can be read of a held page is judged, and a refused field takes it off; others stay held."""

from collections.abc import Iterator

import pytest
from django.db import connection

from cluster.findings.models import Finding
from cluster.resources.models import Mark
from cluster.subsites.models import Subsite
from sites.common.gate.holding import LIMIT
from sites.content.models import ArticlePage
from tests.sites.common.gate.test_many_unreadable import failing, live
from tests.sites.common.gate.test_unreadable import BROKEN, SOUND
from tests.support.articles import publish_article
from tests.support.documents import publish_document
from tests.support.laws import GiveRules, demand
from tests.support.registry import is_published, is_tombstone
from tests.support.violations import twinned
from tests.support.working import work_until_idle

MANY = LIMIT + 1
FIELDS = {"summary": "一句话摘要", "author": "责任编辑甲"}
SHORT = demand("tzgg", "title", check="at_most", argument=6)
# What somebody writes into a row of a page whose body is broken, and whether a rule of the column refuses that.
REFUSED = {
    "a title": ("wagtailcore_page", "title = '长得违规的新标题'"),
    "no source": ("content_articlepage", "source = ''"),
    "no summary": ("content_articlepage", "summary = ''"),
    "a date": ("content_articlepage", "pub_date = published_at::date + 400"),
    "a title beside numbers of no form": ("wagtailcore_page", "title = '长得违规的新标题'"),
}
FINE = {
    "a title": ("wagtailcore_page", "title = '短标题'"),
    "no source": ("content_articlepage", "source = '另一个单位'"),
    "no summary": ("content_articlepage", "summary = '另一句摘要'"),
    "a date": ("content_articlepage", "pub_date = published_at::date - 4"),
    "a title beside numbers of no form": ("content_articlepage", "author = '责任编辑乙'"),
}


@pytest.fixture
def pair(living: tuple[Subsite, Subsite], give_rules: GiveRules) -> Iterator[tuple[Subsite, Subsite]]:
    dated = demand("tzgg", "written_on", check="not_after", argument="published_at")
    give_rules(tzgg=(SHORT, demand("tzgg", "source"), demand("tzgg", "summary"), dated))
    yield living
    for site in living:
        for table in ("content_articlepage", "content_policydocumentpage"):
            with connection.cursor() as cursor:
                # Some are so broken that nobody could delete them; what stood here before stays as it is.
                cursor.execute(
                    f"UPDATE {site.schema_name}.{table} SET body = %s WHERE body = ANY(%s::jsonb[])",
                    [SOUND, list(BROKEN.values())],
                )
    Mark.objects.all().delete()


def publish(site: Subsite) -> list[ArticlePage]:
    pages = [publish_article(site, f"通知{number}", column="tzgg", **FIELDS) for number in range(MANY)]
    work_until_idle()
    return pages


def write(site: Subsite, pages: list[ArticlePage], table: str, words: str) -> None:
    key = "id" if table == "wagtailcore_page" else "page_ptr_id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {site.schema_name}.{table} SET {words} WHERE {key} = ANY(%s)", [[page.pk for page in pages]]
        )


def break_bodies(site: Subsite, pages: list[ArticlePage], body: str) -> None:
    write(site, pages, "content_articlepage", f"body = '{body}'")


@pytest.mark.parametrize("what", REFUSED)
@twinned("raw SQL: of one of many bodies that cannot be read, taken off for what can be read")
def test_a_refused_field_takes_a_held_page_off_and_its_twin_stays(pair: tuple[Subsite, Subsite], what: str) -> None:
    alpha, beta = pair
    ours, theirs = publish(alpha), publish(beta)
    bad, good, body = ours[0], ours[1], list(BROKEN.values())[list(REFUSED).index(what) % len(BROKEN)]
    break_bodies(alpha, ours, body)
    break_bodies(beta, theirs, body)
    work_until_idle()
    assert live(alpha, ours) + live(beta, theirs) == [True] * 2 * MANY
    if what.endswith("no form"):
        write(alpha, [bad, good], "content_articlepage", "doc_no = '5'")
    write(alpha, [bad], *REFUSED[what])
    write(alpha, [good], *FINE[what])
    work_until_idle()
    assert live(alpha, ours) == [False] + [True] * (MANY - 1)
    assert live(beta, theirs) == [True] * MANY
    assert is_tombstone(alpha, bad)
    assert is_published(alpha, good)
    finding = Finding.objects.get(kind="taken_off")
    assert (finding.site, finding.page_id) == (alpha, bad.pk)
    assert "没有检查" in finding.sentences[-1]
    assert len(finding.sentences) > 1


def test_together_with_its_broken_body_a_refused_title_is_found_at_once(pair: tuple[Subsite, Subsite]) -> None:
    alpha, beta = pair
    ours, theirs = publish(alpha), publish(beta)
    break_bodies(alpha, ours, BROKEN["no list"])
    write(alpha, ours[:2], *REFUSED["a title"])
    work_until_idle()
    assert live(alpha, ours) == [False, False] + [True] * (MANY - 2)
    assert live(beta, theirs) == [True] * MANY


def test_a_document_is_judged_by_what_can_be_read_as_well(pair: tuple[Subsite, Subsite], give_rules: GiveRules) -> None:
    alpha, beta = pair
    give_rules(zcwj=(demand("zcwj", "title", check="at_most", argument=12),))
    ours = [publish_document(alpha, f"关于供暖的通知{number}", column="zcwj") for number in range(MANY)]
    theirs = publish_document(beta, "关于供暖的通知", column="zcwj")
    work_until_idle()
    break_words = f"body = '{BROKEN['no list']}', theme = 'xx'"
    write(alpha, ours, "content_policydocumentpage", break_words)
    work_until_idle()
    assert live(alpha, ours) == [True] * MANY
    write(alpha, ours[:1], "wagtailcore_page", "title = '关于供暖的通知，长得违规的标题'")
    write(alpha, ours[1:2], "wagtailcore_page", "title = '关于供水的通知'")
    work_until_idle()
    assert live(alpha, ours) == [False] + [True] * (MANY - 1)
    assert live(beta, [theirs]) == [True]


def test_an_error_of_the_program_takes_off_nothing_that_is_older_than_a_rule_and_unchanged(
    pair: tuple[Subsite, Subsite], give_rules: GiveRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha, beta = pair
    ours, theirs = publish(alpha), publish(beta)
    give_rules(tzgg=(demand("tzgg", "title", check="at_most", argument=2),))
    with failing(monkeypatch, "facts_digest"):
        for site, pages in ((alpha, ours), (beta, theirs)):
            write(site, pages, "content_articlepage", "body = body")
        work_until_idle()
        assert live(alpha, ours) + live(beta, theirs) == [True] * 2 * MANY
        write(alpha, ours[:1], "wagtailcore_page", "title = '新通知'")
        write(alpha, ours[1:2], "wagtailcore_page", "title = '新文'")
        work_until_idle()
    assert live(alpha, ours) == [False] + [True] * (MANY - 1)
    assert live(beta, theirs) == [True] * MANY
