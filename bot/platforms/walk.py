"""How far a walk from the newest message down to the known ones has come, as text in a cursor."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from bot.platforms.plain import time_in

OVERLAP = timedelta(hours=24)
"""How far below the newest message of the last walk the next one goes: platforms show some of them late."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk down to what was newest before.

    `top` is the newest message of this walk, once its first page was read; `at` is where its next page
    begins.
    """

    to: datetime
    top: datetime | None = None
    at: str = ""

    @classmethod
    def read(cls, cursor: str | None, since: datetime) -> Self:
        """The walk that a cursor speaks of; the first one where it speaks of none."""
        try:
            found = json.loads(cursor or "")
        except ValueError:
            return cls(to=since)
        to = time_in(found, "to")
        at = found.get("at") if isinstance(found, dict) else ""
        return (
            cls(to=to, top=time_in(found, "top"), at=at if isinstance(at, str) else "") if to else cls(since)
        )

    def written(self) -> str:
        """The cursor."""
        return json.dumps({name: str(one) for name, one in asdict(self).items() if one})

    def floor(self, since: datetime) -> datetime:
        """Below which nothing is wanted."""
        return max(since, self.to - OVERLAP)

    def onward(self, at: str, top: datetime | None) -> "Walk":
        """The walk after a page, and where its next one begins."""
        return replace(self, at=at, top=self.top or top or self.to)

    def done(self, top: datetime | None, now: datetime) -> "Walk":
        """The next walk, once this one is over. A message from the future moves nothing."""
        return Walk(to=min(self.top or top or self.to, now))
