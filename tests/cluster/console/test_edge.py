"""The servers with stored pages in the console: silent ones, their errors, withdrawals that one has not confirmed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cluster.edge.models import EdgeEvent, EdgeServer
from cluster.subsites.jobs import run_jobs
from cluster.subsites.models import Job, Subsite
from tests.cluster.console.test_sites import publish
from tests.support.working import work_until_idle

pytestmark = pytest.mark.django_db
PAGE, FRONT = "/admin/console/edge/", "/admin/"


def read(client: Client, path: str) -> str:
    """Return the page's text."""
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def age(seconds: int, **fields: object) -> None:
    """Let so many seconds pass over what servers have said and heard."""
    then = timezone.now() - timedelta(seconds=seconds)
    EdgeServer.objects.filter(**fields).update(heartbeat_at=then)
    EdgeEvent.objects.update(created_at=then)


def test_no_server_is_no_alarm(inspector: Client) -> None:
    assert "还没有服务器登记" in read(inspector, PAGE)
    assert "页面服务器" not in read(inspector, FRONT)


def test_a_living_server_with_its_figures(inspector: Client) -> None:
    EdgeServer.objects.create(name="east", ready_at=timezone.now(), pages=1234, stored_bytes=3 * 1024 * 1024)
    page = read(inspector, PAGE)
    for shown in ("east", "正常", "1234", "3.0"):
        assert shown in page
    assert "没有联系</span>" not in page
    assert "页面服务器 east" not in read(inspector, FRONT)


def test_a_server_that_is_just_registering(inspector: Client) -> None:
    EdgeServer.objects.create(name="east")
    assert "正在登记" in read(inspector, PAGE)


def test_a_silent_server_stands_on_the_front_page(inspector: Client) -> None:
    for name in ("east", "west"):
        EdgeServer.objects.create(name=name, ready_at=timezone.now())
    age(6, name="west")
    assert "没有联系</span>" in read(inspector, PAGE)
    front = read(inspector, FRONT)
    assert "页面服务器 west 没有联系" in front
    assert "页面服务器 east" not in front


def drop(*names: str) -> None:
    """Have servers told nothing any more, as after an hour's silence."""
    for name in names:
        EdgeServer.objects.create(name=name, dropped_at=timezone.now())
    age(7200, name__in=names)


def test_a_dropped_server_stays_on_the_list_and_is_no_confirmed_withdrawal(inspector: Client) -> None:
    EdgeServer.objects.create(name="east", ready_at=timezone.now())
    assert "全部撤回都已确认" in read(inspector, PAGE)
    drop("west")
    page = read(inspector, PAGE)
    for shown in ("停用</span>", "可能仍在送出过时和已撤回的页面", "停用的服务器不会确认"):
        assert shown in page
    assert "全部撤回都已确认" not in page
    assert "从名单移除" not in page, "an inspector reads"
    assert "页面服务器 west 已停用" in read(inspector, FRONT)


def test_the_office_removes_a_dropped_server_and_no_living_one(office: Client) -> None:
    EdgeServer.objects.create(name="east", ready_at=timezone.now())
    drop("west", "south")
    assert read(office, PAGE).count("从名单移除") == 2
    assert office.post(f"{PAGE}forget/", {"server": "east"}).status_code == 404
    assert office.post(f"{PAGE}forget/", {"server": "west"}).status_code == 302
    work_until_idle(run_jobs)
    assert set(EdgeServer.objects.values_list("name", flat=True)) == {"east", "south"}
    assert Job.objects.get().message == "已移除页面服务器 west。"


def test_two_of_one_name(office: Client) -> None:
    """The one asks in vain; or it has taken over, and nobody knows what the other still serves."""
    EdgeServer.objects.create(name="east", ready_at=timezone.now(), namesake_at=timezone.now())
    assert "名字重复</span>" in read(office, PAGE)
    assert "另有一台服务器也用这个名字" in read(office, PAGE)
    assert "页面服务器 east 的名字另有一台在用" in read(office, FRONT)
    EdgeServer.objects.update(namesake_at=timezone.now() - timedelta(minutes=10))
    assert "名字重复" not in read(office, PAGE)
    assert "页面服务器 east" not in read(office, FRONT)
    EdgeServer.objects.create(name="west", dropped_at=timezone.now(), namesake_at=timezone.now())
    page = read(office, PAGE)
    assert "另一个页面存储用同一个名字登记" in page
    assert "超过一小时没有联系，不再通知它" not in page
    assert "从名单移除" in page
    assert "页面服务器 west 已停用" in read(office, FRONT)


def test_one_that_came_back_before_the_job_stays(office: Client) -> None:
    drop("west")
    office.post(f"{PAGE}forget/", {"server": "west"})
    EdgeServer.objects.update(dropped_at=None)
    work_until_idle(run_jobs)
    assert EdgeServer.objects.filter(name="west").exists()


def test_a_store_that_cannot_be_written(inspector: Client) -> None:
    EdgeServer.objects.create(name="east", ready_at=timezone.now(), error="No space left on device")
    assert "No space left on device" in read(inspector, PAGE)
    assert "页面服务器 east 出错：No space left on device" in read(inspector, FRONT)


def test_a_withdrawal_that_nobody_confirmed(office: Client, alpha: Subsite, beta: Subsite) -> None:
    EdgeServer.objects.create(name="west", ready_at=timezone.now())
    page = publish(alpha, "甲县撤回的信息")
    publish(beta, "乙市还在的信息")
    EdgeEvent.objects.all().delete()
    keys = [f"{kind}:{alpha.schema_name}:{page.pk}" for kind in ("page", "line")]
    EdgeEvent.objects.bulk_create(EdgeEvent(server="west", key=key, gone=True, xid=1) for key in keys)
    EdgeEvent.objects.create(server="west", key=f"page:{beta.schema_name}:1", gone=False, xid=1)
    EdgeEvent.objects.create(server="", key=keys[0], gone=True, xid=1)
    assert "全部撤回都已确认" in read(office, PAGE), "it has two seconds"
    age(3, name="nobody")
    shown = read(office, PAGE)
    assert shown.count("甲县撤回的信息") == 1
    assert "甲县人民政府" in shown
    assert "乙市" not in shown
    assert "1 项撤回还没有得到全部服务器的确认" in read(office, FRONT)


def test_whole_sites_and_files_are_named(office: Client, alpha: Subsite) -> None:
    EdgeServer.objects.create(name="west", ready_at=timezone.now())
    for key in (f"record:{alpha.schema_name}", f"document:{alpha.schema_name}:7", f"image:{alpha.schema_name}:8"):
        EdgeEvent.objects.create(server="west", key=key, gone=True, xid=1)
    age(3, name="nobody")
    page = read(office, PAGE)
    for shown in ("整个网站", "附件 7", "图片 8"):
        assert shown in page


def test_without_a_role_nothing_is_told(roleless: Client, editor: Client, alpha: Subsite) -> None:
    assert roleless.get(PAGE).status_code in {302, 403}
    assert editor.get(PAGE).status_code == 404


def test_what_servers_and_editors_wrote_is_shown_as_text(office: Client, alpha: Subsite) -> None:
    EdgeServer.objects.create(name="<b>west</b>", ready_at=timezone.now(), error="<script>x</script>")
    page = publish(alpha, "<script>标题</script>")
    key = f"page:{alpha.schema_name}:{page.pk}"
    EdgeEvent.objects.create(server="<b>west</b>", key=key, gone=True, xid=1)
    age(3, name="nobody")
    for path in (PAGE, FRONT):
        shown = read(office, path)
        assert "&lt;b&gt;west" in shown
        assert "<b>west" not in shown
        assert "<script>x" not in shown
        assert "<script>标题" not in shown
    assert "&lt;script&gt;标题" in read(office, PAGE)
