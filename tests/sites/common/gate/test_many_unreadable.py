"""An error in the code of a page type takes off nothing in masses: single broken bodies go, many wait for somebody to look."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from cluster.audit.models import LedgerEntry
from cluster.context import in_site
from cluster.findings.models import Finding
from cluster.resources.backlog import retry_parked
from cluster.resources.holding import HELD
from cluster.resources.models import Mark
from cluster.subsites.models import Subsite
from sites.common.gate import rechecking
from sites.common.gate.holding import LIMIT
from sites.content.models import ArticlePage, PolicyDocumentPage
from tests.sites.common.gate.test_unreadable import BROKEN, SOUND, write_body
from tests.support.articles import page_in, publish_article, through_the_gate
from tests.support.documents import publish_document
from tests.support.laws import GiveRules
from tests.support.people import make_user, sign_in
from tests.support.registry import is_published, is_tombstone
from tests.support.working import work_until_idle

MANY = LIMIT + 1
BAD_BODY = BROKEN["a number for a table"]


@pytest.fixture
def pair(living: tuple[Subsite, Subsite], give_rules: GiveRules) -> Iterator[tuple[Subsite, Subsite]]:
    give_rules()
    yield living
    Mark.objects.all().delete()


def publish(site: Subsite, count: int) -> list[ArticlePage]:
    pages = [publish_article(site, f"第{number}号通知", column="tzgg") for number in range(count)]
    work_until_idle()
    return pages


def touch(site: Subsite, pages: list[ArticlePage]) -> None:
    for page in pages:
        write_body(site, page, SOUND)


def live(site: Subsite, pages: list[ArticlePage]) -> list[bool]:
    """Return of each page whether it is live; by SQL alone, whatever its content is."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, live FROM {site.schema_name}.wagtailcore_page WHERE id = ANY(%s)",
            [[page.pk for page in pages]],
        )
        found = dict(cursor.fetchall())
    return [found[page.pk] for page in pages]


def found(kind: str) -> int:
    return Finding.objects.filter(kind=kind, settled_at=None).count()


def parked() -> int:
    return Mark.objects.filter(error=HELD).exclude(parked_at=None).count()


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, where: str) -> Iterator[None]:
    """Let the code of articles, or what looks at their blocks, have an error while the block runs."""

    def fail(*args: object, **more: object) -> str:
        raise AttributeError("'NoneType' object has no attribute 'strip'")

    with monkeypatch.context() as patched:
        if where == "blocks":
            patched.setattr(rechecking, "is_whole", lambda page: not isinstance(page, ArticlePage))
        else:
            patched.setattr(ArticlePage, where, fail)
        yield


@pytest.mark.parametrize("where", ["registry_entry", "facts_digest", "blocks"])
def test_an_error_of_the_program_takes_off_nothing_and_a_good_run_goes_on(
    pair: tuple[Subsite, Subsite], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha, beta = pair
    ours, theirs = publish(alpha, MANY), publish(beta, 1)
    with failing(monkeypatch, where):
        touch(alpha, ours)
        work_until_idle()
        # One in another site: it is the same program.
        touch(beta, theirs)
        work_until_idle()
        retry_parked()
        work_until_idle()
    assert (live(alpha, ours), live(beta, theirs)) == ([True] * MANY, [True])
    assert all(is_published(alpha, page) for page in ours)
    assert (found("held"), found("taken_off"), parked() >= MANY + 1) == (MANY + 1, 0, True)
    assert "程序出错" in Finding.objects.filter(site=beta).get().sentences[0]
    retry_parked()
    work_until_idle()
    assert (found("held"), found("taken_off"), Mark.objects.count()) == (0, 0, 0)
    assert (live(alpha, ours), live(beta, theirs)) == ([True] * MANY, [True])


@pytest.mark.parametrize(("count", "goes"), [(LIMIT, True), (MANY, False)])
def test_a_few_broken_bodies_are_taken_off_at_once_and_more_are_held(
    pair: tuple[Subsite, Subsite], count: int, goes: bool
) -> None:
    alpha, beta = pair
    ours, sound, theirs = publish(alpha, count), publish(alpha, 1), publish(beta, 1)
    for page in ours:
        write_body(alpha, page, BAD_BODY)
    touch(alpha, sound)
    touch(beta, theirs)
    work_until_idle()
    assert live(alpha, ours) == [not goes] * count
    assert (found("taken_off"), found("held")) == ((count, 0) if goes else (0, count))
    assert live(alpha, sound) + live(beta, theirs) == [True, True]
    assert Mark.objects.filter(parked_at=None).count() == 0, "what is sound has been entered"


def test_one_after_the_other_counts_as_well_and_other_types_are_not_held(pair: tuple[Subsite, Subsite]) -> None:
    alpha, beta = pair
    ours, theirs = publish(alpha, LIMIT), publish(beta, 1)
    document = publish_document(beta, "关于供暖的通知")
    for page in ours:
        write_body(alpha, page, BAD_BODY)
        work_until_idle()
    assert live(alpha, ours) == [False] * LIMIT
    write_body(beta, theirs[0], BAD_BODY)
    work_until_idle()
    assert (live(beta, theirs), found("held")) == ([True], 1)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {beta.schema_name}.content_policydocumentpage SET body = %s WHERE page_ptr_id = %s",
            [BAD_BODY, document.pk],
        )
    work_until_idle()
    assert is_tombstone(beta, document)
    assert Finding.objects.get(page_id=document.pk).page_type == PolicyDocumentPage._meta.label


def test_when_those_taken_off_are_mended_the_next_single_one_goes(pair: tuple[Subsite, Subsite]) -> None:
    alpha, beta = pair
    ours, theirs = publish(alpha, LIMIT), publish(beta, 1)
    for page in ours:
        write_body(alpha, page, BAD_BODY)
    work_until_idle()
    write_body(alpha, ours[0], SOUND)
    with in_site(alpha), transaction.atomic(), through_the_gate(alpha):
        page_in(alpha, ours[0]).save_revision().publish()
    write_body(beta, theirs[0], BAD_BODY)
    work_until_idle()
    assert (live(beta, theirs), found("held")) == ([False], 0)


def test_who_has_looked_has_them_taken_off_and_what_is_sound_stays(pair: tuple[Subsite, Subsite]) -> None:
    alpha, beta = pair
    ours, theirs = publish(alpha, MANY), publish(beta, 1)
    for page in ours:
        write_body(alpha, page, BAD_BODY)
    write_body(beta, theirs[0], BAD_BODY)
    work_until_idle()
    write_body(alpha, ours[0], SOUND)
    said = StringIO()
    call_command("feed_status", take_off_unreadable=True, stdout=said)
    assert "已处理等待核实的变更" in said.getvalue()
    work_until_idle()
    assert live(alpha, ours) == [True] + [False] * LIMIT
    assert live(beta, theirs) == [False]
    assert (found("held"), found("taken_off"), Mark.objects.count()) == (0, MANY, 0)
    line = LedgerEntry.objects.filter(action="withdraw", site_code="beta").latest("id")
    assert line.actor["name"] == rechecking.ACTOR_NAME


def test_the_office_is_told_on_the_front_page(
    pair: tuple[Subsite, Subsite], client_for: Callable[[Subsite], Client]
) -> None:
    alpha, _ = pair
    console = Subsite.objects.get(code="console")
    office = sign_in(client_for(console), make_user(console, "office"))
    assert "读不出来" not in office.get("/admin/").content.decode()
    ours = publish(alpha, MANY)
    for page in ours:
        write_body(alpha, page, BAD_BODY)
    work_until_idle()
    assert f"{MANY} 个页面的内容读不出来" in office.get("/admin/").content.decode()
    assert "等待核实" in office.get("/admin/console/findings/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {alpha.schema_name}.wagtailcore_page SET live = false WHERE id = ANY(%s)",
            [[page.pk for page in ours]],
        )
    work_until_idle()
    assert "个页面的内容读不出来" not in office.get("/admin/").content.decode(), "what is off needs nobody any more"
