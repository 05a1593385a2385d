"""A delivery: one part owed to one account. Its states, the moves between them, and who decides them."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType

from bot.domain.case import NOTHING, Reliance
from bot.domain.errors import (
    Concern,
    IllegalMoveError,
    PlatformError,
    RefusedError,
    TryLaterError,
)
from bot.domain.lengths import PlatformName
from bot.domain.picture import Attachment
from bot.domain.post import Language, PostId

Key = NewType("Key", str)
"""Names a delivery for ever. Made of what it is, never of what it says."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every delivery."""


class State(StrEnum):
    """What has become of a delivery."""

    SCHEDULED = "scheduled"  # its hour has not come, or it is to be tried again later
    SENDING = "sending"  # claimed: a request may be on the wire
    IN_DOUBT = "in_doubt"  # a request left and nothing proves what became of it
    SENT = "sent"  # the platform gave an id
    FAILED = "failed"  # refused for good: an organiser must act
    EXPIRED = "expired"  # too late to be worth sending
    CANCELLED = "cancelled"  # withdrawn before it left


MOVES: Mapping[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.SENDING, State.CANCELLED, State.EXPIRED}),
    State.SENDING: frozenset({State.SENT, State.SCHEDULED, State.FAILED, State.IN_DOUBT}),
    State.IN_DOUBT: frozenset({State.SENT, State.SCHEDULED, State.FAILED}),
    State.SENT: frozenset(),
    State.FAILED: frozenset({State.SCHEDULED}),
    State.EXPIRED: frozenset({State.SCHEDULED}),
    State.CANCELLED: frozenset({State.SCHEDULED}),
}

LEFT = frozenset({State.SENDING, State.IN_DOUBT, State.SENT})
"""States in which something is, or may be, public."""


class DeliveryKind(StrEnum):
    """What is owed. Thanks, boosts and withdrawals use the same engine as posts."""

    POST = "post"
    WITHDRAWAL = "withdrawal"  # of a published part; its text is the platform's id of that part
    BOOST = "boost"  # of a supporter's message; its text is what the platform calls that message
    UNBOOST = "unboost"  # takes a boost back; its text is the same


TAKING_BACK = frozenset({DeliveryKind.WITHDRAWAL, DeliveryKind.UNBOOST})
"""What nothing holds up but the platform itself: what should not be there goes."""

OF_SUPPORTERS = frozenset({DeliveryKind.BOOST, DeliveryKind.UNBOOST})
"""What speaks of somebody else's message: nothing of that stays once it is settled."""


class How(StrEnum):
    """How we know that a delivery was sent."""

    DIRECT = "direct"  # the platform answered with its id
    FOUND = "found"  # we looked and it was there
    ORGANISER = "organiser"  # a person told us


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a platform calls a published part; `cid` is Bluesky's content id."""

    remote_id: str
    url: str
    cid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One part owed to one account. `next_at` is when the machine acts on it again, None for never."""

    key: Key
    kind: DeliveryKind = DeliveryKind.POST
    account: str
    post: PostId
    occurrence: str = ""
    language: Language
    part: int = 1
    parts: int = 1
    text: str
    warning: str = ""  # what readers are warned of before they see it
    media: tuple[Attachment, ...] = ()
    reliance: Reliance = NOTHING  # what it says of whom, and the facts it states
    cost: int = 0  # what sending it once costs on this account, in millionths of a dollar
    planned_at: datetime
    expires_at: datetime
    state: State = State.SCHEDULED
    next_at: datetime | None
    attempts: int = 0  # requests begun
    doubts: int = 0  # of these, how many may have reached the platform
    looks: int = 0  # looks since the last doubt that found nothing
    first_claimed_at: datetime | None = None
    claimed_at: datetime | None = None
    payload: bytes | None = field(default=None, repr=False)  # the frozen bytes
    parent: Receipt | None = None  # the part before, for a thread
    root: Receipt | None = None  # the first part, for a thread
    receipt: Receipt | None = None
    how: How | None = None
    verified_at: datetime | None = None
    held: str | None = None  # shown, never published until lifted
    attention: str | None = None  # why a person is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a look found: our matching posts, or a sentence on what stands in the way of telling."""

    matches: tuple[Receipt, ...] = ()
    puzzle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How an account's platform is looked at after an unclear answer.

    `settle` is how long a platform may take to show what it stored; each look comes at its multiple of it
    after the claim. `writes` is how many requests that may have arrived we risk in all.
    """

    settle: timedelta
    looks: tuple[float, ...]
    writes: int


PATIENCE = {
    PlatformName.X: Patience(settle=timedelta(seconds=90), looks=(1, 5 / 3, 20 / 3), writes=2),
    PlatformName.MASTODON: Patience(settle=timedelta(seconds=90), looks=(1, 5 / 3), writes=5),
    PlatformName.BLUESKY: Patience(settle=timedelta(seconds=5), looks=(1, 2), writes=5),
}
LATE_AFTER = timedelta(minutes=10)  # so long after its hour, a post is late
LOOK_FIRST_AFTER = timedelta(minutes=5)  # somebody may have posted by hand what did not come
LOOK_FIRST_BACK = timedelta(days=30)  # further, and a look would have to read more than it can
READ_BACK = timedelta(seconds=60)  # a 200 is not proof: some servers answer it and store nothing
SECOND_CHANCE = timedelta(minutes=15)  # the least time a person's retry has to get out
SEEN_WITHIN = timedelta(minutes=5)  # what is not to be seen by then needs a person
GIVE_UP_LOOKING = timedelta(minutes=30)
GIVE_UP_READING_BACK = timedelta(days=1)
BACKOFF_FIRST = timedelta(seconds=30)
BACKOFF_LONGEST = timedelta(minutes=15)
WAIT_SHORTEST = timedelta(seconds=5)
WAIT_LONGEST = timedelta(hours=1)


def make_key(
    *,
    campaign: str,
    platform: PlatformName,
    own_id: str,
    kind: DeliveryKind,
    about: str,
    occurrence: str,
    language: str,
    part: int,
) -> Key:
    """Name a delivery: 32 letters and digits, the same wherever and whenever they are made."""
    named = "\x1f".join((campaign, platform, own_id, kind, about, occurrence, language, str(part)))
    return Key(base64.b32encode(hashlib.sha256(named.encode()).digest())[:32].decode().lower())


def move(delivery: Delivery, to: State) -> Delivery:
    """Bring a delivery into another state; the one door through which states change."""
    if to not in MOVES[delivery.state]:
        raise IllegalMoveError(f"{delivery.key}: {delivery.state} may not become {to}")
    return replace(delivery, state=to)


def claim(delivery: Delivery, now: datetime) -> Delivery:
    """Take a due delivery in hand; whoever does this sends it."""
    return replace(
        move(delivery, State.SENDING),
        attempts=delivery.attempts + 1,
        claimed_at=now,
        first_claimed_at=delivery.first_claimed_at or now,
        next_at=None,
        attention=None,
    )


def looks_first(claimed: Delivery, now: datetime, restored: datetime | None) -> datetime | None:
    """Since when to look for a claimed delivery before it is sent, None where it may be sent unseen.

    A first part that is late may have been posted by hand. After a backup was put back (`restored`: since
    when what was sent may be missing) anything may be there already; a look reaches back as far as it can.
    """
    if claimed.kind is not DeliveryKind.POST:
        return None  # withdrawing twice is withdrawing once, and so with boosts
    if restored is not None:
        return min(max(restored, now - LOOK_FIRST_BACK), claimed.planned_at)
    late = claimed.part == 1 and now - claimed.planned_at > LOOK_FIRST_AFTER
    return claimed.planned_at if late else None


def seen_before(claimed: Delivery, seen: Sighting, now: datetime) -> Delivery | None:
    """What a look before sending has made of a claimed delivery, None where it is still to be sent."""
    if seen.puzzle or len(seen.matches) > 1:
        doubtful = replace(move(claimed, State.IN_DOUBT), doubts=claimed.doubts + 1, looks=0)
        return replace(doubtful, next_at=None, attention=_which(seen))
    return sent(claimed, seen.matches[0], How.FOUND, now) if seen.matches else None


def _which(seen: Sighting) -> str:
    return seen.puzzle or f"{len(seen.matches)} posts of ours look like this one: which is it?"


def settle(
    sending: Delivery,
    outcome: Receipt | PlatformError,
    now: datetime,
    patience: Patience,
    jitter: float = 0.0,
) -> Delivery:
    """Decide what a request has made of a delivery. Decides only; saves nothing.

    `jitter` (0 to 1) shortens our own back-off by up to half, so that accounts do not return in step.
    """
    match outcome:
        case Receipt():
            return sent(sending, outcome, How.DIRECT, now)
        case TryLaterError():
            wait = _wait(outcome, sending.attempts, jitter)
            return replace(move(sending, State.SCHEDULED), next_at=now + wait, attention=_blocked(outcome))
        case RefusedError() if not sending.doubts:
            return replace(move(sending, State.FAILED), next_at=None, attention=str(outcome))
        case _:  # no clear answer, or a refusal that may mean "already there"
            doubtful = doubt(sending, now, patience)
            # A look before it, or a slow answer, has used up settle time: what the platform does after we
            # have given up still needs some.
            soonest = now + patience.settle / 3
            return replace(doubtful, next_at=max(soonest, doubtful.next_at or soonest))


def _wait(error: TryLaterError, attempts: int, jitter: float) -> timedelta:
    if error.concern is Concern.ACCOUNT_BLOCKED:
        return timedelta()  # its account waits to be let in again; then it goes at once
    if error.wait is not None:
        return min(max(error.wait, WAIT_SHORTEST), WAIT_LONGEST)
    # 30 s, 1 min, 2 min ...; the exponent is capped so that years of trying do not overflow.
    longest = min(BACKOFF_FIRST * (1 << min(attempts - 1, 10)), BACKOFF_LONGEST)
    return longest * (1 - jitter / 2)


def _blocked(error: TryLaterError) -> str | None:
    return str(error) if error.concern is Concern.ACCOUNT_BLOCKED else None


def sent(delivery: Delivery, receipt: Receipt, how: How, now: datetime) -> Delivery:
    """Write down that the platform has it; a part of ours is read back once, a minute later."""
    # What is settled of a supporter's message is erased, so that nothing is left to ask about.
    again = None if delivery.kind in OF_SUPPORTERS else now + READ_BACK
    return replace(move(delivery, State.SENT), receipt=receipt, how=how, next_at=again, attention=None)


def withdrawn(remote_id: str) -> Receipt:
    """What a withdrawal comes to: nothing is there any more."""
    return Receipt(remote_id=f"withdrawn:{remote_id}", url="")


def doubt(sending: Delivery, now: datetime, patience: Patience) -> Delivery:
    """Write down that nobody knows; the first look comes after the platform's settle time."""
    claimed = sending.claimed_at or now
    return replace(
        move(sending, State.IN_DOUBT),
        doubts=sending.doubts + 1,
        looks=0,
        next_at=max(now, claimed + patience.settle * patience.looks[0]),
        attention=None,
    )


def after_look(in_doubt: Delivery, seen: Sighting, now: datetime, patience: Patience) -> Delivery:
    """Decide what a successful look has made of a delivery in doubt."""
    if seen.puzzle or len(seen.matches) > 1:
        return replace(in_doubt, next_at=None, attention=_which(seen))
    if seen.matches:
        return sent(in_doubt, seen.matches[0], How.FOUND, now)
    looks = in_doubt.looks + 1
    if looks < len(patience.looks):
        claimed = in_doubt.claimed_at or now
        # Looks are never closer together than planned, however late the first one came.
        gap = patience.settle * (patience.looks[looks] - patience.looks[looks - 1])
        due = max(claimed + patience.settle * patience.looks[looks], now + gap)
        return replace(in_doubt, looks=looks, next_at=due, attention=None)
    if in_doubt.doubts < patience.writes:
        return replace(move(in_doubt, State.SCHEDULED), looks=0, next_at=now, attention=None)
    reason = f"{looks} looks found nothing, and it was sent {in_doubt.doubts} times: did it go out?"
    return replace(in_doubt, looks=looks, next_at=None, attention=reason)


def after_blind_look(in_doubt: Delivery, reason: str, now: datetime) -> Delivery:
    """Decide when to look again after a look that failed: it proves nothing and counts as none."""
    blind_for = now - (in_doubt.claimed_at or now)
    again = min(max(blind_for, BACKOFF_FIRST), BACKOFF_LONGEST)
    attention = None
    if blind_for >= GIVE_UP_LOOKING:
        attention = f"we cannot look whether it went out: {reason}"
    return replace(in_doubt, next_at=now + again, attention=attention)


def after_blind_read_back(delivery: Delivery, now: datetime) -> Delivery:
    """Decide when to read a sent part back after it could not be; that stays without consequence."""
    blind_for = now - (delivery.claimed_at or now)
    again = None
    if blind_for < GIVE_UP_READING_BACK:
        again = now + min(max(blind_for, BACKOFF_FIRST), BACKOFF_LONGEST)
    return replace(delivery, next_at=again)


def after_read_back(delivery: Delivery, seen: bool, now: datetime) -> Delivery:
    """Decide what reading a sent part back has shown."""
    if seen:
        return replace(delivery, verified_at=now, next_at=None)
    if now - (delivery.claimed_at or now) < SEEN_WITHIN:
        return replace(delivery, next_at=now + READ_BACK)
    reason = "accepted by the platform, but not to be seen there"
    if delivery.kind is DeliveryKind.WITHDRAWAL:
        reason = "the platform said that it took it away, but it is still to be seen there"
    return replace(delivery, next_at=None, attention=reason)


def tried_again(delivery: Delivery, now: datetime) -> Delivery:
    """Give what was refused, too late or cancelled another chance at once, under the same key."""
    grace = max(delivery.expires_at - delivery.planned_at, SECOND_CHANCE)
    return replace(move(delivery, State.SCHEDULED), next_at=now, expires_at=now + grace, attention=None)


def told_absent(in_doubt: Delivery, now: datetime) -> Delivery:
    """Believe a person that something did not go out: send it again at once, under the same key."""
    grace = max(in_doubt.expires_at, now + SECOND_CHANCE)
    return replace(move(in_doubt, State.SCHEDULED), looks=0, next_at=now, expires_at=grace, attention=None)


def let_be(delivery: Delivery) -> Delivery:
    """Leave something as it is: nobody is asked about it any more, and nothing of it is sent."""
    if delivery.state is State.IN_DOUBT:
        return replace(move(delivery, State.FAILED), next_at=None, attention=None)
    return replace(delivery, attention=None)


def cancelled(delivery: Delivery) -> Delivery:
    """Take back what has not left."""
    return replace(move(delivery, State.CANCELLED), next_at=None, attention=None)


def hastened(delivery: Delivery, by: timedelta) -> Delivery:
    """Move what is scheduled forward by a length of time."""
    return replace(
        delivery,
        planned_at=delivery.planned_at - by,
        expires_at=delivery.expires_at - by,
        next_at=delivery.planned_at - by,
    )
