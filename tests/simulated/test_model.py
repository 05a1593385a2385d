"""Every order of events that can befall one part, through the real decisions of the delivery machine."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import product

import pytest

from bot.domain import delivery as d
from bot.domain.delivery import PATIENCE, Delivery, Patience, Sighting, State
from bot.domain.errors import InDoubtError, RefusedError, TryLaterError
from bot.domain.lengths import PlatformName
from tests.builders import NOON, a_delivery, a_receipt

AT_REST = frozenset({State.SENT, State.FAILED, State.EXPIRED})
SOME_REASON = "a person is needed"


@dataclass(frozen=True, kw_only=True)
class World:
    """What a platform does with a second request, and which of the two assumptions about time hold."""

    patience: Patience
    once: bool = False  # a second request under the same key makes no second copy
    forgets: bool = False  # at any moment the platform may forget the key
    reads_settle: bool = True  # after the settle time, a read shows every commit
    requests_settle: bool = True  # after the settle time, no old request can still land
    settle: timedelta = timedelta()  # the time the platform really needs
    react: Callable[[Delivery], Delivery] = lambda delivery: delivery  # a worse machine than ours


@dataclass(frozen=True, slots=True)
class Moment:
    """One part as we know it, and as it truly is."""

    part: Delivery
    copies: int = 0
    flying: int = 0  # requests we have given up on that may still land
    keyed: bool = True  # the platform knows the key of what it stored


MASTODON, X = PATIENCE[PlatformName.MASTODON], PATIENCE[PlatformName.X]
PLATFORMS = {
    "bluesky": World(patience=PATIENCE[PlatformName.BLUESKY], once=True),
    "mastodon, key alive": World(patience=MASTODON, once=True),
    "mastodon, key expires": World(patience=MASTODON, once=True, forgets=True),
    "mastodon, no key": World(patience=MASTODON),
    "x": World(patience=X),
}
ASSUMPTIONS = list(product((True, False), repeat=2))
ALL = [
    pytest.param(
        replace(world, reads_settle=reads, requests_settle=requests, settle=world.patience.settle),
        id=f"{name}, {reads=}, {requests=}".replace("True", "yes").replace("False", "no"),
    )
    for (name, world), (reads, requests) in product(PLATFORMS.items(), ASSUMPTIONS)
]


def safe(world: World) -> bool:
    """Whether the theory says that no second copy can come about."""
    return (world.once and not world.forgets) or (world.reads_settle and world.requests_settle)


@cache
def explore(world: World) -> frozenset[Moment]:
    """Every moment that can be reached from a part whose hour has come."""
    first = Moment(canonical(a_delivery(), world))
    found, frontier = {first}, deque([first])
    while frontier:
        for after in following(frontier.popleft(), world):
            if after not in found:
                found.add(after)
                if max(after.copies + after.flying, after.part.doubts) > world.patience.writes:
                    continue  # bad enough: there would be no end of it
                frontier.append(after)
    return frozenset(found)


def following(moment: Moment, world: World) -> Iterator[Moment]:
    """What may happen next: to us, to our requests, to the platform's memory of a key."""
    yield from _elsewhere(moment, world)
    part = moment.part
    match part.state:
        case State.SCHEDULED if part.next_at:
            yield _become(moment, d.claim(part, NOON), world)
            yield _become(moment, replace(d.move(part, State.EXPIRED), next_at=None), world)
        case State.SENDING:
            yield from _requests(moment, world)
        case State.IN_DOUBT if part.next_at:
            yield from _looks(moment, world)
        case State.FAILED | State.EXPIRED:
            yield _become(moment, d.tried_again(part, NOON), world)


def _elsewhere(moment: Moment, world: World) -> Iterator[Moment]:
    if moment.flying:
        yield replace(moment, flying=moment.flying - 1)
        yield replace(_stored(moment, world), flying=moment.flying - 1)
    if world.forgets and moment.keyed and moment.copies:
        yield replace(moment, keyed=False)


def _stored(moment: Moment, world: World) -> Moment:
    again = bool(moment.copies) and world.once and moment.keyed
    return replace(moment, copies=moment.copies if again else moment.copies + 1)


def _requests(moment: Moment, world: World) -> Iterator[Moment]:
    """One request, and a crash in each of its phases."""
    part, stored = moment.part, _stored(moment, world)
    flying = replace(moment, flying=moment.flying + 1)
    unclear = d.settle(part, InDoubtError("no answer"), NOON, world.patience)
    crashed = d.doubt(part, NOON, world.patience)
    yield _become(
        moment, d.settle(part, TryLaterError("refused the connection"), NOON, world.patience), world
    )
    yield _become(moment, d.settle(part, RefusedError("bad words"), NOON, world.patience), world)
    yield _become(stored, d.settle(part, a_receipt(), NOON, world.patience), world)
    for truth, lost in product((moment, stored, flying), (unclear, crashed)):
        yield _become(truth, lost, world)


def _looks(moment: Moment, world: World) -> Iterator[Moment]:
    part = moment.part
    settled = part.next_at - part.claimed_at >= world.settle
    if moment.flying and settled and world.requests_settle:
        return  # a look comes only once the request has landed or is lost
    fewest = moment.copies if settled and world.reads_settle else 0
    for shown in range(fewest, moment.copies + 1):
        seen = Sighting(matches=tuple(a_receipt(str(number)) for number in range(shown)))
        yield _become(moment, d.after_look(part, seen, part.next_at, world.patience), world)
    for now in (part.next_at, part.next_at + d.GIVE_UP_LOOKING):
        yield _become(moment, d.after_blind_look(part, "busy", now), world)


def _become(moment: Moment, part: Delivery, world: World) -> Moment:
    return replace(moment, part=canonical(world.react(part), world))


def canonical(part: Delivery, world: World) -> Delivery:
    """A part without what cannot matter to what becomes of it: true times, how often, in which words."""
    due = part.next_at
    if due and part.state is State.IN_DOUBT:
        due = min(due, (part.claimed_at or NOON) + world.settle)
    elif due:
        due = NOON
    return replace(
        part,
        attempts=min(part.attempts, 1),
        next_at=due,
        expires_at=NOON,
        receipt=part.receipt and a_receipt(),
        attention=part.attention and SOME_REASON,
    )


@pytest.mark.parametrize("world", ALL)
def test_no_second_copy_can_come_about_exactly_where_the_theory_says_so(world):
    reachable = explore(world)

    assert (max(moment.copies for moment in reachable) <= 1) is safe(world)


@pytest.mark.parametrize("world", ALL)
def test_never_are_there_more_copies_than_requests_that_we_risk(world):
    reachable = explore(world)

    assert max(moment.copies for moment in reachable) <= world.patience.writes
    assert max(moment.copies + moment.flying for moment in reachable) <= world.patience.writes
    assert max(moment.part.doubts for moment in reachable) <= world.patience.writes


@pytest.mark.parametrize("world", ALL)
def test_nothing_is_called_sent_that_does_not_exist(world):
    assert [one for one in explore(world) if one.part.state is State.SENT and not one.copies] == []


@pytest.mark.parametrize("world", ALL)
def test_nothing_is_stuck_without_a_person_being_told(world):
    stuck = [
        one
        for one in explore(world)
        if one.part.state not in {*AT_REST, State.SENDING} and not one.part.next_at and not one.part.attention
    ]

    assert stuck == []


@pytest.mark.parametrize("world", ALL)
def test_whatever_has_happened_an_end_can_still_be_reached(world):
    before = {moment: set(following(moment, world)) for moment in explore(world)}
    ended = {one for one in before if one.part.state in AT_REST or one.part.attention}
    grown = True
    while grown:
        more = {one for one, after in before.items() if one not in ended and after & ended}
        ended |= more
        grown = bool(more)

    assert set(before) - ended == set()


def test_on_x_there_is_never_more_than_one_copy_too_many():
    worst = replace(PLATFORMS["x"], settle=X.settle, reads_settle=False, requests_settle=False)

    assert max(moment.copies for moment in explore(worst)) == 2


def _retried_at_once(part: Delivery) -> Delivery:
    if part.state is not State.IN_DOUBT or part.attention:
        return part
    return replace(part, state=State.SCHEDULED, next_at=NOON) if part.doubts < X.writes else part


WORSE = {
    "retries without looking": {"react": _retried_at_once},
    "looks before the platform has settled": {"patience": replace(X, settle=timedelta())},
}


@pytest.mark.parametrize("worse", WORSE.values(), ids=WORSE)
def test_a_worse_machine_sends_twice_even_in_the_best_of_worlds(worse):
    world = replace(PLATFORMS["x"], settle=X.settle, **worse)

    assert max(moment.copies for moment in explore(world)) > 1


def _refused_for_good(part: Delivery) -> Delivery:
    refused = part.state is State.IN_DOUBT and part.doubts > 1
    if not refused:
        return part
    return replace(part, state=State.FAILED, doubts=2, next_at=None, attention=SOME_REASON)


@pytest.mark.parametrize("world", ALL)
def test_nothing_is_called_refused_that_was_published(world):
    assert [one for one in explore(world) if one.part.state is State.FAILED and one.copies] == []


def test_a_machine_that_believes_a_second_refusal_calls_refused_what_was_published():
    world = replace(PLATFORMS["x"], settle=X.settle, reads_settle=False, react=_refused_for_good)

    assert [one for one in explore(world) if one.part.state is State.FAILED and one.copies] != []
