"""What the hour, an answer or a person makes of what is owed. Decides only; both stores obey."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.account import Account, Identity, Pause
from bot.domain.blanks import has_blanks
from bot.domain.case import Finding
from bot.domain.catch_up import HOUR
from bot.domain.delivery import (
    LATE_AFTER,
    LEFT,
    MOVES,
    Delivery,
    DeliveryKind,
    How,
    Key,
    State,
    move,
)
from bot.domain.draft import Draft
from bot.domain.errors import (
    Concern,
    IllegalMoveError,
    NotFoundError,
    PlatformError,
    StoreError,
    TryLaterError,
)
from bot.domain.lengths import PlatformName
from bot.domain.post import PostId
from bot.domain.thanks import ABOUT, TAKEN
from bot.ports.records import Decision

BY_QUEUE = "the queue"
BY_PLATFORM = "the platform"
BY_CLOCK = "the clock"
BY_GUARD = "the truth guard"
OLD_COPY = "the program"
NOBODY_LEFT = "nobody was left to hear the answer"
PEOPLE = "people"  # what a decision is about that concerns posts that name somebody
RECHECK_PEOPLE = "a backup was put back: check the cases again"
EVERYTHING = "everything"  # what a decision is about that concerns all accounts
MOST_DOUBTS, DOUBTS_WITHIN = 3, timedelta(minutes=10)  # unclear answers, after which an account rests
REST = timedelta(minutes=15)
SHORTEST_PREFIX = 4  # characters of a key that may stand for all of it
LONGEST_NOTE = 500
BILLED = (State.SENDING, State.SENT, State.IN_DOUBT)  # outcomes of a request that may have to be paid for


def cancelled(delivery: Delivery) -> Delivery:
    """A delivery whose post the queue no longer has."""
    return replace(move(delivery, State.CANCELLED), next_at=None, attention=None)


def expired(delivery: Delivery) -> Delivery:
    """A delivery whose last useful moment has passed, and why it was not sent."""
    reason = f"held until it was too late: {delivery.held}" if delivery.held else "it was not sent in time"
    return replace(move(delivery, State.EXPIRED), next_at=None, attention=reason)


def expiry(delivery: Delivery, now: datetime) -> Decision:
    """The ledger's line about a delivery that expired."""
    return line(now, BY_CLOCK, "expire", delivery.key, delivery.attention or "")


def hold(key: Key, reason: str, now: datetime) -> Decision:
    """The ledger's line about a delivery that was due and may not be said."""
    return line(now, BY_GUARD, "hold", key, reason)


def edition(at: datetime) -> Decision:
    """The ledger's line about numbers of the tally that a post tells first."""
    return line(at, BY_CLOCK, TAKEN, ABOUT)


def blank_parts(parts: Iterable[Delivery]) -> list[Delivery]:
    """The parts into which numbers of the tally are to be filled now."""
    return [part for part in parts if to_be_frozen(part) and has_blanks(part.text)]


def check(finding: Finding, now: datetime) -> Decision:
    """The ledger's line about a person who looked at a case or a fact."""
    found = finding.status.value if finding.status else "still so"
    return line(now, finding.by, "verify", finding.subject, f"{found}: {finding.source}"[:LONGEST_NOTE])


def approval(draft: Draft, by: str, now: datetime) -> Decision:
    """The ledger's line about a draft that was lifted."""
    post, language = draft
    return line(now, by, "approve", post, language or "")


def cancellation(delivery: Delivery, now: datetime) -> Decision:
    """The ledger's line about a delivery whose post is gone."""
    return line(now, BY_QUEUE, "cancel", delivery.key)


def to_be_frozen(part: Delivery) -> bool:
    """Whether the bytes of a part are still to be made when one of its rendition is claimed."""
    return part.payload is None and part.state not in LEFT


def outcome(was: Delivery, settled: Delivery) -> Delivery:
    """A claimed delivery after its request: what a request cannot change stays as it was."""
    return replace(
        was,
        state=settled.state,
        next_at=settled.next_at,
        attention=settled.attention,
        doubts=settled.doubts,
        looks=settled.looks,
        receipt=settled.receipt,
        how=settled.how,
        verified_at=settled.verified_at,
    )


def same_row(one: Delivery, other: Delivery) -> bool:
    """Whether two deliveries are the same but for what is read from the parts before them."""
    return replace(one, parent=None, root=None) == replace(other, parent=None, root=None)


def check_move(delivery: Delivery, was: Delivery) -> None:
    """IllegalMoveError unless one may be written in place of the other by anybody but its sender."""
    if delivery.key != was.key:
        raise IllegalMoveError(f"{was.key} may not become {delivery.key}")
    if was.state is State.SENDING or delivery.state is State.SENDING:
        raise IllegalMoveError(f"{was.key}: only a claim begins to send, and only settling ends it")
    if delivery.state is not was.state:
        move(was, delivery.state)


def check_settled(delivery: Delivery) -> None:
    """IllegalMoveError unless a claimed delivery may end so."""
    if delivery.state not in MOVES[State.SENDING]:
        raise IllegalMoveError(f"{delivery.key}: sending may not become {delivery.state}")


def not_ours(settled: Delivery, owner: Key) -> Delivery:
    """A delivery whose answer carries an id that belongs to another one: the answer proves nothing."""
    return replace(
        settled,
        state=State.IN_DOUBT,
        doubts=settled.doubts + 1,
        looks=0,
        next_at=None,
        receipt=None,
        how=None,
        attention=f"the platform answered with what is already the id of {owner}: did it go out?",
    )


def busy_until(settled: Delivery, error: PlatformError | None) -> datetime | None:
    """Until when an error keeps the whole account waiting, None where it does not."""
    busy = isinstance(error, TryLaterError) and error.concern is Concern.ACCOUNT_BUSY
    return settled.next_at if busy else None


def rest(account: str, now: datetime) -> Decision:
    """The ledger's line about an account that rests after unclear answers."""
    return line(now, BY_CLOCK, "rest", account, f"{MOST_DOUBTS} unclear answers within a short time")


def left_late(row: Delivery, now: datetime) -> bool:
    """Whether a delivery is a late post that we have sent, and did not just find there, within the hour."""
    return (
        row.kind is DeliveryKind.POST
        and row.state in LEFT
        and row.claimed_at is not None
        and row.claimed_at > now - HOUR
        and row.claimed_at - row.planned_at > LATE_AFTER
        and (row.how is not How.FOUND or row.doubts > 0)
    )


def shut_out(pause: Pause | None, error: PlatformError | None, now: datetime) -> Pause | None:
    """The pause that an error puts on its account, None where it puts none.

    A person's pause stays: being let in again by the platform would otherwise end it.
    """
    if not isinstance(error, TryLaterError) or error.concern is not Concern.ACCOUNT_BLOCKED:
        return None
    if pause is not None and not pause.blocked:
        return None
    return Pause(reason=str(error), by=BY_PLATFORM, at=now, blocked=True)


def the_one(found: Sequence[Delivery], key_start: str) -> Delivery:
    """The only delivery found. NotFoundError, in words for whoever typed the key, where it is not."""
    if len(key_start) < SHORTEST_PREFIX:
        raise NotFoundError(
            f"{key_start!r} is too short: give at least {SHORTEST_PREFIX} characters of the key"
        )
    if not found:
        raise NotFoundError(f"nothing is owed under a key that starts with {key_start}")
    if len(found) > 1:
        raise NotFoundError(f"more than one key starts with {key_start}: give more of it")
    return found[0]


def identified(account: Account, identity: Identity, others: Iterable[Account]) -> Account:
    """An account after its platform was asked. StoreError where the answer is about another account."""
    if account.own_id not in {None, identity.own_id}:
        raise StoreError(
            f"{account.label} has published as {account.own_id} and now answers as {identity.own_id}: "
            "put back its credentials, or give the new account a name of its own"
        )
    for other in others:
        if (other.platform, other.own_id) == (
            account.platform,
            identity.own_id,
        ) and other.label != account.label:
            raise StoreError(
                f"{account.label} is the account that was called {other.label} before: "
                f"call it {other.label} again, or what was sent would be sent twice"
            )
    return replace(
        account,
        own_id=identity.own_id,
        handle=identity.handle,
        url=identity.url,
        length=account.length if identity.length is None else identity.length,
        link_length=account.link_length if identity.link_length is None else identity.link_length,
    )


def check_platform(account: Account, platform: PlatformName) -> None:
    """StoreError where an account's name was given to one on another platform."""
    if account.platform is not platform:
        raise StoreError(
            f"{account.label} was an account on {account.platform.shown} before: "
            f"give the one on {platform.shown} another name"
        )


def line(at: datetime, by: str, what: str, about: str | None, note: str = "") -> Decision:
    """A line of the ledger about a delivery or an account, or (None) about everything."""
    return Decision(at=at, by=by, what=what, about=EVERYTHING if about is None else about, note=note)


def put_back(since: datetime, by: str, now: datetime) -> Decision:
    """The ledger's line about a backup that was put in place of the store."""
    return line(now, by, "restore", None, f"what was sent since {since:%Y-%m-%d %H:%M} UTC may be missing")


def unknown_post(post: PostId) -> NotFoundError:
    """What to say of a post that was never met."""
    return NotFoundError(f"no post {post} was ever seen in the queue")


def unknown_account(label: str) -> NotFoundError:
    """What to say of an account that was never enrolled."""
    return NotFoundError(f"no account {label} was ever seen in the configuration")


def note_of(error: PlatformError | None) -> str:
    """What the ledger keeps of an error."""
    return str(error)[:LONGEST_NOTE] if error else ""
