"""ColumnRecord: every change of a column is recorded in its own transaction, whatever road it took, with its history."""

import pytest
from django.db import connection, transaction

from cluster.context import in_site
from cluster.inspection.mirror import mirror_missing, mirror_site
from cluster.inspection.models import ColumnRecord, InspectionRequest
from cluster.resources import pending
from cluster.subsites.models import Subsite
from cluster.subsites.services import open_site
from sites.columns.models import ColumnPage
from tests.support.working import work_until_idle


def now_of(site: Subsite, code: str) -> ColumnRecord:
    return ColumnRecord.objects.get(site=site, code=code, until=None)


def local_column(site: Subsite, title: str = "本地栏目") -> ColumnPage:
    with in_site(site):
        page = ColumnPage(title=title, column_type="其他", description="说明", keywords="词")
        ColumnPage.objects.get(code="gk").add_child(instance=page)
        page.save_revision().publish()
        pending.flush()
        return page


def test_every_site_is_born_with_its_records(alpha: Subsite, beta: Subsite):
    for site in (alpha, beta):
        with in_site(site):
            columns = dict(ColumnPage.objects.values_list("code", "title"))
        assert dict(ColumnRecord.objects.filter(site=site, until=None).values_list("code", "name")) == columns
        assert columns
    assert now_of(alpha, "zcwj").parent_code == "zc"
    gamma = open_site(code="gamma", name="丙县人民政府", kind="county", region_code="230183")
    assert now_of(gamma, "dtyw").since >= gamma.created_at
    assert now_of(gamma, "xxgkzn").body_digest
    assert not now_of(gamma, "dtyw").body_digest


def test_a_change_ends_one_record_and_begins_the_next(alpha: Subsite, beta: Subsite):
    page = local_column(alpha)
    first = now_of(alpha, page.code)
    InspectionRequest.objects.all().delete()
    with in_site(alpha):
        page.title = "改名的栏目"
        page.save_revision().publish()
        pending.flush()
    first.refresh_from_db()
    second = now_of(alpha, page.code)
    assert (first.name, second.name) == ("本地栏目", "改名的栏目")
    assert first.until == second.since
    assert not ColumnRecord.objects.filter(site=beta, code=page.code).exists()
    assert alpha.pk in InspectionRequest.objects.values_list("site_id", flat=True)


def test_a_save_that_changes_nothing_leaves_the_record(alpha: Subsite):
    page = local_column(alpha)
    before = now_of(alpha, page.code)
    with in_site(alpha):
        page.save_revision().publish()
        pending.flush()
    assert now_of(alpha, page.code) == before


def test_withdrawn_and_deleted_columns_end(alpha: Subsite):
    page = local_column(alpha)
    with in_site(alpha):
        page.unpublish()
        pending.flush()
    assert not now_of(alpha, page.code).live
    with in_site(alpha):
        page.delete()
        pending.flush()
    assert not ColumnRecord.objects.filter(site=alpha, code=page.code, until=None).exists()
    assert ColumnRecord.objects.filter(site=alpha, code=page.code).count() == 2


def test_an_undone_change_leaves_no_record(living: tuple[Subsite, Subsite]):
    alpha, _ = living
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        local_column(alpha, "没有发生")
        raise ZeroDivisionError
    assert not ColumnRecord.objects.filter(site=alpha, name="没有发生").exists()


def test_a_change_by_sql_is_recorded_by_the_worker(living: tuple[Subsite, Subsite]):
    alpha, beta = living
    with in_site(alpha):
        page = ColumnPage.objects.get(code="gk").add_child(
            instance=ColumnPage(title="本地栏目", column_type="其他", description="说明", keywords="词")
        )
    assert now_of(alpha, page.code).description == "说明"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {alpha.schema_name}.columns_columnpage SET description = '' WHERE page_ptr_id = %s", [page.pk]
        )
    work_until_idle()
    assert now_of(alpha, page.code).description == ""
    assert now_of(beta, "dtyw").description


def test_sites_without_records_are_filled_and_stray_records_end(alpha: Subsite, beta: Subsite):
    ColumnRecord.objects.filter(site=alpha).delete()
    assert mirror_missing() == 1
    assert mirror_missing() == 0
    record = now_of(alpha, "dtyw")
    assert record.since == alpha.created_at
    assert record.observed_at > record.since
    ColumnRecord.objects.create(
        site=beta, page_id=99_999_999, code="gone", name="没有了", place="0", column_class="static", live=True,
        since=beta.created_at,
    )  # fmt: skip
    mirror_site(beta)
    assert not ColumnRecord.objects.filter(site=beta, code="gone", until=None).exists()
