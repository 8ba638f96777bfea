"""The last outcomes of the rules: kept by the clock, listed on the console, told on the board and on the site's own front page."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from cluster.inspection import mirror
from cluster.inspection.clock import inspection_clock, look_again, look_at_all
from cluster.inspection.models import InspectionRun, RuleOutcome
from cluster.subsites.models import Subsite
from tests.support.inspecting import column, law_of, put_item, stand_as, under
from tests.support.people import make_user, sign_in
from tests.support.waiving import waive
from tests.support.working import work_until_idle

pytestmark = pytest.mark.django_db
OUTCOMES, BOARD, DASHBOARD = "/admin/console/outcomes/", "/admin/console/board/", "/admin/"
LAW = law_of(column("tzgg", "通知公告", within=10), home=("tzgg",))


@pytest.fixture(autouse=True)
def _records_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the columns as a test has them: the nightly look would read the planted ones again."""
    monkeypatch.setattr(mirror, "mirror_site", lambda site: None)


@pytest.fixture
def seen(alpha: Subsite, beta: Subsite) -> None:
    """Alpha's home page has not moved for forty days; beta keeps every rule."""
    stand_as(LAW, alpha, beta)
    put_item(alpha, "tzgg", 40)
    put_item(beta, "tzgg")
    with under(LAW):
        look_at_all()


def broken(site: Subsite) -> set[str]:
    return set(RuleOutcome.objects.filter(site=site, ok=False).values_list("rule_id", flat=True))


def shown(client: Client, query: str) -> set[tuple[str, str]]:
    return {(row.site.code, row.rule_id) for row in client.get(OUTCOMES + query).context["object_list"]}


@pytest.mark.usefixtures("seen")
def test_every_rule_of_every_site_is_kept_nightly(alpha: Subsite, beta: Subsite) -> None:
    assert (broken(alpha), broken(beta)) == ({"R02", "R04"}, set())
    assert RuleOutcome.objects.filter(site=beta).count() == 13
    assert RuleOutcome.objects.get(site=alpha, rule_id="R02").is_veto
    Subsite.objects.filter(pk=alpha.pk).update(state="closed")
    InspectionRun.objects.update(day=timezone.localdate() - timedelta(days=1))
    with under(LAW):
        work_until_idle(inspection_clock)
    assert not RuleOutcome.objects.filter(site=alpha).exists()
    assert RuleOutcome.objects.filter(site=beta).count() == 13


@pytest.mark.usefixtures("seen")
def test_a_publication_brings_the_outcomes_of_its_site_in_step(alpha: Subsite, beta: Subsite) -> None:
    with under(LAW):
        work_until_idle(inspection_clock)
        before = {row.rule_id: row for row in RuleOutcome.objects.filter(site=alpha)}
        other = RuleOutcome.objects.get(site=beta, rule_id="R02").evaluated_at
        put_item(alpha, "tzgg")
        work_until_idle(inspection_clock)
    assert broken(alpha) == set()
    after = {row.rule_id: row for row in RuleOutcome.objects.filter(site=alpha)}
    assert after["R02"].since > before["R02"].since
    assert after["R09"].since == before["R09"].since
    assert RuleOutcome.objects.get(site=beta, rule_id="R02").evaluated_at == other


@pytest.mark.usefixtures("seen")
def test_what_was_kept_is_no_input_of_the_next_look(alpha: Subsite) -> None:
    RuleOutcome.objects.update(ok=True, sentence="改过")
    with under(LAW):
        look_again(["alpha"])
    assert broken(alpha) == {"R02", "R04"}


@pytest.mark.usefixtures("seen")
def test_the_list_on_the_console(alpha: Subsite, office: Client, inspector: Client, editor: Client) -> None:
    assert shown(office, "?outcome=veto") == shown(inspector, "?outcome=veto") == {("alpha", "R02")}
    assert shown(office, "?outcome=broken") == {("alpha", "R02"), ("alpha", "R04")}
    assert ("alpha", "R02") not in shown(office, "?outcome=kept")
    assert {site for site, _ in shown(office, "?kind=city&rule=R08")} == {"beta"}
    assert {site for site, _ in shown(office, "?site=alpha&region=230184")} == {"alpha"}
    rows = office.get(OUTCOMES).context["object_list"]
    assert [row.rule_id for row in rows[:2]] == ["R02", "R04"]
    text = office.get(OUTCOMES + "?outcome=veto").content.decode()
    assert "1个网站有单项否决" in text
    assert "首页最近更新于" in text
    assert editor.get(OUTCOMES).status_code == 404
    waiver = waive(alpha, "tzgg", "tzgg.update")
    with under(LAW):
        look_again(["alpha"])
    assert shown(office, "?outcome=waived") == {("alpha", "R04")}
    assert f"通知公告：{waiver.text}" in office.get(OUTCOMES + "?outcome=waived").content.decode()


def test_without_a_role_there_is_no_list(roleless: Client) -> None:
    assert roleless.get(OUTCOMES)["Location"] == "/admin/"


@pytest.mark.usefixtures("seen")
def test_the_export(office: Client) -> None:
    sheet = openpyxl.load_workbook(BytesIO(office.get(OUTCOMES + "?outcome=broken&export=xlsx").getvalue())).active
    lines = list(sheet.iter_rows(values_only=True))
    assert len(lines) == 3
    assert {"alpha", "R02", "单项否决"} <= set(lines[1])


@pytest.mark.usefixtures("seen")
def test_the_board_and_the_dashboard_tell_of_vetoes(office: Client) -> None:
    text = office.get(BOARD).content.decode()
    assert "1个网站有单项否决" in text
    assert "甲县人民政府（单项否决）" in text
    assert "乙市人民政府（单项否决）" not in text
    assert {row.site.code for row in office.get(BOARD + "?failed=veto").context["object_list"]} == {"alpha"}
    dashboard = office.get(DASHBOARD).content.decode()
    assert "1个网站有单项否决" in dashboard
    assert "2 条检查规则不合格" in dashboard


@pytest.mark.usefixtures("seen")
def test_a_sites_front_page_tells_its_own_alone(alpha: Subsite, beta: Subsite, client_for) -> None:
    ours, theirs = (
        sign_in(client_for(site), make_user(site, "editor")).get(DASHBOARD).content.decode() for site in (alpha, beta)
    )
    assert "不合格的检查规则" in ours
    assert "R02 首页更新" in ours
    assert "不合格的检查规则" not in theirs
