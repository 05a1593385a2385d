"""One of our own accounts, and what a platform says of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.lengths import Limits, PlatformName
from bot.domain.post import Language

CLOCK_UNUSABLE = timedelta(minutes=5)
"""An account publishes nothing while our clock differs by so much from its platform's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a platform answered when we asked who we are. None means that it did not say."""

    own_id: str
    handle: str
    url: str
    may_write: bool | None = None
    bot_label: bool | None = None
    scopes_missing: tuple[str, ...] = ()
    scopes_excess: tuple[str, ...] = ()
    clock_ahead: timedelta | None = None  # our clock minus the platform's
    length: int | None = None  # the server's own limits, where it has some
    link_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How we speak on one account: all that a rendition needs to know of it."""

    label: str
    platform: PlatformName
    handle: str
    tag: str
    languages: tuple[Language, ...]
    limits: Limits
    threads: bool = True
    part_gap: timedelta = timedelta()  # between the parts of a thread

    @property
    def mention(self) -> str:
        """Our own handle as a supporter types it to reach us."""
        return "@" + self.handle.lstrip("@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why an account does not publish. `blocked` means the platform shut us out, not a person."""

    reason: str
    by: str
    at: datetime
    blocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as the store knows it; `own_id` is None until the platform has first told us."""

    label: str
    platform: PlatformName
    enrolled_at: datetime
    own_id: str | None = None
    handle: str = ""
    url: str = ""
    length: int | None = None
    link_length: int | None = None
    pause: Pause | None = None
    busy_until: datetime | None = None  # a rate limit of the whole account
