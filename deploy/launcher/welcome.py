"""What a person sees when everything answers: the addresses and the demo log-ins. Called by run."""

import json
from pathlib import Path
from typing import TypedDict
from urllib.parse import urljoin

from deploy.launcher import console
from deploy.launcher.options import Options

# A province's hundreds of accounts would push the addresses off the screen; the file has them all.
ROWS_SHOWN = 100


class Account(TypedDict):
    """One entry of $VAR/demo-accounts.json; `url` is where it signs in, the site's address with /admin/."""

    site: str
    url: str
    username: str
    password: str
    role: str


def show(options: Options, seconds: float) -> None:
    """Print addresses, log-ins and what to do next."""
    path = options.var / "demo-accounts.json"
    accounts = read_accounts(path) if options.demo else []
    if accounts:
        show_accounts(accounts, path)
    else:
        console.say(f"\n控制台：http://console.localhost:{options.port}/admin/")
    console.done(f'群站已就绪（{seconds:.0f} 秒）。Ctrl-C 停止；另一终端可运行 make manage ARGS="list_sites"。')


def read_accounts(path: Path) -> list[Account]:
    """Return the demo accounts, or nothing where the file is missing or broken."""
    try:
        found: list[Account] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return found


def show_accounts(accounts: list[Account], path: Path) -> None:
    """Print the sites with their addresses, then the accounts, or where to find them if they are many."""
    admins = {entry["site"]: entry["url"] for entry in accounts}
    shown = accounts[:ROWS_SHOWN] if len(accounts) <= ROWS_SHOWN else accounts[:14]
    addresses = [(code, urljoin(admin, "/"), admin) for code, admin in admins.items()]
    console.table("站点", ("代码", "网址", "后台"), addresses)
    console.table(
        "演示账号",
        ("站点", "角色", "用户名", "密码"),
        [(entry["site"], entry["role"], entry["username"], entry["password"]) for entry in shown],
    )
    if len(shown) < len(accounts):
        console.say(f"… 共 {len(accounts)} 个账号，全部在 {path}")
    else:
        console.say(f"账号也在 {path}")
