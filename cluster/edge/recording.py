"""What a page uses while it renders: kept for this render alone, and nothing at all where nobody records.

Called by whatever reads for a public page; begun and read by cluster.edge.middleware. The views of public pages call
`storable`: nothing is stored that did not ask for it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Recording:
    """What one render used. `position` is the last change of the store's index that came before its first query.

    Negative where no store would take the page: then nobody asks what it used, and nothing is noted.
    """

    position: int
    keys: dict[str, float | None] = field(default_factory=dict)
    holds_until: float | None = None
    params: frozenset[str] | None = None
    media_class: str = "html"
    kind: str = "item"
    refusal: str = ""

    @property
    def is_storable(self) -> bool:
        """Tell whether the view asked for storing and nothing spoke against it."""
        return self.params is not None and not self.refusal


_current: ContextVar[Recording | None] = ContextVar("edge_recording", default=None)


@contextmanager
def record(position: int) -> Iterator[Recording]:
    """Record what the block uses."""
    recording = Recording(position)
    token = _current.set(recording)
    try:
        yield recording
    finally:
        _current.reset(token)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Run the block without noting what it uses: for what is read to decide, not to show."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)


def is_recording() -> bool:
    """Tell whether somebody notes what is used, for callers whose keys cost something to compute."""
    recording = _current.get()
    return recording is not None and recording.position >= 0


def uses(key: str, since: datetime | None = None) -> None:
    """Note that the page shows what the key names; with `since`, only what is dated then or later can change it."""
    recording = _current.get()
    if recording is None or recording.position < 0:
        return
    bound = since.timestamp() if since else None
    before = recording.keys.get(key, bound)
    recording.keys[key] = None if before is None or bound is None else min(before, bound)


def uses_all(keys: Iterable[str]) -> None:
    """Note several keys without bounds."""
    recording = _current.get()
    if recording is not None and recording.position >= 0:
        recording.keys.update(dict.fromkeys(keys))


def holds_until(moment: datetime) -> None:
    """Note that what the page says is true only until then."""
    recording = _current.get()
    if recording is not None:
        stamp = moment.timestamp()
        recording.holds_until = stamp if recording.holds_until is None else min(recording.holds_until, stamp)


def storable(params: Iterable[str] = (), *, kind: str = "item", media_class: str = "html") -> None:
    """Let this answer be stored, for addresses with no other parameters than these.

    Called by the view of a public page. `kind` ranks it when many pages wait to be replaced (cluster.edge.index.KINDS).
    """
    recording = _current.get()
    if recording is not None:
        recording.params, recording.kind, recording.media_class = frozenset(params), kind, media_class


def never_store(reason: str) -> None:
    """Forbid storing this answer, whatever a view says before or after."""
    recording = _current.get()
    if recording is not None:
        recording.refusal = recording.refusal or reason
