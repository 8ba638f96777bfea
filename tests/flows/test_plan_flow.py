"""The office looks at a plan in a browser, wide and narrow, and presses the button when a colleague has saved the draft anew."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from cluster.audit.actor import acting_as
from cluster.column_templates import versions
from cluster.column_templates.models import VersionState
from cluster.subsites.models import Job, Subsite
from tests.flows.conftest import Desk
from tests.flows.test_templates_flow import fits
from tests.flows.test_waiver_flow import NARROW, WIDE, photograph
from tests.support.accounts import make_account
from tests.support.templates import NEW_WORDS, draft

pytestmark = pytest.mark.browser


@pytest.fixture
def number(database: None) -> Iterator[int]:
    """Save a draft with a column that begins in ten days; it is given up at the end."""
    assert versions.draft() is None
    day = timezone.localdate() + timedelta(days=10)
    rule = {"field": "summary", "check": "required", "severity": "refusal", "valid_from": day}
    words = {"items": [rule], "update": {"within": 2, "warn": 1}}
    with acting_as(name="李处长"), transaction.atomic():
        number = draft(add={"xslm": {**NEW_WORDS, "valid_from": day}}, override={"tzgg": words}).number
    yield number
    found = versions.draft()
    assert found
    assert found.state == VersionState.DRAFT
    versions.discard_draft()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_plan_is_read_and_not_applied_once_it_is_old(
    number: int, sites: tuple[Subsite, Subsite], desk, size: dict[str, int]
) -> None:
    office = make_account(Subsite.objects.get(code="console"), "office", f"fangan-{uuid4().hex[:6]}").username
    one: Desk = desk(viewport=size).sign_in("console", office)
    page = one.open("console", f"/admin/console/templates/{number}/plan/")
    for site in sites:
        page.locator("summary", has_text=f"（{site.code}）").click()
    day = timezone.localdate() + timedelta(days=10)
    assert page.get_by_text(f"自 {day:%Y-%m-%d} 起：").count() >= len(sites)
    photograph(page, f"plan-{size['width']}")
    assert fits(page)
    with acting_as(name="王科长"), transaction.atomic():
        draft(override={"tzgg": {"keywords": f"通知,{uuid4().hex[:6]}"}})
    jobs = Job.objects.count()
    page.get_by_role("button", name="应用到全部站点").click()
    expect(page.get_by_text("在您查看方案之后又改过（王科长")).to_be_visible()
    assert page.url.endswith(f"/templates/{number}/plan/")
    assert fits(page)
    assert Job.objects.count() == jobs
    one.open("console", f"/admin/console/templates/{number}/difference/")
    expect(page.get_by_text("新设栏目").first).to_be_visible()
    photograph(page, f"difference-{size['width']}")
    assert fits(page)
