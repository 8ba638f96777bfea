"""Every address of the console, attacked: by strangers, accounts of another site, without a role, the office's rights, a token.

The addresses are read from the console's own table, so that a new page is attacked from its first day.
"""

import uuid
from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from cluster.audit.models import LedgerEntry
from cluster.column_templates.models import TemplateVersion, Waiver
from cluster.console import urls
from cluster.console.viewsets import VIEW_SETS
from cluster.findings.models import Finding
from cluster.staff.models import Person
from cluster.subsites.models import Domain, Job, Subsite
from cluster.workdays.models import HolidayNotice
from cluster.workdays.notices import enter_notice
from tests.support.people import make_user, sign_in
from tests.support.waiving import waive

pytestmark = pytest.mark.django_db
HERE = "/admin/console/"
NAMES = [pattern.name for pattern in urls.urlpatterns]
VIEWS = {pattern.name: pattern for pattern in urls.urlpatterns}


@pytest.fixture
def addresses(alpha: Subsite, console: Subsite) -> dict[str, str]:
    """Return name → address of something of alpha that is there."""
    notice = HolidayNotice(number="试〔2026〕1号", title="元旦", text="元旦放假", days_off=[date(2027, 1, 1)])
    notice.whole_year, notice.year, notice.issued_on = False, 2027, date(2026, 11, 1)
    given = {
        "code": "alpha",
        "to": "suspended",
        "number": 1,
        "waiver": waive(alpha, "tzgg", state="asked", signer={}, decided_at=None, expires_on=None).pk,
        "holiday": enter_notice(notice).pk,
        "withdraw_holiday": HolidayNotice.objects.get().pk,
        "job": Job.objects.create(kind="apply_templates", params={"version": 1}, state="failed").pk,
        "person": Person.objects.create(name="张三").pk,
    }
    given |= dict.fromkeys(("repeat_job", "stop_job"), given["job"])

    def address(pattern: URLPattern) -> str:
        wanted = pattern.pattern.converters
        words = {name: given[pattern.name] if name == "pk" else given[name] for name in wanted}
        return reverse(f"console:{pattern.name}", urlconf=settings.CONSOLE_URLCONF, kwargs=words)

    return {pattern.name: address(pattern) for pattern in urls.urlpatterns}


def standing() -> list[object]:
    """Return everything that the console's pages could change."""
    tables = (Subsite, Domain, Waiver, HolidayNotice, Job, Person, TemplateVersion, Finding)
    return [list(table.objects.order_by("pk").values()) for table in tables] + [LedgerEntry.objects.count()]


TYPED = {
    "decision": "grant", "expires_on": "2027-01-01", "note": "伪造", "reason": "伪造", "code": "alpha", "name": "伪造",
    "domain": "wei.localhost", "username": "weizao", "role": "office", "unit": "", "email": "", "kind": "county",
    "region": "230126", "number": str(uuid.uuid4()),
}  # fmt: skip


PAGES = {name for view_set in VIEW_SETS for name in view_set.pages}


def needs_the_office(name: str) -> bool:
    """Whether the page is one to act on; what may be read but not sent is the waiver's."""
    return name in PAGES and VIEWS[name].callback.view_class.permission_required != "view"


@pytest.fixture
def acting(addresses: dict[str, str]) -> list[str]:
    """Return the names of the pages that take a form."""
    return [name for name in addresses if hasattr(VIEWS[name].callback.view_class, "post")]


def test_the_table_is_the_whole_console(addresses: dict[str, str], acting: list[str]) -> None:
    resolver = get_resolver(settings.CONSOLE_URLCONF)
    assert len(addresses) == len(NAMES) > 30
    for name, address in addresses.items():
        assert resolver.resolve(address).url_name == name
    assert {"apply_template", "discard_draft", "stop_job", "waiver", "withdraw_holiday", "retry_parked"} <= set(acting)
    assert [name for name in addresses if needs_the_office(name) and name not in acting] == []


def test_a_stranger_is_sent_to_the_sign_in(addresses: dict[str, str], console: Subsite, client_for) -> None:
    before, stranger = standing(), client_for(console)
    for name, address in addresses.items():
        for answer in (stranger.get(address), stranger.get(f"{address}?export=csv"), stranger.post(address, TYPED)):
            assert answer.status_code == 302, name
            assert answer["Location"].startswith("/admin/login/"), name
    assert standing() == before


def test_an_account_without_a_role_reads_and_does_nothing(addresses: dict[str, str], roleless: Client) -> None:
    before = standing()
    for name, address in addresses.items():
        for answer in (roleless.get(address), roleless.get(f"{address}?export=xlsx"), roleless.post(address, TYPED)):
            assert answer.status_code in {302, 405}, name
            assert answer.status_code == 405 or answer["Location"] == "/admin/", name
    assert standing() == before


def test_accounts_of_sites_find_no_console(
    addresses: dict[str, str], alpha: Subsite, beta: Subsite, console: Subsite, client_for
) -> None:
    """Neither on their own host, nor on the console's with the cookie of their own, nor under the office's name."""
    users = [make_user(beta, role) for role in ("site_admin", "editor")]
    before = standing()
    for user in users:
        own = sign_in(client_for(beta), user)
        borrowed = client_for(console)
        borrowed.cookies = own.cookies
        for name, address in addresses.items():
            assert own.get(address).status_code == 404, name
            assert own.post(address, TYPED).status_code == 404, name
            for answer in (borrowed.get(address), borrowed.post(address, TYPED)):
                assert answer["Location"].startswith("/admin/login/"), name
    assert standing() == before


def test_the_inspector_reads_all_and_changes_nothing(
    addresses: dict[str, str], inspector: Client, office: Client
) -> None:
    before = standing()
    for name, address in addresses.items():
        if needs_the_office(name):
            assert inspector.get(address).status_code in {302, 405}, name
            assert office.get(address).status_code in {200, 302, 405}, name
        else:
            assert inspector.get(address).status_code == 200, name
        answer = inspector.post(address, TYPED)
        assert answer.status_code in {302, 405}, name
    assert standing() == before


def test_no_form_is_taken_without_its_token(
    addresses: dict[str, str], acting: list[str], console: Subsite, client_for
) -> None:
    """From another page in the browser of an officer, cookies and all."""
    officer = sign_in(client_for(console), make_user(console, "office", "王敏"))
    guarded = client_for(console, enforce_csrf_checks=True)
    guarded.cookies = officer.cookies
    before = standing()
    for name in acting:
        assert guarded.post(addresses[name], TYPED).status_code == 403, name
        assert guarded.post(addresses[name], {**TYPED, "csrfmiddlewaretoken": "x" * 64}).status_code == 403, name
    assert standing() == before
    # The allowed twin: the same decision with the token of the form.
    form = guarded.get(addresses["waiver"])
    token = form.context["csrf_token"]
    typed = {"decision": "refuse", "note": "不予批准", "csrfmiddlewaretoken": str(token)}
    assert guarded.post(addresses["waiver"], typed).status_code == 302
    assert Waiver.objects.get().state == "refused"


def test_what_is_not_there_is_not_found(office: Client, addresses: dict[str, str]) -> None:
    nobody = uuid.UUID(int=7)
    for address in ("waivers/999999/", "holidays/999999/", "board/nowhere/", "templates/99/", "templates/99/plan/",
                    "sites/nowhere/", f"jobs/{nobody}/", f"persons/{nobody}/"):  # fmt: skip
        assert office.get(f"{HERE}{address}").status_code == 404, address
    assert office.post(f"{HERE}waivers/999999/", TYPED).status_code == 404
