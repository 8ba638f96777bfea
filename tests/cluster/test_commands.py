"""Commands of the directory of sites, as an operator types them: what they do, print, and say when they refuse."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cluster.audit.models import LedgerEntry
from cluster.subsites.models import SiteState, Subsite
from tests.support.articles import publish_article

WHY = ("--actor", "张三", "--reason", "整合")
ORDER = ("gamma", "--name", "丙县人民政府", "--kind", "county", "--region", "230183")


def _run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_open_site(alpha: Subsite) -> None:
    said = _run(
        "open_site",
        *ORDER,
        "--organizer",
        "丙县政府办",
        "--id-code",
        "2301830001",
        "--actor",
        "张三",
        "--reason",
        "批复",
    )
    site = Subsite.objects.get(code="gamma")
    assert said == "已开通 丙县人民政府：http://gamma.localhost/\n"
    assert (site.organizer, site.id_code, site.state) == ("丙县政府办", "2301830001", SiteState.OPEN)
    line = LedgerEntry.objects.get(site_code="gamma", action="site_registered")
    assert (line.actor["name"], line.reason) == ("张三", "批复")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("alpha", *ORDER[1:]), "站点代码“alpha”已被使用"),
        (("a_b", *ORDER[1:]), "站点代码“a_b”不合规"),
        ((*ORDER[:-1], "999999"), "行政区划代码“999999”不存在"),
        ((*ORDER, "--domain", "beta.localhost"), "域名“beta.localhost”已属于站点“beta”"),
        ((*ORDER, "--domain", "gamma.example.com"), "应以 .gov.cn"),
        ((*ORDER, "--id-code", "2302000009"), "前6位"),
        ((*ORDER, "--parent", "nobody"), "上级站点“nobody”不存在"),
        ((*ORDER, "--state", "closed"), "新站点的状态"),
    ],
)
def test_open_site_refuses_in_one_sentence(words: tuple[str, ...], sentence: str, alpha: Subsite) -> None:
    with pytest.raises(CommandError, match=sentence) as caught:
        _run("open_site", *words)
    assert "\n" not in str(caught.value)
    assert not Subsite.objects.filter(code="gamma").exists()


def test_suspend_resume_close(alpha: Subsite, beta: Subsite) -> None:
    assert _run("suspend_site", "alpha", "--reason", "系统升级", "--actor", "张三") == "甲县人民政府 现为：临时下线\n"
    assert _run("resume_site", "alpha") == "甲县人民政府 现为：正常运行\n"
    said = _run(
        "close_site",
        "alpha",
        *WHY,
        "--yes",
        "--successor-name",
        "新县",
        "--successor-url",
        "https://www.x.gov.cn/",
    )
    assert said == "甲县人民政府 现为：永久下线\n整合到：新县 https://www.x.gov.cn/\n"
    site = Subsite.objects.get(code="alpha")
    assert (site.state_reason, site.successor_name, site.successor_url) == ("整合", "新县", "https://www.x.gov.cn/")
    assert Subsite.objects.get(code="beta").state == SiteState.OPEN
    lines = LedgerEntry.objects.filter(site_code="alpha", action="site_state").order_by("id")
    assert [line.detail["to"] for line in lines] == ["suspended", "open", "closed"]
    assert lines[0].actor["name"] == "张三"


def test_closing_and_suspending_are_recorded_with_name_and_reason(alpha: Subsite, beta: Subsite) -> None:
    """Where nobody gave them, with the login of the machine and the command."""
    _run("suspend_site", "alpha")
    line = LedgerEntry.objects.get(site_code="alpha", action="site_state")
    assert line.actor["name"].startswith("命令行用户")
    assert line.reason == "命令 suspend_site"
    _run("close_site", "beta", "--yes", *WHY)
    line = LedgerEntry.objects.get(site_code="beta", action="site_state")
    assert (line.actor["name"], line.reason) == ("张三", "整合")


def test_closing_asks_before(alpha: Subsite, beta: Subsite, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal the code is typed once more, or --yes given; a script is not asked."""
    monkeypatch.setattr("sys.stdin", StringIO())
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda asked: "alpha")
    with pytest.raises(CommandError, match="与“beta”不一致，没有下线"):
        _run("close_site", "beta", *WHY)
    assert Subsite.objects.get(code="beta").state == SiteState.OPEN
    assert "永久下线" in _run("close_site", "alpha", *WHY)
    assert Subsite.objects.get(code="beta").state == SiteState.OPEN


def test_a_second_run_records_the_successor(alpha: Subsite, beta: Subsite) -> None:
    """What is not said again stays; the change is a line of the ledger."""
    for code in ("alpha", "beta"):
        _run("close_site", code, *WHY, "--yes", "--successor-name", "旧名")
    said = _run("close_site", "alpha", *WHY, "--successor-url", "https://www.x.gov.cn/")
    assert "整合到：旧名 https://www.x.gov.cn/" in said
    line = LedgerEntry.objects.filter(site_code="alpha", action="site_changed").latest("id")
    assert line.detail == {"successor_url": ["", "https://www.x.gov.cn/"]}
    before = LedgerEntry.objects.count()
    assert "整合到：旧名 https://www.x.gov.cn/" in _run("close_site", "alpha", *WHY)
    assert LedgerEntry.objects.count() == before
    assert Subsite.objects.get(code="beta").successor_url == ""


@pytest.mark.parametrize("command", ["suspend_site", "resume_site", "close_site"])
def test_an_unknown_code_is_said_to_be_unknown(command: str, alpha: Subsite) -> None:
    with pytest.raises(CommandError, match=r"没有代码为“nobody”的站点.*list_sites"):
        _run(command, "nobody", *WHY)


def test_a_move_that_is_not_allowed(alpha: Subsite) -> None:
    _run("close_site", "alpha", *WHY, "--yes")
    for command in ("suspend_site", "resume_site"):
        with pytest.raises(CommandError, match="不能改为"):
            _run(command, "alpha", *WHY)
    with pytest.raises(CommandError, match="完整网址"):
        _run("close_site", "beta", *WHY, "--yes", "--successor-url", "x")


def test_list_sites(alpha: Subsite, beta: Subsite) -> None:
    publish_article(alpha, "公告")
    from cluster.resources import pending

    pending.flush()
    _run("suspend_site", "beta", *WHY)
    rows = {row["code"]: row for row in json.loads(_run("list_sites", "--format", "json"))}
    assert set(rows) >= {"alpha", "beta", "console"}
    assert (rows["alpha"]["items"], rows["alpha"]["state"], rows["alpha"]["url"]) == (
        1,
        "open",
        "http://alpha.localhost/",
    )
    assert rows["alpha"]["last_published_at"]
    assert (rows["beta"]["items"], rows["beta"]["state"]) == (0, "suspended")
    assert [row["code"] for row in json.loads(_run("list_sites", "--format", "json", "--kind", "county"))] == ["alpha"]
    assert [row["code"] for row in json.loads(_run("list_sites", "--format", "json", "--state", "suspended"))] == [
        "beta"
    ]
    table = _run("list_sites")
    (line,) = [line for line in table.splitlines() if "alpha" in line]
    assert "县（市）" in line
    assert "正常运行" in line
    assert "county" not in table
    assert "suspended" not in table
    assert "共 3 个站点" in table


def test_list_sites_into_a_file_folds_no_name(alpha: Subsite, beta: Subsite) -> None:
    """One line for each site, whole, whatever the width of the terminal that the command was typed in."""
    name = "黑龙江省" + "很长的名称" * 20
    Subsite.objects.filter(code="alpha").update(name=name)
    lines = _run("list_sites").splitlines()
    (line,) = [line for line in lines if "alpha" in line]
    assert name in line
    assert "http://alpha.localhost/" in line
    assert sum("http://" in line for line in lines) == 3


def test_list_sites_asks_as_often_for_many_as_for_few(alpha: Subsite, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(3):
        _run("list_sites", "--format", "json")


def test_the_actor_is_the_login_name_if_none_is_given(alpha: Subsite) -> None:
    Subsite.objects.filter(code="alpha").update(state="suspended")
    _run("resume_site", "alpha")
    line = LedgerEntry.objects.filter(site_code="alpha", action="site_state").latest("id")
    assert line.actor["name"].startswith("命令行用户")
    assert line.reason == "命令 resume_site"
