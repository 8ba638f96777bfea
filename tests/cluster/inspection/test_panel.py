"""The panel of a site's admin and the pages of duties: my columns first, only this site's, only administrators assign."""

from typing import Any

import pytest
from django.test import Client

from cluster.context import in_site
from cluster.inspection.clock import look_at_all
from cluster.inspection.models import ColumnDuty, InspectionRequest
from cluster.subsites.models import Subsite
from tests.support.inspecting import column, law_of, put_item, under
from tests.support.people import make_user, sign_in

pytestmark = pytest.mark.django_db
LAW = law_of(column("tzgg", "通知公告", within=10), column("dtyw", "动态要闻", within=10))
DUTY = "/admin/duties/tzgg/"


@pytest.fixture
def keeper(alpha: Subsite, client_for) -> Client:
    return sign_in(client_for(alpha), make_user(alpha, "site_admin", "管理员"))


@pytest.fixture
def writer(alpha: Subsite, client_for) -> tuple[Client, Any]:
    user = make_user(alpha, "editor", "张三")
    with in_site(alpha):
        user.email = "zs@alpha.example"
        user.save()
    return sign_in(client_for(alpha), user), user


def test_the_panel_shows_my_columns_first_and_no_others_site(alpha: Subsite, beta: Subsite, writer, client_for):
    client, user = writer
    put_item(alpha, "dtyw", 40)
    put_item(alpha, "tzgg", 5)
    put_item(beta, "tzgg")
    ColumnDuty.objects.create(site=alpha, column_code="dtyw", officer=user.person_uuid, officer_name="张三")
    with under(LAW):
        look_at_all()
    text = client.get("/admin/").content.decode()
    assert "7天内将有1个栏目超期" in text
    assert "由您负责、需要处理的有 1 个" in text
    assert "指定责任人" not in text
    others = sign_in(client_for(beta), make_user(beta, "editor")).get("/admin/").content.decode()
    assert "张三" not in others
    assert "7天内没有栏目将超期" in others


def test_before_the_first_evaluation_it_says_so(writer):
    client, _ = writer
    assert "还没有检查过本站的栏目" in client.get("/admin/").content.decode()


def test_the_console_has_no_such_panel(console: Subsite, client_for):
    client = sign_in(client_for(console), make_user(console, "office"))
    assert "本站的栏目" not in client.get("/admin/").content.decode()
    assert client.get("/admin/duties/").status_code == 404


def test_an_administrator_names_officer_and_supervisor(alpha: Subsite, beta: Subsite, keeper: Client, writer):
    _, user = writer
    assert "通知公告" in keeper.get("/admin/duties/").content.decode()
    with in_site(alpha):
        me = type(user).objects.get(username="管理员")
    InspectionRequest.objects.all().delete()
    typed = {
        "unit": "府办",
        "officer": str(user.person_uuid),
        "reviewer": str(me.person_uuid),
        "reviewer_email": "boss@alpha.example",
    }
    assert keeper.post(DUTY, typed).status_code == 302
    duty = ColumnDuty.objects.get()
    assert (duty.site, duty.officer, duty.officer_name) == (alpha, user.person_uuid, "张三")
    assert (duty.officer_email, duty.reviewer_email) == ("zs@alpha.example", "boss@alpha.example")
    assert list(InspectionRequest.objects.values_list("site_id", flat=True)) == [alpha.pk]
    assert keeper.post(DUTY, {**typed, "for_all_open": "on"}).status_code == 302
    assert ColumnDuty.objects.filter(site=alpha, officer=user.person_uuid).count() > 5
    assert not ColumnDuty.objects.filter(site=beta).exists()


def test_bad_input_is_told_and_kept(alpha: Subsite, beta: Subsite, keeper: Client, writer):
    _, user = writer
    stranger = make_user(beta, "editor", "乙市的人")
    answer = keeper.post(DUTY, {"unit": "府办", "officer": str(stranger.person_uuid)})
    assert "officer" in answer.context["form"].errors
    assert 'value="府办"' in answer.content.decode()
    person = str(user.person_uuid)
    answer = keeper.post(DUTY, {"officer": person, "reviewer": person})
    assert "责任人以外的人" in answer.context["form"].errors["reviewer"][0]
    assert not ColumnDuty.objects.exists()
    assert keeper.get("/admin/duties/nowhere/").status_code == 404


def test_an_editor_assigns_nobody(writer):
    client, _ = writer
    assert client.get("/admin/duties/").status_code == 302
    assert client.post(DUTY, {"unit": "府办"}).status_code == 302
    assert not ColumnDuty.objects.exists()
