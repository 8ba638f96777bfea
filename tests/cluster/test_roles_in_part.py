"""What the role of the web processes may write in part: the part that its pages write, beside all the rest of the same tables.

The connection of these tests is the web role's own; the owner looks at the outcome.
"""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cluster.audit.actor import acting_as
from cluster.audit.models import LedgerEntry
from cluster.column_templates.job import ask_to_stop
from cluster.column_templates.models import Waiver
from cluster.context import in_public, in_site
from cluster.findings.models import Finding
from cluster.inspection.models import ColumnRecord, HomeRecord
from cluster.subsites.jobs import order_job
from cluster.subsites.models import Domain, Job, Subsite
from cluster.subsites.record import describe_site
from cluster.subsites.services import add_domain, resume_site, suspend_site
from sites.content.models import ArticlePage
from tests.support.articles import publish_article
from tests.support.columns import own_column
from tests.support.web_role import as_web

Pair = tuple[Subsite, Subsite]

pytestmark = pytest.mark.web_role


def _run(statement: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount


def _refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as caught:
        _run(statement)
    return str(caught.value).splitlines()[0]


# ---- waivers, findings, records: triggers ask which part

WAIVER = """INSERT INTO column_templates_waiver (site_id, column_code, rule_id, reason, state, asked_by, asked_at, signer,
            decided_at, note, expires_on) SELECT id, 'tzgg', '', '自批', {} FROM subsites_subsite WHERE code = 'alpha'"""
UNDECIDED = "'asked', '{}', now(), '{}', NULL, '', NULL"
FORGED_WAIVERS = {
    "granted": "'granted', '{}', now(), '{\"name\": \"王敏\"}', now(), '', '2027-01-01'",
    "ended": "'ended', '{}', now(), '{\"name\": \"王敏\"}', now(), '', '2027-01-01'",
    "signed": "'asked', '{}', now(), '{\"name\": \"王敏\"}', NULL, '', NULL",
    "with its end": "'asked', '{}', now(), '{}', NULL, '', '2027-01-01'",
}


@pytest.mark.parametrize("values", FORGED_WAIVERS.values(), ids=FORGED_WAIVERS)
def test_the_web_role_writes_no_waiver_that_nobody_asked_for(values: str, living: Pair) -> None:
    with as_web():
        assert "豁免先申请、后审批" in _refused(WAIVER.format(values))
        assert _run(WAIVER.format(UNDECIDED)) == 1
    assert list(Waiver.objects.values_list("site__code", "state")) == [("alpha", "asked")]


def test_the_web_role_takes_one_step_of_a_waiver_after_the_other(living: Pair) -> None:
    step = """UPDATE column_templates_waiver SET state = '{}', signer = '{{"name": "王敏"}}', expires_on = {},
              decided_at = '2020-01-01'"""
    with as_web():
        _run(WAIVER.format(UNDECIDED))
        assert "豁免不能从“asked”改为“ended”" in _refused(step.format("ended", "NULL"))
        assert "最长三年" in _refused(step.format("granted", "current_date + 2000"))
        assert "最长三年" in _refused(step.format("refused", "current_date"))
        _run(step.format("granted", "current_date + 30"))
        assert Waiver.objects.get().decided_at > timezone.now() - timedelta(hours=1), "no moment is its choice"
        assert "豁免不能从“granted”改为“granted”" in _refused(step.format("granted", "current_date + 60"))
        assert "豁免不能从“granted”改为“asked”" in _refused(step.format("asked", "NULL"))
        _run(step.format("ended", "expires_on"))
    assert Waiver.objects.get().state == "ended"
    actions = LedgerEntry.objects.filter(subject_type="waiver", subject_id=str(Waiver.objects.get().pk)).order_by("id")
    assert list(actions.values_list("action", flat=True)) == ["waiver_asked", "waiver_granted", "waiver_ended"]


def test_the_web_role_settles_what_passes_and_nothing_else(living: Pair) -> None:
    alpha, _ = living
    pages = {site: publish_article(site, "公告", column="tzgg") for site in living}
    for site, page in pages.items():
        Finding.objects.create(site=site, page_id=page.pk, title="公告", kind="flagged")
    with as_web():
        for statement in (
            "UPDATE findings_finding SET settled_at = now()",
            f"UPDATE findings_finding SET settled_at = now() WHERE site_id = {alpha.pk}",
        ):
            assert "只随信息通过发布检查而解决" in _refused(statement)
        assert not Finding.objects.exclude(settled_at=None).exists()
        with in_site(alpha):
            page = ArticlePage.objects.get(pk=pages[alpha].pk)
            page.title = page.draft_title = "改好的公告"
            page.save_revision().publish()
        assert list(Finding.objects.exclude(settled_at=None).values_list("site", flat=True)) == [alpha.pk]
        assert "只随信息通过发布检查而解决" in _refused("UPDATE findings_finding SET settled_at = NULL")


FORGED_RECORDS = {
    "ended": "UPDATE inspection_columnrecord SET until = now()",
    "ended long ago": "UPDATE inspection_columnrecord SET until = '2020-01-01' WHERE until IS NULL",
    "ended homes": "UPDATE inspection_homerecord SET until = now()",
    "of another name": (("name", "'改'"),),
    "of another code": (("code", "'gk'"),),
    "of a hidden column": (("live", "false"),),
    "of a column that is the site's own": (("planted", "false"),),
    "of another class": (("column_class", "'static'"),),
}


def _forged(site: Subsite, changes: tuple[tuple[str, str], ...]) -> str:
    """End a record and begin another that says something else."""
    names = [field.column for field in ColumnRecord._meta.concrete_fields if not field.primary_key]
    said = ", ".join({**{name: name for name in names}, **dict(changes)}.values())
    ended = f"UPDATE inspection_columnrecord SET until = now() WHERE site_id = {site.pk} AND code = 'tzgg' AND until IS NULL"
    begun = f"""INSERT INTO inspection_columnrecord ({", ".join(names)}) SELECT {said} FROM inspection_columnrecord
                WHERE site_id = {site.pk} AND code = 'tzgg' ORDER BY id DESC LIMIT 1"""
    return f"{ended}; {begun}"


@pytest.mark.parametrize("deed", FORGED_RECORDS.values(), ids=FORGED_RECORDS)
def test_the_web_role_tells_no_other_story_of_columns(deed: str | tuple[tuple[str, str], ...], living: Pair) -> None:
    before = [list(model.objects.order_by("id").values_list()) for model in (ColumnRecord, HomeRecord)]
    with as_web():
        for site in living:
            said = _refused(deed if isinstance(deed, str) else _forged(site, deed))
            assert "栏目登记" in said or "登记不能结束" in said
    assert [list(model.objects.order_by("id").values_list()) for model in (ColumnRecord, HomeRecord)] == before


def test_the_web_role_records_what_it_changes(living: Pair) -> None:
    """The allowed twins: one goes on where the other ended; a column that goes takes its record along."""
    alpha, beta = living
    theirs = list(ColumnRecord.objects.filter(site=beta).order_by("id").values_list())
    with as_web(), in_site(alpha):
        column = own_column(alpha)
        column.title = column.draft_title = "另一个名字"
        column.save()
        old, new = ColumnRecord.objects.filter(site=alpha, page_id=column.pk).order_by("id")
        assert (old.until, new.until, new.name) == (new.since, None, "另一个名字")
        column.delete()
    assert not ColumnRecord.objects.filter(site=alpha, page_id=column.pk, until=None).exists()
    assert list(ColumnRecord.objects.filter(site=beta).order_by("id").values_list()) == theirs
    with as_web():
        assert "已经结束的栏目登记不能再改" in _refused(
            f"UPDATE inspection_columnrecord SET until = NULL WHERE site_id = {alpha.pk} AND page_id = {column.pk}"
        )


# ---- the directory, the registry, and what worker and commands write

NOT_WRITTEN_BY_PAGES = [
    *(
        f"UPDATE subsites_subsite SET {change}"
        for change in (
            *("kind = 'city'", "code = 'gamma'", "schema_name = 'site_beta'", "name = '改'", "region_id = NULL"),
            *("parent_id = NULL", "created_at = now()", "theme = 'x'"),
        )
    ),
    "INSERT INTO subsites_subsite (schema_name, code, name, kind, state) VALUES ('site_beta', 'gamma', '改', 'city', 'open')",
    "UPDATE subsites_domain SET tenant_id = tenant_id",
    "DELETE FROM subsites_domain",
    "UPDATE subsites_region SET name = '改'",
    "UPDATE subsites_job SET state = 'done'",
    "DELETE FROM subsites_job",
    "DELETE FROM staff_person",
    "UPDATE resources_resource SET first_published_at = now()",
    "UPDATE resources_resource SET site_id = site_id",
    "UPDATE resources_resource SET page_id = page_id",
    "UPDATE resources_resourcelink SET since = NULL",
    "UPDATE resources_consumer SET active = false",
    "DELETE FROM resources_consumer",
    "DELETE FROM search_rebuild",
    "DELETE FROM search_postgresdocument",
    "UPDATE public.django_content_type SET model = 'x'",
    "DELETE FROM public.django_migrations",
]


@pytest.mark.parametrize("statement", NOT_WRITTEN_BY_PAGES)
def test_the_web_role_writes_what_its_pages_write(statement: str, living: Pair) -> None:
    with as_web():
        assert "permission denied" in _refused(statement)


def test_the_web_role_writes_record_state_and_orders(living: Pair) -> None:
    """The allowed twins, in the same tables."""
    alpha, beta = living
    before = Subsite.objects.filter(pk=beta.pk).values().get()
    with as_web(), in_public(), acting_as(name="王敏"):
        describe_site(alpha, {"phone": "0451-82620000"})
        suspend_site(alpha, reason="系统升级")
        resume_site(alpha)
        add_domain(alpha, "jia.localhost")
        ask_to_stop(order_job("apply_columns", {"version": 1}, title="应用"))
    row = Subsite.objects.get(pk=alpha.pk)
    assert (row.phone, row.state, row.kind, row.code) == ("0451-82620000", "open", alpha.kind, "alpha")
    assert Job.objects.get().params == {"version": 1, "stop": True}
    assert Subsite.objects.filter(pk=beta.pk).values().get() == before
    Domain.objects.filter(domain="jia.localhost").delete()
    Subsite.objects.filter(pk=alpha.pk).update(phone="", state_reason="", state_changed_at=alpha.state_changed_at)
