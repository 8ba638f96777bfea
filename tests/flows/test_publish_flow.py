"""The main job in a browser: a county editor publishes, citizens find it everywhere within seconds, it is withdrawn and gone."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from cluster.context import in_site
from cluster.subsites.models import Subsite
from tests.flows.conftest import Desk
from tests.support.accounts import make_account
from tests.support.articles import column_of
from tests.support.citizen import Visitor
from tests.support.running import Product, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def staff(sites: tuple[Subsite, Subsite]) -> dict[str, str]:
    """Return site code → username of a new editor there."""
    name = f"bianji-{uuid4().hex[:6]}"
    return {site.code: make_account(site, "editor", f"{site.code}-{name}").username for site in sites}


def column_id(site: Subsite, code: str) -> int:
    """Return the page id of a column."""
    with in_site(site):
        return column_of(code).pk


def write_article(page: Page, *, title: str, text: str) -> None:
    """Fill Wagtail's form for a new article, with one paragraph typed into its editor."""
    page.fill("[name=title]", title)
    page.locator("[data-streamfield-stream-container] button[title]").first.click()
    page.get_by_role("option", name="正文").click()
    editor = page.locator("[data-contentpath=body] [contenteditable=true]").first
    editor.click()
    page.keyboard.type(text)
    expect(editor).to_contain_text(text)
    # The editor hands its text to the form a moment after the last key; a form posted before has an empty paragraph.
    expect(page.locator("[name=body-0-value]")).to_have_value(re.compile(re.escape(text)))


def choose_at_the_foot(page: Page, name: str) -> None:
    """Choose an action from the menu at the foot of the page form."""
    page.locator("footer [data-w-dropdown-target=toggle]").click()
    page.locator("footer [data-w-dropdown-target=content]").get_by_text(name, exact=True).click()


def answered(page: Page, click: Callable[[], None]) -> None:
    """Do what posts a form and wait for the server's answer: the change is committed then.

    The answer to a form that was accepted is a redirect; what Wagtail saves of its own accord meanwhile is answered with 200.
    """
    with page.expect_response(lambda response: (response.request.method, response.status) == ("POST", 302)):
        click()


def seen_in_admin(staff_member: Visitor, column: int, word: str) -> list[bool]:
    """Tell where an editor meets the word: dashboard, list of the column, search in the admin."""
    pages = ("/admin/", f"/admin/pages/{column}/", f"/admin/pages/search/?q={word}")
    texts = [staff_member.get(path).text for path in pages]
    assert all("</html>" in text for text in texts)
    return [f"{word}观赏季" in text for text in texts]


def test_an_article_is_published_found_everywhere_withdrawn_and_gone(
    desk: Callable[..., Desk], running: Product, visit: Callable[[str], Visitor], sites: tuple[Subsite, Subsite],
    staff: dict[str, str],
) -> None:  # fmt: skip
    alpha, beta = sites
    word = f"冰凌花{uuid4().hex[:6]}"
    title = f"{word}观赏季在甲县开幕"
    ours, theirs, citizen = visit("alpha"), visit("beta"), visit("alpha")
    office = desk().sign_in("alpha", staff["alpha"])
    page = office.open("alpha", f"/admin/pages/add/content/articlepage/{column_id(alpha, 'dtyw')}/")

    write_article(page, title=title, text=f"{word}在向阳的山坡上开放。")
    assert citizen.finds(word) == set(), "a draft is found"
    answered(page, lambda: choose_at_the_foot(page, "发布"))
    for code in ("alpha", "beta"):
        wait_until(lambda code=code: visit(code).finds(word) == {title}, 20, f"found from {code}", running.last_words)
    expect(page.locator(".messages .success")).to_contain_text("发布")

    reader = desk()
    for site in ("alpha", "beta"):
        results = reader.open(site, f"/search/?q={word}")
        expect(results.locator(".results a")).to_contain_text([title])
        expect(results.locator(".results")).to_contain_text("甲县人民政府")
    reader.page.locator(".results a").first.click()
    address = reader.page.url
    assert address.startswith(running.url("alpha", "/dtyw/"))
    expect(reader.page.locator("h1")).to_have_text(title)
    expect(reader.page.locator(".prose")).to_contain_text("在向阳的山坡上开放")
    for path in ("/", "/dtyw/"):
        expect(reader.open("alpha", path).locator("main")).to_contain_text(title)
    assert title not in visit("beta").get("/").text + visit("beta").get("/dtyw/").text
    ours.sign_in(staff["alpha"])
    theirs.sign_in(staff["beta"])
    assert seen_in_admin(ours, column_id(alpha, "dtyw"), word) == [True, True, True]
    assert seen_in_admin(theirs, column_id(beta, "dtyw"), word) == [False, False, False]

    page.locator(".messages .success").get_by_text("编辑").click()
    choose_at_the_foot(page, "取消发布")
    answered(page, lambda: page.locator("main form button[type=submit], main form input[type=submit]").first.click())
    wait_until(lambda: not visit("beta").finds(word), 20, "gone from the cluster's search", running.last_words)
    assert visit("alpha").finds(word) == set()
    path = address.removeprefix(running.url("alpha", ""))
    assert citizen.get(path).status_code == 404
    for place in ("/", "/dtyw/", "/dtyw/rss/", "/sitemap.xml", f"/search/?q={word}"):
        answer = citizen.get(place)
        assert answer.status_code == 200, place
        assert title not in answer.text, f"{place} still shows what was withdrawn"
    assert seen_in_admin(ours, column_id(alpha, "dtyw"), word)[1], "its editor still has the draft"


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the element has the focus, and see that the focus is shown."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate(
                "() => {const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle !== 'none' || s.boxShadow !== 'none'}"
            )
            assert outline, f"{selector} does not show that it has the focus"
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def test_with_the_keyboard_alone(desk: Callable[..., Desk], standing_article: tuple[str, str]) -> None:
    title, path = standing_article
    page = desk().open("beta")
    tab_to(page, ".skip", most=1)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page = desk().open("beta")
    tab_to(page, "input[name=q]", most=10)
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/search/"))
    tab_to(page, ".results a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(path)))
    expect(page.locator("h1")).to_have_text(title)


def test_without_javascript(desk: Callable[..., Desk], standing_article: tuple[str, str]) -> None:
    title, path = standing_article
    page = desk(java_script_enabled=False).open("beta")
    page.fill("header input[name=q]", title)
    page.locator("header form.search button").click()
    expect(page.locator(".results a").first).to_have_text(title)
    page.locator("form.find input[type=radio][name=site]").nth(1).check()
    page.locator("form.find button").click()
    expect(page.locator("main")).to_contain_text("没有找到相关内容")
    page.locator("main").get_by_role("link", name="在全部站点检索").click()
    page.get_by_role("link", name="按时间").click()
    page.locator(".results a").first.click()
    expect(page.locator("h1")).to_have_text(title)
    assert page.url.endswith(path)


@pytest.mark.parametrize("place", ["home", "column", "article", "search", "nothing found", "refused", "missing"])
def test_a_narrow_screen_needs_no_sideways_scrolling(
    desk: Callable[..., Desk], standing_article: tuple[str, str], place: str
) -> None:
    title, article = standing_article
    path = {
        "home": "/",
        "column": "/dtyw/",
        "article": article,
        "search": f"/search/?q={title}",
        "nothing found": "/search/?q=" + "长" * 150,
        "refused": "/search/?q=a&page=0",
        "missing": "/mei-you-zhe-ge-ye-mian/",
    }[place]
    page = desk(viewport={"width": 375, "height": 740}).open("alpha", path)
    width, widest = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollWidth]")
    assert widest <= width, f"{place} is {widest} px wide on a screen of {width} px"
