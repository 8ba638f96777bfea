"""The publish gate in a browser: rules while writing, a refusal that loses nothing, a warning overridden with a reason."""

import os
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from cluster.context import in_site
from cluster.subsites.models import Subsite
from sites.common.models import GatePass
from sites.content.models import PolicyDocumentPage
from tests.flows.conftest import Desk
from tests.flows.test_publish_flow import choose_at_the_foot, column_id
from tests.support.accounts import make_account

pytestmark = pytest.mark.browser
TITLE = "关于做好今冬明春供暖保障工作的通知"


def photograph(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for pictures."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_rules_while_writing_a_refusal_and_a_reason(desk: Callable[..., Desk], sites: tuple[Subsite, Subsite]) -> None:
    alpha, _ = sites
    editor = make_account(alpha, "editor", f"guize-{uuid4().hex[:6]}").username
    at_work = desk(viewport={"width": 1280, "height": 900}).sign_in("alpha", editor)
    page = at_work.open("alpha", f"/admin/pages/add/content/policydocumentpage/{column_id(alpha, 'zcwj')}/")
    page.locator("[data-side-panel-toggle=gate]").click()
    panel = page.locator("[data-gate]")
    expect(panel).to_contain_text("栏目“政策文件”")
    page.fill("[name=title]", TITLE)
    page.fill("[name=pub_date]", "2099-01-01")
    expect(panel.locator(".gate__rule--refusal")).to_contain_text("晚于发布时间", timeout=8_000)
    photograph(page, "gate-panel")

    choose_at_the_foot(page, "发布")
    expect(page.locator(".messages")).to_contain_text("晚于发布时间")
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    expect(panel).to_be_visible()
    photograph(page, "gate-refused")

    page.fill("[name=pub_date]", "")
    expect(panel.locator(".gate__rule--refusal")).to_have_count(0, timeout=8_000)
    expect(panel.locator(".gate__rule--warning").first).to_be_visible()
    reason = panel.locator("[name=gate_reason]")
    reason.fill("成文日期待档案室核实，先行发布")
    photograph(page, "gate-warning")
    choose_at_the_foot(page, "发布")
    expect(page.locator(".messages")).to_contain_text("已经发布")
    with in_site(alpha):
        document = PolicyDocumentPage.objects.get(title=TITLE)
        assert GatePass.objects.get(page_id=document.pk, purpose="live").reason == "成文日期待档案室核实，先行发布"
    assert not at_work.errors
