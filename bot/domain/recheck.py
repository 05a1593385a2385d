"""Who must be looked at again before a post may go out, and what is out that is no longer true."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.case import Guard, Subject, contradiction
from bot.domain.delivery import Delivery, DeliveryKind, State
from bot.domain.post import PostId

GIVEN_UP = frozenset({State.CANCELLED, State.FAILED, State.EXPIRED})
"""States of a withdrawal that takes nothing away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """A check that is due: of what, until which day the last one counts, and the posts that wait for it."""

    subject: Subject
    name: str
    good_until: date
    posts: tuple[PostId, ...]  # in the order they are due
    first_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Untrue:
    """A post that is out and says what is no longer so."""

    post: PostId
    reason: str


def rechecks(waiting: Iterable[Delivery], guard: Guard) -> list[Recheck]:
    """The checks that what is scheduled waits for, the most urgent first."""
    found: dict[Subject, list[Delivery]] = {}
    for one in sorted(waiting, key=lambda one: one.planned_at):
        objection = guard.objection(one.reliance, one.planned_at)
        if one.state is State.SCHEDULED and objection and objection.stale and objection.subject:
            found.setdefault(objection.subject, []).append(one)
    return [_recheck(subject, held, guard) for subject, held in found.items()]


def _recheck(subject: Subject, held: Sequence[Delivery], guard: Guard) -> Recheck:
    now = guard.known[subject]
    return Recheck(
        subject=subject,
        name=now.name,
        good_until=now.good_until or now.verified_on,
        posts=tuple(dict.fromkeys(one.post for one in held)),
        first_at=held[0].planned_at,
    )


def waits_for_check(one: Delivery, guard: Guard) -> bool:
    """Whether a delivery is held for nothing but a check that is due."""
    objection = guard.objection(one.reliance, one.planned_at)
    return objection is not None and objection.stale and one.held == objection.reason


def taken_back(owed: Iterable[Delivery]) -> set[str]:
    """The platform ids of what is taken away, or is about to be; what was given up on is not among them."""
    return {one.text for one in owed if one.kind is DeliveryKind.WITHDRAWAL and one.state not in GIVEN_UP}


def untrue(published: Iterable[Delivery], guard: Guard) -> list[Untrue]:
    """The posts among what is out that say of somebody what is no longer so."""
    found: dict[PostId, Untrue] = {}
    for one in published:
        objection = contradiction(one.reliance, guard.known)
        if objection and one.post not in found:
            found[one.post] = Untrue(post=one.post, reason=objection.reason)
    return list(found.values())
