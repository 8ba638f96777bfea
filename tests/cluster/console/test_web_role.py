"""The console under the database role of the web processes: orders, records and persons, but no schema and no ledger."""

import pytest
from django.db import InternalError, ProgrammingError, transaction
from django.test import Client

from cluster.audit.models import LedgerEntry
from cluster.column_templates.models import TemplateVersion
from cluster.resources.backlog import retry_parked
from cluster.staff.models import Person
from cluster.subsites.base_schemas import clone_schema
from cluster.subsites.models import Domain, Job, JobState, Subsite
from tests.cluster.console.test_opening import OPEN, do_jobs, order
from tests.cluster.console.test_record import GOOD
from tests.support.people import make_user, sign_in
from tests.support.web_role import as_web

pytestmark = pytest.mark.web_role


def test_the_office_works_with_the_web_role(living: tuple[Subsite, Subsite], client_for) -> None:
    console = Subsite.objects.get(code="console")
    client: Client = client_for(console)
    user = make_user(console, "office", "王敏")
    with as_web():
        sign_in(client, user)
        for page in (
            "",
            "console/sites/",
            "console/sites/alpha/",
            "console/jobs/",
            "console/feed/",
            "console/ledger/",
            "users/",
        ):
            assert client.get(f"/admin/{page}").status_code == 200, page
        assert client.post(OPEN, order()).status_code == 302
        assert client.post("/admin/console/sites/alpha/record/", GOOD).status_code == 302
        assert client.post("/admin/console/sites/alpha/domains/", {"domain": "jia.localhost"}).status_code == 302
        assert client.post("/admin/console/persons/new/", {"name": "张三", "unit": "甲县府办"}).status_code == 302
        assert client.post("/admin/console/feed/retry/").status_code == 302
        account = {"username": "lihua", "name": "李华", "role": "editor", "unit": "", "email": ""}
        answer = client.post("/admin/console/sites/alpha/account/", account)
        assert "initial-password" in answer.content.decode()
    assert Subsite.objects.get(code="alpha").icp == GOOD["icp"]
    assert Person.objects.filter(name="张三").exists()
    assert LedgerEntry.objects.get(site_code="alpha", detail__account="lihua").actor["name"] == "王敏"
    assert LedgerEntry.objects.filter(site_code="alpha", actor__name="王敏").exists()
    do_jobs()
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}
    assert Subsite.objects.filter(code="gamma").exists()
    Domain.objects.filter(domain="jia.localhost").delete()
    Subsite.objects.filter(code="alpha").update(
        **dict.fromkeys(("icp", "police_record", "phone", "email", "postcode"), "")
    )


def test_the_web_role_writes_drafts_of_templates_and_puts_nothing_in_force(
    living: tuple[Subsite, Subsite], client_for
) -> None:
    """Else whoever gets hold of a web process could write himself other rules for the publish gate."""
    client = client_for(Subsite.objects.get(code="console"))
    user = make_user(Subsite.objects.get(code="console"), "office", "王敏")
    texts = TemplateVersion.objects.get().sources
    typed = {**texts, "county.toml": texts["county.toml"].replace('name = "政策"', 'name = "文库"')}
    rows = TemplateVersion.objects.all()
    attempts = (
        lambda: rows.filter(number=1).update(note="x"),
        lambda: rows.filter(number=1).update(sources={}),
        lambda: rows.filter(number=1).update(state="past"),
        lambda: rows.filter(number=2).update(state="past"),
        lambda: rows.filter(number=1).delete(),
        lambda: rows.create(number=9, state="past", sources={}, digest=""),
    )
    with as_web():
        sign_in(client, user)
        assert client.post("/admin/console/templates/edit/", typed).status_code == 302
        for attempt in attempts:
            with pytest.raises(InternalError, match=r"只能编制草稿|已经启用过"), transaction.atomic():
                attempt()
        assert client.post("/admin/console/templates/edit/", {**typed, "note": "改名"}).status_code == 302
        assert TemplateVersion.objects.get(number=2).note == "改名"
        assert client.post("/admin/console/templates/discard/").status_code == 302
    assert list(TemplateVersion.objects.values_list("number", "state")) == [(1, "current")]


def test_the_web_role_can_neither_clone_nor_touch_feed_and_ledger(living: tuple[Subsite, Subsite]) -> None:
    attempts = (
        lambda: clone_schema("base_county", "site_forbidden"),
        retry_parked,
        lambda: LedgerEntry.objects.update(title="x"),
        lambda: LedgerEntry.objects.create(site_code="alpha", action="publish", subject_type="site", subject_id="1"),
    )
    with as_web():
        for attempt in attempts:
            with pytest.raises((ProgrammingError, InternalError), match="permission denied"), transaction.atomic():
                attempt()
        assert LedgerEntry.objects.exists()
