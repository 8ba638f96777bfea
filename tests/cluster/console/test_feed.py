"""The feed in the console: backlog, silent engines, parked rows and their retry."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cluster.resources.consumers import register_consumer
from cluster.resources.models import Change, Consumer, Mark, Resource
from cluster.subsites.models import Job, JobState, Subsite
from tests.cluster.console.test_opening import do_jobs
from tests.cluster.console.test_sites import publish

pytestmark = pytest.mark.django_db
FEED = "/admin/console/feed/"


def park(alpha: Subsite, beta: Subsite) -> Resource:
    """Put a mark of alpha and a change of beta aside, as ten failed tries would."""
    register_consumer("search-postgres")
    page = publish(beta, "乙市的毒信息")
    resource = Resource.objects.get(site=beta, page_id=page.pk)
    Mark.objects.all().delete()
    Change.objects.all().delete()
    now = timezone.now()
    Mark.objects.create(
        schema_name=alpha.schema_name,
        scope="page",
        object_id=7,
        attempts=10,
        parked_at=now,
        error="ValueError('坏页面')",
    )
    Change.objects.create(
        consumer="search-postgres", resource_id=resource.pk, version=1, attempts=10, parked_at=now, error="映射错误"
    )
    return resource


def test_parked_rows_are_where_an_operator_sees_them(inspector: Client, alpha: Subsite, beta: Subsite) -> None:
    empty = inspector.get(FEED).content.decode()
    assert "没有搁置的变更" in empty
    park(alpha, beta)
    for page in (inspector.get(FEED).content.decode(), inspector.get("/admin/").content.decode()):
        for shown in ("坏页面", "甲县人民政府", "映射错误", "乙市的毒信息", "检索引擎 PostgreSQL"):
            assert shown in page
    assert "2 条变更反复失败" in inspector.get("/admin/").content.decode()


def test_the_office_has_them_tried_again_by_a_job(
    office: Client, inspector: Client, alpha: Subsite, beta: Subsite
) -> None:
    park(alpha, beta)
    assert "全部重新处理" in office.get(FEED).content.decode()
    assert "全部重新处理" not in inspector.get(FEED).content.decode()
    first = office.post(f"{FEED}retry/")
    assert office.post(f"{FEED}retry/")["Location"] == first["Location"]
    assert Job.objects.count() == 1
    assert "正在重新处理" in office.get(FEED).content.decode()
    do_jobs()
    assert Job.objects.get().state == JobState.DONE
    assert "2 条" in Job.objects.get().message
    assert not Mark.objects.exclude(parked_at=None).exists()
    assert not Change.objects.exclude(parked_at=None).exists()
    assert Mark.objects.get().attempts == 0


def test_a_link_alone_retries_nothing(office: Client, alpha: Subsite, beta: Subsite) -> None:
    park(alpha, beta)
    assert office.get(f"{FEED}retry/").status_code == 405
    assert not Job.objects.exists()


def test_an_erased_resource_is_still_named(office: Client, alpha: Subsite, beta: Subsite) -> None:
    resource = park(alpha, beta)
    Resource.objects.filter(pk=resource.pk).delete()
    assert "已删除的信息" in office.get(FEED).content.decode()


def test_a_silent_engine_is_told(office: Client) -> None:
    register_consumer("search-elasticsearch")
    assert "没有响应" not in office.get("/admin/").content.decode()
    Consumer.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=10))
    assert "没有响应" in office.get("/admin/").content.decode()
    assert "没有响应" in office.get(FEED).content.decode()
    Consumer.objects.update(active=False)
    assert "已停用" in office.get(FEED).content.decode()


def test_a_lagging_registry_is_due(office: Client, alpha: Subsite) -> None:
    Mark.objects.all().delete()
    assert "没有登记" not in office.get("/admin/").content.decode()
    mark = Mark.objects.create(schema_name=alpha.schema_name, scope="page", object_id=1)
    Mark.objects.filter(pk=mark.pk).update(marked_at=timezone.now() - timedelta(minutes=10))
    assert "1 条变更还没有登记" in office.get("/admin/").content.decode()
