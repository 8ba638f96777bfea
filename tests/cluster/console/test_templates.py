"""Column templates in the console: the office writes the next version, the inspector reads, nothing typed is lost."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from cluster.audit.models import LedgerEntry
from cluster.column_templates import vocabulary
from cluster.column_templates.current import law_of_version
from cluster.column_templates.models import TemplateVersion
from cluster.column_templates.reading import whole
from cluster.column_templates.sources import FILES
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite

pytestmark = pytest.mark.django_db
TEMPLATES = "/admin/console/templates"


def typed(**changes: str) -> dict[str, str]:
    """Return what a browser would send: all texts of the version in force, some changed, lines as forms send them."""
    newest = TemplateVersion.objects.order_by("-number").first()
    assert newest
    texts = {file: newest.sources[file].replace("\n", "\r\n") for file in FILES}
    return {**texts, "edited": newest.digest, "note": "", **{f"{name}.toml": text for name, text in changes.items()}}


def county(*changes: tuple[str, str]) -> str:
    """Return the county's text in force with words replaced."""
    text = TemplateVersion.objects.get(state="current").sources["county.toml"]
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


def page(client: Client, path: str) -> str:
    """Return the text of a page."""
    answer = client.get(f"{TEMPLATES}/{path}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_versions_and_what_they_say_are_shown(office: Client, inspector: Client) -> None:
    assert "第 1 版" in page(office, "")
    shown = page(inspector, "1/?kind=county")
    assert "社会救助" in shown
    assert "180天内更新" in shown
    assert "[columns.zcwj]" in shown
    assert "龙江动态" in page(inspector, "1/")
    assert "编辑下一版" not in shown
    assert "编辑下一版" in page(office, "1/")


def test_the_office_saves_a_draft_and_sees_what_it_changes(office: Client, alpha: Subsite, beta: Subsite) -> None:
    for site in (alpha, beta):
        told = {"page_id": 1, "state": "published", "column_code": "sjfb", "published_at": timezone.now()}
        Resource.objects.create(site=site, title="统计月报", path="/sjfb/1/", content_hash="0", **told)
    text = county(('"sjfb",', ""), ('name = "政策"', 'name = "政策文库"'))
    text = text.replace('[[home]]\ntype = "column_list"\ncolumn = "sjfb"\nlimit = 6\n', "")
    answer = office.post(f"{TEMPLATES}/edit/", typed(county=text))
    assert answer.status_code == 302, unescape(answer.content.decode())
    saved = TemplateVersion.objects.get(state="draft")
    assert (saved.number, saved.actor["name"]) == (2, "王敏")
    assert "\r" not in saved.sources["county.toml"]
    shown = page(office, "2/difference/")
    assert "数据发布" in shown
    assert "现有 1 条信息" in shown  # alpha is a county; beta, a city, keeps its column
    assert "政策文库" in shown
    # Nothing has happened to any site, and the version in force is what it was.
    assert TemplateVersion.objects.get(state="current").number == 1


def test_a_broken_text_is_refused_with_line_and_cure_and_stays_in_the_form(office: Client) -> None:
    assert (
        office.post(f"{TEMPLATES}/edit/", typed(county=county(('name = "政策"', 'name = "文库"')))).status_code == 302
    )
    before = TemplateVersion.objects.get(state="draft")
    broken = county(('name = "政策"', 'nam = "一次精心的改动"'), ('"tzgg",', '"tzgg", "tzgg",'))
    answer = office.post(f"{TEMPLATES}/edit/", {**typed(), "county.toml": broken})
    told = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert "一次精心的改动" in told
    assert "是不是想写“name”" in told
    assert "栏目“tzgg”写了两次" in told
    assert "第 " in told
    assert "共有 2 处问题" in told
    assert TemplateVersion.objects.get(state="draft").digest == before.digest


def test_signs_that_nobody_sees_and_texts_of_any_size_are_refused_with_their_line(office: Client) -> None:
    sound = county(('name = "政策"', 'name = "政策文库"'))
    for broken, told in (
        (sound.replace("政策文库", "政策\x00库"), "有看不见的控制字符"),
        (sound.replace("政策文库", "政策\\u0000库"), "看不见的字符（U+0000）"),
        (sound + "#" * 300_000, "文件太大，超过 300000 个字"),
    ):
        answer = office.post(f"{TEMPLATES}/edit/", typed(county=broken))
        shown = unescape(answer.content.decode())
        assert answer.status_code == 200
        assert told in shown
        assert re.search(r"第 \d+ 行", shown)
        assert not TemplateVersion.objects.filter(state="draft").exists()
    assert office.post(f"{TEMPLATES}/edit/", typed(county=sound)).status_code == 302


def test_a_yearly_limit_is_shown_and_compared(office: Client) -> None:
    assert "每年3月31日前更新" in page(office, "1/?kind=county")
    assert "每年1月31日前更新" in page(office, "1/?kind=department")
    limit = "update = { within = 9, warn = 1 }\n\n[override.zc]\n"
    text = county(("[override.zc]\n", f"[override.xxgknb]\n{limit}"))
    assert office.post(f"{TEMPLATES}/edit/", typed(county=text)).status_code == 302
    shown = page(office, "2/difference/")
    assert "每年期限" in shown
    assert "9天内更新" in shown


def test_two_writers_do_not_overwrite_one_another(office: Client) -> None:
    opened = typed(county=county(('name = "政策"', 'name = "甲的改动"')))
    other = typed(county=county(('name = "政策"', 'name = "乙的改动"')))
    assert office.post(f"{TEMPLATES}/edit/", opened).status_code == 302
    refused = office.post(f"{TEMPLATES}/edit/", other)
    assert "别人已经保存了下一版" in refused.content.decode()
    assert "乙的改动" in refused.content.decode()
    assert "甲的改动" in TemplateVersion.objects.get(state="draft").sources["county.toml"]


def test_the_same_texts_make_no_version(office: Client) -> None:
    refused = office.post(f"{TEMPLATES}/edit/", typed())
    assert "完全相同" in refused.content.decode()
    assert TemplateVersion.objects.count() == 1


def test_an_old_version_can_be_the_beginning_of_the_next(office: Client) -> None:
    office.post(f"{TEMPLATES}/edit/", typed(county=county(('name = "政策"', 'name = "文库"'))))
    assert 'name = "文库"' in page(office, "edit/")
    assert 'name = "文库"' not in page(office, "edit/?base=1")
    for odd in ("0", "999", "²", "x"):
        assert 'name = "文库"' in page(office, f"edit/?base={odd}")


def test_a_draft_is_given_up_and_the_inspector_may_not(office: Client, inspector: Client) -> None:
    office.post(f"{TEMPLATES}/edit/", typed(county=county(('name = "政策"', 'name = "文库"'))))
    assert inspector.post(f"{TEMPLATES}/discard/")["Location"] == "/admin/"
    assert inspector.post(f"{TEMPLATES}/edit/", typed())["Location"] == "/admin/"
    assert TemplateVersion.objects.filter(state="draft").exists()
    assert office.post(f"{TEMPLATES}/discard/").status_code == 302
    assert not TemplateVersion.objects.filter(state="draft").exists()
    assert "没有正在编制" in unescape(office.post(f"{TEMPLATES}/discard/", follow=True).content.decode())


def test_who_writes_has_the_language_at_hand(office: Client) -> None:
    assert "[rules.source_given]\nfield" in page(office, "edit/").split("<textarea")[0]


def test_a_version_that_is_not_there_is_not_found(office: Client) -> None:
    assert office.get(f"{TEMPLATES}/99/").status_code == 404
    assert office.get(f"{TEMPLATES}/99/difference/").status_code == 404
    assert "最早的一版" in page(office, "1/difference/")


def test_the_ledger_says_who_wrote_and_gave_up_a_version(office: Client) -> None:
    text = county(('name = "政策"', 'name = "政策文库"'))
    assert office.post(f"{TEMPLATES}/edit/", {**typed(county=text), "note": "改名"}).status_code == 302
    assert office.post(f"{TEMPLATES}/discard/").status_code == 302
    written = list(LedgerEntry.objects.filter(subject_type="template", subject_id="2").order_by("id"))
    assert [(row.action, row.actor["name"]) for row in written] == [
        ("template_drafted", "王敏"),
        ("template_discarded", "王敏"),
    ]
    shown = unescape(office.get("/admin/console/ledger/").content.decode())
    for word in ("编制栏目模板草稿", "栏目模板第 2 版", "改名"):
        assert word in shown


def test_a_version_of_an_earlier_language_says_what_to_cure(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "旧的写法" not in page(office, "1/")
    monkeypatch.setattr(vocabulary, "LANGUAGE", vocabulary.LANGUAGE + 1)
    monkeypatch.setattr(whole, "COLUMN_WORDS", tuple(word for word in whole.COLUMN_WORDS if word != "reviewer"))
    law_of_version.cache_clear()
    shown = page(office, "1/?kind=county")
    law_of_version.cache_clear()
    assert "旧的写法" in shown
    assert "“reviewer”不认识" in shown
    assert "政策文件" in shown


def test_a_new_column_is_shown_with_its_rules_and_one_that_nobody_lists_is_named(office: Client) -> None:
    base = TemplateVersion.objects.get(state="current").sources["common.toml"]
    words = 'class = "periodic"\ncolumn_type = "食品"\ndescription = "监管。"\nkeywords = "食品"\nleast = 2\n'
    rule = 'items = [{ field = "summary", check = "required", severity = "warning" }]\n'
    common = f'{base}\n[columns.spaq]\nname = "食品监管"\n{words}{rule}'
    assert office.post(f"{TEMPLATES}/edit/", typed(common=common)).status_code == 302
    assert "“食品监管”（spaq）没有列进任何一类站点" in page(office, "2/difference/")
    listed = county(('"tzgg",', '"tzgg", "spaq",'))
    assert office.post(f"{TEMPLATES}/edit/", typed(common=common, county=listed)).status_code == 302
    shown = page(office, "2/difference/")
    assert "没有列进" not in shown
    assert "至少 2 条" in shown
    assert "必须填写摘要（警告）" in shown


def test_the_editor_says_whose_draft_it_is(office: Client) -> None:
    assert "从现行版开始" in page(office, "edit/")
    office.post(f"{TEMPLATES}/edit/", typed(county=county(('name = "政策"', 'name = "文库"'))))
    assert "正在编辑第 2 版草稿（王敏，" in page(office, "edit/")
