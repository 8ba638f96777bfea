"""PostgreSQL backend: on_commit callbacks re-enter their site, and work may be done just before a commit.

Named as ENGINE in the settings. `cluster.resources.pending` uses before_commit, `cluster.edge.withdrawal` watches all
commits, everything else the usual API.
"""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django_tenants.postgresql_backend import base as django_tenants_base


class DatabaseWrapper(django_tenants_base.DatabaseWrapper):
    """django-tenants' wrapper that keeps the site of a callback (leak L6 of the platform notes)."""

    # Asked last before every commit of something written, inside the transaction; what they return is called as the first
    # thing after it.
    commit_watchers: ClassVar[list[Callable[[], Callable[[], None] | None]]] = []

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

    def before_commit(self, name: str, hook: Callable[[], None], *, first: bool = False) -> None:
        """Run hook once, inside the running transaction, when its outermost block is about to commit.

        Hooks run in the order in which they came, one that must be `first` before those that wait already. A hook of the
        same name is kept once. Raises RuntimeError outside a transaction.
        """
        if not self.in_atomic_block:
            raise RuntimeError("before_commit() needs a running transaction")
        if first and name not in self.before_commit_hooks:
            self.before_commit_hooks = {name: hook, **self.before_commit_hooks}
        self.before_commit_hooks.setdefault(name, hook)

    def commit(self) -> None:
        """Run the hooks, then commit; a hook that raises undoes the whole transaction."""
        try:
            self._run_hooks()
            afterwards = self._settle() if self._has_written() else []
        except BaseException:
            self.rollback()
            raise
        super().commit()
        for act in afterwards:
            act()

    def _has_written(self) -> bool:
        """Whether the transaction changed a row; whoever only read leaves deferred triggers and watchers nothing to look at."""
        if self.connection is None or self.closed_in_transaction:
            return False
        with self.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
            return bool(cursor.fetchone()[0])

    def _settle(self) -> list[Callable[[], None]]:
        """Have everything looked at that is looked at before a commit; return what is to be done right after it."""
        # Refusals of deferred triggers arrive readable here; of those of COMMIT itself psycopg2 keeps the ASCII signs alone.
        with self.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return [watched for watcher in self.commit_watchers if (watched := watcher())]

    def check_constraints(self, table_names: Iterable[str] | None = None) -> None:
        """Ask now what the database asks at a commit; what is done just before one comes first."""
        self._run_hooks()
        super().check_constraints(table_names)

    def _run_hooks(self) -> None:
        while self.before_commit_hooks:
            self.before_commit_hooks.pop(next(iter(self.before_commit_hooks)))()

    def rollback(self) -> None:
        """Forget the hooks of the transaction that is undone."""
        self.before_commit_hooks.clear()
        super().rollback()

    def close(self) -> None:
        """Forget the hooks with the connection."""
        self.before_commit_hooks.clear()
        super().close()
