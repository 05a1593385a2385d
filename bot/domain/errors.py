"""Everything that can go wrong, named by what the caller does next.

BotError
├── ConfigError         the configuration cannot be used as written
├── RenditionError      a post does not fit an account: an organiser rewords it
├── DecisionError       a person asked for what cannot be done: say why
├── IllegalMoveError    a delivery was asked to make a move that MOVES does not know
├── AlarmError          an alarm did not arrive: try again later
├── StoreError          our memory cannot be used: stop sending
│   ├── LostClaimError  the row changed under us: drop what we hold, read again
│   ├── StoreBusyError  another program holds the lock: do not start
│   └── NotFoundError   no row of that name: ask again with another
└── PlatformError       a platform did not publish, as far as we know
    ├── RefusedError    it never will as written: tell an organiser
    ├── TryLaterError   certainly not published: send the same bytes again later
    └── InDoubtError    a request left and nothing proves what became of it: look first
"""

from datetime import timedelta
from enum import StrEnum


class BotError(Exception):
    """Root of everything this program raises on purpose."""


class ConfigError(BotError):
    """The configuration cannot be used as written; the message is ready to be shown."""


class RenditionError(BotError):
    """A post does not fit an account; says by how much and how to mend it."""

    def __init__(self, message: str, fix: str, *, part: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.part = part


class DecisionError(BotError):
    """A person asked for what cannot be done; says why, and what can."""


class IllegalMoveError(BotError):
    """A delivery was asked to make a move that MOVES does not know."""


class AlarmError(BotError):
    """An alarm did not arrive; says why, without secrets."""


class StoreError(BotError):
    """Our memory cannot be used; nothing may be sent until it can."""


class LostClaimError(StoreError):
    """The row changed under us: drop what we hold and read again."""


class StoreBusyError(StoreError):
    """Another program holds the store's lock."""


class NotFoundError(StoreError):
    """Nothing in the store has that name, or more than one thing has."""


class PlatformError(BotError):
    """A platform did not publish, as far as we know."""


class RefusedError(PlatformError):
    """Will never succeed as written: tell an organiser."""


class Concern(StrEnum):
    """Whom a wait concerns."""

    POST = "post"  # this delivery only
    ACCOUNT_BUSY = "account_busy"  # the whole account, until the wait is over (rate limit)
    ACCOUNT_BLOCKED = "account_blocked"  # the whole account, until it is let in again


class TryLaterError(PlatformError):
    """Certainly not published: send the same bytes again after `wait` (None: our own back-off)."""

    def __init__(
        self, message: str, *, wait: timedelta | None = None, concern: Concern = Concern.POST
    ) -> None:
        super().__init__(message)
        self.wait = wait
        self.concern = concern


class InDoubtError(PlatformError):
    """A request left and nothing proves what became of it: look before sending again."""
