"""Make again the copies that a change has reached, and those whose time is over: home pages first.

Called by the agent, and by edge_warm for pages that are not stored yet. Writes through cluster.edge.rendering.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError

from cluster.edge.entries import STAYING, Address, Entry
from cluster.edge.middleware import InHand
from cluster.edge.rendering import render
from cluster.edge.store import Store

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 6
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.05, 30.0
_FOUND, _SERVER_ERROR = 200, 500


@dataclass(slots=True)
class _Failure:
    """A copy that could not be made: where, what came instead, how often, and when it is tried again."""

    address: Address
    reason: str = ""
    attempts: int = 0
    not_before: float = 0.0


@dataclass
class Replacer:
    """Replaces copies of one store; remembers which ones failed, so that one bad page does not hold up the others."""

    store: Store
    failures: dict[int, _Failure] = field(default_factory=dict)

    def replace_some(self, seconds: float) -> int:
        """Make copies again for about so long; return how many were made or given up."""
        until, done = time.monotonic() + seconds, 0
        for entry in self._waiting():
            done += self._replace(entry)
            if time.monotonic() >= until:
                break
        return done

    @property
    def trouble(self) -> str:
        """Say which copies stay as they are because no better ones can be made; empty where there are none."""
        stuck = [failure for failure in self.failures.values() if failure.attempts >= MAX_ATTEMPTS]
        if not stuck:
            return ""
        first = stuck[0]
        place = f"{first.address.host}{first.address.path}（{first.reason}）"
        return f"{len(stuck)} 个首页或栏目页换不了新，送出的还是旧的，正在重试：{place}"

    def _waiting(self) -> Iterator[Entry]:
        now = time.monotonic()
        waiting = {entry.id: entry for entry in (*self.store.index.stale_entries(), *self.store.index.due())}
        self.failures = {number: failure for number, failure in self.failures.items() if number in waiting}
        for number, entry in waiting.items():
            if number not in self.failures or self.failures[number].not_before <= now:
                yield entry

    def _replace(self, entry: Entry) -> bool:
        """Render the page of a copy; a page that is not there any more loses it, one that keeps failing too, if it is an item."""
        try:
            response = render(entry.address)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("重新生成页面失败：%s%s", entry.address.host, entry.address.path)
            return self._failed(entry, "程序出错")
        if isinstance(response, InHand):
            return self._later(entry)
        if response.status_code >= _SERVER_ERROR:
            return self._failed(entry, f"HTTP {response.status_code}")
        if self.store.index.is_kept(entry):
            if response.status_code == _FOUND:
                # Something changed once more meanwhile, or a visitor renders it just now.
                return self._failed(entry, "正在变化")
            self.store.forget([entry])
        self.failures.pop(entry.id, None)
        return True

    def _later(self, entry: Entry) -> bool:
        """Come back soon: a visitor's request renders the page, which is no failure and may make this copy good."""
        self.failures.setdefault(entry.id, _Failure(entry.address)).not_before = time.monotonic() + FIRST_WAIT_SECONDS
        return False

    def _failed(self, entry: Entry, reason: str) -> bool:
        failure = self.failures.setdefault(entry.id, _Failure(entry.address))
        failure.attempts, failure.reason = failure.attempts + 1, reason
        wait = min(FIRST_WAIT_SECONDS * 2 ** min(failure.attempts, MAX_ATTEMPTS * 2), LONGEST_WAIT_SECONDS)
        failure.not_before = time.monotonic() + wait
        if failure.attempts < MAX_ATTEMPTS or entry.kind in STAYING:
            return False
        # What it shows is not true any more, and nothing better comes: the visitor gets what the application says.
        self.store.forget([entry])
        del self.failures[entry.id]
        return True
