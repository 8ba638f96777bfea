"""The list of sites and the page of one: figures, filters, order, export, and no query for each line."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cluster.context import in_public
from cluster.postgresql import connection
from cluster.resources.models import Resource
from cluster.subsites.models import Domain, Subsite
from sites.content.models import ArticlePage
from tests.support.articles import publish_article

pytestmark = pytest.mark.django_db
LIST = "/admin/console/sites/"


def make_row(number: int, **fields: object) -> Subsite:
    """Write a site's row without a schema: the list needs no more."""
    with in_public():
        site = Subsite(
            code=f"row-{number}", name=f"第{number}号站点", schema_name=f"site_row_{number}", kind="county", **fields
        )
        site.save()
        Domain.objects.create(domain=f"row-{number}.localhost", tenant=site, is_primary=True)
    return site


def publish(site: Subsite, title: str) -> ArticlePage:
    """Publish, and do what the commit would do: a test that rolls back never gets there."""
    page = publish_article(site, title)
    while connection.before_commit_hooks:
        connection.before_commit_hooks.popitem()[1]()
    return page


def names_in(client: Client, query: str = "") -> list[str]:
    """Return the sites of the list, as shown."""
    return [row.code for row in client.get(LIST + query).context["object_list"]]


def test_shows_state_items_and_last_publication(inspector: Client, alpha: Subsite, beta: Subsite) -> None:
    publish(alpha, "甲县的第一条")
    publish(alpha, "甲县的第二条")
    rows = {row.code: row for row in inspector.get(LIST).context["object_list"]}
    assert set(rows) == {"alpha", "beta"}  # the console is no site of the list
    before = rows["beta"].items
    assert rows["alpha"].items >= 2
    assert timezone.now() - rows["alpha"].last_published_at < timedelta(minutes=5)
    publish(beta, "乙市的第一条")
    rows = {row.code: row for row in inspector.get(LIST).context["object_list"]}
    assert rows["beta"].items == before + 1
    page = inspector.get(LIST).content.decode()
    for shown in (
        "甲县人民政府",
        "qz-state--open",
        "正常运行",
        "http://alpha.localhost/admin/",
        "http://beta.localhost/",
    ):
        assert shown in page


def test_withdrawn_items_are_not_counted(office: Client, alpha: Subsite) -> None:
    page = publish(alpha, "要撤回的一条")
    count = {row.code: row.items for row in office.get(LIST).context["object_list"]}["alpha"]
    Resource.objects.filter(site=alpha, page_id=page.pk).update(state="withdrawn", withdrawn_at=timezone.now())
    assert {row.code: row.items for row in office.get(LIST).context["object_list"]}["alpha"] == count - 1


def test_filters_and_searches(office: Client, alpha: Subsite, beta: Subsite) -> None:
    assert names_in(office, "?kind=county") == ["alpha"]
    assert names_in(office, "?kind=city") == ["beta"]
    assert names_in(office, "?state=suspended") == []
    assert names_in(office, "?region=230000") == ["alpha", "beta"]  # the province, with all below
    assert names_in(office, "?region=230200") == ["beta"]
    assert names_in(office, "?q=乙市") == ["beta"]
    assert names_in(office, "?q=2301840001") == ["alpha"]
    assert names_in(office, "?state=nonsense") == ["alpha", "beta"]


def test_orders_by_any_column_with_the_silent_first(office: Client, alpha: Subsite, beta: Subsite) -> None:
    Resource.objects.all().delete()
    publish(beta, "只有乙市发布")
    assert names_in(office, "?ordering=last_published_at") == ["alpha", "beta"]
    assert names_in(office, "?ordering=-last_published_at") == ["beta", "alpha"]
    assert names_in(office, "?ordering=-items") == ["beta", "alpha"]
    assert names_in(office, "?ordering=-code") == ["beta", "alpha"]
    assert names_in(office, "?ordering=password") == ["alpha", "beta"]


def test_asks_the_same_number_of_queries_however_many_sites(office: Client, alpha: Subsite) -> None:
    office.get(LIST)
    with CaptureQueriesContext(connection) as few:
        office.get(LIST)
    for number in range(30):
        make_row(number, parent=alpha)
    with CaptureQueriesContext(connection) as many:
        page = office.get(LIST)
    assert "row-29.localhost" in page.content.decode()
    assert len(many) == len(few)


def test_pages_hold_fifty(office: Client, alpha: Subsite) -> None:
    for number in range(60):
        make_row(number)
    assert len(names_in(office)) == 50
    assert len(names_in(office, "?p=2")) == 12


def test_exports_open_in_excel(office: Client, alpha: Subsite) -> None:
    with in_public():
        Subsite.objects.filter(code="alpha").update(organizer="=cmd|'/c calc'!A1")
    text = office.get(LIST + "?export=csv").getvalue().decode("utf-8-sig")
    head, first = text.splitlines()[:2]
    assert head.split(",")[:3] == ["站点代码", "网站名称", "类别"]
    assert first.startswith("alpha,甲县人民政府,县（市）")
    assert "'=cmd" in first
    assert office.get(LIST + "?export=csv").getvalue().startswith(b"\xef\xbb\xbf")
    book = openpyxl.load_workbook(io.BytesIO(office.get(LIST + "?export=xlsx").getvalue()))
    assert [cell.value for cell in book.active[2]][:2] == ["alpha", "甲县人民政府"]


def test_the_page_of_a_site_shows_its_own_things_only(inspector: Client, alpha: Subsite, beta: Subsite) -> None:
    publish(alpha, "甲县的公告")
    publish(beta, "乙市的公告")
    own = inspector.get(f"{LIST}alpha/").content.decode()
    assert "甲县的公告" in own
    assert "乙市的公告" not in own
    assert "2301840001" in own
    assert "站点登记" in own  # from the ledger
    assert "乙市的公告" in inspector.get(f"{LIST}beta/").content.decode()


def test_buttons_are_the_offices(office: Client, inspector: Client, alpha: Subsite) -> None:
    assert "临时下线" in office.get(f"{LIST}alpha/").content.decode()
    shown = inspector.get(f"{LIST}alpha/").content.decode()
    assert "临时下线" not in shown
    assert "修改资料" not in shown


def test_unknown_sites_and_the_console_itself_are_404(office: Client, alpha: Subsite) -> None:
    assert office.get(f"{LIST}alpha/").status_code == 200
    for code in ("gamma", "console"):
        assert office.get(f"{LIST}{code}/").status_code == 404
        assert office.get(f"{LIST}{code}/move/closed/").status_code == 404
        assert office.get(f"{LIST}{code}/record/").status_code == 404
