"""The role of the web processes, in tests marked `web_role` (see tests/conftest.py)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from tests.support.lacking import refuse_or_skip


def need_web_role() -> None:
    """Skip, in CI fail, where this run knows no such role."""
    if not settings.DATABASE_WEB_ROLE:
        refuse_or_skip("没有设置 DATABASE_WEB_URL：无法以 web 角色连接，两种角色的权限未经检查")


@contextmanager
def as_web() -> Iterator[None]:
    """Connect as the web role inside the block."""
    owner = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = settings.DATABASE_WEB_ROLE
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = owner
