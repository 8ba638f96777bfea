"""What every public page has: skip link, search box, menu, breadcrumb, footer elements, style sheet; and no script inline."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from wagtail.models import PageViewRestriction

from cluster.context import in_site
from cluster.subsites.models import Subsite
from tests.support.articles import publish_article
from tests.support.pages import address_of, browse, links


@pytest.fixture
def full_record(alpha) -> Subsite:
    """Return alpha with everything in its record that a footer says."""
    Subsite.objects.filter(pk=alpha.pk).update(
        organizer="甲县人民政府办公室",
        undertaker="甲县政务信息中心",
        phone="0451-00000000",
        address="甲县中心街1号",
        icp="黑ICP备00000000号",
        police_record="黑公网安备 23018400000000号",
        mark_url="https://bszs.conac.cn/sitename?method=show&id=0",
    )
    return Subsite.objects.get(pk=alpha.pk)


def test_footer_says_what_the_record_says_on_every_page(full_record, beta):
    page = publish_article(full_record, "一篇")
    for path in ("/", "/dtyw/", address_of(full_record, page), "/sitemap/"):
        foot = browse(full_record, path).footer
        text = foot.get_text()
        for words in ("甲县人民政府办公室", "甲县政务信息中心", "0451-00000000", "2301840001", "黑ICP备00000000号"):
            assert words in text, (path, words)
        targets = links(foot, "a")
        assert targets["黑公网安备 23018400000000号"] == "https://beian.mps.gov.cn/"
        assert targets["我为政府网站找错"] == "https://zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code=2301840001"
        assert targets["本网站支持IPv6"] == "https://www.china-ipv6.cn/"
        assert foot.select_one(".mark a")["href"] == full_record.mark_url
        assert foot.select_one(".mark img")["src"].startswith("/static/")
        assert foot.select_one(".mark img")["alt"] == "党政机关网站标识"
    assert "甲县" not in browse(beta, "/").get_text()


def test_missing_parts_of_the_record_leave_no_empty_labels(beta):
    foot = browse(beta, "/").footer
    assert "备案" not in foot.get_text()
    assert all(entry.get_text(strip=True) for entry in foot.find_all("dd"))


def test_the_official_mark_is_shown_with_its_link_or_not_at_all(full_record, beta):
    assert browse(full_record, "/").select_one(".mark a img")
    foot = browse(beta, "/").footer
    assert not foot.select(".mark, img")
    assert "标识" not in foot.get_text().replace("网站标识码", "")
    Subsite.objects.filter(pk=full_record.pk).update(mark_kind="blue")
    assert browse(full_record, "/").select_one(".mark img")["alt"] == "事业单位网站标识"


def test_the_error_report_names_no_site_without_a_code(alpha, beta):
    Subsite.objects.filter(pk=beta.pk).update(id_code="")
    for site, end in ((alpha, "?site_code=2301840001"), (beta, "")):
        address = links(browse(site, "/"), "footer a")["我为政府网站找错"]
        assert address == f"https://zfwzgl.www.gov.cn/exposure/jiucuo.html{end}"


OFFICIAL_SCRIPT = "https://zfwzgl.www.gov.cn/exposure/jiucuo.js"


def test_the_official_script_runs_where_the_office_turned_it_on_and_nowhere_else(alpha, beta):
    page, other = publish_article(alpha, "一篇"), publish_article(beta, "另一篇")
    Subsite.objects.filter(pk=alpha.pk).update(jiucuo_enabled=True)
    for path in ("/", "/dtyw/", address_of(alpha, page), "/sitemap/"):
        soup = browse(alpha, path)
        script = soup.footer.select_one("script#_jiucuo_")
        assert (script["src"], script["sitecode"]) == (OFFICIAL_SCRIPT, "2301840001")
        assert not script.string
        # Without scripts the plain link stays.
        assert [link.parent.name for link in soup.footer.find_all("a", string="我为政府网站找错")] == ["noscript"]
        assert [one["src"] for one in soup.find_all("script") if not one["src"].startswith("/static/")] == [
            OFFICIAL_SCRIPT
        ]
    for path in ("/", "/dtyw/", address_of(beta, other), "/sitemap/"):
        soup = browse(beta, path)
        assert "jiucuo.js" not in str(soup)
        assert [link.parent.name for link in soup.footer.find_all("a", string="我为政府网站找错")] == ["li"]


def test_the_official_script_needs_the_sites_code(alpha):
    Subsite.objects.filter(pk=alpha.pk).update(jiucuo_enabled=True, id_code="")
    soup = browse(alpha, "/")
    assert "jiucuo.js" not in str(soup)
    assert links(soup, "footer a")["我为政府网站找错"].endswith("/jiucuo.html")
    Subsite.objects.filter(pk=alpha.pk).update(id_code="2301840001")
    assert browse(alpha, "/").select_one("script#_jiucuo_")["sitecode"] == "2301840001"


def test_links_of_the_foot_and_strip_lead_somewhere(alpha):
    soup = browse(alpha, "/")
    for name in ("关于我们", "网站地图", "无障碍声明"):
        browse(alpha, links(soup, "footer a")[name])


def test_page_works_without_scripts_and_from_this_host_alone(alpha, beta):
    page = publish_article(alpha, "一篇")
    for path in ("/", "/dtyw/", address_of(alpha, page)):
        soup = browse(alpha, path)
        assert all(script["src"].startswith("/static/") and not script.string for script in soup.find_all("script"))
        assert all(tag["src"].startswith("/") for tag in soup.find_all(["img", "iframe"]))
        assert not [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)]
        assert not soup.find_all(style=True)
        assert soup.select_one("a.skip")["href"] == "#main"
        assert soup.select_one("#main")
        assert soup.html["lang"] == "zh-CN"
        assert soup.select_one("form[role=search]")["action"] == "/search/"
        assert soup.select_one("label[for=site-q]")
    assert browse(alpha, "/").html["data-kind"] == "county"
    assert browse(beta, "/").html["data-kind"] == "city"


def test_style_sheet_has_print_dark_and_narrow_forms(alpha):
    sheet = browse(alpha, "/").select_one("link[rel=stylesheet]")["href"]
    css = Path(finders.find(sheet.removeprefix("/static/"))).read_text()
    for need in (
        "@media print",
        "prefers-color-scheme: dark",
        "max-width: 560px",
        ":focus-visible",
        "max-width: 1160px",
    ):
        assert need in css
    assert not re.search(r"url\(['\"]?(?:https?:)?//", css)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(sign * 2 for sign in digits) if len(digits) == 3 else digits
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", css))


def test_every_colour_is_readable_in_both_schemes():
    css = Path(finders.find("common/site.css")).read_text()
    light_css, dark_css = css.split("@media (prefers-color-scheme: dark)", 1)
    dark_css = dark_css.split("/* ---- ground", 1)[0]
    for part in (light_css, dark_css):
        root = {**_tokens(light_css.split("[data-kind", 1)[0]), **_tokens(part.split("[data-kind", 1)[0])}
        kinds = [root] + [
            {**root, **_tokens(rule)} for rule in re.findall(r"\[data-kind=\"\w+\"\] \{([^}]*--band[^}]*)\}", part)
        ]
        assert len(kinds) == 5
        for words in kinds:
            for ground in ("paper", "wash", "card"):
                for ink in ("ink", "ink-soft", "link", "link-hover", "visited", "good", "old", "brand"):
                    assert _contrast(words[ink], words[ground]) >= 4.5, (ink, ground, words[ink], words[ground])
            assert _contrast("#ffffff", words["band"]) >= 7
            assert _contrast(words["ink"], words["notice"]) >= 7
            assert _contrast(words["ink-soft"], words["tint"]) >= 4.5


def test_breadcrumb_leads_from_home_to_here(alpha):
    page = publish_article(alpha, "一个办法", column="zcwj")
    soup = browse(alpha, address_of(alpha, page))
    assert links(soup, ".crumbs a") == {"首页": "/", "政策": "/zc/", "政策文件": "/zc/zcwj/"}
    assert soup.select_one(".crumbs [aria-current=page]").get_text() == "正文"
    assert browse(alpha, "/zc/zcwj/").select_one(".crumbs [aria-current=page]").get_text() == "政策文件"
    assert not browse(alpha, "/").select(".crumbs")


def test_menu_shows_where_one_is(alpha):
    assert browse(alpha, "/").select_one("nav.main [aria-current]").get_text() == "首页"
    assert browse(alpha, "/zc/zcwj/").select_one("nav.main [aria-current]").get_text() == "政策"


def test_trial_sites_say_so_and_keep_crawlers_out(alpha, beta, client_for):
    Subsite.objects.filter(pk=alpha.pk).update(state="trial")
    trial = Subsite.objects.get(pk=alpha.pk)
    assert "试运行" in browse(trial, "/").get_text()
    assert "Disallow: /\n" in client_for(trial).get("/robots.txt").content.decode()
    assert "试运行" not in browse(beta, "/").get_text()
    assert "Disallow: /\n" not in client_for(beta).get("/robots.txt").content.decode()


def test_demonstration_is_marked_only_where_it_is_one(alpha, settings):
    settings.DEMO_CLUSTER = True
    assert "演示数据" in browse(alpha, "/").get_text()
    settings.DEMO_CLUSTER = False
    assert "演示数据" not in browse(alpha, "/").get_text()


def test_not_found_page_helps_and_hides_other_sites(alpha, beta):
    page = publish_article(beta, "乙市的文章")
    soup = browse(alpha, address_of(beta, page), status=404)
    assert "没有找到" in soup.get_text()
    assert soup.select_one("form[role=search]")
    assert "乙市" not in soup.get_text()


@pytest.mark.parametrize("template", ["preparing", "suspended", "closed"])
def test_state_pages_stand_alone(alpha, template, django_assert_num_queries):
    alpha.state_reason, alpha.successor_name, alpha.successor_url = "机房迁移", "新网站", "https://example.gov.cn/"
    with django_assert_num_queries(0):
        page = render_to_string(f"states/{template}.html", {"site": alpha})
    assert "甲县人民政府" in page
    assert "/static/" not in page
    assert "<script" not in page
    assert ("新网站" in page) == (template == "closed")


def test_pages_for_nobody_in_particular_name_nobody(alpha):
    for template in ("states/unknown_host.html", "500.html", "400.html", "403.html", "403_csrf.html"):
        page = render_to_string(template)
        assert "人民政府" not in page
        assert "/static/" not in page


def test_a_restricted_page_asks_in_the_sites_own_dress(alpha, client_for):
    page = publish_article(alpha, "内部文章")
    with in_site(alpha):
        restriction = PageViewRestriction.objects.create(page=page, restriction_type="password", password="kou-ling")
    address = address_of(alpha, page)
    client = client_for(alpha)
    asked = client.get(address).content.decode()
    assert "凭密码查看" in asked
    assert "内部文章" not in asked
    for password, status in (("wrong", 200), ("kou-ling", 302)):
        form = {"password": password, "return_url": address}
        action = f"/_util/authenticate_with_password/{restriction.pk}/{page.pk}/"
        assert client.post(action, form).status_code == status
    assert "内部文章" in client.get(address).content.decode()
    with in_site(alpha):
        PageViewRestriction.objects.update(restriction_type="login")
    login = client_for(alpha).get(address, follow=True)
    assert "登录后查看" in login.content.decode()
    assert alpha.name in login.content.decode()


def test_a_site_without_a_parent_says_its_own_name_above(alpha, beta):
    assert browse(alpha, "/").select_one(".strip").get_text().strip().startswith("甲县人民政府")
    Subsite.objects.filter(pk=alpha.pk).update(parent=beta)
    assert links(browse(Subsite.objects.get(pk=alpha.pk), "/").select_one(".strip"), "a")["乙市人民政府"].startswith(
        "http://beta"
    )
    Subsite.objects.filter(pk=beta.pk).update(kind="province")
    assert "政府网站群" in browse(Subsite.objects.get(pk=beta.pk), "/").select_one(".strip").get_text()
