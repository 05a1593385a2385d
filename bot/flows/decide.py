"""What a person decides about deliveries: publish now, try again, take back; each with their name."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.domain.delivery import (
    LEFT,
    OF_SUPPORTERS,
    Delivery,
    DeliveryKind,
    How,
    Receipt,
    State,
    cancelled,
    hastened,
    let_be,
    sent,
    told_absent,
    tried_again,
)
from bot.domain.errors import DecisionError
from bot.domain.post import PostId
from bot.ports import Store
from bot.ports.records import Decision

AT_REST = frozenset({State.FAILED, State.EXPIRED, State.CANCELLED})


def retry(store: Store, key_start: str, by: str, now: datetime) -> list[Delivery]:
    """Try again what was refused, too late or cancelled, with the other parts of it, under the same keys."""
    named = store.find(key_start)
    if named.state not in AT_REST:
        raise DecisionError(
            f"{named.post} on {named.account} is {_words(named)}; there is nothing to try again"
        )
    if named.kind in OF_SUPPORTERS:
        command = f"reports {named.kind.value} {named.post.rpartition(' ')[2]} --as NAME"
        raise DecisionError(f"what it was about is erased: ask for it anew with `{command}`")
    chosen = [one for one in _rendition(store, named) if one.state in AT_REST]
    if held := next((one.held for one in chosen if one.held), None):
        # Nobody plans an hour again that has passed, so nobody would ever lift it.
        raise DecisionError(f"{named.post} is held ({held}); give its post a new date, or write a new post")
    return _decide(store, chosen, lambda one: tried_again(one, now), _line("retry", by, now))


def cancel(store: Store, key_start: str, by: str, now: datetime) -> list[Delivery]:
    """Take back a rendition of which nothing has left."""
    named = store.find(key_start)
    parts = _rendition(store, named)
    out = [one for one in parts if one.state in LEFT]
    if out:
        raise DecisionError(
            f"part {out[0].part} of {named.post} on {named.account} is {_words(out[0])}; "
            "what has left cannot be cancelled"
        )
    chosen = [one for one in parts if one.state is State.SCHEDULED]
    if not chosen:
        raise DecisionError(f"{named.post} on {named.account} is {_words(named)} already")
    return _decide(store, chosen, cancelled, _line("cancel", by, now))


def publish_now(store: Store, post: PostId, by: str, now: datetime) -> list[Delivery]:
    """Move the next date of a post to this moment, on every account; languages keep their distance."""
    owed = [one for one in store.of_post(post) if one.kind is DeliveryKind.POST]
    waiting = [one for one in owed if one.state is State.SCHEDULED]
    if not waiting:
        raise DecisionError(_nothing_to_publish(post, owed))
    first = min(waiting, key=lambda one: one.planned_at)
    chosen = [one for one in waiting if one.occurrence == first.occurrence]
    held = next((one.held for one in chosen if one.held), None)
    if held:
        raise DecisionError(f"{post} is held ({held}); take away `held:` first")
    if first.planned_at <= now:
        raise DecisionError(f"{post} is due already; it goes out as soon as its accounts can")
    by_how_much = first.planned_at - now
    return _decide(store, chosen, lambda one: hastened(one, by_how_much), _line("publish now", by, now))


def told_sent(store: Store, one: Delivery, receipt: Receipt, by: str, now: datetime) -> Delivery:
    """Write down that a person has seen a delivery in doubt on its platform, and where."""
    return _answered(
        store, one, sent(one, receipt, How.ORGANISER, now), _line("it is there", by, now, receipt.url)
    )


def told_not_sent(store: Store, one: Delivery, by: str, now: datetime) -> Delivery:
    """Send a delivery in doubt again, because a person says that it is not there."""
    return _answered(store, one, told_absent(one, now), _line("it is not there", by, now))


def leave(store: Store, one: Delivery, by: str, now: datetime) -> list[Delivery]:
    """Ask nobody about a delivery any more; what would have followed it in its thread is taken back."""
    if one.state is not State.IN_DOUBT and one.attention is None:
        raise DecisionError(f"{one.post} on {one.account} is {_words(one)}; nobody is asked about it")
    line = _line("leave it", by, now)
    left = _answered(store, one, let_be(one), line)
    if left.state is State.SENT:
        return [left]  # it was published: its thread goes on
    later = [
        other for other in _rendition(store, one) if other.part > one.part and other.state is State.SCHEDULED
    ]
    return [left, *_decide(store, later, cancelled, line)]


def in_doubt(store: Store, key_start: str) -> Delivery:
    """The delivery in doubt whose key starts so. DecisionError where there is no doubt about it."""
    named = store.find(key_start)
    if named.state is not State.IN_DOUBT:
        raise DecisionError(f"{named.post} on {named.account} is {_words(named)}; there is no doubt about it")
    return named


def _answered(
    store: Store, before: Delivery, after: Delivery, line: Callable[[Delivery], Decision]
) -> Delivery:
    store.save(after, before, line(after))
    return after


def _nothing_to_publish(post: PostId, owed: Sequence[Delivery]) -> str:
    if not owed:
        return f"{post} is not planned; is it in the queue, no draft, and without errors? See `check`"
    last = owed[-1]
    where = f": {last.receipt.url}" if last.receipt else ""
    return f"{post} has no date to come; on {last.account} it is {_words(last)}{where}"


def _rendition(store: Store, one: Delivery) -> list[Delivery]:
    """All parts of a delivery's rendition, in order."""
    same = (one.account, one.occurrence, one.language, one.kind)
    parts = [
        other
        for other in store.of_post(one.post)
        if (other.account, other.occurrence, other.language, other.kind) == same
    ]
    return sorted(parts, key=lambda other: other.part)


def _line(what: str, by: str, now: datetime, note: str = "") -> Callable[[Delivery], Decision]:
    return lambda one: Decision(at=now, by=by, what=what, about=one.key, note=note)


def _decide(
    store: Store,
    chosen: Sequence[Delivery],
    change: Callable[[Delivery], Delivery],
    line: Callable[[Delivery], Decision],
) -> list[Delivery]:
    changed = [(one, change(one)) for one in chosen]
    for before, after in changed:
        store.save(after, before, line(after))
    return [after for _, after in changed]


def _words(one: Delivery) -> str:
    return {
        State.SCHEDULED: "waiting for its hour",
        State.SENDING: "just being sent",
        State.IN_DOUBT: "in doubt: we are finding out whether it went out",
        State.SENT: "published",
        State.FAILED: "refused",
        State.EXPIRED: "too late",
        State.CANCELLED: "cancelled",
    }[one.state]
