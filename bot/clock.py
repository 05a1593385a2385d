"""The machine's three clocks."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The real time, as ports.Clock asks for it."""

    def now(self) -> datetime:
        """The wall clock in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only ever run forward."""
        return time.monotonic()

    def boot(self) -> float:
        """Seconds since the machine started, sleep included where the system can tell."""
        clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        return time.clock_gettime(clock)
