"""What becomes of a rendition that is owed already when the queue changes. Decides only; both stores obey."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.delivery import LEFT, Delivery, State, move
from bot.ports.records import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A rendition as the outbox holds it. `absent`: cancelled because the queue no longer had it."""

    digest: str
    absent: bool
    parts: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """The parts a rendition is to have. `too_late`: something of the edit is ignored."""

    parts: tuple[Delivery, ...]
    too_late: bool = False


OTHER_LENGTH = (
    "the thread was given another number of parts after it had begun: give it the old number again, or "
    "`cancel` what is left"
)
REST_OF_THREAD = (
    "its post is gone from the queue, after the thread had begun: put it back, or `cancel` what is left"
)

Owing = tuple[str, str, str, str, str]
"""What a rendition is owed once of: post, account, occurrence, language and kind."""


def identity_of(planned: Planned) -> Owing:
    """Which rendition this is, whatever it says."""
    return planned.post, planned.account, planned.occurrence, planned.language, planned.kind.value


def differing(owed: Owed, after: Replanned) -> list[Delivery]:
    """The parts that have to be written."""
    before = owed.parts
    return [part for number, part in enumerate(after.parts) if before[number : number + 1] != (part,)]


def begun(parts: Iterable[Delivery]) -> bool:
    """Whether something of a rendition is, or may be, public."""
    return any(part.state in LEFT for part in parts)


def newly(planned: Planned) -> tuple[Delivery, ...]:
    """The parts of a rendition that was never owed before."""
    return tuple(_new_part(planned, number) for number in range(1, len(planned.texts) + 1))


def replan(planned: Planned, owed: Owed, now: datetime) -> Replanned:
    """What a rendition becomes that is owed already. Keys stay; so does what may be public."""
    parts = owed.parts
    if planned.digest == owed.digest and not owed.absent:
        return Replanned(parts=parts)
    if any(_may_be_public(part) for part in parts):
        return _reworded(planned, _returned(parts, parts[0].planned_at, now) if owed.absent else parts)
    if owed.absent:
        return _replaced(planned, _returned(parts, planned.planned_at, now))
    return _replaced(planned, _given_an_hour(parts, planned.planned_at, now))


def _may_be_public(part: Delivery) -> bool:
    return part.state in LEFT or part.doubts > 0


def _returned(parts: tuple[Delivery, ...], at: datetime, now: datetime) -> tuple[Delivery, ...]:
    """Parts whose post has come back to the queue: what was cancelled for its absence is owed again."""
    if at <= now:
        return parts
    return tuple(
        replace(move(part, State.SCHEDULED), next_at=part.planned_at)
        if part.state is State.CANCELLED
        else part
        for part in parts
    )


def _given_an_hour(parts: tuple[Delivery, ...], at: datetime, now: datetime) -> tuple[Delivery, ...]:
    """Parts that came too late, once an organiser gives their post an hour that is still to come."""
    if at <= now or at == parts[0].planned_at:
        return parts
    return tuple(
        replace(move(part, State.SCHEDULED), next_at=at, attention=None)
        if part.state is State.EXPIRED
        else part
        for part in parts
    )


def _reworded(planned: Planned, parts: tuple[Delivery, ...]) -> Replanned:
    """A rendition of which something may be public: the words of the rest may change, and no more."""
    too_late = len(parts) != len(planned.texts) or planned.planned_at != parts[0].planned_at
    if len(parts) != len(planned.texts):
        # Nobody knows which part takes whose place; the old words must not go on by themselves.
        return Replanned(parts=_held_back(parts, planned.held or OTHER_LENGTH), too_late=True)
    reworded = []
    for part in parts:
        new = _worded(part, planned)
        changed = (new.text, new.warning, new.media) != (part.text, part.warning, part.media)
        if changed and _may_be_public(part):
            too_late = True
            new = part
        elif changed:
            new = replace(new, payload=None)
        reworded.append(part if part.state in LEFT else replace(new, held=planned.held))
    return Replanned(parts=tuple(reworded), too_late=too_late)


def _held_back(parts: tuple[Delivery, ...], reason: str) -> tuple[Delivery, ...]:
    return tuple(part if part.state in LEFT else replace(part, held=reason) for part in parts)


def _worded(part: Delivery, planned: Planned) -> Delivery:
    """A part that says what the queue has it say now."""
    number = part.part - 1
    return replace(
        part,
        text=planned.texts[number],
        warning=planned.warning,
        media=planned.media if part.part == 1 else (),
        reliance=planned.reliance,
        cost=planned.costs[number] if planned.costs else 0,
    )


def _replaced(planned: Planned, parts: tuple[Delivery, ...]) -> Replanned:
    """A rendition of which nothing can be public: all of it as the queue has it now."""
    kept = [
        replace(
            _worded(part, planned),
            parts=len(planned.texts),
            planned_at=planned.planned_at,
            expires_at=planned.expires_at,
            held=planned.held,
            payload=None,
            next_at=_next_at(part, planned),
        )
        for part in parts[: len(planned.texts)]
    ]
    added = [_new_part(planned, number) for number in range(len(parts) + 1, len(planned.texts) + 1)]
    if parts[-1].state in {State.CANCELLED, State.EXPIRED}:
        # What was withdrawn or came too late stays so, however long it has grown.
        added = [replace(part, state=parts[-1].state, next_at=None) for part in added]
    return Replanned(parts=(*kept, *added))


def _next_at(part: Delivery, planned: Planned) -> datetime | None:
    if part.state is not State.SCHEDULED:
        return None
    return part.next_at if part.planned_at == planned.planned_at else planned.planned_at


def _new_part(planned: Planned, number: int) -> Delivery:
    bare = Delivery(
        key=planned.keys[number - 1],
        kind=planned.kind,
        account=planned.account,
        post=planned.post,
        occurrence=planned.occurrence,
        language=planned.language,
        part=number,
        parts=len(planned.texts),
        text=planned.texts[number - 1],
        planned_at=planned.planned_at,
        expires_at=planned.expires_at,
        next_at=planned.planned_at,
        held=planned.held,
    )
    return _worded(bare, planned)
