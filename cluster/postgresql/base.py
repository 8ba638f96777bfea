"""PostgreSQL backend: on_commit callbacks re-enter their site, and work may be done just before a commit.

Named as ENGINE in the settings. `cluster.resources.pending` uses before_commit, everything else the usual API.
"""

from collections.abc import Callable
from typing import Any

from django_tenants.postgresql_backend import base as django_tenants_base


class DatabaseWrapper(django_tenants_base.DatabaseWrapper):
    """django-tenants' wrapper that keeps the site of a callback (leak L6 of the platform notes)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.before_commit_hooks: dict[str, Callable[[], None]] = {}
        super().__init__(*args, **kwargs)

    def on_commit(self, func: Callable[[], Any], robust: bool = False) -> None:
        """Run func after the commit, in the site that is current now."""
        if not callable(func) or not self.in_atomic_block:
            super().on_commit(func, robust)
            return
        tenant, include_public = self.tenant, self.include_public_schema

        def in_its_site() -> None:
            now, now_public = self.tenant, self.include_public_schema
            if now is tenant:
                func()
                return
            self.set_tenant(tenant, include_public)
            try:
                func()
            finally:
                self.set_tenant(now, now_public)

        in_its_site.__qualname__ = getattr(func, "__qualname__", repr(func))
        super().on_commit(in_its_site, robust)

    def before_commit(self, name: str, hook: Callable[[], None]) -> None:
        """Run hook once, inside the running transaction, when its outermost block is about to commit.

        A hook of the same name is kept once. Raises RuntimeError outside a transaction.
        """
        if not self.in_atomic_block:
            raise RuntimeError("before_commit() needs a running transaction")
        self.before_commit_hooks.setdefault(name, hook)

    def commit(self) -> None:
        """Run the hooks, then commit; a hook that raises undoes the whole transaction."""
        try:
            while self.before_commit_hooks:
                _, hook = self.before_commit_hooks.popitem()
                hook()
        except BaseException:
            self.rollback()
            raise
        super().commit()

    def rollback(self) -> None:
        """Forget the hooks of the transaction that is undone."""
        self.before_commit_hooks.clear()
        super().rollback()

    def close(self) -> None:
        """Forget the hooks with the connection."""
        self.before_commit_hooks.clear()
        super().close()
