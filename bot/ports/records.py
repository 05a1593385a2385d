"""What passes through the ports: records that flows, stores and platforms hand to one another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.domain.case import NOTHING, Reliance
from bot.domain.delivery import DeliveryKind, Key
from bot.domain.picture import Attachment
from bot.domain.post import Language, PostId

Since = Mapping[tuple[PostId, str], datetime]
"""After which hour the plan of a post on an account, by its label, says all that is owed."""

NOT_EARLIER: Since = MappingProxyType({})
"""Of no post does a plan cover more than what is to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Which account of ours something is frozen for."""

    own_id: str
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One rendition to be owed: the outbox holds its parts as deliveries."""

    account: str
    kind: DeliveryKind = DeliveryKind.POST
    post: PostId
    occurrence: str
    language: Language
    planned_at: datetime
    expires_at: datetime
    priority: int
    held: str | None
    part_gap: timedelta
    digest: str
    keys: tuple[Key, ...]
    texts: tuple[str, ...]
    warning: str = ""  # on every part
    media: tuple[Attachment, ...] = ()  # on the first part
    reliance: Reliance = NOTHING
    costs: tuple[int, ...] = ()  # of each part, in millionths of a dollar; none: nothing costs


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What planning changed in the outbox."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    too_late: tuple[PostId, ...] = ()  # edited after something of it had left: the edit is ignored
    cancelled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store remembers of a post itself."""

    id: PostId
    first_seen_at: datetime
    slot_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One line of the ledger: what a request did."""

    key: Key
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of the ledger: what a person or the machine decided, and about what."""

    at: datetime
    by: str
    what: str
    about: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A problem that a person is told of once, and whose end is told once."""

    problem: str  # its name: the same problem is one alarm
    words: str  # as they leave the machine
    since: datetime
    told_at: datetime | None = None
    over_at: datetime | None = None  # it is over, and that is still to be told
