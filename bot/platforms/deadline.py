"""One thread that ends what takes too long: a new one for each request would cost more than the request."""

import time
from collections.abc import Callable
from threading import Condition, Thread


class Deadline:
    """Calls a function once a time is over, unless it is cleared before; for one request at a time.

    Its thread begins with the first request, and ends when nothing was asked of it for as long as a request
    may take: an account that publishes once a day keeps no thread for it.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._due: float | None = None
        self._over: Callable[[], None] = lambda: None
        self._looks_at: float | None = None  # when the thread wakes up, None where there is none

    def set(self, seconds: float, over: Callable[[], None]) -> None:
        """Let the time run."""
        with self._changed:
            self._due, self._over = time.monotonic() + seconds, over
            if self._looks_at is None:
                self._looks_at = self._due
                Thread(target=self._watch, name="deadline", daemon=True).start()
            elif self._looks_at > self._due:
                self._changed.notify()

    def clear(self) -> None:
        """Stop it."""
        with self._changed:
            self._due = None

    def _watch(self) -> None:
        while over := self._wait():
            over()

    def _wait(self) -> Callable[[], None] | None:
        """What to call, once a time is over; None once nothing was waited for all the while."""
        with self._changed:
            while True:
                now = time.monotonic()
                if self._due is not None and now >= self._due:
                    self._due = None
                    return self._over
                if self._due is None and self._looks_at is not None and now >= self._looks_at:
                    self._looks_at = None
                    return None
                self._looks_at = self._due if self._due is not None else self._looks_at or now
                self._changed.wait(max(0.0, self._looks_at - now))
