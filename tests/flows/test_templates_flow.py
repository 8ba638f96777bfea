"""The office writes the next version of the column templates in a browser, wide and narrow; no site changes by that."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from cluster.subsites.models import Subsite
from tests.flows.conftest import Desk
from tests.support.accounts import make_account

pytestmark = pytest.mark.browser
COUNTY = "textarea[name='county.toml']"


def save(page: Page) -> None:
    """Press the button at the foot."""
    page.get_by_role("button", name="检查并保存草稿").click()


def fits(page: Page) -> bool:
    """Tell whether the page is no wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("width", [1280, 375])
def test_a_broken_text_is_corrected_saved_compared_and_given_up(
    sites: tuple[Subsite, Subsite], desk, width: int
) -> None:
    office = make_account(Subsite.objects.get(code="console"), "office", f"zhuguan-{uuid4().hex[:6]}").username
    one: Desk = desk(viewport={"width": width, "height": 900}).sign_in("console", office)
    page = one.open("console", "/admin/console/templates/edit/")
    text = page.input_value(COUNTY)
    page.fill(COUNTY, text.replace('name = "政策"', 'nam = "政策文库"'))
    save(page)
    expect(page.get_by_text("是不是想写“name”").first).to_be_visible()
    assert 'nam = "政策文库"' in page.input_value(COUNTY)
    assert fits(page)
    page.fill(COUNTY, page.input_value(COUNTY).replace('nam = "政策文库"', 'name = "政策文库"'))
    save(page)
    expect(page.get_by_text("与第 1 版相比")).to_be_visible()
    expect(page.locator("ins", has_text="政策文库")).to_be_visible()
    assert fits(page)
    for site in sites:
        assert "政策文库" not in one.open(site.code, "/").content()
    one.open("console", "/admin/console/templates/2/?kind=county")
    assert fits(page)
    page.get_by_role("button", name="放弃草稿").click()
    expect(page.get_by_text("已放弃草稿")).to_be_visible()
    expect(page.get_by_text("第 2 版")).to_have_count(0)
