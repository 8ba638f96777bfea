"""The board in a browser: filtered and exported by its own buttons; a holiday notice moves the day that is due."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from uuid import uuid4

import openpyxl
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from cluster.inspection.clock import ask_inspection
from cluster.inspection.models import ColumnDuty, ColumnState
from cluster.subsites.models import Subsite
from cluster.workdays import current_calendar
from tests.flows.conftest import Desk
from tests.flows.test_publish_flow import answered
from tests.flows.test_waiver_flow import NARROW, WIDE, photograph
from tests.support.accounts import make_account
from tests.support.articles import publish_article
from tests.support.running import Product, wait_until

pytestmark = pytest.mark.browser
BOARD = "/admin/console/board/"


@pytest.fixture
def office() -> str:
    """Return an account of the office."""
    return make_account(Subsite.objects.get(code="console"), "office", f"ban-{uuid4().hex[:6]}").username


@pytest.fixture
def looked_at(running: Product, sites: tuple[Subsite, Subsite]) -> Iterator[tuple[str, date]]:
    """Publish news on both sites, name an officer on alpha, wait for the clock; return the officer and the day that is due."""
    alpha, beta = sites
    officer = f"责任人{uuid4().hex[:6]}"
    for site in sites:
        publish_article(site, f"{site.name}新闻{officer}", column="dtyw")
    duty = ColumnDuty.objects.create(site=alpha, column_code="dtyw", officer_name=officer)
    ask_inspection(alpha.pk)
    in_time = current_calendar().limit_end(timezone.localdate(), 14).day

    def is_looked_at() -> bool:
        ours = ColumnState.objects.filter(site=alpha, column_code="dtyw", officer_name=officer, due_on=in_time)
        return ours.exists() and ColumnState.objects.filter(site=beta, column_code="dtyw", due_on=in_time).exists()

    wait_until(is_looked_at, 60, "the clock looked at both sites", running.last_words)
    yield officer, in_time
    duty.delete()


def choose_filter(page: Page, name: str, act: Callable[[Page], None]) -> None:
    """Open a filter of the board, set it, wait for the list, and close it again."""
    page.get_by_role("button", name="显示过滤器").click()
    page.locator(".w-drilldown__toggle", has_text=name).click()
    with page.expect_response(lambda response: "board/results/" in response.url):
        act(page)
    page.keyboard.press("Escape")
    expect(page.locator(".w-drilldown__menu")).to_be_hidden()


def rows(page: Page) -> list[str]:
    """Return the texts of the board's rows."""
    return [re.sub(r"\s+", " ", text) for text in page.locator("#listing-results tbody tr").all_inner_texts()]


def download(page: Page, label: str) -> Path:
    """Download what the board shows, by its button."""
    link = page.get_by_role("link", name=label)
    if not link.is_visible():
        page.locator("header .w-dropdown__toggle").first.click()
    with page.expect_download() as found:
        link.click()
    return found.value.path()


def test_filters_and_exports(
    desk: Callable[..., Desk], looked_at: tuple[str, date], sites: tuple[Subsite, Subsite], office: str
) -> None:
    officer, in_time = looked_at
    alpha, beta = sites
    page = desk(viewport=WIDE).sign_in("console", office).open("console", BOARD)
    expect(page.locator("#listing-results")).to_contain_text(alpha.name)
    choose_filter(page, "责任人", lambda one: one.fill("[name=officer]", officer))
    shown = page.locator("#listing-results tbody tr")
    expect(shown).to_have_count(1)
    (ours,) = rows(page)
    for told in ("动态要闻", alpha.name, "正常", in_time.isoformat(), officer):
        assert told in ours
    (line,) = csv.DictReader(StringIO(download(page, "下载CSV").read_text(encoding="utf-8-sig")))
    assert (line["站点"], line["栏目"], line["状态"], line["责任人"]) == (alpha.name, "动态要闻", "正常", officer)
    assert line["应更新至"] == in_time.isoformat()

    page.goto(page.url.split("?")[0] + "?q=动态要闻")
    choose_filter(page, "状态", lambda one: one.locator("[name=state][value=normal]").check())
    expect(shown).to_have_count(2)
    for site in sites:
        expect(shown.filter(has_text=site.name)).to_have_count(1)
    choose_filter(page, "类别", lambda one: one.locator("[name=kind]").select_option("city"))
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text(beta.name)
    sheet = openpyxl.load_workbook(BytesIO(download(page, "下载XLSX").read_bytes())).active
    assert [cell.value for cell in sheet[1]][:4] == ["站点代码", "站点", "类别", "行政区划"]
    assert {row[0] for row in list(sheet.values)[1:]} == {"beta"}
    photograph(page, "board-wide")


def test_a_holiday_notice_moves_the_day_that_is_due(
    desk: Callable[..., Desk], running: Product, looked_at: tuple[str, date], sites: tuple[Subsite, Subsite],
    editors: dict[str, str], office: str,
) -> None:  # fmt: skip
    _, in_time = looked_at
    alpha, beta = sites
    moved = current_calendar().next_workday(in_time + timedelta(days=1))
    number = f"国办发明电〔2026〕{uuid4().int % 9000 + 1000}号"
    page = desk(viewport=NARROW).sign_in("console", office).open("console", "/admin/console/holidays/new/")
    typed = {
        "number": number,
        "title": "临时放假",
        "text": "该日放假一天。",
        "issued_on": timezone.localdate().isoformat(),
        "year": str(in_time.year),
        "days_off": f"{in_time:%Y-%m-%d}",
    }
    for name, value in typed.items():
        page.fill(f"[name={name}]", value)
    page.locator("[name=whole_year]").uncheck()
    photograph(page, "holiday-narrow")
    answered(page, lambda: page.get_by_role("button", name="录入").click())
    expect(page.locator(".messages")).to_contain_text(number)

    def is_due(day: date) -> bool:
        dues = ColumnState.objects.filter(site__in=sites, column_code="dtyw").values_list("due_on", flat=True)
        return list(dues) == [day, day]

    wait_until(lambda: is_due(moved), 60, "the day moved", running.last_words)
    page = desk(viewport=WIDE).sign_in("console", office).open("console", f"{BOARD}?q=动态要闻")
    for site in (alpha, beta):
        row = page.locator("#listing-results tr", has=page.get_by_text(site.name), has_text="动态要闻")
        expect(row.first).to_contain_text(moved.isoformat())
    at_home = desk(viewport=NARROW).sign_in("alpha", editors["alpha"]).open("alpha", "/admin/")
    expect(at_home.locator(".qz-deadlines tr", has_text="动态要闻").first).to_contain_text(moved.isoformat())
    photograph(at_home, "dashboard-narrow")

    page.goto(running.url("console", "/admin/console/holidays/"))
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="撤销").click()
    page.fill("[name=reason]", "放假取消")
    answered(page, lambda: page.get_by_role("button", name="确认撤销").click())
    wait_until(lambda: is_due(in_time), 60, "the day moved back", running.last_words)
