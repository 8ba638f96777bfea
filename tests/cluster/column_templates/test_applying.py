"""Plan and apply: what is foreseen happens, nothing of a site's own is lost, and whoever is killed goes on."""

import json
import threading
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from wagtail.models import PageViewRestriction

from cluster.column_templates import applying
from cluster.column_templates.applying import ApplyRefused, apply_version, one_at_a_time
from cluster.column_templates.current import current_law, forget
from cluster.column_templates.job import ask_to_stop
from cluster.column_templates.models import SiteVersion, TemplateVersion, VersionState
from cluster.column_templates.opening import opened
from cluster.column_templates.planning import moulds, plan_sites, planned_sites
from cluster.context import in_site
from cluster.findings.models import Finding
from cluster.resources import pending
from cluster.subsites.jobs import order_job, run_jobs
from cluster.subsites.models import Job, JobState, Subsite
from cluster.subsites.services import open_site
from sites.columns.models import ColumnPage
from sites.common.models import GatePass
from sites.content.models import ArticlePage
from sites.content.services import publish_articles
from tests.support.articles import column_of, publish_article
from tests.support.columns import own_column
from tests.support.documents import project_now
from tests.support.pages import browse
from tests.support.templates import NEW_WORDS, draft


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> Any:
    """A law remembered for a second is another test's."""
    forget()
    yield
    forget()


def plan_of(site: Subsite, number: int) -> dict[str, Any]:
    """Return the plan of a site as the command prints it."""
    out = StringIO()
    call_command(
        "column_templates", "plan", "--version", str(number), "--site", site.code, "--format", "json", stdout=out
    )
    told: dict[str, Any] = json.loads(out.getvalue())["sites"][0]
    return told


def steps_of(site: Subsite, number: int) -> dict[str, str]:
    """Return action by code."""
    return {step["code"]: step["action"] for step in plan_of(site, number)["steps"]}


def codes_in(site: Subsite, **lookup: Any) -> set[str]:
    with in_site(site):
        return set(ColumnPage.objects.filter(**lookup).values_list("code", flat=True))


def test_nothing_is_planned_where_all_is_in_step(alpha: Subsite, beta: Subsite) -> None:
    plans = plan_sites(applying.version_law(), [*moulds(), *planned_sites()])
    assert len(plans) == 7
    assert all(plan.is_in_step and not plan.comparison.conflicts for plan in plans)


def test_a_new_column_is_planned_then_planted_in_moulds_and_sites(alpha: Subsite, beta: Subsite) -> None:
    number = draft(add={"xslm": {**NEW_WORDS, "parent": "dtyw"}}).number
    assert steps_of(alpha, number) == {"xslm": "plant"}
    assert "xslm" not in codes_in(alpha), "planning changes nothing"
    report = apply_version(number)
    assert set(report.done) == {"county 基础模板", "city 基础模板", "alpha", "beta"}
    assert not report.failed
    for site in (alpha, beta):
        browse(site, "/dtyw/xslm/")
        assert "xslm" in codes_in(site, planted=True)
        assert SiteVersion.objects.get(site=site).version == number
    gamma = open_site(code="gamma", name="丙县", kind="county", region_code="230183")
    assert "xslm" in codes_in(gamma, planted=True)
    assert SiteVersion.objects.get(site=gamma).version == number
    assert TemplateVersion.objects.get(number=number).state == VersionState.CURRENT


def test_the_report_calls_sites_by_name_and_by_code(
    alpha: Subsite, beta: Subsite, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit_site = applying.fit_site

    def fails_in_beta(law: Any, site: Subsite) -> Any:
        if site.code == "beta":
            raise RuntimeError("磁盘已满")
        return fit_site(law, site)

    monkeypatch.setattr(applying, "fit_site", fails_in_beta)
    row = draft(add={"xslm": NEW_WORDS})
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match=r"1 个未完成（乙市人民政府（beta））"):
        call_command("column_templates", "apply", "--digest", row.digest, stdout=out, stderr=err)
    assert "甲县人民政府（alpha）：新植“新设栏目”（xslm）" in out.getvalue()
    assert "乙市人民政府（beta） 未完成：磁盘已满" in err.getvalue()
    monkeypatch.undo()
    out = StringIO()
    call_command("column_templates", "apply", "--version", str(row.number), "--format", "json", stdout=out)
    told = json.loads(out.getvalue())
    assert (set(told["done"]), told["names"]) == ({"beta"}, {"beta": "乙市人民政府（beta）"})


def test_applying_again_changes_nothing(alpha: Subsite, beta: Subsite) -> None:
    number = draft(add={"xslm": NEW_WORDS}).number
    apply_version(number)
    again = apply_version(number)
    assert (again.done, again.failed) == ({}, {})
    assert again.untouched == 7


def test_names_places_and_words_follow_the_version(alpha: Subsite, beta: Subsite) -> None:
    page = publish_article(alpha, "通知甲", column="tzgg")
    number = draft(
        override={"tzgg": {"name": "公示公告", "parent": "dtyw", "keywords": "公示", "menu": False}}, kinds=("county",)
    ).number
    told = plan_of(alpha, number)
    assert [step["action"] for step in told["steps"]] == ["rename", "move", "reword"]
    assert steps_of(beta, number) == {}
    apply_version(number)
    assert browse(alpha, "/dtyw/tzgg/").h1.get_text() == "公示公告"
    assert "通知甲" in browse(alpha, "/dtyw/tzgg/").get_text()
    with in_site(alpha):
        assert ArticlePage.objects.get(pk=page.pk).live
        assert column_of("tzgg").placed_under == column_of("dtyw").pk
    assert browse(beta, "/tzgg/").h1.get_text() == "通知公告"


def test_a_column_dropped_with_500_items_becomes_the_sites_own(alpha: Subsite, beta: Subsite) -> None:
    with in_site(alpha):
        body = [("paragraph", "<p>数据</p>")]
        publish_articles(
            column_of("sjfb"), [ArticlePage(title=f"数据{number}", source="本单位", body=body) for number in range(500)]
        )
    number = draft(drop=("sjfb",)).number
    step, home = plan_of(alpha, number)["steps"]
    assert (step["action"], step["code"]) == ("retire", "sjfb")
    assert "500" in step["detail"]
    assert (home["action"], home["detail"]) == ("home", "去掉“数据发布”")
    apply_version(number)
    with in_site(alpha):
        kept = column_of("sjfb")
        assert (kept.planted, kept.live, kept.get_children().count()) == (False, True, 500)
        kept.title = "本县数据"
        kept.save()
    assert codes_in(beta, code="sjfb", planted=False) == {"sjfb"}


def test_a_column_with_an_heir_is_merged_and_its_address_leads_on(alpha: Subsite, beta: Subsite) -> None:
    ours, theirs = publish_article(alpha, "数据甲", column="sjfb"), publish_article(beta, "数据乙", column="sjfb")
    own_column(alpha, under="sjfb")
    number = draft(drop=("sjfb",), add={"xslm": {**NEW_WORDS, "name": "数据开放", "replaces": ["sjfb"]}}).number
    assert steps_of(alpha, number) == {"xslm": "plant", "sjfb": "merge", "": "home"}
    report = apply_version(number)
    assert not report.failed
    for site, page in ((alpha, ours), (beta, theirs)):
        assert codes_in(site, code="sjfb") == set()
        browse(site, f"/xslm/{page.slug}/")
        with in_site(site):
            assert ArticlePage.objects.get(pk=page.pk).live
    assert codes_in(alpha, code="zslm") == {"zslm"}
    browse(alpha, "/xslm/zslm/")


HEIR = {**NEW_WORDS, "name": "数据开放", "replaces": ["sjfb"]}
AUTHOR = {"field": "author", "check": "required", "severity": "refusal", "basis": "条例第二十条"}
KEYWORDS = {"field": "keywords", "check": "required", "severity": "warning"}


def published(site: Subsite, *titles: str, column: str, **fields: str) -> list[ArticlePage]:
    """Publish articles that are in the registry at once."""
    pages = [publish_article(site, title, column=column, **fields) for title in titles]
    pending.flush()
    return pages


def test_what_the_heir_refuses_stays_where_it_was_and_the_plan_says_so(alpha: Subsite, beta: Subsite) -> None:
    bad = published(alpha, "缺作者甲", "缺作者乙", column="sjfb", keywords="数据")
    (good,) = published(alpha, "齐全", column="sjfb", keywords="数据", author="张三")
    (warned,) = published(alpha, "缺关键词", column="sjfb", author="张三")
    own_column(alpha, under="sjfb")
    (below,) = published(alpha, "自设栏目里缺作者", column="zslm", keywords="数据")
    (theirs,) = published(beta, "乙市的齐全", column="sjfb", keywords="数据", author="李四")
    number = draft(drop=("sjfb",), add={"xslm": {**HEIR, "items": [AUTHOR, KEYWORDS]}}).number
    (plan,) = plan_sites(applying.version_law(number), [alpha], before=current_law())
    assert {(one.rule, one.items, one.shift) for one in plan.breaches} == {
        ("xslm.author.required", 3, "merge"),
        ("xslm.keywords.required", 1, "merge"),
    }
    told = "；".join(breach.text for breach in plan.breaches)
    assert "3 条信息不符合，留在原栏目，原栏目转为自设栏目" in told
    assert "1 条信息不符合，照常并入，理由记入台账" in told
    assert plan_of(beta, number)["breaches"] == []

    assert not apply_version(number).failed
    with in_site(alpha):
        assert not column_of("sjfb").planted
        assert {page.pk for page in column_of("sjfb").get_children().specific() if page.live} == {
            *(page.pk for page in bad),
            column_of("zslm").pk,
        }
        assert {page.pk for page in column_of("xslm").get_children()} == {good.pk, warned.pk}
        assert ArticlePage.objects.get(pk=below.pk).live
        passed = GatePass.objects.filter(page_id=warned.pk).latest("id")
        assert (passed.column_code, passed.reason) == ("xslm", "按栏目模板，“数据发布”并入“数据开放”")
    assert codes_in(beta, code="sjfb") == set()
    with in_site(beta):
        assert ArticlePage.objects.get(pk=theirs.pk).get_parent().specific.code == "xslm"
    again = apply_version(number)
    assert (again.done, again.failed) == ({}, {})


def test_a_kind_that_the_heir_does_not_take_stays_live_or_not(alpha: Subsite, beta: Subsite) -> None:
    article, theirs = published(alpha, "文章", column="sjfb") + published(beta, "文章", column="sjfb")
    with in_site(alpha):
        column_of("sjfb").add_child(instance=ArticlePage(title="草稿", live=False))
    narrow = draft(drop=("sjfb",), add={"xslm": {**HEIR, "takes": ["policy_document"]}}, kinds=("county",)).number
    (breach,) = plan_of(alpha, narrow)["breaches"]
    assert (breach["rule"], breach["items"], breach["shift"]) == ("xslm.takes", 1, "merge")
    assert not apply_version(narrow).failed
    with in_site(alpha):
        assert not column_of("sjfb").planted
        assert column_of("sjfb").get_children().count() == 2
        assert ArticlePage.objects.get(pk=article.pk).live
    assert codes_in(beta, code="sjfb", planted=True) == {"sjfb"}, "the twin: nothing changes for its kind"
    with in_site(beta):
        assert ArticlePage.objects.get(pk=theirs.pk).live


def test_what_a_column_takes_no_more_is_counted_before(alpha: Subsite, beta: Subsite) -> None:
    page, _ = published(alpha, "文章", column="zcwj") + published(beta, "文章", column="zcwj")
    number = draft(override={"zcwj": {"takes": ["policy_document"]}}, kinds=("county",)).number
    (breach,) = plan_of(alpha, number)["breaches"]
    assert (breach["rule"], breach["severity"], breach["items"]) == ("zcwj.takes", "refusal", 1)
    assert plan_of(beta, number)["breaches"] == []
    assert not apply_version(number).failed
    with in_site(alpha):
        assert ArticlePage.objects.get(pk=page.pk).live


def test_a_retired_columns_items_stand_and_are_told_of(alpha: Subsite, beta: Subsite) -> None:
    """Handed to the site, its items come under the rules of the column above; the law moved, not they."""
    first = draft(add={"xslm": {**NEW_WORDS, "parent": "dtyw"}}).number
    assert not apply_version(first).failed
    for site in (alpha, beta):
        published(site, "缺作者", column="xslm")
        published(site, "齐全", column="xslm", author="张三")
        project_now()
    second = draft(drop=("xslm",), override={"dtyw": {"items": [AUTHOR]}}).number
    (breach,) = [one for one in plan_of(alpha, second)["breaches"] if one["shift"]]
    assert (breach["rule"], breach["items"], breach["shift"]) == ("dtyw.author.required", 1, "retire")
    assert not apply_version(second).failed
    project_now()
    for site in (alpha, beta):
        with in_site(site):
            assert ArticlePage.objects.live().count() == 2
        (finding,) = Finding.objects.filter(site=site)
        assert (finding.title, finding.kind) == ("缺作者", "standing")


def test_own_columns_of_the_same_code_keep_their_content(alpha: Subsite, beta: Subsite) -> None:
    """Same code and name: taken over. Same code, another name: steps aside. Same name: named as a conflict."""
    own_column(alpha, "xslm", "新设栏目", under="gk")
    kept = publish_article(alpha, "本地内容", column="xslm")
    own_column(beta, "xslm", "本地栏目", under="gk")
    also = publish_article(beta, "本地内容", column="xslm")
    own_column(beta, "xlm", "新设栏目", under="gk")
    number = draft(add={"xslm": {**NEW_WORDS, "parent": "gk"}}).number
    assert [step["action"] for step in plan_of(alpha, number)["steps"]] == ["take_over", "reword"]
    told = plan_of(beta, number)
    assert [step["action"] for step in told["steps"]] == ["step_aside", "plant"]
    assert len(told["conflicts"]) == 2
    assert "同名" in told["conflicts"][1]
    assert not apply_version(number).failed
    with in_site(alpha):
        assert column_of("xslm").planted
        assert ArticlePage.objects.get(pk=kept.pk).get_parent().specific.code == "xslm"
    with in_site(beta):
        assert column_of("xslm").planted
        moved = ArticlePage.objects.get(pk=also.pk).get_parent().specific
        assert (moved.code, moved.title, moved.planted) == ("xslm-2", "本地栏目", False)


def test_an_own_column_that_is_kept_from_the_public_is_not_taken_over(
    alpha: Subsite, beta: Subsite, client_for: Any
) -> None:
    for site in (alpha, beta):
        own_column(site, "xslm", "新设栏目", under="gk")
    hidden = publish_article(alpha, "内部材料", column="xslm")
    with in_site(alpha):
        PageViewRestriction.objects.create(page=column_of("xslm"), restriction_type="login")
    number = draft(add={"xslm": {**NEW_WORDS, "parent": "gk"}}).number
    told = plan_of(alpha, number)
    assert [step["action"] for step in told["steps"]] == ["step_aside", "plant"]
    assert "设有访问限制" in told["conflicts"][0]
    assert [step["action"] for step in plan_of(beta, number)["steps"]] == ["take_over", "reword"]
    assert not apply_version(number).failed
    with in_site(alpha):
        theirs = ArticlePage.objects.get(pk=hidden.pk).get_parent().specific
        assert (theirs.code, theirs.planted) == ("xslm-2", False)
        address, public = hidden.get_url(), column_of("xslm").get_url()
    assert client_for(alpha).get(address).status_code == 302
    assert client_for(alpha).get(public).status_code == 200


def test_items_that_a_new_rule_would_stop_are_counted_before(alpha: Subsite, beta: Subsite) -> None:
    for site, author in ((alpha, ""), (alpha, ""), (alpha, "张三"), (beta, "李四")):
        publish_article(site, f"通知{author}", column="tzgg", author=author)
        pending.flush()
    rule = {"field": "author", "check": "required", "severity": "refusal"}
    number = draft(override={"tzgg": {"items": [rule]}}).number
    breaches = {breach["rule"]: breach["items"] for breach in plan_of(alpha, number)["breaches"]}
    assert breaches == {"tzgg.author.required": 2}
    assert plan_of(beta, number)["breaches"] == []


def test_killed_in_the_middle_it_goes_on(alpha: Subsite, beta: Subsite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends after the first site; the second run does what is left, and that only."""
    number = draft(add={"xslm": NEW_WORDS}).number
    fit = applying.fit_site

    def killed(law: Any, site: Subsite) -> Any:
        if site.code == "beta":
            raise KeyboardInterrupt
        return fit(law, site)

    monkeypatch.setattr(applying, "fit_site", killed)
    with pytest.raises(KeyboardInterrupt):
        apply_version(number)
    assert ("xslm" in codes_in(alpha), "xslm" in codes_in(beta)) == (True, False)
    monkeypatch.undo()
    assert set(apply_version(number).done) == {"beta"}


def test_a_site_that_fails_leaves_the_others_alone(alpha: Subsite, beta: Subsite) -> None:
    row = draft(add={"xslm": NEW_WORDS})
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE {alpha.schema_name}.columns_columnpage ADD CONSTRAINT full_up CHECK (code <> 'xslm')"
        )
    with pytest.raises(CommandError, match="alpha"):
        call_command("column_templates", "apply", "--digest", row.digest, stdout=StringIO(), stderr=StringIO())
    assert "xslm" in codes_in(beta)
    assert not SiteVersion.objects.filter(site=alpha, version=row.number).exists()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {alpha.schema_name}.columns_columnpage DROP CONSTRAINT full_up")
    assert set(apply_version(row.number).done) == {"alpha"}


def test_a_site_restored_from_an_old_backup_is_brought_back_in_step(alpha: Subsite, beta: Subsite) -> None:
    """Its record says that it has the version, its tables say otherwise."""
    number = draft(add={"xslm": NEW_WORDS}).number
    apply_version(number)
    with opened(alpha), in_site(alpha):
        column_of("xslm").delete()
    assert SiteVersion.objects.get(site=alpha).version == number
    assert set(apply_version(number).done) == {"alpha"}
    assert "xslm" in codes_in(alpha)


def test_two_applies_at_once_are_refused(alpha: Subsite) -> None:
    number = draft(add={"xslm": NEW_WORDS}).number
    said: list[str] = []

    def second() -> None:
        try:
            apply_version(number)
        except ApplyRefused as error:
            said.append(str(error))
        finally:
            connection.close()

    with one_at_a_time():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(20)
    assert "正在进行" in said[0]
    assert not apply_version(number).failed


@pytest.mark.parametrize(("asked", "sentence"), [("99", "没有第 99 版"), ("1", "历史版本")])
def test_versions_that_cannot_be_applied(asked: str, sentence: str, alpha: Subsite) -> None:
    apply_version(draft(add={"xslm": NEW_WORDS}).number)
    with pytest.raises(CommandError, match=sentence):
        call_command("column_templates", "apply", "--version", asked, stdout=StringIO())


def test_one_site_alone_gets_the_version_in_force_only(alpha: Subsite, beta: Subsite) -> None:
    number = draft(add={"xslm": NEW_WORDS}).number
    with pytest.raises(ApplyRefused, match="现行版本"):
        apply_version(number, site_code="alpha")
    with pytest.raises(ApplyRefused, match="没有代码为“nowhere”"):
        apply_version(1, site_code="nowhere")
    with opened(alpha), in_site(alpha):
        ColumnPage.objects.filter(code="tzgg").update(keywords="改")
    assert set(apply_version(1, site_code="alpha").done) == {"alpha"}


def test_as_a_job_it_can_be_interrupted_and_goes_on(alpha: Subsite, beta: Subsite) -> None:
    number = draft(add={"xslm": NEW_WORDS}).number
    job = order_job("apply_columns", {"version": number}, title="应用")
    ask_to_stop(job)
    assert run_jobs.run()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "已按要求中断" in job.message
    assert "xslm" not in codes_in(alpha)
    order_job("apply_columns", {"version": number}, title="应用")
    assert run_jobs.run()
    done = Job.objects.order_by("-created_at").first()
    assert done is not None
    assert (done.state, done.progress) == (JobState.DONE, 100)
    for site in (alpha, beta):
        assert any(f"{site.name}（{site.code}）" in line for line in done.log)
    assert "xslm" in codes_in(beta)
