"""Log-ins of the demonstration: one for each site and role, secret, and valid whatever happens between two runs."""

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password

from cluster.accounts.models import User
from cluster.context import in_site
from cluster.staff.models import Person
from cluster.subsites.models import Subsite
from sites.content.demo import accounts
from sites.content.demo.account_file import AccountFile, AccountFileBroken
from sites.content.demo.accounts import make_accounts

PBKDF2 = "django.contrib.auth.hashers.PBKDF2PasswordHasher"


@pytest.fixture
def file(tmp_path: Path) -> AccountFile:
    """Name a file that is not there yet."""
    return AccountFile(tmp_path / "demo-accounts.json")


def signs_in(site: Subsite, username: str, password: str) -> bool:
    """Tell whether the site lets the account in."""
    with in_site(site):
        return authenticate(username=username, password=password) is not None


def test_one_account_for_each_site_and_role(alpha: Subsite, beta: Subsite, console: Subsite, file: AccountFile) -> None:
    """Every account is in its role's group, has a person of its own, and enters its own site only."""
    assert make_accounts([alpha, beta, console], file) == 7 + 7 + 2
    entries = json.loads(file.path.read_text())
    assert all(list(entry) == ["site", "url", "username", "password", "role"] for entry in entries)
    assert entries[0]["url"] == f"{alpha.root_url}/admin/"
    assert len({entry["password"] for entry in entries}) == len(entries)
    for site in (alpha, beta, console):
        with in_site(site):
            for user in User.objects.all():
                assert not user.is_superuser
                assert [group.name for group in user.groups.all()] == [user.username.partition("-")[2]]
                assert Person.objects.get(pk=str(user.person_uuid)).unit == site.name
    editor = file.load()["alpha-editor"]
    assert signs_in(alpha, "alpha-editor", editor.password)
    assert not signs_in(alpha, "alpha-editor", "wrong")
    assert not signs_in(beta, "alpha-editor", editor.password)


def test_file_is_private_from_its_first_byte(alpha: Subsite, file: AccountFile) -> None:
    """Mode 0600, also after it is written again over a file that was open to all."""
    make_accounts([alpha], file)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    file.path.chmod(0o644)
    make_accounts([alpha], file)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]


def test_second_run_keeps_passwords_and_follows_the_port(
    alpha: Subsite, beta: Subsite, file: AccountFile, settings: Any
) -> None:
    """Passwords stay, addresses become the present ones, also of sites this run does not name."""
    make_accounts([alpha, beta], file)
    before = file.load()
    settings.SITE_PORT = 8123
    make_accounts([alpha], file)
    after = file.load()
    assert {name: account.password for name, account in after.items()} == {n: a.password for n, a in before.items()}
    assert after["alpha-editor"].url.endswith(":8123/admin/")
    assert after["beta-editor"].url.endswith(":8123/admin/")
    assert signs_in(beta, "beta-editor", after["beta-editor"].password)


def test_lost_file_gives_new_passwords(alpha: Subsite, file: AccountFile) -> None:
    """What nobody can read any more is replaced, and the old words open nothing."""
    make_accounts([alpha], file)
    old = file.load()["alpha-editor"].password
    file.path.unlink()
    make_accounts([alpha], file)
    new = file.load()["alpha-editor"].password
    assert new != old
    assert signs_in(alpha, "alpha-editor", new)
    assert not signs_in(alpha, "alpha-editor", old)


def test_run_killed_after_the_file_was_written(
    alpha: Subsite, file: AccountFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run gives the accounts the passwords that the file already tells."""
    monkeypatch.setattr(accounts, "_make_site_accounts", lambda site, items: None)
    make_accounts([alpha], file)
    told = file.load()
    monkeypatch.undo()
    make_accounts([alpha], file)
    assert file.load() == told
    assert signs_in(alpha, "alpha-letters", told["alpha-letters"].password)


def test_killed_while_replacing_lost_passwords(
    alpha: Subsite, file: AccountFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accounts shut for a new password are opened by the next run."""
    make_accounts([alpha], file)
    file.path.unlink()
    monkeypatch.setattr(accounts, "_make_site_accounts", lambda site, items: None)
    make_accounts([alpha], file)
    monkeypatch.undo()
    make_accounts([alpha], file)
    assert signs_in(alpha, "alpha-editor", file.load()["alpha-editor"].password)


def test_stale_password_in_the_database_is_set_right(alpha: Subsite, file: AccountFile) -> None:
    """A database restored from elsewhere gets the passwords of the file."""
    make_accounts([alpha], file)
    known = file.load()
    other = replace(known["alpha-editor"], password="another-password")
    file.store([other], others=known)
    make_accounts([alpha], file)
    assert signs_in(alpha, "alpha-editor", "another-password")


def test_few_rounds_until_the_first_sign_in(alpha: Subsite, file: AccountFile, settings: Any) -> None:
    """A fresh account is hashed quickly; signing in stores it with the full count, which later runs leave alone."""
    settings.PASSWORD_HASHERS = [PBKDF2]
    make_accounts([alpha], file)
    with in_site(alpha):
        assert User.objects.get(username="alpha-editor").password.startswith(f"pbkdf2_sha256${accounts.ROUNDS}$")
    assert signs_in(alpha, "alpha-editor", file.load()["alpha-editor"].password)
    with in_site(alpha):
        strong = User.objects.get(username="alpha-editor").password
        assert not strong.startswith(f"pbkdf2_sha256${accounts.ROUNDS}$")
    make_accounts([alpha], file)
    with in_site(alpha):
        assert User.objects.get(username="alpha-editor").password == strong


def test_password_an_editor_chose_is_kept(alpha: Subsite, file: AccountFile, settings: Any) -> None:
    """Who changed the password keeps it; one with few rounds that is not the file's is put right."""
    settings.PASSWORD_HASHERS = [PBKDF2]
    make_accounts([alpha], file)
    with in_site(alpha):
        User.objects.filter(username="alpha-editor").update(password=make_password("chosen-by-the-editor"))
        User.objects.filter(username="alpha-letters").update(password=accounts.hashed("from-elsewhere"))
    make_accounts([alpha], file)
    assert signs_in(alpha, "alpha-editor", "chosen-by-the-editor")
    assert not signs_in(alpha, "alpha-letters", "from-elsewhere")


@pytest.mark.parametrize("text", ["not json", "{}", '[{"username": "x"}]', "[1]"])
def test_broken_file_is_named_and_kept(alpha: Subsite, file: AccountFile, text: str) -> None:
    """A file somebody spoiled is not thrown away; an empty list is fine."""
    file.path.write_text(text)
    if text == "{}":
        assert make_accounts([alpha], file) == 7
        return
    with pytest.raises(AccountFileBroken, match="无法识别"):
        make_accounts([alpha], file)
    assert file.path.read_text() == text
