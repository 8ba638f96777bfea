"""The board of columns in the console: filters, order, exports, a site's evidence for any day; two sites, two roles."""

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from cluster.inspection.clock import look_again, look_at_all
from cluster.inspection.models import ColumnDuty, ColumnState, DutyRecord
from cluster.subsites.models import Subsite
from tests.support.inspecting import column, law_of, put_item, under
from tests.support.waiving import waive

pytestmark = pytest.mark.django_db
BOARD = "/admin/console/board/"
LAW = law_of(column("tzgg", "通知公告", within=10, warn=3), column("dtyw", "动态要闻", within=10))


@pytest.fixture
def seen(alpha: Subsite, beta: Subsite) -> None:
    """Alpha's notices are late, its news nearly; beta has fresh notices and no news."""
    put_item(alpha, "tzgg", 40, title="甲县旧通知")
    put_item(alpha, "dtyw", 8)
    put_item(beta, "tzgg", 0)
    ColumnDuty.objects.create(site=alpha, column_code="tzgg", unit="府办", officer_name="张三")
    with under(LAW):
        look_at_all()


def shown(client: Client, query: str = "") -> set[tuple[str, str]]:
    return {(row.site.code, row.column_code) for row in client.get(BOARD + query).context["object_list"]}


@pytest.mark.usefixtures("seen")
def test_filters_and_order(office: Client, inspector: Client) -> None:
    everything = {("alpha", "tzgg"), ("alpha", "dtyw"), ("beta", "tzgg"), ("beta", "dtyw")}
    assert shown(office) == shown(inspector) == everything
    assert shown(office, "?state=late") == {("alpha", "tzgg")}
    assert shown(office, "?state=late&state=blank") == {("alpha", "tzgg"), ("beta", "dtyw")}
    assert shown(office, "?kind=city") == {("beta", "tzgg"), ("beta", "dtyw")}
    assert shown(office, "?region=230184") == {("alpha", "tzgg"), ("alpha", "dtyw")}
    assert shown(office, "?region=230000") == everything
    assert shown(office, "?officer=张") == {("alpha", "tzgg")}
    assert shown(office, "?site=beta&q=通知") == {("beta", "tzgg")}
    assert shown(office, "?due=soon") == {("alpha", "dtyw")}
    in_order = [row.state for row in office.get(BOARD).context["object_list"]]
    assert in_order == ["late", "blank", "soon", "normal"]
    first = office.get(BOARD + "?ordering=-due_on").context["object_list"][0]
    assert (first.site.code, first.column_code) == ("beta", "tzgg")
    text = office.get(BOARD).content.decode()
    assert "7天内将有1个栏目超期" in text
    assert "张三" in text


@pytest.mark.usefixtures("seen")
def test_exports(office: Client) -> None:
    text = office.get(BOARD + "?state=late&export=csv").getvalue().decode("utf-8-sig")
    assert "甲县旧通知" in text
    assert "超期" in text
    assert "乙市" not in text
    book = openpyxl.load_workbook(BytesIO(office.get(BOARD + "?export=xlsx").getvalue()))
    assert book.active.max_row == 5


@pytest.mark.usefixtures("seen")
def test_a_waiver_shows_with_signer_reason_and_end(alpha: Subsite, beta: Subsite, office: Client):
    until = waive(alpha, "tzgg", "tzgg.update", reason="机构改革").expires_on.isoformat()
    with under(LAW):
        look_again()
        page = office.get(f"{BOARD}alpha/").content.decode()
        other = office.get(f"{BOARD}beta/").content.decode()
    board = office.get(BOARD).content.decode()
    for told in ("王敏批准", "机构改革", until):
        assert told in board
        assert told in page
        assert told not in other
    assert shown(office, "?waived=true") == {("alpha", "tzgg")}
    assert len(shown(office, "?waived=false")) == 3
    (line,) = csv.DictReader(StringIO(exported(office, "csv", "&waived=true").decode("utf-8-sig")))
    told = ("状态豁免", "豁免签批人", "豁免理由", "豁免有效期至")
    assert [line[name] for name in told] == ["是", "王敏", "机构改革", until]
    sheet = openpyxl.load_workbook(BytesIO(exported(office, "xlsx"))).active
    rows = [dict(zip([cell.value for cell in sheet[1]], row, strict=True)) for row in sheet.values][1:]
    assert {(row["站点代码"], row["栏目代码"]): row["豁免签批人"] or "" for row in rows} == {
        ("alpha", "tzgg"): "王敏", ("alpha", "dtyw"): "", ("beta", "tzgg"): "", ("beta", "dtyw"): "",
    }  # fmt: skip


def exported(client: Client, form: str, query: str = "") -> bytes:
    return client.get(f"{BOARD}?export={form}{query}").getvalue()


@pytest.mark.usefixtures("seen")
def test_a_site_without_a_region_is_exported(office: Client, beta: Subsite):
    Subsite.objects.filter(pk=beta.pk).update(region=None)
    assert "乙市" in exported(office, "csv").decode("utf-8-sig")


@pytest.mark.usefixtures("seen")
def test_only_the_consoles_roles_see_it(roleless: Client, editor: Client, inspector: Client) -> None:
    for path in (BOARD, f"{BOARD}alpha/"):
        assert roleless.get(path)["Location"] == "/admin/"
        assert editor.get(path).status_code == 404
        assert inspector.get(path).status_code == 200


@pytest.mark.usefixtures("seen")
def test_a_site_with_its_evidence(inspector: Client, alpha: Subsite) -> None:
    with under(LAW):
        page = inspector.get(f"{BOARD}alpha/")
    text = page.content.decode()
    assert [one.rule_id for one in page.context["rules"]][:3] == ["R02", "R03", "R04"]
    assert "甲县旧通知" in text
    assert "乙市" not in text
    assert inspector.get(f"{BOARD}nowhere/").status_code == 404
    assert inspector.get(f"{BOARD}console/").status_code == 404


@pytest.mark.usefixtures("seen")
def test_days_of_the_past_and_days_that_are_none(inspector: Client, alpha: Subsite) -> None:
    Subsite.objects.filter(pk=alpha.pk).update(created_at=timezone.now() - timedelta(days=30))
    yesterday = timezone.localdate() - timedelta(days=1)
    with under(LAW):
        page = inspector.get(f"{BOARD}alpha/?date={yesterday}")
        assert page.context["moment"].day == yesterday
        assert {one.state.value for one in page.context["columns"]} == {"blank"}
        # Named since today, and not known of before: nobody's word for yesterday.
        DutyRecord.objects.create(site=alpha, column_code="", since=timezone.now())
        text = inspector.get(f"{BOARD}alpha/?date={yesterday}").content.decode()
        assert ("由谁负责不详" in text, "张三" in text) == (True, False)
        DutyRecord.objects.filter(site=alpha).update(since=timezone.now() - timedelta(days=9))
        text = inspector.get(f"{BOARD}alpha/?date={yesterday}").content.decode()
        assert ("由谁负责不详" in text, "张三" in text) == (False, True)
        tomorrow = inspector.get(f"{BOARD}alpha/?date={timezone.localdate() + timedelta(days=1)}")
        assert "还没有到" in tomorrow.content.decode()
        assert "不是日期" in inspector.get(f"{BOARD}alpha/?date=昨天").content.decode()
        assert "这一天还没有这个网站" in inspector.get(f"{BOARD}alpha/?date=2020-01-01").content.decode()


@pytest.mark.usefixtures("seen")
def test_the_dashboard_counts(office: Client) -> None:
    text = office.get("/admin/").content.decode()
    assert "全部 4 个必设栏目" in text
    assert "7天内将有1个栏目超期" in text


@pytest.mark.usefixtures("seen")
def test_what_the_law_drops_leaves_the_board(office: Client, alpha: Subsite) -> None:
    with under(law_of(column("tzgg", "通知公告", within=10))):
        look_again(["alpha"])
    assert shown(office) == {("alpha", "tzgg"), ("beta", "tzgg"), ("beta", "dtyw")}
    Subsite.objects.filter(pk=alpha.pk).update(state="closed")
    with under(LAW):
        look_at_all()
    assert not ColumnState.objects.filter(site=alpha).exists()
