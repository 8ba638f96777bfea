"""The file with the demonstration's log-ins: a JSON list, mode 0600 from its first byte, replaced as a whole.

Read and written by `accounts`; people and tests read it, nothing else does.
"""

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from cluster.subsites.models import Subsite


class AccountFileBroken(Exception):
    """The file is there but not what it should be; the text says what to do, in Chinese."""


@dataclass(frozen=True)
class Account:
    """One log-in, with the address of the admin it opens."""

    site: str
    url: str
    username: str
    password: str
    role: str


class AccountFile:
    """The list of log-ins at one path."""

    def __init__(self, path: Path) -> None:
        """Take the path; its folder must exist."""
        self.path = path

    def load(self) -> dict[str, Account]:
        """Give the accounts by username; none where there is no file yet. Raises AccountFileBroken."""
        try:
            entries = json.loads(self.path.read_text(encoding="utf-8"))
            return {entry["username"]: Account(**entry) for entry in entries}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, KeyError) as error:
            raise AccountFileBroken(
                f"账号文件 {self.path} 的内容无法识别。请修复它，或者删除后重新运行：删除后演示账号会换成新密码。"
            ) from error

    def store(self, accounts: list[Account], *, others: dict[str, Account]) -> None:
        """Write the accounts, and of the others those whose site still exists, with its present address."""
        names = {account.username for account in accounts}
        kept = list(_with_present_url(account for account in others.values() if account.username not in names))
        self._replace(json.dumps([asdict(a) for a in [*accounts, *kept]], ensure_ascii=False, indent=1) + "\n")

    def _replace(self, text: str) -> None:
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(6)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)


def _with_present_url(accounts: Iterable[Account]) -> list[Account]:
    accounts = list(accounts)
    sites = {site.code: site for site in Subsite.objects.filter(code__in={account.site for account in accounts})}
    return [
        Account(a.site, f"{sites[a.site].root_url}/admin/", a.username, a.password, a.role)
        for a in accounts
        if a.site in sites
    ]
