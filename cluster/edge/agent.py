"""Worker task of an application server: hear what changed, take it from the store, make the copies again.

Named in settings.WORKER_TASKS; `manage.py worker --only edge` runs it alone on further servers. Withdrawals have happened in
the withdrawing process already (cluster.edge.withdrawal); here the other servers follow, and confirm by forgetting the event.
"""

import logging
import sqlite3
import time
from functools import cached_property
from pathlib import Path

from django.conf import settings

from cluster.edge import feed, namesakes, servers, warming
from cluster.edge.entries import Address
from cluster.edge.generation import product_generation, switch_off
from cluster.edge.rendering import render
from cluster.edge.replacing import Replacer
from cluster.edge.store import Store, page_store
from cluster.postgresql.writers import earlier_writers_are_done

logger = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 1.0
CLEANING_SECONDS = 60.0
# How long copies are made before somebody asks again what changed.
SLICE_SECONDS = 0.1


class EdgeAgent:
    """Keeps this server's store true."""

    name = "edge"
    interval = 0.5

    def __init__(self) -> None:
        self.is_registered = self.has_left = False
        self.reported_at = self.cleaned_at = self.warned_at = float("-inf")
        self.error = self.store_id = ""
        self.essential: list[Address] = []

    @cached_property
    def store(self) -> Store:
        """The store; opened by the thread that works."""
        return page_store()

    @cached_property
    def replacer(self) -> Replacer:
        """What makes copies again."""
        return Replacer(self.store)

    def run(self) -> bool:
        """Do what is due for a moment; return whether there was something."""
        if not settings.EDGE_ENABLED:
            self._leave()
            return False
        if not (self.is_registered or self._register()):
            return False
        if not self.store.is_current:
            # What this old program applied, the copies of the new one would never hear.
            self.error = "程序已更新，后台任务还是旧的：请重启后台任务"
        self._report()
        if not self.is_registered or not self.store.is_current:
            return not self.is_registered
        try:
            heard = feed.hear(settings.EDGE_SERVER, self.store.touch)
            made = self.replacer.replace_some(SLICE_SECONDS) or self._make_essential()
        except (OSError, sqlite3.Error) as error:
            # The folder cannot be written: events stay, and the console says so.
            self.error = str(error)
            raise
        self.error = self.replacer.trouble
        return bool(heard or made)

    def _leave(self) -> None:
        """The store is switched off: nothing is served from it, and nobody waits for its confirmations."""
        if self.has_left:
            return
        was_served = switch_off(Path(settings.EDGE_ROOT))
        if servers.leave(settings.EDGE_SERVER) or was_served:
            logger.info("页面存储已关闭（EDGE=0）：服务器 %s 不再送出存下的页面", settings.EDGE_SERVER)
        self.has_left = True

    def _make_essential(self) -> bool:
        """Store one of the pages that every site must have, where it is missing; return whether there was one."""
        if not self.essential:
            return False
        render(self.essential.pop())
        return True

    def _register(self) -> bool:
        """Come to the feed; a server that is new, or was not told of everything, starts with an empty store."""
        membership = self.store.membership.read()
        try:
            is_new = servers.register(settings.EDGE_SERVER, membership, formerly=self.store_id)
        except servers.NameTaken:
            return self._name_is_taken()
        if is_new:
            self.store.membership.end()
            if not earlier_writers_are_done(seconds=0.5):
                return False
            purged = self.store.purge()
            self.store.membership.keep(servers.set_ready(settings.EDGE_SERVER))
            logger.info("页面服务器 %s 已登记，清除了 %d 个旧页面", settings.EDGE_SERVER, purged)
        else:
            strays, broken = self.store.check_disk()
            if strays or broken:
                logger.warning("页面存储中有 %d 个文件没有登记、%d 个页面不完整，均已清除", strays, broken)
        self.is_registered, self.store_id = True, membership.store_id
        self.reported_at = self.cleaned_at = float("-inf")
        return True

    def _name_is_taken(self) -> bool:
        """Two servers of one name would each hear half: this one stores nothing until the other is silent."""
        self.store.membership.end()
        if self.store.index.usage():
            self.store.purge()
        if time.monotonic() - self.warned_at > CLEANING_SECONDS:
            logger.error("页面服务器的名字 %s 另有一台在用，这台不存储页面：请各设 EDGE_SERVER", settings.EDGE_SERVER)
            namesakes.note_refused(settings.EDGE_SERVER, self.store.membership.read().store_id)
            self.warned_at = time.monotonic()
        return False

    def _report(self) -> None:
        now = time.monotonic()
        if now - self.reported_at < HEARTBEAT_SECONDS:
            return
        usage = self.store.index.usage().values()
        number = servers.report(
            settings.EDGE_SERVER,
            self.store.membership.read(),
            generation=self.store.generation,
            pages=sum(host.entries for host in usage),
            stored_bytes=sum(host.bytes for host in usage),
            error=self.error,
        )
        self.is_registered = number is not None
        self.reported_at = now
        if number is None:
            self.store.membership.end()
            return
        self.store.membership.keep(number)
        if now - self.cleaned_at > CLEANING_SECONDS:
            servers.drop_silent_servers()
            self.essential = warming.missing(self.store, warming.essentials())
            self.cleaned_at = now


# Of the code that is loaded now, whatever lies on the disk when the first page is made.
product_generation()
edge_agent = EdgeAgent()
