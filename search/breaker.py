"""CircuitBreaker: leave a system that does not answer alone for a while. Used by search.engine."""

import threading
import time
from collections.abc import Callable


class CircuitBreaker:
    """Open for some seconds after a failure; then one caller tries while the others still keep away."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock = seconds, clock
        self._lock = threading.Lock()
        self._closed_again_at = 0.0

    def allows(self) -> bool:
        """Tell whether the system may be asked now."""
        with self._lock:
            now = self.clock()
            if now < self._closed_again_at:
                return False
            if self._closed_again_at:
                self._closed_again_at = now + self.seconds  # this caller is the one that tries
            return True

    def trip(self) -> None:
        """Note a failure."""
        with self._lock:
            self._closed_again_at = self.clock() + self.seconds

    def reset(self) -> None:
        """Note an answer."""
        with self._lock:
            self._closed_again_at = 0.0
