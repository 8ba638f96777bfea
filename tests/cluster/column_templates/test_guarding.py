"""What only the owner role can break is found, written down and put right; what is whole is left alone."""

import json
import logging
from datetime import datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from wagtail.models import PageViewRestriction

from cluster.audit.models import LedgerEntry
from cluster.column_templates import guarding
from cluster.column_templates.applying import ApplyRefused, one_at_a_time
from cluster.column_templates.current import forget
from cluster.column_templates.models import SiteVersion
from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.resources import triggers
from cluster.subsites.jobs import run_jobs
from cluster.subsites.models import Job, JobState, Subsite
from sites.columns.models import ColumnPage
from sites.content.models import ArticlePage
from tests.support.articles import publish_article
from tests.support.columns import own_column


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> Any:
    """A law remembered for a second is another test's."""
    forget()
    yield
    forget()


def check(*arguments: str) -> str:
    """Run the command and return what it prints."""
    out = StringIO()
    call_command("check_columns", *arguments, stdout=out)
    return out.getvalue()


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def planted(site: Subsite) -> list[tuple[Any, ...]]:
    with in_site(site):
        fields = (
            "code",
            "title",
            "live",
            "expire_at",
            "show_in_menus",
            "column_class",
            "keywords",
            "url_path",
        )
        # By its code: a page that was planted anew has a new number.
        codes = dict(ColumnPage.objects.values_list("pk", "code"))
        rows = ColumnPage.objects.filter(planted=True).values_list("placed_under", *fields)
        return sorted((codes.get(under, str(under)), *values) for under, *values in rows)


def test_what_is_whole_is_left_alone(alpha: Subsite, beta: Subsite) -> None:
    own_column(alpha)
    assert check() == "栏目结构和触发器全部完好\n"
    assert check("--repair") == "栏目结构和触发器全部完好\n"
    assert not LedgerEntry.objects.filter(action="columns_checked").exists()


BROKEN = {
    "missing": "DELETE",
    "renamed": "UPDATE site_alpha.wagtailcore_page SET title = '改了' WHERE slug = 'tzgg'",
    "unpublished": "UPDATE site_alpha.wagtailcore_page SET live = false WHERE slug = 'tzgg'",
    "expiring": "UPDATE site_alpha.wagtailcore_page SET expire_at = now() + interval '1 day' WHERE slug = 'tzgg'",
    "out of the menu": "UPDATE site_alpha.wagtailcore_page SET show_in_menus = NOT show_in_menus WHERE slug = 'tzgg'",
    "reworded": "UPDATE site_alpha.columns_columnpage SET keywords = '改了' WHERE code = 'tzgg'",
    "retyped": "UPDATE site_alpha.columns_columnpage SET column_class = 'static' WHERE code = 'tzgg'",
    "stripped of its mark": "UPDATE site_alpha.columns_columnpage SET planted = false WHERE code = 'tzgg'",
    "stripped of mark and name": "UPDATE site_alpha.wagtailcore_page SET title = '改了' WHERE slug = 'tzgg';"
    "UPDATE site_alpha.columns_columnpage SET planted = false WHERE code = 'tzgg'",
    "stripped of its code": "UPDATE site_alpha.columns_columnpage SET code = 'tz' WHERE code = 'tzgg'",
    "loosened": "UPDATE site_alpha.columns_columnpage SET placed_under = NULL WHERE code = 'tzgg'",
    "moved": "MOVE",
}


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN)
def test_a_structure_that_the_owner_changed_is_found_and_repaired(
    statement: str, alpha: Subsite, beta: Subsite, caplog: pytest.LogCaptureFixture
) -> None:
    item = publish_article(alpha, "通知甲", column="tzgg")
    before, theirs = planted(alpha), planted(beta)
    with opened(alpha), in_site(alpha):
        column = ColumnPage.objects.get(code="tzgg")
        if statement == "DELETE":
            column.delete()
        elif statement == "MOVE":
            column.move(ColumnPage.objects.get(code="gk"), pos="last-child")
        else:
            run(statement)
    with pytest.raises(CommandError, match="--repair"):
        check()
    assert planted(alpha) != before, "without --repair nothing is touched"
    with caplog.at_level(logging.WARNING, logger=guarding.__name__):
        said = check("--repair")
    assert "alpha：栏目“通知公告”（tzgg）" in said
    assert "已修复" in said
    assert any("通知公告" in record.getMessage() for record in caplog.records)
    assert planted(alpha) == before
    assert planted(beta) == theirs
    entry = LedgerEntry.objects.filter(action="columns_checked", site_code="alpha").first()
    assert entry is not None
    assert "通知公告" in str(entry.detail)
    if statement != "DELETE":
        with in_site(alpha):
            assert ArticlePage.objects.get(pk=item.pk).get_parent().specific.code == "tzgg", (
                "its content is where it was"
            )
    assert check() == "栏目结构和触发器全部完好\n"


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE site_alpha.wagtailcore_page DISABLE TRIGGER qz_lock",
        "DROP TRIGGER qz_lock ON site_alpha.columns_columnpage",
        "DROP TRIGGER qz_mark ON site_alpha.wagtailcore_page",
        "ALTER TABLE site_alpha.columns_homepage DISABLE TRIGGER USER",
        "CREATE OR REPLACE TRIGGER qz_lock BEFORE UPDATE OR DELETE ON site_alpha.wagtailcore_page FOR EACH ROW"
        " WHEN (false) EXECUTE FUNCTION public.qz_lock_page()",
    ],
)
def test_a_trigger_that_is_off_gone_or_toothless_is_found_and_repaired(
    statement: str, alpha: Subsite, beta: Subsite
) -> None:
    theirs = planted(beta)
    run(statement)
    with pytest.raises(CommandError):
        check()
    said = check("--repair")
    assert "alpha：触发器" in said
    assert "beta" not in said
    assert planted(beta) == theirs
    entry = LedgerEntry.objects.filter(action="columns_checked", site_code="alpha").first()
    assert entry
    assert "触发器" in entry.detail["findings"][0]
    with pytest.raises(DatabaseError, match="通知公告"), transaction.atomic():
        run("UPDATE site_alpha.wagtailcore_page SET title = '改了' WHERE slug = 'tzgg'")
    assert triggers.installed_digests()[alpha.schema_name] == triggers.schema_digest()


def test_a_function_that_lets_everything_pass_is_found_and_repaired(alpha: Subsite, beta: Subsite) -> None:
    theirs = planted(beta)
    run(
        """CREATE OR REPLACE FUNCTION public.qz_columns_are_open(in_schema text) RETURNS boolean
           LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT true $$"""
    )
    run("UPDATE site_alpha.wagtailcore_page SET title = '改了' WHERE slug = 'tzgg'")
    said = check("--repair")
    assert "保护函数与程序不一致" in said
    assert "通知公告" in said
    assert "beta" not in said
    assert planted(beta) == theirs
    with pytest.raises(DatabaseError, match="通知公告"), transaction.atomic():
        run("UPDATE site_alpha.wagtailcore_page SET title = '改了' WHERE slug = 'tzgg'")
    assert check() == "栏目结构和触发器全部完好\n"


RESTRICTED = {
    "a column": ("UPPER(slug) = 'TZGG'", "alpha：统一栏目“通知公告”被设为登录后才能看"),
    "the home page": ("depth = 2", "alpha：首页被设为登录后才能看"),
    "the root": ("depth = 1", "alpha：网站的根页面被设为登录后才能看"),
}


@pytest.mark.parametrize(("which", "named"), RESTRICTED.values(), ids=RESTRICTED)
def test_a_restriction_on_what_is_planted_is_lifted(
    which: str, named: str, alpha: Subsite, beta: Subsite, client_for: Any
) -> None:
    own_column(alpha)
    own_column(beta)
    for site in (alpha, beta):
        with in_site(site):
            PageViewRestriction.objects.create(page=ColumnPage.objects.get(planted=False), restriction_type="login")
    with opened(alpha), in_site(alpha):
        run(
            f"""INSERT INTO wagtailcore_pageviewrestriction (restriction_type, password, page_id)
                SELECT 'login', '', id FROM wagtailcore_page WHERE {which}"""
        )
    assert client_for(alpha).get("/tzgg/").status_code == 302
    with pytest.raises(CommandError, match="有 1 处需要处理；加 --repair"):
        check()
    assert f"{named}，公众看不到，应解除访问限制（已修复）" in check("--repair")
    assert client_for(alpha).get("/tzgg/").status_code == 200
    entry = LedgerEntry.objects.filter(action="columns_checked", site_code="alpha").first()
    assert entry is not None
    assert "解除访问限制（已修复）" in str(entry.detail)
    assert check() == "栏目结构和触发器全部完好\n"
    for site in (alpha, beta):
        with in_site(site):
            (left,) = PageViewRestriction.objects.all()
            assert not left.page.specific.planted, "what a site keeps to itself in its own columns stays so"


def test_a_site_that_no_template_was_applied_to_is_named(alpha: Subsite, beta: Subsite) -> None:
    SiteVersion.objects.filter(site=alpha).delete()
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_columns", "--repair", "--format", "json", stdout=out)
    told = json.loads(out.getvalue())
    assert [(finding["site"], finding["repaired"]) for finding in told] == [("alpha", False)]


def test_it_waits_while_a_version_is_applied(alpha: Subsite) -> None:
    with one_at_a_time(), pytest.raises(ApplyRefused):
        guarding.check_columns(repair=True)


def test_every_night_it_is_done_once_and_stands_among_the_jobs(
    alpha: Subsite, beta: Subsite, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(alpha):
        run("UPDATE site_alpha.wagtailcore_page SET title = '改了' WHERE slug = 'tzgg'")
    for hour, ordered in ((1, False), (3, True), (4, False)):
        now = datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=hour)
        monkeypatch.setattr(timezone, "localtime", lambda now=now: now)
        assert guarding.nightly_check.run() is ordered
    monkeypatch.undo()
    assert run_jobs.run()
    job = Job.objects.get(kind="check_columns")
    assert (job.state, job.message) == (JobState.DONE, "发现 1 处，已修复 1 处。")
    assert any("通知公告" in line for line in job.log)
