"""Content that was live before the gate: judged once, with a pass or a finding, never taken off for its age; in one site alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from wagtail.models import Page

from cluster.column_templates.guarding import check_columns
from cluster.context import in_site
from cluster.findings.models import Finding
from cluster.subsites.models import Subsite
from sites.common.gate import standing
from sites.common.gate.errors import GateRefused
from sites.common.gate.rechecking import ACTOR_NAME
from sites.common.models import GatePass
from sites.content.models import ArticlePage
from tests.sites.common.gate.conftest import GOOD, REFUSAL, WARNING
from tests.support.articles import page_in, publish_article
from tests.support.laws import GiveRules
from tests.support.people import make_user, sign_in
from tests.support.registry import is_published
from tests.support.working import work_until_idle

BEGAN = "UPDATE {schema}.django_migrations SET applied = {when} WHERE app = 'common' AND name = '0001_initial'"


def forget_passes(site: Subsite) -> None:
    """Make the site what it was before there were passes; only the owner role can."""
    table = f"{site.schema_name}.common_gatepass"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE {table} DISABLE TRIGGER qz_keep; DELETE FROM {table}; ALTER TABLE {table} ENABLE TRIGGER qz_keep"
        )


@contextmanager
def gate_began_now(site: Subsite) -> Iterator[None]:
    """As after the upgrade that brought the gate, or the migration of an old backup."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT applied FROM {site.schema_name}.django_migrations WHERE app = 'common' AND name = '0001_initial'"
        )
        before = cursor.fetchone()[0]
        cursor.execute(BEGAN.format(schema=site.schema_name, when="now()"))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(BEGAN.format(schema=site.schema_name, when="%s"), [before])


@pytest.fixture
def old(living: tuple[Subsite, Subsite], give_rules: GiveRules) -> Iterator[dict[str, ArticlePage]]:
    """Return three notices of alpha from before the gate (good, without keywords, without summary); beta's has its pass."""
    alpha, beta = living
    give_rules()
    fields = {"good": GOOD, "warned": {**GOOD, "keywords": ""}, "bad": {**GOOD, "summary": ""}}
    pages = {name: publish_article(alpha, name, column="tzgg", **values) for name, values in fields.items()}
    publish_article(beta, "乙市的通知", column="tzgg", summary="", keywords="")
    work_until_idle()
    give_rules(tzgg=(REFUSAL, WARNING))
    forget_passes(alpha)
    with gate_began_now(alpha):
        yield pages
    assert not Finding.objects.filter(site=beta).exists()


def findings() -> dict[str, str]:
    return dict(Finding.objects.filter(settled_at=None).values_list("title", "kind"))


def judged(site: Subsite) -> set[str]:
    with in_site(site):
        passes = GatePass.objects.filter(purpose="rechecked", actor__name=ACTOR_NAME)
        return set(Page.objects.filter(pk__in=passes.values("page_id")).values_list("title", flat=True))


def touch_all(site: Subsite) -> None:
    """What migrate_cluster does after it has repaired a schema: the worker looks at the whole site."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.qz_put_mark(%s, 'site', 0)", [site.schema_name])
    work_until_idle()


class TestJudging:
    """By the worker after an upgrade, and by the nightly check."""

    @pytest.mark.parametrize("way", ["worker", "night"])
    def test_all_stay_and_what_is_wrong_is_told(
        self, living: tuple[Subsite, Subsite], old: dict[str, ArticlePage], way: str, mailoutbox: list[Any]
    ) -> None:
        alpha, _ = living
        if way == "worker":
            touch_all(alpha)
        else:
            assert [str(found) for found in check_columns(repair=False)] == [
                "alpha：3 条已上线的信息没有发布检查记录，需补做检查"
            ]
            assert judged(alpha) == set()
            assert "（已修复）" in str(check_columns(repair=True)[0])
        assert all(page_in(alpha, page).live and is_published(alpha, page) for page in old.values())
        assert findings() == {"warned": "standing", "bad": "standing"}
        assert REFUSAL.id in Finding.objects.get(title="bad").sentences[0]
        assert judged(alpha) == {"good", "warned", "bad"}
        assert mailoutbox == [], "an upgrade is no reason for thousands of letters"
        assert check_columns(repair=True) == [], "once is enough"

    def test_migrate_cluster_brings_the_worker_to_it(
        self, living: tuple[Subsite, Subsite], old: dict[str, ArticlePage]
    ) -> None:
        alpha, _ = living
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER qz_stamp ON site_alpha.common_gatepass")
        call_command("migrate_cluster", verbosity=0)
        work_until_idle()
        assert findings() == {"warned": "standing", "bad": "standing"}
        assert page_in(alpha, old["bad"]).live

    def test_killed_it_goes_on_where_it_was(
        self, living: tuple[Subsite, Subsite], old: dict[str, ArticlePage], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alpha, _ = living
        monkeypatch.setattr(standing, "BATCH", 2)
        real, calls = standing.recheck, []

        def killed_at_the_second(*args: Any) -> Any:
            calls.append(args)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return real(*args)

        monkeypatch.setattr(standing, "recheck", killed_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            standing.check_standing(alpha, judge=True)
        assert len(judged(alpha)) == 2
        assert standing.check_standing(alpha, judge=True) == 1
        assert judged(alpha) == {"good", "warned", "bad"}
        assert standing.check_standing(alpha, judge=True) == 0


def test_what_was_caught_is_not_crowded_out_by_what_only_stands(
    ruled_pair: tuple[Subsite, Subsite], client_for: Any
) -> None:
    alpha, beta = ruled_pair
    for site, kind, count in ((alpha, "taken_off", 1), (alpha, "standing", 25), (beta, "standing", 1)):
        for number in range(count):
            Finding.objects.create(site=site, page_id=number + 1, title=f"{site.code}-{kind}-{number}", kind=kind)
    client = sign_in(client_for(alpha), make_user(alpha))
    text = client.get("/admin/").content.decode()
    assert text.index("alpha-taken_off-0") < text.index("alpha-standing-24")
    assert "另有 6 条" in text
    assert "beta-" not in text
    assert "另有" not in sign_in(client_for(beta), make_user(beta)).get("/admin/").content.decode()


class TestAfterwards:
    """What stands is no licence: the next change is judged like any other."""

    def test_an_edit_is_refused_until_it_is_mended(
        self, living: tuple[Subsite, Subsite], old: dict[str, ArticlePage]
    ) -> None:
        alpha, _ = living
        touch_all(alpha)
        with in_site(alpha):
            page = page_in(alpha, old["bad"])
            page.title = "只改标题"
            with pytest.raises(GateRefused):
                page.save()
            page.summary = "补上了"
            page.save()
        assert findings() == {"warned": "standing"}

    def test_a_change_around_the_gate_is_taken_off(
        self, living: tuple[Subsite, Subsite], old: dict[str, ArticlePage]
    ) -> None:
        alpha, _ = living
        touch_all(alpha)
        with in_site(alpha):
            ArticlePage.objects.filter(pk=old["bad"].pk).update(author="改过")
            ArticlePage.objects.filter(pk=old["good"].pk).update(author="改过")
        work_until_idle()
        assert not page_in(alpha, old["bad"]).live
        assert page_in(alpha, old["good"]).live

    def test_what_goes_live_without_a_pass_since_there_is_a_gate_is_not_old(
        self, living: tuple[Subsite, Subsite], give_rules: GiveRules
    ) -> None:
        """Only with the triggers switched off; whoever did that is not let off."""
        alpha, _ = living
        give_rules()
        bad, good = (
            publish_article(alpha, title, column="tzgg", **{**GOOD, "summary": summary})
            for title, summary in (("bad", ""), ("good", "有"))
        )
        give_rules(tzgg=(REFUSAL, WARNING))
        work_until_idle()
        forget_passes(alpha)
        assert standing.check_standing(alpha, judge=True) == 2
        assert (page_in(alpha, bad).live, page_in(alpha, good).live) == (False, True)
        assert findings() == {"bad": "taken_off"}
