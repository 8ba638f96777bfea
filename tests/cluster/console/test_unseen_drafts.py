"""What is applied is what somebody has seen the plan of: a draft that changed since is refused, also while the job waits."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from cluster.audit.actor import acting_as
from cluster.column_templates import versions
from cluster.column_templates.current import forget
from cluster.column_templates.models import TemplateVersion, VersionState
from cluster.context import in_site
from cluster.subsites.jobs import run_jobs
from cluster.subsites.models import Job, JobState, Subsite
from sites.columns.models import ColumnPage
from tests.support.templates import NEW_WORDS, draft

PLAN = "/admin/console/templates/{}/plan/"
APPLY = "/admin/console/templates/{}/apply/"


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> Iterator[None]:
    """A law remembered for a second is another test's."""
    forget()
    yield
    forget()


def seen(client: Client, number: int) -> dict[str, str]:
    """Return what the button below the plan sends."""
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', client.get(PLAN.format(number)).content.decode())
    assert found
    return {"digest": found.group(1)}


def change_meanwhile() -> None:
    """Let somebody else save the draft again."""
    with acting_as(name="李处长"):
        draft(override={"tzgg": {"name": "公示公告"}})


def names(*sites: Subsite) -> set[str]:
    found = set()
    for site in sites:
        with in_site(site):
            found |= set(ColumnPage.objects.values_list("title", flat=True))
    return found


def test_what_was_seen_is_applied(office: Client, alpha: Subsite, beta: Subsite) -> None:
    number = draft(add={"xslm": NEW_WORDS}).number
    office.post(APPLY.format(number), seen(office, number))
    assert run_jobs.run()
    assert Job.objects.get().state == JobState.DONE
    assert "新设栏目" in names(alpha) & names(beta)


def test_a_draft_saved_since_the_plan_is_refused_and_its_plan_shown(
    office: Client, alpha: Subsite, beta: Subsite
) -> None:
    number = draft(add={"xslm": NEW_WORDS}).number
    sent = seen(office, number)
    change_meanwhile()
    for typed in (sent, {}, {"digest": ""}, {"digest": "0" * 64}):
        answer = office.post(APPLY.format(number), typed, follow=True)
        assert answer.redirect_chain == [(PLAN.format(number), 302)]
        told = answer.content.decode()
        assert "在您查看方案之后又改过" in told
        assert "李处长" in told
    assert not Job.objects.exists()
    office.post(APPLY.format(number), seen(office, number))
    assert run_jobs.run()
    assert "公示公告" in names(alpha) & names(beta)


def test_a_draft_saved_while_the_job_waits_is_refused_by_the_job(office: Client, alpha: Subsite, beta: Subsite) -> None:
    number = draft(add={"xslm": NEW_WORDS}).number
    job = office.post(APPLY.format(number), seen(office, number))["Location"]
    change_meanwhile()
    assert run_jobs.run()
    told = office.get(job).content.decode()
    assert Job.objects.get().state == JobState.FAILED
    assert "在您查看方案之后又改过（李处长" in told
    assert PLAN.format(number) in told
    assert not {"新设栏目", "公示公告"} & names(alpha, beta)
    assert versions.version_in_force() != TemplateVersion.objects.get(number=number)
    again = office.post(f"{job}repeat/")["Location"]
    assert run_jobs.run()
    assert "在您查看方案之后又改过" in office.get(again).content.decode(), "as it was ordered, and no other"


def test_a_draft_of_the_same_number_after_another_was_given_up_is_another(office: Client, alpha: Subsite) -> None:
    number = draft(add={"xslm": NEW_WORDS}).number
    sent = seen(office, number)
    versions.discard_draft()
    assert draft(override={"tzgg": {"name": "公示公告"}}).number == number
    assert "又改过" in office.post(APPLY.format(number), sent, follow=True).content.decode()
    assert not Job.objects.exists()


def test_a_version_in_force_is_applied_again_as_it_was_seen(office: Client, alpha: Subsite, beta: Subsite) -> None:
    number = draft(add={"xslm": NEW_WORDS}).number
    for _ in range(2):
        office.post(APPLY.format(number), seen(office, number))
        assert run_jobs.run()
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}
    assert TemplateVersion.objects.get(number=number).state == VersionState.CURRENT
