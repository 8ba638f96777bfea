"""Keep the parts alive: wait until each answers, start again what dies, stop all in order at the end.

Called by run; every restart is told to the person at the terminal with the end of the part's log.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

from deploy.launcher import console
from deploy.launcher.errors import Refusal, Stop
from deploy.launcher.parts import Part

LOOK_EVERY = 1.0
LONGEST_PAUSE = 30.0
# A part that has lived this long is taken for healthy: its next death is a first one again.
HEALTHY_AFTER = 60.0
READY_PATIENCE = 180.0
SAME_INTERRUPT = 2.0


@dataclass
class Watched:
    """A part with the history of its deaths."""

    part: Part
    deaths: int = 0
    started_at: float = 0.0
    next_start: float | None = None

    def look(self, now: float) -> None:
        """Notice a death, or start the part again when its pause is over."""
        if self.next_start is not None:
            if now >= self.next_start:
                self.restart(now)
        elif not self.part.is_alive():
            self.deaths = 1 if now - self.started_at > HEALTHY_AFTER else self.deaths + 1
            pause = min(LONGEST_PAUSE, 2.0 ** (self.deaths - 1))
            self.next_start = now + pause
            console.warn(f"{self.part.label} 停了，{pause:.0f} 秒后重新启动。日志末尾：")
            console.quote(self.part.last_words())

    def restart(self, now: float) -> None:
        """Start the part; a failure counts as a further death."""
        self.next_start, self.started_at = None, now
        try:
            self.part.start()
        except (Refusal, OSError) as error:
            console.warn(f"{self.part.label} 没有启动：{error}")
        else:
            console.done(f"{self.part.label} 已重新启动")


def wait_ready(part: Part, patience: float = READY_PATIENCE) -> None:
    """Wait until the part answers; raises Refusal with the end of its log where it dies or stays silent."""
    began = time.monotonic()
    with console.console.status(f"等待{part.label} …"):
        while not part.is_ready():
            if not part.is_alive():
                raise Refusal(f"{part.label} 启动后随即停止；日志末尾：\n{part.last_words()}")
            if time.monotonic() - began > patience:
                raise Refusal(f"{part.label} 在 {patience:.0f} 秒内没有应答；日志末尾：\n{part.last_words()}")
            time.sleep(0.2)
    console.done(f"{part.label} 已应答", time.monotonic() - began)


def watch(parts: Sequence[Part], *, clock: Callable[[], float] = time.monotonic) -> None:
    """Watch the parts until a signal raises Stop."""
    watched = [Watched(part, started_at=clock()) for part in parts]
    while True:
        for one in watched:
            one.look(clock())
        time.sleep(LOOK_EVERY)


@contextmanager
def stopped_by_signals(announce: Callable[[], None]) -> Iterator[None]:
    """Turn the first Ctrl-C, kill or closing of the terminal into Stop; later ones do not disturb the stopping.

    A signal may come in the middle of a line that is being printed. Python allows no other print inside that one and raises
    RuntimeError: then the stopping goes on without a word.
    """
    asked_at = 0.0

    def ask(signum: int, frame: FrameType | None) -> None:
        nonlocal asked_at
        asked_at = time.monotonic()
        for name in signals:
            signal.signal(name, patient)
        with suppress(RuntimeError):
            announce()
        raise Stop(signum)

    def patient(signum: int, frame: FrameType | None) -> None:
        # One Ctrl-C may arrive twice: from the terminal and through make.
        if time.monotonic() - asked_at > SAME_INTERRUPT:
            with suppress(RuntimeError):
                console.say("正在停止各部分，请稍候 …")

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(name, ask) for name in signals]
    try:
        yield
    finally:
        for name, handler in zip(signals, before, strict=True):
            signal.signal(name, handler)
