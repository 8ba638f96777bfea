"""What the look at the structure found reaches the office: on the console's front page and by mail, each finding once."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from cluster.accounts.models import User
from cluster.column_templates.current import forget
from cluster.column_templates.guarding import check_columns
from cluster.column_templates.models import SiteVersion, StructureNotice
from cluster.column_templates.opening import opened
from cluster.context import in_site
from cluster.subsites.models import Subsite
from tests.support.people import make_user, sign_in

OFFICE = "office@console.example"


class Failing(EmailBackend):
    """Takes no letter."""

    def send_messages(self, messages: Any) -> int:
        raise OSError("connection refused")


@pytest.fixture(autouse=True)
def _asked_anew(db: None) -> None:
    """A law remembered for a second is another test's, and so are notices of tests that commit."""
    forget()
    StructureNotice.objects.all().delete()


@pytest.fixture
def office(console: Subsite) -> User:
    """An account of the office with a mailbox, beside an inspector's, who is not written to."""
    account, inspector = make_user(console, "office"), make_user(console, "inspector")
    for one, address in ((account, OFFICE), (inspector, "inspector@console.example")):
        with in_site(console):
            User.objects.filter(pk=one.pk).update(email=address)
    return account


def rename(site: Subsite) -> None:
    with opened(site), in_site(site), connection.cursor() as cursor:
        cursor.execute("UPDATE wagtailcore_page SET title = '改了' WHERE slug = 'tzgg'")


def front_page(client: Client) -> str:
    return client.get("/admin/").content.decode()


def test_what_was_repaired_is_told_once(
    alpha: Subsite, beta: Subsite, console: Subsite, office: User, client_for: Any
) -> None:
    assert check_columns(repair=True) == []
    assert mail.outbox == []
    client = sign_in(client_for(console), office)
    assert "栏目结构检查" not in front_page(client)
    rename(alpha)
    check_columns(repair=True)
    (letter,) = mail.outbox
    assert letter.to == [OFFICE]
    assert "alpha：栏目“通知公告”（tzgg）与模板不符" in letter.body
    assert "已修复" in letter.body
    assert "beta" not in letter.body
    for _ in range(2):
        check_columns(repair=True)
    assert len(mail.outbox) == 1, "nothing new, nothing told"
    shown = front_page(client)
    assert "alpha：栏目“通知公告”（tzgg）与模板不符" in shown
    assert "action=columns_checked" in shown
    rename(alpha)
    rename(beta)
    check_columns(repair=True)
    assert len(mail.outbox) == 2, "done again, it is another deed"
    assert mail.outbox[1].body.count("（已修复）") == 2
    StructureNotice.objects.update(found_at=timezone.now() - timedelta(days=8))
    assert "栏目结构检查" not in front_page(client), "what was repaired long ago is the ledger's"


def test_what_stands_is_told_once_and_shown_until_it_is_gone(
    alpha: Subsite, beta: Subsite, console: Subsite, office: User, client_for: Any
) -> None:
    given = SiteVersion.objects.get(site=alpha)
    SiteVersion.objects.filter(pk=given.pk).delete()
    for _ in range(3):
        check_columns(repair=True)
    (letter,) = mail.outbox
    assert "没有自动修复" in letter.body
    StructureNotice.objects.update(found_at=timezone.now() - timedelta(days=30))
    client = sign_in(client_for(console), office)
    assert "还没有应用过栏目模板" in front_page(client)
    given.save(force_insert=True)
    check_columns(repair=True)
    assert "还没有应用过栏目模板" not in front_page(client)
    assert len(mail.outbox) == 1


def test_a_look_that_repairs_nothing_is_told_and_the_repair_closes_it(
    alpha: Subsite, beta: Subsite, office: User
) -> None:
    rename(beta)
    with pytest.raises(CommandError):
        call_command("check_columns", stdout=StringIO())
    assert not StructureNotice.objects.get().repaired
    call_command("check_columns", "--repair", stdout=StringIO())
    notice = StructureNotice.objects.get()
    assert notice.repaired
    assert notice.resolved_at
    assert len(mail.outbox) == 1


def test_what_the_mail_server_did_not_take_is_sent_with_the_next_look(
    alpha: Subsite, beta: Subsite, office: User, settings: Any
) -> None:
    rename(alpha)
    taking, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Failing"
    assert len(check_columns(repair=True)) == 1, "and the check has gone well"
    assert mail.outbox == []
    settings.EMAIL_BACKEND = taking
    check_columns(repair=True)
    assert [letter.to for letter in mail.outbox] == [[OFFICE]]


def test_without_an_address_the_front_page_tells(alpha: Subsite, console: Subsite, client_for: Any) -> None:
    rename(alpha)
    check_columns(repair=True)
    assert mail.outbox == []
    Subsite.objects.filter(pk=console.pk).update(email="console@example.org")
    check_columns(repair=True)
    assert [letter.to for letter in mail.outbox] == [["console@example.org"]]
    assert "通知公告" in front_page(sign_in(client_for(console), make_user(console, "inspector")))


def test_no_site_sees_what_was_found_in_another(alpha: Subsite, beta: Subsite, client_for: Any) -> None:
    rename(alpha)
    check_columns(repair=True)
    assert "与模板不符" not in front_page(sign_in(client_for(beta), make_user(beta, "site_admin")))
