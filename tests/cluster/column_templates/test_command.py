"""`manage.py column_templates`: load, show, diff; sentences for what cannot be done."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cluster.column_templates import versions
from cluster.column_templates.models import TemplateVersion
from cluster.column_templates.sources import shipped_folder
from cluster.resources.models import Resource
from cluster.subsites.models import SiteKind, Subsite

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> str:
    """Run the command and return what it prints."""
    out = StringIO()
    call_command("column_templates", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Return a file with the county's text, to be changed by the test."""
    path = tmp_path / "county.toml"
    path.write_text((shipped_folder() / "county.toml").read_text(), encoding="utf-8")
    return path


def change(path: Path, before: str, after: str) -> None:
    """Replace words in a file."""
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after), encoding="utf-8")


def drop_data_column(path: Path) -> None:
    """Take the column of data out of the county's text."""
    change(path, '"sjfb",', "")
    change(path, '[[home]]\ntype = "column_list"\ncolumn = "sjfb"\nlimit = 6\n', "")


def test_load_makes_a_draft_and_says_what_it_changes(county: Path) -> None:
    change(county, 'name = "政策"', 'name = "文库"')
    told = run("load", county, "--note", "改名")
    assert "已保存为第 2 版草稿" in told
    assert "修改 文库（zc）名称：政策 → 文库" in told
    assert TemplateVersion.objects.get(number=2).note == "改名"
    assert "草稿" in run("show")


def test_load_answers_programs_as_well(county: Path) -> None:
    change(county, 'name = "政策"', 'name = "文库"')
    told = json.loads(run("load", county, "--format", "json"))
    assert (told["version"], told["state"], told["from"]) == (2, "draft", 1)
    (kind,) = told["kinds"]
    assert (kind["kind"], [one["code"] for one in kind["changed"]]) == ("county", ["zc"])


def test_a_version_that_drops_a_column_says_so_with_its_items(county: Path, alpha: Subsite, beta: Subsite) -> None:
    """Alpha, a county, has 500 items in the column; beta, a city, keeps its own."""
    told = {"state": "published", "column_code": "sjfb", "published_at": timezone.now(), "content_hash": "0"}
    Resource.objects.bulk_create(
        Resource(site=site, page_id=number, title="月报", path=f"/sjfb/{number}/", **told)
        for site, count in ((alpha, 500), (beta, 3))
        for number in range(count)
    )
    drop_data_column(county)
    run("load", county)
    assert "去掉 数据发布（sjfb），其中现有 500 条信息，应用时不会删除" in run("diff")
    (kind,) = json.loads(run("diff", "--format", "json"))["kinds"]
    assert kind["kind"] == "county"
    assert kind["dropped"] == [{"code": "sjfb", "name": "数据发布", "items": 500}]
    assert kind["home"] is True
    (back,) = json.loads(run("diff", 2, 1, "--format", "json"))["kinds"]
    assert [column["code"] for column in back["added"]] == ["sjfb"]


def test_load_refuses_broken_texts_and_keeps_the_old_draft(county: Path) -> None:
    change(county, 'name = "政策"', 'name = "文库"')
    run("load", county)
    change(county, 'name = "文库"', 'name = "文库"\nclass = "weekly"\nitem = 3')
    with pytest.raises(CommandError) as refused:
        run("load", county)
    told = str(refused.value)
    assert "county.toml 第 " in told
    assert "weekly" in told
    assert "共 2 处问题，没有保存" in told
    draft = versions.draft()
    assert draft
    assert "weekly" not in draft.sources["county.toml"]


def test_a_whole_folder_can_be_loaded_and_the_same_texts_make_no_version() -> None:
    with pytest.raises(CommandError, match="完全相同"):
        run("load", shipped_folder())


def test_a_file_of_another_editor_is_read_as_well(county: Path) -> None:
    """With the mark of UTF-8 at its beginning and the line ends of Windows."""
    text = county.read_text().replace('name = "政策"', 'name = "文库"')
    county.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    run("load", county)
    draft = versions.draft()
    assert draft
    assert draft.sources["county.toml"] == text


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="读不了"):
        run("load", tmp_path / "nowhere.toml")
    with pytest.raises(CommandError, match="没有模板"):
        run("load", tmp_path)
    (tmp_path / "county.toml").write_bytes("columns = [] # 县".encode("gbk"))
    with pytest.raises(CommandError, match="UTF-8"):
        run("load", tmp_path)
    with (tmp_path / "county.toml").open("wb") as large:
        large.truncate(3_000_000_000)
    for path in (tmp_path, tmp_path / "county.toml"):
        with pytest.raises(CommandError, match=r"county\.toml 超过 1 MB，不像栏目模板"):
            run("load", path)
    (tmp_path / "county.toml").write_text("#" * 300_001)
    with pytest.raises(CommandError, match=r"county\.toml 第 1 行：文件太大，超过 300000 个字"):
        run("load", tmp_path)
    (tmp_path / "village.toml").write_text("columns = []")
    with pytest.raises(CommandError, match=r"village\.toml"):
        run("load", tmp_path / "village.toml")


def test_show_lists_versions_and_columns() -> None:
    assert "第 1 版　现行" in run("show")
    told = run("show", "county")
    assert "政策文件（zcwj）" in told
    assert "180天内更新，提前30天提醒" in told
    assert "3个工作日内要有政策解读" in told
    asked = json.loads(run("show", "province", "--version", 1, "--format", "json"))
    assert asked["version"] == 1
    assert len(asked["kinds"]["province"]) >= 50


def test_versions_that_are_not_there_are_told() -> None:
    with pytest.raises(CommandError, match="没有第 9 版。现有：1"):
        run("show", "--version", 9)
    with pytest.raises(CommandError, match="没有草稿"):
        run("diff")
    with pytest.raises(CommandError, match="最多比较两个"):
        run("diff", 1, 1, 1)
    assert "没有变化" in run("diff", 1, 1)


FOOD = """
[columns.spaq]
name = "食品药品监管"
class = "periodic"
column_type = "食品药品"
description = "公开食品药品监管信息。"
keywords = "食品,药品"
unit = "市场监管局"
update = { within = 90, warn = 10 }
least = 2
items = [{ field = "summary", check = "required", severity = "warning" }]
"""


@pytest.fixture
def common(tmp_path: Path) -> Path:
    """Return the common base with one more column."""
    path = tmp_path / "common.toml"
    path.write_text((shipped_folder() / "common.toml").read_text() + FOOD, encoding="utf-8")
    return path


def test_a_column_that_no_kind_lists_is_told_of(common: Path, county: Path) -> None:
    hint = "公共模板里的栏目“食品药品监管”（spaq）没有列进任何一类站点的 columns"
    assert hint in run("load", common)
    assert hint in run("diff")
    assert json.loads(run("diff", "--format", "json"))["unlisted"] == ["spaq"]
    change(county, '"qtgk",', '"qtgk", "spaq",')
    assert "没有列进" not in run("load", common, county)
    assert "没有列进" not in run("diff")
    assert json.loads(run("load", common, county, "--format", "json"))["unlisted"] == []


def test_the_difference_says_of_a_new_column_what_it_asks(common: Path, county: Path) -> None:
    change(county, '"qtgk",', '"qtgk", "spaq",')
    told = run("load", common, county)
    limit = "90天内更新，提前10天提醒（警告）"
    assert f"增加 食品药品监管（spaq）：定期更新；必设；市场监管局；{limit}；至少 2 条" in told
    assert "· 必须填写摘要（警告）" in told
    (kind,) = json.loads(run("diff", "--format", "json"))["kinds"]
    (column,) = kind["added"]
    assert limit in column["says"]
    assert "必须填写摘要（警告）" in column["rules"]


def test_the_draft_of_another_is_not_replaced_unasked(county: Path) -> None:
    """Whoever wrote it goes on as before; others are told whose it is."""
    change(county, 'name = "政策"', 'name = "文库"')
    run("load", county, "--actor", "李处长", "--note", "政策改名")
    change(county, 'name = "文库"', 'name = "书库"')
    with pytest.raises(CommandError, match=r"已有第 2 版草稿（李处长，.*保存），没有载入。说明：政策改名。.*--replace"):
        run("load", county, "--actor", "王科长")
    kept = versions.draft()
    assert kept
    assert (kept.author, 'name = "文库"' in kept.sources["county.toml"]) == ("李处长", True)
    run("load", county, "--actor", "李处长")
    change(county, 'name = "书库"', 'name = "文件库"')
    run("load", county, "--actor", "王科长", "--replace")
    taken = versions.draft()
    assert taken
    assert (taken.number, taken.author, 'name = "文件库"' in taken.sources["county.toml"]) == (2, "王科长", True)


def test_the_command_applies_the_draft_that_was_planned_and_no_other(
    county: Path, alpha: Subsite, beta: Subsite
) -> None:
    change(county, 'name = "政策"', 'name = "文库"')
    run("load", county)
    digest = json.loads(run("plan", "--format", "json"))["digest"]
    assert f"apply --version 2 --digest {digest[:12]}" in run("plan")
    change(county, 'name = "文库"', 'name = "书库"')
    run("load", county)
    for told in (digest, digest[:12]):
        with pytest.raises(CommandError, match="第 2 版在您查看方案之后又改过"):
            run("apply", "--digest", told)
    with pytest.raises(CommandError, match="不是 plan 给出的摘要"):
        run("apply", "--digest", digest[:3])
    assert "草稿" in run("show").splitlines()[0]
    digest = json.loads(run("plan", "--format", "json"))["digest"]
    assert "调整" in run("apply", "--digest", digest[:12].upper())
    assert "第 2 版　现行" in run("show")
    with pytest.raises(CommandError, match="又改过"):
        run("apply", "--site", "alpha", "--digest", "0" * 12)
    assert "已经一致" in run("apply", "--site", "alpha", "--digest", digest)


def test_a_draft_is_applied_by_nobody_who_has_not_seen_its_plan(
    county: Path, alpha: Subsite, beta: Subsite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script names the digest; a person at a terminal is shown the plan and says the number. What is in force needs neither."""
    change(county, 'name = "政策"', 'name = "文库"')
    run("load", county)
    for further in ((), ("--version", 2), ("--format", "json")):
        with pytest.raises(CommandError, match=r"第 2 版还是草稿.*column_templates plan --version 2.*--digest"):
            run("apply", *further)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    with pytest.raises(CommandError, match=r"column_templates plan --version 2"):
        run("apply", "--format", "json")
    answers = iter(["", "3", "2"])
    monkeypatch.setattr("builtins.input", lambda asked: next(answers))
    for _ in range(2):
        with pytest.raises(CommandError, match="没有应用"):
            run("apply")
    assert "草稿" in run("show").splitlines()[0]
    told = run("apply")
    assert "文库" in told.partition("照此应用")[0], "the plan comes first"
    assert "调整" in told
    monkeypatch.undo()
    assert "已经一致" in run("apply")
    assert "已经一致" in run("apply", "--version", 2)


def test_a_draft_that_changes_while_it_is_looked_at_is_not_applied(
    county: Path, alpha: Subsite, beta: Subsite, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(county, 'name = "政策"', 'name = "文库"')
    run("load", county)

    def answer(asked: str) -> str:
        change(county, 'name = "文库"', 'name = "书库"')
        run("load", county)
        return "2"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", answer)
    with pytest.raises(CommandError, match="第 2 版在您查看方案之后又改过"):
        run("apply")
    assert "草稿" in run("show").splitlines()[0]


def test_the_plan_calls_moulds_by_one_name(county: Path, alpha: Subsite) -> None:
    change(county, 'name = "政策"', 'name = "文库"')
    run("load", county)
    told = run("plan").splitlines()
    assert f"{SiteKind.COUNTY.label}基础模板：" in told
    assert f"{alpha.name}（alpha）：" in told
