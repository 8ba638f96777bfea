"""inspect_columns: every verdict with its evidence, for one site or all, as JSON or tables; bad input in one sentence."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cluster.inspection.models import ColumnRecord
from cluster.subsites.models import Subsite
from tests.support.inspecting import column, law_of, put_item, under

pytestmark = pytest.mark.django_db
LAW = law_of(column("tzgg", "通知公告", within=10))


def run(*arguments: str) -> str:
    out = StringIO()
    with under(LAW):
        call_command("inspect_columns", *arguments, stdout=out)
    return out.getvalue()


def test_json_carries_the_evidence(alpha: Subsite, beta: Subsite):
    put_item(alpha, "tzgg", 30, title="旧通知")
    found = json.loads(run("--format", "json"))
    assert found["template_version"] == 7
    sites = {site["code"]: site for site in found["sites"]}
    assert set(sites) == {"alpha", "beta"}
    late = sites["alpha"]["columns"][0]
    assert (late["state"], late["state_name"]) == ("late", "超期")
    assert late["evidence"]["last_title"] == "旧通知"
    assert late["evidence"]["limit"] == "10天"
    assert next(rule["rule"] for rule in sites["beta"]["rules"]) == "R02"
    assert all(rule["basis"] for rule in sites["beta"]["rules"])


def test_one_site_and_a_past_day(alpha: Subsite, beta: Subsite):
    Subsite.objects.update(created_at=timezone.now() - timedelta(days=30))
    ColumnRecord.objects.update(since=timezone.now() - timedelta(days=30))
    put_item(alpha, "tzgg", 3)
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    found = json.loads(run("--site", "alpha", "--date", yesterday, "--format", "json"))
    assert [site["code"] for site in found["sites"]] == ["alpha"]
    assert found["sites"][0]["columns"][0]["state"] == "blank"
    assert json.loads(run("--site", "alpha", "--format", "json"))["sites"][0]["columns"][0]["state"] == "normal"


def test_a_day_without_sites_says_why(alpha: Subsite, beta: Subsite):
    assert "还没有任何站点：最早的站点建立于" in run("--date", "2020-01-01")
    assert "还没有任何站点" in json.loads(run("--date", "2020-01-01", "--format", "json"))["note"]
    Subsite.objects.filter(pk=alpha.pk).update(created_at=timezone.now() - timedelta(days=30))
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    assert "还没有建立，或者已经永久下线" in run("--site", "beta", "--date", yesterday)
    assert json.loads(run("--format", "json"))["note"] == ""


def test_tables_for_people(alpha: Subsite, beta: Subsite):
    text = run()
    assert "甲县人民政府" in text
    assert "共检查 2 个站点、2 个必设栏目" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--date", "昨天"], "不是日期"),
        (["--date", "2999-01-01"], "还没有到"),
        (["--site", "nowhere"], "没有代码为"),
        (["--site", "console"], "没有代码为"),
    ],
)
def test_bad_input(alpha: Subsite, console: Subsite, arguments: list[str], sentence: str):
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)
