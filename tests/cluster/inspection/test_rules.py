"""The rules R02–R05, R08–R11 and R16–R20, each broken on one site and kept on the other."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from cluster.column_templates.law import CompanionRule
from cluster.column_templates.models import Waiver
from cluster.inspection.evaluation import evaluate
from cluster.inspection.models import ColumnRecord
from cluster.inspection.rules import RULES
from cluster.inspection.verdict import Grade, Verdict
from cluster.resources.models import Resource, ResourceLink
from cluster.subsites.models import Subsite
from cluster.workdays import current_calendar
from tests.support.inspecting import column, law_of, put_item, rule_of, stand_as, under

pytestmark = pytest.mark.django_db
CODES = ("dtyw", "tzgg", "zc", "zcwj", "zcjd", "xxgk", "fdzdgk", "sjfb", "bsfw", "bmfw", "hdjl")
NAMES = {
    **{"dtyw": "动态要闻", "tzgg": "通知公告", "zc": "政策文件", "zcwj": "政策", "zcjd": "解读", "xxgk": "公开"},
    **{"fdzdgk": "法定", "sjfb": "数据", "bsfw": "办事", "bmfw": "便民", "hdjl": "互动"},
}
LAW = law_of(*(column(code, NAMES[code], within=14) for code in CODES[:5]), home=("dtyw", "tzgg"))


def both(alpha: Subsite, beta: Subsite, rule_id: str, law=LAW) -> tuple[Verdict, Verdict]:
    with under(law):
        found = evaluate()
    return rule_of(alpha, rule_id, found), rule_of(beta, rule_id, found)


def test_the_list_of_rules_is_closed():
    assert list(RULES) == ["R02", "R03", "R04", "R05", "R08", "R09", "R10", "R11", "R16", "R17", "R18", "R19", "R20"]


def test_r02_home_page(alpha: Subsite, beta: Subsite):
    stand_as(LAW, alpha, beta)
    put_item(alpha, "tzgg", 15)
    put_item(alpha, "zcwj", 1)  # the home page does not show it
    put_item(beta, "dtyw", 14)
    bad, good = both(alpha, beta, "R02")
    assert (bad.ok, good.ok) == (False, True)
    assert (bad.grade, bad.evidence["columns"]) == (Grade.VETO, ["dtyw", "tzgg"])


def test_r02_a_home_page_without_dates_is_not_updated(alpha: Subsite, beta: Subsite):
    law = law_of(column("dtyw", "动态要闻", shows_dates=False), home=("dtyw",))
    stand_as(law, alpha)
    put_item(alpha, "dtyw")
    bad, _ = both(alpha, beta, "R02", law)
    assert not bad.ok


def test_r03_counts_news_and_notices_by_limits_of_its_own(alpha: Subsite, beta: Subsite):
    for site, news, notices in ((alpha, 15, 181), (beta, 14, 180)):
        put_item(site, "dtyw", news)
        put_item(site, "tzgg", notices)
        put_item(site, "zc", notices)
    bad, good = both(alpha, beta, "R03")
    assert (bad.ok, bad.evidence["count"], bad.grade) == (False, 3, Grade.MEDIUM)
    assert good.ok


def test_r04_is_a_veto_from_ten_columns_on(alpha: Subsite, beta: Subsite):
    law = law_of(*(column(code, NAMES[code], within=10) for code in CODES))
    for number, code in enumerate(CODES):
        put_item(alpha, code, 90)
        put_item(beta, code, 90 if number < 9 else 1)
    bad, less = both(alpha, beta, "R04", law)
    assert (bad.grade, bad.evidence["count"]) == (Grade.VETO, 11)
    assert (less.ok, less.grade) == (False, Grade.MEDIUM)
    assert less.evidence["count"] < 10


def test_r05_blank_columns_and_too_few_items(alpha: Subsite, beta: Subsite):
    law = law_of(*(replace(column(code, NAMES[code]), least=2) for code in CODES[:5]))
    stand_as(law, alpha, beta)
    for code in CODES[:5]:
        put_item(beta, code)
    bad, few = both(alpha, beta, "R05", law)
    assert (bad.grade, bad.evidence["count"], bad.evidence["few"]) == (Grade.VETO, 5, [])
    assert (few.ok, few.grade, few.evidence["count"]) == (False, Grade.MEDIUM, 0)
    assert "通知公告只有1条信息，模板要求至少2条" in few.sentence
    assert {line["code"] for line in few.evidence["few"]} == set(CODES[:5])
    for code in CODES[:5]:
        put_item(beta, code, 1)
    assert both(alpha, beta, "R05", law)[1].ok
    assert both(alpha, beta, "R04", law)[1].ok


def test_r05_counts_the_sites_own_blank_columns(alpha: Subsite, beta: Subsite):
    law = law_of(column("tzgg", "通知公告"))
    stand_as(law, alpha, beta)
    for number, site in enumerate((alpha, beta)):
        put_item(site, "tzgg")
        own = ColumnRecord.objects.get(site=site, code="tzgg")
        own.pk, own.page_id, own.code, own.name = None, 1_999_999, "own-1", "本地栏目"
        own.save(force_insert=True)
        if number:
            put_item(site, "own-1")
    bad, good = both(alpha, beta, "R05", law)
    assert [line["name"] for line in bad.evidence["columns"]] == ["本地栏目"]
    assert good.ok
    ColumnRecord.objects.filter(site=alpha, code="own-1").update(live=False)
    assert both(alpha, beta, "R05", law)[0].ok


def test_a_waiver_takes_a_column_out_of_the_count_and_shows(alpha: Subsite, beta: Subsite):
    stand_as(LAW, alpha, beta)
    for code in CODES[:5]:
        Waiver.objects.create(
            site=alpha, column_code=code, rule_id="" if code != "zcjd" else "R05", reason="整合中", state="granted",
            signer={"name": "王敏"}, decided_at=timezone.now(), expires_on=timezone.localdate(),
        )  # fmt: skip
    waived, bad = both(alpha, beta, "R05")
    assert (waived.ok, waived.waived) == (True, True)
    assert len(waived.evidence["waived"]) == 5
    assert (bad.ok, bad.waived) == (False, False)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"until": timezone.now() - timedelta(days=1)}, "缺失"),
        ({"live": False}, "没有发布"),
        ({"restricted": True}, "限制访问"),
        ({"name": "公告栏"}, "改名为“公告栏”"),
        ({"parent_code": "dtyw"}, "不在规定的上级栏目下"),
        ({"in_menu": False}, "没有显示在导航中"),
        ({"column_class": "static"}, "类别不是“定期更新”"),
        ({"column_type": "别的"}, "栏目类型不是“通知公告”"),
    ],
)
def test_r08_structure(alpha: Subsite, beta: Subsite, change: dict[str, object], fault: str):
    law = law_of(column("tzgg", "通知公告"), column("dtyw", "动态要闻"), home=("tzgg",))
    stand_as(law, alpha, beta)
    ColumnRecord.objects.filter(site=alpha, code="tzgg").update(**change)
    bad, good = both(alpha, beta, "R08", law)
    assert good.ok, good.sentence
    assert [line["fault"] for line in bad.evidence["faults"]] == [fault]


@pytest.mark.parametrize("severity", ["veto", "warning"])
@pytest.mark.parametrize(
    ("change", "is_lacking"),
    [
        ({"until": timezone.now() - timedelta(days=1)}, True),
        ({"live": False}, True),
        ({"restricted": True}, True),
        ({"name": "公告栏"}, False),
        ({"in_menu": False}, False),
    ],
)
def test_r08_fails_a_site_that_lacks_a_column_and_not_one_that_shows_it_otherwise(
    alpha: Subsite, beta: Subsite, change: dict[str, object], is_lacking: bool, severity: str
):
    law = law_of(column("bsfw", "办事服务", severity=severity), column("dtyw", "动态要闻"), home=("bsfw",))
    stand_as(law, alpha, beta)
    ColumnRecord.objects.filter(site=alpha, code="bsfw").update(**change)
    bad, good = both(alpha, beta, "R08", law)
    assert (bad.grade == Grade.VETO) is (is_lacking and severity == "veto")
    assert (bad.ok, good.ok) == (False, True)


def test_r09_site_tags(alpha: Subsite, beta: Subsite):
    Subsite.objects.filter(pk=alpha.pk).update(id_code="")
    bad, good = both(alpha, beta, "R09")
    assert (bad.ok, good.ok) == (False, True)
    assert "SiteIDCode" in bad.sentence


def test_r10_column_tags(alpha: Subsite, beta: Subsite):
    ColumnRecord.objects.filter(site=alpha, code="tzgg").update(keywords=" ", column_type="")
    bad, good = both(alpha, beta, "R10")
    assert good.ok
    assert bad.evidence["columns"] == [{"code": "tzgg", "name": "通知公告", "empty": ["ColumnKeywords", "ColumnType"]}]


@pytest.mark.parametrize(
    "fault", [{"source": " "}, {"title": ""}, {"published_at": timezone.now() + timedelta(days=2)}]
)
def test_r11_content_tags(alpha: Subsite, beta: Subsite, fault: dict[str, object]):
    put_item(alpha, "tzgg", **fault)
    put_item(beta, "tzgg")
    bad, good = both(alpha, beta, "R11")
    assert (bad.evidence["count"], good.ok) == (1, True)


# ---- documents


def put_document(site: Subsite, ago: int = 0, **fields: object) -> Resource:
    values = {
        "page_type": settings.DOCUMENT_PAGE,
        "index_number": f"{site.id_code}/2026-00001",
        "summary": "概述",
        "issuer": site.name,
        "theme": "02",
        "document_kind": "通知",
        "doc_no": ["甲政发〔2026〕5号"],
        "pub_date": timezone.localdate() - timedelta(days=ago),
    }
    return put_item(site, "zcwj", ago, **{**values, **fields})


@pytest.mark.parametrize(
    ("rule_id", "fault"),
    [
        ("R16", {"theme": ""}),
        ("R16", {"index_number": ""}),
        ("R16", {"pub_date": None}),
        ("R17", {"index_number": "2301840001/2026-1"}),
        ("R18", {"doc_no": ["甲政发[2026]5号"]}),
        ("R18", {"doc_no": ["甲政发〔2026〕第5号"]}),
        ("R18", {"document_kind": "启事"}),
        ("R18", {"document_kind": ""}),
        ("R18", {"pub_date": timezone.localdate() + timedelta(days=2)}),
        ("R19", {"pub_date": timezone.localdate() - timedelta(days=59)}),
        ("R19", {"pub_date": timezone.localdate() - timedelta(days=900)}),
    ],
)
def test_document_rules(alpha: Subsite, beta: Subsite, rule_id: str, fault: dict[str, object]):
    put_document(alpha, **fault)
    put_document(beta)
    put_item(beta, "zcwj", doc_no=["随便写"])  # an article is no document
    bad, good = both(alpha, beta, rule_id)
    assert (bad.ok, bad.evidence["count"]) == (False, 1)
    assert good.ok


MARKED = {"title": "关于供暖的通知", "text": "全文", "document_ids": [7]}
OTHERWISE = [
    {"text": ""},
    {"text": "", "document_ids": []},
    {"text": "另一份文件的全文"},
    {"document_ids": [8]},
    {"doc_no": []},
    {"issuer": "别的机关"},
    {"document_kind": "意见"},
    {"theme": "05"},
]


@pytest.mark.parametrize("otherwise", OTHERWISE, ids=str)
def test_r16_a_mirror_says_what_its_original_says(alpha: Subsite, beta: Subsite, otherwise: dict[str, object]):
    for site in (alpha, beta):
        put_document(site, **MARKED)
    put_document(alpha, **{**MARKED, "index_number": "", **otherwise})
    put_document(beta, **MARKED | {"index_number": ""})
    bad, good = both(alpha, beta, "R16")
    assert (bad.ok, bad.evidence["count"]) == (False, 1)
    assert bad.evidence["examples"][0]["missing"].startswith("索引号")
    assert good.ok


def test_r16_two_empty_documents_of_one_title_are_no_mirrors(alpha: Subsite, beta: Subsite):
    put_document(alpha, title="通知", text="")
    put_document(alpha, title="通知", text="", index_number="")
    put_document(beta, title="通知", text="", image_ids=[4])
    put_document(beta, title="通知", text="", image_ids=[4], index_number="")
    bad, good = both(alpha, beta, "R16")
    assert (bad.ok, good.ok) == (False, True)


def test_r20_mirrors_stand_with_their_originals(alpha: Subsite, beta: Subsite):
    rule = CompanionRule("zcwj.interpretation.companion", "interpretation", 3, "workdays", "warning")
    law = law_of(column("zcwj", "政策文件", companions=(rule,)), column("zcjd", "政策解读"))
    for site in (alpha, beta):
        explained = put_item(site, "zcjd", page_type=settings.INTERPRETATION_PAGE, title="解读", text="说明")
        link(explained, put_document(site, 9, **MARKED))
    for site, text in ((alpha, ""), (beta, None)):
        said = {} if text is None else {"text": text}
        put_item(site, "zcjd", page_type=settings.INTERPRETATION_PAGE, **{"title": "解读", "text": "说明", **said})
        put_document(site, 9, **{**MARKED, "index_number": "", **said})
    bad, good = both(alpha, beta, "R20", law)
    assert (bad.evidence["count"], good.ok) == (2, True)


def test_r17_the_same_number_on_two_sites_breaks_both_also_when_one_is_withdrawn(alpha: Subsite, beta: Subsite):
    put_document(alpha, index_number="2301840001/2026-00007", title="甲")
    taken = put_document(beta, index_number="2301840001/2026-00007", title="乙")
    assert [one.ok for one in both(alpha, beta, "R17")] == [False, False]
    Resource.objects.filter(pk=taken.pk).update(state="withdrawn", withdrawn_at=timezone.now())
    assert [one.ok for one in both(alpha, beta, "R17")] == [False, True]


@pytest.mark.parametrize("same", [{"title": "通知"}, {"title": "通知", "text": "全文"}], ids=["marks", "and text"])
def test_r17_a_second_document_of_the_same_title_and_date_is_a_second_document(
    alpha: Subsite, beta: Subsite, same: dict[str, str]
):
    """On beta the first was withdrawn and stands again as another page: that is one document."""
    for site, number in ((alpha, "2301840001/2026-00007"), (beta, "2301840002/2026-00007")):
        first = put_document(site, index_number=number, **same)
        put_document(site, index_number=number, **same)
        if site == beta:
            Resource.objects.filter(pk=first.pk).update(state="withdrawn", withdrawn_at=timezone.now())
    bad, good = both(alpha, beta, "R17")
    assert (bad.ok, bad.evidence["count"]) == (False, 2)
    assert good.ok


def test_r19_counts_working_days(alpha: Subsite, beta: Subsite):
    calendar, today = current_calendar(), timezone.localdate()
    put_document(alpha, pub_date=calendar.add_workdays(today, -22))
    put_document(beta, pub_date=calendar.add_workdays(today, -19))
    with under(LAW, calendar):
        found = evaluate()
    assert [rule_of(site, "R19", found).ok for site in (alpha, beta)] == [False, True]


def link(source: Resource, target: Resource) -> None:
    ResourceLink.objects.create(
        source=source, kind="interprets", target_site=target.site, target_page_id=target.page_id
    )


def test_r20_an_interpretation_names_a_document_that_can_be_read(alpha: Subsite, beta: Subsite):
    for site in (alpha, beta):
        link(put_item(site, "zcjd", page_type=settings.INTERPRETATION_PAGE), put_document(site))
    assert [one.ok for one in both(alpha, beta, "R20")] == [True, True]
    Resource.objects.filter(site=alpha, column_code="zcwj").update(state="withdrawn", withdrawn_at=timezone.now())
    bad, good = both(alpha, beta, "R20")
    assert (bad.ok, good.ok) == (False, True)
    assert bad.evidence["examples"][0]["kind"] == "缺所解读的文件"


def test_r20_a_document_is_interpreted_within_its_limit(alpha: Subsite, beta: Subsite):
    rule = CompanionRule("zcwj.interpretation.companion", "interpretation", 3, "workdays", "warning")
    law = law_of(column("zcwj", "政策文件", companions=(rule,)))
    put_document(alpha, 9)
    put_document(beta, 9, index_number="")
    put_document(beta, 1)
    link(
        put_item(beta, "zcjd", page_type=settings.INTERPRETATION_PAGE),
        Resource.objects.filter(site=beta).earliest("published_at"),
    )
    bad, good = both(alpha, beta, "R20", law)
    assert (bad.ok, good.ok) == (False, True)
    assert both(alpha, beta, "R20")[0].ok  # where the law asks for none
