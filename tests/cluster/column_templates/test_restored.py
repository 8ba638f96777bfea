"""A site whose schema comes from an old backup: older columns, older home page, even older tables; found, told, brought forward."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cluster.audit.models import LedgerEntry
from cluster.column_templates.applying import apply_version
from cluster.column_templates.current import forget
from cluster.column_templates.models import SiteVersion, StructureNotice
from cluster.context import in_site
from cluster.resources import page_numbers, triggers
from cluster.resources.models import Resource
from cluster.subsites.base_schemas import clone_schema
from cluster.subsites.models import Subsite
from sites.columns.models import ColumnPage, HomePage
from sites.content.models import ArticlePage
from sites.content.services import publish_articles
from tests.support.articles import column_of, publish_article
from tests.support.documents import project_now
from tests.support.pages import browse
from tests.support.templates import NEW_WORDS, draft, draft_with


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> Iterator[None]:
    """A law remembered for a second is another test's."""
    forget()
    yield
    forget()


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def check(*arguments: str) -> str:
    out = StringIO()
    call_command("check_columns", *arguments, stdout=out)
    return out.getvalue()


def settle() -> None:
    """Let deferred triggers fire, as between two commands; all of a test is one transaction."""
    run("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED")


def restore_alpha() -> None:
    """Put the schema that was set aside in the place of the site's own, as somebody who restores one site does."""
    settle()
    run("DROP SCHEMA site_alpha CASCADE", "ALTER SCHEMA old_alpha RENAME TO site_alpha")


def tree(site: Subsite) -> list[tuple[str, str, bool]]:
    with in_site(site):
        return list(ColumnPage.objects.order_by("path").values_list("code", "title", "planted"))


@pytest.fixture
def moved_on(alpha: Subsite, beta: Subsite) -> int:
    """Set a copy of alpha's schema aside, then apply a version that adds, renames, reorders and changes the home page."""
    publish_article(alpha, "通知甲", column="tzgg")
    clone_schema("site_alpha", "old_alpha")
    draft(add={"xslm": NEW_WORDS}, override={"tzgg": {"name": "公示公告"}})
    number = draft_with(
        ('column = "tzgg"\nlimit = 7', 'column = "tzgg"\nlimit = 9'),
        ('"dtyw", "zwdt", "tzgg", "gggs", "zt"', '"tzgg", "dtyw", "zwdt", "gggs", "zt"'),
    ).number
    apply_version(number)
    return number


def test_older_columns_are_found_told_and_brought_forward(moved_on: int, alpha: Subsite, beta: Subsite) -> None:
    now, theirs = tree(alpha), tree(beta)
    with in_site(alpha):
        blocks = HomePage.objects.get().blocks.get_prep_value()
    restore_alpha()
    assert tree(alpha) != now
    assert SiteVersion.objects.get(site=alpha).version == moved_on, "the record knows nothing of the backup"
    with pytest.raises(CommandError, match="--repair"):
        check()
    said = check("--repair")
    for word in ("应新植", "应改名", "应调整次序", "应调整首页"):
        assert word in said
    assert "beta" not in said
    assert tree(alpha) == now
    assert tree(beta) == theirs
    with in_site(alpha):
        assert [b["value"] for b in HomePage.objects.get().blocks.get_prep_value()] == [b["value"] for b in blocks]
        assert ArticlePage.objects.get(title="通知甲").get_parent().title == "公示公告"
    browse(alpha, "/tzgg/")
    assert check() == "栏目结构和触发器全部完好\n"


def test_an_apply_brings_it_forward_as_well(moved_on: int, alpha: Subsite, beta: Subsite) -> None:
    now = tree(alpha)
    restore_alpha()
    assert set(apply_version(moved_on).done) == {"alpha"}
    assert tree(alpha) == now
    assert apply_version(moved_on).done == {}


def test_older_tables_are_named_with_their_cure(moved_on: int, alpha: Subsite, beta: Subsite) -> None:
    """A backup from before the last migrations: nothing falls over, the others are checked, and the cure works."""
    now = tree(alpha)
    restore_alpha()
    run(
        "ALTER TABLE site_alpha.columns_homepage DROP COLUMN planted_as",
        "ALTER TABLE site_alpha.columns_columnpage DROP COLUMN shows_dates",
        "DELETE FROM site_alpha.django_migrations WHERE app = 'columns' AND name >= '0003'",
        "DROP TRIGGER qz_lock ON site_alpha.columns_columnpage",
    )
    with pytest.raises(CommandError, match="1 处需要处理"):
        check("--repair")
    report = apply_version(moved_on)
    assert (set(report.failed), report.done) == ({"alpha"}, {})
    assert "migrate_cluster" in report.failed["alpha"]
    # Rows that this transaction made itself are checked anew at each change; left until later, they keep a table from being altered.
    run("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS public.qz_forget DEFERRED")
    call_command("migrate_cluster", stdout=StringIO(), stderr=StringIO())
    settle()
    check("--repair")
    assert tree(alpha) == now
    assert triggers.installed_digests()["site_alpha"] == triggers.schema_digest()
    assert check() == "栏目结构和触发器全部完好\n"


def publish_new(site: Subsite, title: str) -> ArticlePage:
    page = publish_article(site, title, column="tzgg", text=f"{title}的正文")
    with in_site(site):
        project_now()
    return page


BULK = "in bulk"


@pytest.mark.parametrize("road", ["one by one", BULK])
def test_a_page_that_comes_before_any_cure_gets_a_new_number(road: str, alpha: Subsite, beta: Subsite) -> None:
    """Nobody has to close a site that was just restored: the database itself raises the numbers, and says so once."""
    clone_schema("site_alpha", "old_alpha")
    lost = [publish_new(alpha, f"备份之后的通知{number}") for number in range(3)]
    theirs = publish_new(beta, "乙市的通知")
    restore_alpha()
    if road == BULK:
        with in_site(alpha):
            one = ArticlePage(title="恢复后的通知", source="本单位", body=[("paragraph", "<p>正文</p>")])
            (number,) = publish_articles(column_of("tzgg"), [one])
            new = ArticlePage.objects.get(pk=number)
            project_now()
    else:
        new = publish_new(alpha, "恢复后的通知")
    next_one, next_theirs = publish_new(alpha, "再一条通知"), publish_new(beta, "乙市今天的通知")
    assert lost[-1].pk < new.pk < next_one.pk
    assert next_theirs.pk == theirs.pk + 1
    (line,) = LedgerEntry.objects.filter(action="columns_checked")
    assert (line.site_code, line.title) == ("alpha", "页面编号接到用过的最大编号之后")
    (notice,) = StructureNotice.objects.filter(sentence__startswith="页面编号退到")
    assert (notice.site_code, notice.repaired) == ("alpha", True)
    first = Resource.objects.get(site=alpha, page_id=new.pk).first_published_at
    assert first > Resource.objects.get(site=alpha, page_id=lost[-1].pk).first_published_at, "nothing is inherited"


@pytest.mark.parametrize("cure", ["check_columns --repair", "repair_sites", "migrate_cluster"])
def test_page_numbers_are_not_given_again(cure: str, alpha: Subsite, beta: Subsite) -> None:
    """What came after the backup is remembered by registry and ledger: nothing new may inherit its first publication."""
    clone_schema("site_alpha", "old_alpha")
    lost, erased = (publish_new(alpha, title) for title in ("备份之后的通知", "备份之后又删的通知"))
    theirs = publish_new(beta, "乙市的通知")
    with in_site(alpha):
        erased.delete()
        project_now()
    Resource.objects.filter(site=alpha, page_id=erased.pk).delete()
    restore_alpha()
    with pytest.raises(CommandError):
        check()
    if cure == "migrate_cluster":
        run("DROP TRIGGER qz_lock ON site_alpha.columns_columnpage")
    if cure == "check_columns --repair":
        said = check("--repair")
        assert "alpha：页面编号" in said
        assert "beta" not in said
    else:
        call_command(cure, stdout=StringIO(), stderr=StringIO())
    assert page_numbers.behind(["site_alpha", "site_beta"]) == []
    new, next_theirs = publish_new(alpha, "今天的通知"), publish_new(beta, "乙市今天的通知")
    assert new.pk > max(lost.pk, erased.pk)
    assert next_theirs.pk == theirs.pk + 1
