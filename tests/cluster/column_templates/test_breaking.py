"""What a new rule would stop is foreseen from the registry as the gate would judge it, for every field of the language."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cluster.audit.actor import acting_as
from cluster.column_templates.applying import version_law
from cluster.column_templates.breaking import ANSWERS, UNANSWERED, Breach, breaches_by_site
from cluster.column_templates.current import current_law, forget
from cluster.column_templates.planning import plan_sites, summary
from cluster.column_templates.questions import questions_of
from cluster.column_templates.steps import Action
from cluster.column_templates.turning import turns_of
from cluster.column_templates.vocabulary import Check, ItemField
from cluster.column_templates.waivers import ask_waiver, grant_waiver
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from tests.support.columns import own_column
from tests.support.templates import draft
from tests.support.waiving import waive

WHEN = datetime(2026, 11, 20, 2, tzinfo=UTC)
FULL: dict[str, Any] = {
    "title": "关于开展普查的通知",
    "text": "各乡镇：现将有关事项通知如下。",
    "summary": "普查",
    "source": "甲县统计局",
    "author": "张三",
    "keywords": "普查",
    "issuer": "甲县人民政府",
    "doc_no": ["甲政发〔2026〕5号"],
    "pub_date": date(2026, 11, 18),
    "effective_date": date(2026, 11, 19),
    "index_number": "2301840001/2026-00001",
    "document_kind": "通知",
    "theme": "02",
    "validity": "valid",
    "image_ids": [1, 2],
    "document_ids": [1],
}
# Field, further words of the rule, and a row that breaks it; without any rule but this, everything else is beside the point.
RULES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("title", {"check": "at_most", "argument": 12}, {"title": "关于进一步做好普查工作的紧急通知"}),
    ("body", {"check": "at_least", "argument": 5}, {"text": "略"}),
    ("summary", {"check": "required"}, {"summary": ""}),
    ("source", {"check": "required"}, {"source": " "}),
    ("author", {"check": "required"}, {"author": ""}),
    ("responsible", {"check": "required"}, {"author": ""}),
    ("keywords", {"check": "required"}, {"keywords": ""}),
    ("image", {"check": "at_least", "argument": 2}, {"image_ids": [1]}),
    ("image", {"check": "required"}, {"image_ids": []}),
    ("attachment", {"check": "required"}, {"document_ids": []}),
    ("published_at", {"check": "within_workdays_of", "argument": {"field": "written_on", "days": 3}}, {"pub_date": date(2026, 11, 2)}),
    ("document_number", {"check": "required"}, {"doc_no": []}),
    ("document_number", {"check": "document_number"}, {"doc_no": ["甲政发[2026]第05号"]}),
    ("document_kind", {"check": "document_kind"}, {"document_kind": "启事"}),
    ("document_kind", {"check": "required"}, {"document_kind": ""}),
    ("issuer", {"check": "required"}, {"issuer": ""}),
    ("written_on", {"check": "not_after", "argument": "published_at"}, {"pub_date": date(2026, 11, 30)}),
    ("effective_on", {"check": "required"}, {"effective_date": None}),
    ("index_number", {"check": "index_number"}, {"index_number": "1号"}),
    ("index_number", {"check": "required"}, {"index_number": ""}),
    ("theme", {"check": "one_of", "argument": ["综合政务"]}, {"theme": "03"}),
    ("theme", {"check": "required"}, {"theme": ""}),
    ("validity", {"check": "one_of", "argument": ["有效", "已修改"]}, {"validity": "repealed"}),
    ("validity", {"check": "required"}, {"validity": ""}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> Iterator[None]:
    """A law remembered for a second is another test's."""
    forget()
    yield
    forget()


def enter(site: Subsite, number: int, **changed: Any) -> None:
    told = {
        "state": "published",
        "column_code": "bgxz",
        "published_at": WHEN,
        "content_hash": "0",
        "path": f"/bgxz/{number}/",
    }
    Resource.objects.create(site=site, page_id=number, **{**FULL, **told, **changed})


def found_by(rule: dict[str, Any], *sites: Subsite) -> dict[str, list[Breach]]:
    """Return site → what breaks a draft that has one more rule, what is waived among it."""
    before = current_law()
    number = draft(
        override={"bgxz": {"takes": ["policy_document", "article"], "items": [{"severity": "refusal", **rule}]}}
    ).number
    law, today = version_law(number), timezone.localdate()
    turns = {site.pk: turns_of(law.of(site.kind), before.of(site.kind), today) for site in sites}
    found = breaches_by_site({site.pk: questions_of(turns[site.pk], (), {}) for site in sites}, today)
    return {site.code: [one for one in found.get(site.pk, ()) if one.column == "bgxz"] for site in sites}


def breaches(rule: dict[str, Any], *sites: Subsite) -> dict[str, list[tuple[str, int, bool]]]:
    """Return site → rule, number, whether it is unknown, of what nobody waived."""
    return {
        code: [(one.rule, one.items, one.unknown) for one in several if not one.waived]
        for code, several in found_by(rule, *sites).items()
    }


def test_the_registry_answers_for_every_field() -> None:
    assert set(ANSWERS) == set(ItemField.values)
    assert {field for field, _, _ in RULES} == set(ItemField.values)
    assert {Check.ALTERNATIVE_TEXT} == UNANSWERED


@pytest.mark.parametrize(("field", "words", "broken"), RULES, ids=[f"{f}-{w['check']}" for f, w, _ in RULES])
def test_a_row_that_breaks_the_rule_is_counted_beside_one_that_does_not(
    field: str, words: dict[str, Any], broken: dict[str, Any], alpha: Subsite, beta: Subsite
) -> None:
    enter(alpha, 1)
    enter(alpha, 2, **broken)
    enter(beta, 1)
    found = breaches({"field": field, **words}, alpha, beta)
    assert found == {"alpha": [(f"bgxz.{field}.{words['check']}", 1, False)], "beta": []}


@pytest.mark.parametrize("field", ["image", "body"])
def test_of_pictures_only_their_being_there_is_known(field: str, alpha: Subsite, beta: Subsite) -> None:
    enter(alpha, 1)
    enter(beta, 1, image_ids=[], text="有 空格 的正文")
    found = breaches({"field": field, "check": "alternative_text"}, alpha, beta)
    assert found == {"alpha": [(f"bgxz.{field}.alternative_text", 1, True)], "beta": []}


@pytest.mark.parametrize(
    ("shift", "said"),
    [("", "请逐条核对"), (Action.MERGE, "请逐条核对；不符合的留在原栏目，原栏目转为自设栏目")],
    ids=["new", "merged"],
)
def test_the_plan_does_not_call_a_breach_what_it_cannot_ask(shift: str, said: str) -> None:
    unasked, asked = (Breach("bgxz", "bgxz.r", "refusal", 3, unknown=one, shift=shift) for one in (True, False))
    assert "：3 条信息带有图片" in unasked.text
    assert unasked.text.endswith(said)
    assert "不符合" in asked.text
    assert "核对" not in asked.text


def test_articles_say_their_validity_in_their_own_way(alpha: Subsite, beta: Subsite) -> None:
    enter(alpha, 1, validity="", is_current=False)
    enter(beta, 1, validity="", is_current=True)
    found = breaches({"field": "validity", "check": "one_of", "argument": ["有效"]}, alpha, beta)
    assert [len(found[code]) for code in ("alpha", "beta")] == [1, 0]


@pytest.mark.parametrize(("days", "counted"), [(30, 0), (0, 0), (-1, 1)])
@pytest.mark.parametrize("field", ["summary", "image"])
@pytest.mark.parametrize("names_rule", [True, False], ids=["the rule", "the column"])
def test_a_waiver_in_force_keeps_from_being_counted_and_one_that_is_over_does_not(
    alpha: Subsite, beta: Subsite, days: int, counted: int, field: str, names_rule: bool
) -> None:
    """Also where the registry cannot answer, and everything with a picture is counted as perhaps a breach."""
    check = "alternative_text" if field == "image" else "required"
    for site in (alpha, beta):
        enter(site, 1, summary="")
    waive(alpha, "bgxz", f"bgxz.{field}.{check}" if names_rule else "", days=days)
    found = breaches({"field": field, "check": check}, alpha, beta)
    assert [len(found[code]) for code in ("alpha", "beta")] == [counted, 1]


def test_items_in_a_column_of_the_sites_own_obey_the_one_above(alpha: Subsite, beta: Subsite) -> None:
    for site in (alpha, beta):
        own_column(site, "zsxz", "自设下载", under="zt")
        enter(site, 1, column_code="zsxz", summary="")
        enter(site, 2, column_code="zsxz")
    waive(beta, "zt", "zt.summary.required")
    before = current_law()
    rule = {"field": "summary", "check": "required", "severity": "refusal"}
    number = draft(override={"zt": {"items": [rule]}}).number
    plans = {plan.code: plan.breaches for plan in plan_sites(version_law(number), [alpha, beta], before=before)}
    assert [(one.column, one.rule, one.items) for one in plans["alpha"]] == [("zt", "zt.summary.required", 1)]
    assert not any(one.waived for one in plans["alpha"])
    assert [(one.rule, one.items, bool(one.waived)) for one in plans["beta"]] == [("zt.summary.required", 1, True)]


def test_what_is_waived_breaks_nothing(alpha: Subsite, beta: Subsite) -> None:
    for site in (alpha, beta):
        enter(site, 1, summary="")
    with acting_as(name="王敏"):
        waiver = ask_waiver(alpha, column_code="bgxz", rule_id="", reason="历史信息")
        grant_waiver(waiver, expires_on=timezone.localdate() + timedelta(days=30))
    found = breaches({"field": "summary", "check": "required"}, alpha, beta)
    assert [len(found[code]) for code in ("alpha", "beta")] == [0, 1]


def test_what_is_waived_is_listed_with_its_number_and_its_waiver(alpha: Subsite, beta: Subsite) -> None:
    """As everywhere where a rule shows: who signed, until when, why; and only where it was waived."""
    for site in (alpha, beta):
        enter(site, 1, column_code="tzgg", summary="")
        enter(site, 2, column_code="tzgg", summary="")
        enter(site, 3, column_code="tzgg")
    waiver = waive(alpha, "tzgg", "tzgg.summary.required")
    before = current_law()
    rule = {"field": "summary", "check": "required", "severity": "refusal"}
    number = draft(override={"tzgg": {"items": [rule]}}).number
    ours, theirs = plan_sites(version_law(number), [alpha, beta], before=before)
    (waived,), (counted,) = ours.breaches, theirs.breaches
    assert (waived.items, waived.waived) == (2, waiver.text)
    assert waived.text == f"新规则“必须填写摘要”（tzgg.summary.required，拒绝）：2 条信息不符合，已豁免：{waiver.text}"
    assert (counted.items, counted.waived) == (2, "")
    assert "豁免" not in counted.text
    counts = summary([ours, theirs])
    assert (counts["breaches"], counts["waived"]) == (2, 2)
    assert ours.as_json()["breaches"][0]["waived"] == waiver.text
