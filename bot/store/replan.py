"""What planning a rendition again does to what is already owed. Decides only; both stores carry it out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.delivery import LEFT, Delivery, State
from bot.ports import Planned

RESTING = frozenset({State.SCHEDULED, State.FAILED, State.EXPIRED, State.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The deliveries a rendition is to have from now on, and whether an edit came too late."""

    deliveries: tuple[Delivery, ...]
    too_late: bool = False


def fresh(planned: Planned) -> tuple[Delivery, ...]:
    """The deliveries of a rendition that was not owed before."""
    return tuple(
        Delivery(
            key=key,
            kind=planned.kind,
            account=planned.account,
            post=planned.post,
            occurrence=planned.occurrence,
            language=planned.language,
            part=number,
            parts=len(planned.texts),
            text=text,
            planned_at=planned.planned_at,
            expires_at=planned.expires_at,
            next_at=planned.planned_at,
            held=planned.held,
        )
        for number, (key, text) in enumerate(zip(planned.keys, planned.texts, strict=True), start=1)
    )


def begun(deliveries: Sequence[Delivery]) -> bool:
    """Whether something of a rendition has left, or may have."""
    return any(delivery.state in LEFT or delivery.doubts for delivery in deliveries)


def changed(old: Sequence[Delivery], planned: Planned) -> Change:
    """A rendition owed with other words or another hour than before."""
    if begun(old):
        return _changed_under_way(old, planned)
    new = fresh(planned)
    if all(delivery.state is State.SCHEDULED for delivery in old):
        return Change(deliveries=tuple(_kept(delivery, old) for delivery in new))
    # Refused, too late or cancelled: it takes the new words, and waits for a person as before.
    first = old[0]
    return Change(
        deliveries=tuple(
            replace(_kept(delivery, old), state=first.state, next_at=None, attention=first.attention)
            for delivery in new
        )
    )


def _kept(new: Delivery, old: Sequence[Delivery]) -> Delivery:
    """A new delivery with what happened to the old one in its place."""
    if new.part > len(old):
        return new
    before = old[new.part - 1]
    return replace(new, attempts=before.attempts, first_claimed_at=before.first_claimed_at)


def _changed_under_way(old: Sequence[Delivery], planned: Planned) -> Change:
    if len(old) != len(planned.texts):
        return Change(deliveries=tuple(old), too_late=True)
    deliveries, too_late = [], False
    for delivery, text in zip(old, planned.texts, strict=True):
        held = replace(delivery, held=planned.held)
        if delivery.text == text:
            deliveries.append(held)
        elif delivery.state in RESTING and not delivery.doubts:
            deliveries.append(replace(held, text=text, payload=None))
        else:
            deliveries.append(held)
            too_late = True
    return Change(deliveries=tuple(deliveries), too_late=too_late)


def returned(old: Sequence[Delivery], now: datetime) -> tuple[Delivery, ...] | None:
    """A rendition that had gone from the queue and is back: scheduled again if its hour has not passed."""
    if any(delivery.state is not State.CANCELLED or delivery.expires_at < now for delivery in old):
        return None
    return tuple(replace(delivery, state=State.SCHEDULED, next_at=delivery.planned_at) for delivery in old)


def absent(old: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """A rendition that is no longer in the queue: cancelled, unless something of it has left."""
    if begun(old):
        return tuple(old)
    return tuple(
        replace(delivery, state=State.CANCELLED, next_at=None)
        if delivery.state is State.SCHEDULED
        else delivery
        for delivery in old
    )
