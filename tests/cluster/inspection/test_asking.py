"""Who asks for another look: items, waivers, states of sites, laws and holiday notices, by whatever road; also as the web role."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cluster.column_templates.models import TemplateVersion, Waiver
from cluster.context import in_site
from cluster.inspection.clock import ask_inspection
from cluster.inspection.models import ColumnDuty, ColumnRecord, InspectionRequest
from cluster.resources import pending
from cluster.resources.models import Resource
from cluster.subsites.models import Subsite
from cluster.workdays.models import HolidayNotice
from cluster.workdays.notices import enter_notice
from sites.columns.models import ColumnPage
from tests.support.articles import column_of
from tests.support.inspecting import put_item
from tests.support.web_role import as_web


def asked() -> list[int | None]:
    """Return what was asked for, and forget it."""
    found = list(InspectionRequest.objects.order_by("id").values_list("site_id", flat=True))
    InspectionRequest.objects.all().delete()
    return found


def _notice() -> HolidayNotice:
    return enter_notice(
        HolidayNotice(
            number="国办发明电〔2026〕9号", title="通知", text="全文", issued_on=date(2026, 11, 20), year=2027,
            days_off=[date(2027, 1, 1)],
        )
    )  # fmt: skip


@pytest.mark.django_db
def test_items_and_waivers_ask_for_their_site(alpha: Subsite, beta: Subsite):
    asked()
    put_item(alpha, "tzgg")
    assert asked() == [alpha.pk]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE resources_resource SET title = 'SQL' WHERE site_id = %s", [alpha.pk])
    assert asked() == [alpha.pk]
    Resource.objects.filter(site=alpha).delete()
    assert asked() == [alpha.pk]
    waiver = Waiver.objects.create(site=beta, column_code="tzgg", reason="整合中")
    assert asked() == [beta.pk]
    Waiver.objects.filter(pk=waiver.pk).update(
        state="granted", signer={"name": "王敏"}, decided_at=timezone.now(), expires_on=timezone.localdate()
    )
    assert asked() == [beta.pk]


@pytest.mark.django_db
def test_many_items_at_once_ask_once_for_each_site(alpha: Subsite, beta: Subsite):
    for site in (alpha, alpha, beta):
        put_item(site, "tzgg")
    asked()
    Resource.objects.update(summary="一句话")
    assert sorted(asked()) == sorted([alpha.pk, beta.pk])


@pytest.mark.django_db
def test_a_state_asks_for_its_site_laws_and_holidays_for_all(alpha: Subsite, beta: Subsite):
    asked()
    Subsite.objects.filter(pk=alpha.pk).update(state="suspended")
    assert asked() == [alpha.pk]
    _notice()
    assert asked() == [None]
    TemplateVersion.objects.filter(state="current").update(state="past")
    assert asked() == [None]


@pytest.mark.web_role
@pytest.mark.parametrize("what", ["column", "duty", "notice"])
def test_the_web_role_may_do_what_its_pages_need(living: tuple[Subsite, Subsite], what: str):
    alpha, _ = living
    with as_web(), pytest.raises(ZeroDivisionError), transaction.atomic():
        DEEDS[what](alpha)
        raise ZeroDivisionError  # nothing of it stays


def _shape_a_column(site: Subsite) -> None:
    with in_site(site):
        page = ColumnPage(title="本地栏目", column_type="其他", description="说明", keywords="词")
        column_of("zt").add_child(instance=page)
        pending.flush()
    assert ColumnRecord.objects.filter(site=site, code=page.code).exists()


def _name_an_officer(site: Subsite) -> None:
    ColumnDuty.objects.create(site=site, column_code="tzgg", officer_name="张三")
    ask_inspection(site.pk)


DEEDS: dict[str, Callable[[Subsite], object]] = {
    "column": _shape_a_column,
    "duty": _name_an_officer,
    "notice": lambda site: _notice(),
}
