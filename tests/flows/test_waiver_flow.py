"""A waiver from the refusal to the board, in browsers: an editor is refused, the site asks, the office signs, it is published."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from cluster.column_templates.models import Waiver
from cluster.context import in_site
from cluster.inspection.models import ColumnState
from cluster.subsites.models import Subsite
from sites.common.models import GatePass
from sites.content.models import PolicyDocumentPage
from tests.flows.conftest import Desk
from tests.flows.test_publish_flow import answered, choose_at_the_foot, column_id
from tests.support.accounts import make_account
from tests.support.running import Product, wait_until

pytestmark = pytest.mark.browser
RULE = "zcwj.written_on.not_after"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 375, "height": 800}


def photograph(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for pictures."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def write_document(page: Page, title: str) -> None:
    """Write a document that is dated after its publication."""
    page.locator("[data-side-panel-toggle=gate]").click()
    page.fill("[name=title]", title)
    page.select_option("[name=document_kind]", label="通知")
    page.fill("[name=pub_date]", "2099-01-01")


def test_refused_asked_for_granted_and_published(
    desk: Callable[..., Desk], running: Product, sites: tuple[Subsite, Subsite]
) -> None:
    alpha, beta = sites
    mark = uuid4().hex[:6]
    title, reason = f"关于供暖{mark}的通知", f"上级文件倒签{mark}，月底前更正"
    editor = make_account(alpha, "editor", f"xiezuo-{mark}").username
    keeper = make_account(alpha, "site_admin", f"guanli-{mark}").username
    office = make_account(Subsite.objects.get(code="console"), "office", f"qianpi-{mark}").username
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    writing = f"/admin/pages/add/content/policydocumentpage/{column_id(alpha, 'zcwj')}/"

    # The editor sees the rule refused, and whom to ask.
    at_work = desk(viewport=WIDE).sign_in("alpha", editor)
    page = at_work.open("alpha", writing)
    write_document(page, title)
    panel = page.locator("[data-gate]")
    expect(panel.locator(".gate__rule--refusal")).to_contain_text("晚于发布时间", timeout=8_000)
    expect(panel).to_contain_text("请本网站管理员申请豁免")
    choose_at_the_foot(page, "发布")
    expect(page.locator(".messages")).to_contain_text("晚于发布时间")

    # The site's administrator asks, from the very rule.
    keepers = desk(viewport=WIDE).sign_in("alpha", keeper)
    theirs = keepers.open("alpha", writing)
    write_document(theirs, title)
    link = theirs.locator(".gate__rule--refusal", has_text="晚于发布时间").get_by_role("link", name="申请豁免")
    expect(link).to_be_visible(timeout=8_000)
    with keepers.context.expect_page() as opened:
        link.click()
    form = opened.value
    expect(form.locator("input[name=rule]:checked")).to_have_value(RULE)
    form.fill("[name=reason]", reason)
    photograph(form, "waiver-ask")
    form.get_by_role("button", name="提交申请").click()
    row = form.locator("tr", has_text=mark)
    expect(row).to_contain_text("待批")
    assert not form.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    # The office signs, until a day.
    consoles = desk(viewport=NARROW).sign_in("console", office)
    signing = consoles.open("console", "/admin/")
    signing.get_by_role("link", name="项豁免申请").click()
    photograph(signing, "waiver-list-narrow")
    signing.get_by_role("link", name=alpha.name).first.click()
    expect(signing.locator("body")).to_contain_text(reason)
    signing.get_by_label("批准", exact=True).check()
    signing.fill("[name=expires_on]", until)
    signing.fill("[name=note]", "同意，到期前更正")
    photograph(signing, "waiver-grant-narrow")
    answered(signing, lambda: signing.get_by_role("button", name="确定").click())
    waiver = Waiver.objects.get(reason=reason)
    assert (waiver.site, waiver.rule_id, waiver.state) == (alpha, RULE, "granted")
    assert waiver.expires_on.isoformat() == until

    # The editor publishes what was refused; beta's editors could not.
    page.fill("[name=title]", f"{title}（续）")
    waived = panel.locator(".gate__rule--waived")
    expect(waived).to_contain_text(until, timeout=8_000)
    expect(waived).to_contain_text(reason)
    expect(panel.locator(".gate__rule--refusal")).to_have_count(0)
    panel.locator("[name=gate_reason]").fill("成文日期月底前更正")
    photograph(page, "waiver-panel")
    answered(page, lambda: choose_at_the_foot(page, "发布"))
    expect(page.locator(".messages")).to_contain_text("已经发布")
    with in_site(alpha):
        document = PolicyDocumentPage.objects.get(title=f"{title}（续）", live=True)
        kept = {one["rule_id"]: one for one in GatePass.objects.filter(page_id=document.pk).latest("id").verdicts}
    assert kept[RULE]["waiver"]["number"] == waiver.pk

    # The board shows both, on the site's row and no other's.
    def is_on_the_board() -> bool:
        return ColumnState.objects.filter(site=alpha, column_code="zcwj", last_title=document.title).exists()

    wait_until(is_on_the_board, 60, "the clock looked again", running.last_words)
    for width, name in ((WIDE, "wide"), (NARROW, "narrow")):
        board = desk(viewport=width).sign_in("console", office)
        shown = board.open("console", "/admin/console/board/?q=政策文件")
        ours = shown.locator("tr", has=shown.get_by_text(alpha.name), has_text="政策文件")
        expect(ours.first).to_contain_text(until)
        expect(ours.first).to_contain_text(reason[:10])
        expect(shown.locator("tr", has=shown.get_by_text(beta.name)).first).not_to_contain_text(until)
        photograph(shown, f"waiver-board-{name}")
        shown.get_by_role("link", name="政策文件").first.click()
        photograph(shown, f"waiver-inspection-{name}")
    shown.goto(running.url("console", "/admin/console/board/alpha/"))
    r18 = shown.locator("tr", has_text="R18 文号和文种")
    expect(r18).to_contain_text("含豁免")
    expect(r18).to_contain_text(reason)
