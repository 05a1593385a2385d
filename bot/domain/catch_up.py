"""How an account makes up for lost time: a few late posts at a time, never a flood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """At most one late post in `every` (an hour at most), and at most `hourly` in an hour, on each account.

    Followers who get a week's posts within minutes leave, and platforms take the account for a spammer.
    """

    every: timedelta = timedelta(minutes=10)
    hourly: int = 4

    def allows(self, late: Sequence[datetime], now: datetime) -> bool:
        """Whether a late post may go out, after those that went late at the given instants."""
        recent = [at for at in late if at > now - HOUR]
        return len(recent) < self.hourly and all(at <= now - self.every for at in recent)
