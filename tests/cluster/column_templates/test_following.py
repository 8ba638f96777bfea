"""Home page and order of columns follow the version where the site left them alone; elsewhere the plan says what stays."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import Page

from cluster.column_templates.applying import apply_version
from cluster.column_templates.current import forget
from cluster.column_templates.models import SiteVersion
from cluster.context import in_site
from cluster.subsites.base_schemas import base_site
from cluster.subsites.models import Subsite
from cluster.subsites.services import open_site
from sites.columns.models import ColumnPage, HomePage
from sites.common.models import BasePage
from tests.cluster.column_templates.test_applying import plan_of
from tests.support.articles import column_of, publish_article
from tests.support.pages import browse
from tests.support.templates import NEW_WORDS, draft, draft_with

MORE_NOTICES = ('column = "tzgg"\nlimit = 7', 'column = "tzgg"\nlimit = 9')
NO_DATA = ('[[home]]\ntype = "column_list"\ncolumn = "sjfb"\nlimit = 6\n', "")
NOTICES_FIRST = ('"dtyw", "zwdt", "tzgg", "gggs", "zt"', '"tzgg", "dtyw", "zwdt", "gggs", "zt"')


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> Iterator[None]:
    """A law remembered for a second is another test's."""
    forget()
    yield
    forget()


@pytest.fixture
def gamma(alpha: Subsite) -> Subsite:
    """Return a second county."""
    return open_site(code="gamma", name="丙县", kind="county", region_code="230183")


def blocks_of(site: Subsite) -> dict[str, int | None]:
    """Return the limits of the home page's blocks by column, in their order."""
    with in_site(site):
        raw = HomePage.objects.get().blocks.raw_data
        return {block["value"].get("column", block["type"]): block["value"].get("limit") for block in raw}


def change_home(site: Subsite, column: str, limit: int, *, publish: bool = True) -> None:
    """Change a block as the site's administrator does, by a revision."""
    with in_site(site):
        home = HomePage.objects.get()
        for block in home.blocks:
            if block.value.get("column") == column:
                block.value["limit"] = limit
        revision = home.save_revision()
        if publish:
            revision.publish()


def order_of(site: Subsite, parent: str = "") -> list[str]:
    with in_site(site):
        above: BasePage = column_of(parent) if parent else HomePage.objects.get()
        return [column.code for column in ColumnPage.objects.child_of(above).filter(planted=True).order_by("path")]


def lines(site: Subsite, number: int) -> tuple[dict[str, str], list[str]]:
    """Return what the plan says: detail by action, and conflicts."""
    told = plan_of(site, number)
    return {step["action"]: step["detail"] for step in told["steps"]}, told["conflicts"]


def test_blocks_follow_in_the_site_that_left_them_alone(alpha: Subsite, beta: Subsite, gamma: Subsite) -> None:
    """Gamma has rewritten the notices, and has a draft of the policies; both stay, and the rest follows."""
    theirs = blocks_of(beta)
    change_home(gamma, "tzgg", 12)
    number = draft_with(MORE_NOTICES, NO_DATA).number
    assert lines(alpha, number) == ({"home": "更新“通知公告”、去掉“数据发布”"}, [])
    steps, conflicts = lines(gamma, number)
    assert steps == {"home": "去掉“数据发布”"}
    assert conflicts == ["这一版修改了首页版块“通知公告”，本站也改动过，保留本站的。"]
    assert lines(beta, number) == ({}, [])
    report = apply_version(number)
    assert set(report.done) == {"county 基础模板", "alpha", "gamma"}
    assert (blocks_of(alpha)["tzgg"], "sjfb" in blocks_of(alpha)) == (9, False)
    assert (blocks_of(gamma)["tzgg"], "sjfb" in blocks_of(gamma)) == (12, False)
    assert blocks_of(base_site("county"))["tzgg"] == 9
    assert blocks_of(beta) == theirs
    kept = SiteVersion.objects.get(site=gamma).report
    assert (kept["done"], len(kept["conflicts"])) == (["调整首页“首页”：去掉“数据发布”"], 1)
    assert apply_version(number).done == {}
    delta = open_site(code="delta", name="丁县", kind="county", region_code="230123")
    assert blocks_of(delta) == blocks_of(alpha)
    browse(alpha, "/")


def test_what_the_site_kept_once_stays_its_own_in_later_versions(alpha: Subsite, gamma: Subsite) -> None:
    change_home(gamma, "tzgg", 12)
    apply_version(draft_with(MORE_NOTICES).number)
    number = draft_with(NO_DATA).number
    assert lines(gamma, number) == ({"home": "去掉“数据发布”"}, [])
    apply_version(number)
    assert blocks_of(gamma)["tzgg"] == 12
    assert blocks_of(alpha)["tzgg"] == 9


def test_a_site_that_keeps_all_of_its_own_notes_the_version_and_no_more(alpha: Subsite, gamma: Subsite) -> None:
    change_home(gamma, "tzgg", 12)
    before = blocks_of(gamma)
    number = draft_with(MORE_NOTICES).number
    steps, conflicts = lines(gamma, number)
    assert (list(steps), len(conflicts)) == (["note"], 1)
    apply_version(number)
    assert blocks_of(gamma) == before
    assert lines(gamma, number) == ({}, [])


def test_the_editor_goes_on_from_the_blocks_that_came(alpha: Subsite, gamma: Subsite) -> None:
    """A home page with revisions gets another one; a draft that waits is left and named."""
    change_home(alpha, "zcwj", 3)
    change_home(gamma, "zcwj", 3, publish=False)
    number = draft_with(MORE_NOTICES).number
    assert lines(alpha, number)[1] == []
    assert "未发布的修改" in lines(gamma, number)[1][0]
    apply_version(number)
    for site, policies, notices in ((alpha, 3, 9), (gamma, 3, 7)):
        assert blocks_of(site)["tzgg"] == 9
        with in_site(site):
            edited = HomePage.objects.get().get_latest_revision_as_object()
            limits = {block["value"]["column"]: block["value"].get("limit") for block in edited.blocks.raw_data}
            assert (limits["zcwj"], limits["tzgg"]) == (policies, notices)
            assert edited.planted_as == HomePage.objects.get().planted_as


def test_the_order_follows_in_the_site_that_left_it_alone(alpha: Subsite, beta: Subsite, gamma: Subsite) -> None:
    theirs = order_of(beta)
    item = publish_article(alpha, "通知甲", column="tzgg")
    with in_site(gamma):
        ColumnPage.objects.get(code="zc").move(HomePage.objects.get(), pos="first-child")
    own = order_of(gamma)
    assert own[0] == "zc"
    number = draft_with(NOTICES_FIRST).number
    steps, conflicts = lines(alpha, number)
    assert list(steps) == ["order"]
    assert "通知公告、动态要闻" in steps["order"]
    assert conflicts == []
    steps, conflicts = lines(gamma, number)
    assert list(steps) == ["note"]
    assert "保留本站的次序" in conflicts[0]
    assert set(apply_version(number).done) == {"county 基础模板", "alpha", "gamma"}
    assert order_of(alpha) == order_of(base_site("county"))
    assert order_of(alpha).index("tzgg") + 1 == order_of(alpha).index("dtyw")
    assert (order_of(gamma), order_of(beta)) == (own, theirs)
    with in_site(alpha):
        assert Page.find_problems() == ([], [], [], [], [])
        assert Page.objects.get(pk=item.pk).get_parent().specific.code == "tzgg"
    assert "通知甲" in browse(alpha, "/tzgg/").get_text()
    assert apply_version(number).done == {}


def test_a_new_column_stands_where_the_template_has_it(alpha: Subsite, gamma: Subsite) -> None:
    """Below a parent that the site has put in an order of its own, it comes last and the plan says so."""
    with in_site(gamma):
        column_of("jgzn").move(column_of("zrdl"), pos="left")
        column_of("zrdl").move(column_of("jgzn"), pos="left")
        column_of("ldxx").move(column_of("gk"), pos="first-child")
    draft(add={"xslm": {**NEW_WORDS, "parent": "gk"}}, kinds=("county",))
    number = draft_with(('"gk", "zfjg"', '"gk", "xslm", "zfjg"'), (', "xslm"]', "]")).number
    assert list(lines(alpha, number)[0]) == ["plant", "order"]
    steps, conflicts = lines(gamma, number)
    assert list(steps) == ["plant"]
    assert "新栏目排在最后" in conflicts[0]
    apply_version(number)
    assert order_of(alpha, "gk")[0] == "xslm"
    assert order_of(gamma, "gk")[0] == "ldxx"
    assert order_of(gamma, "gk")[-1] == "xslm"


@pytest.mark.parametrize("site_code", ["alpha", "gamma"])
def test_what_a_site_arranged_is_no_finding_of_the_night(site_code: str, alpha: Subsite, gamma: Subsite) -> None:
    site: Any = Subsite.objects.get(code=site_code)
    change_home(site, "tzgg", 12)
    with in_site(site):
        ColumnPage.objects.get(code="zc").move(HomePage.objects.get(), pos="first-child")
    call_command("check_columns")


def test_the_note_of_what_was_planted_is_not_the_sites_to_write(alpha: Subsite, beta: Subsite) -> None:
    from django.db import DatabaseError, transaction

    from cluster.column_templates.opening import opened
    from sites.columns.lock.refusals import ColumnLocked

    with in_site(alpha):
        home = HomePage.objects.get()
        home.planted_as = {}
        with pytest.raises(ColumnLocked, match="模板所设的记录"):
            home.save()
        with pytest.raises(DatabaseError, match="首页"), transaction.atomic():
            HomePage.objects.update(planted_as={})
        with opened(alpha):
            HomePage.objects.update(planted_as={})
        HomePage.objects.update(blocks="[]")
    with pytest.raises(CommandError, match="需要处理"):
        call_command("check_columns")
    with in_site(beta):
        assert HomePage.objects.get().planted_as["order"]
