from dataclasses import replace
from datetime import timedelta

import pytest

from bot.daemon.lane import CHECK_WHEN_BLOCKED, Lane
from bot.domain.delivery import PATIENCE
from bot.domain.errors import Concern, InDoubtError, StoreError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.platforms.memory import MemoryPlatform
from bot.ports import Speaker
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.flows.conftest import PLANNER, TurnedClock, a_post, a_voice, plan

SHUT_OUT = TryLaterError("401", concern=Concern.ACCOUNT_BLOCKED)


class Moody(MemoryPlatform):
    """A platform that answers the question who we are in turn, and counts how often it was asked."""

    identities = ()
    asked = 0

    def identify(self):
        self.asked += 1
        answer = next(self.identities, None) if self.identities else None
        if answer:
            raise answer
        return super().identify()


class World:
    """A lane that is not a thread: a test does its rounds."""

    def __init__(self):
        self.clock = TurnedClock(NOON - timedelta(hours=3))
        self.store = MemoryStore()
        self.store.enroll("mastodon", PlatformName.MASTODON, self.clock.now())
        self.store.start("a test", self.clock.now())
        self.platform = Moody()
        self.built = 0
        self.lane = Lane(
            "mastodon", a_voice, self.build, self.store, self.clock, patience={}, after=lambda _: None
        )

    def build(self):
        self.built += 1
        return Speaker(
            label="mastodon",
            platform=self.platform,
            patience=PATIENCE[PlatformName.MASTODON],
            store=self.store,
            clock=self.clock,
        )

    def plan(self, *posts):
        plan(posts, [a_voice()], self.store, PLANNER, self.clock.now())

    def turn(self, **lengths):
        self.clock.at += timedelta(**lengths)

    def works(self):
        return self.lane.has_work(self.clock.now())


@pytest.fixture
def world():
    world = World()
    with world.store.hold(world.clock.now(), {}):
        yield world


def test_the_first_round_asks_who_we_are(world):
    assert world.works()

    world.lane.round()

    assert (world.built, world.platform.asked) == (1, 1)
    assert world.store.account("mastodon").own_id == "1"
    assert not world.works()


def test_being_named_is_told_once(world):
    world.lane.round()

    assert (world.lane.newly_identified(), world.lane.newly_identified()) == (True, False)


def test_a_round_publishes_what_is_due(world):
    world.lane.round()
    world.plan(a_post())
    assert not world.works()
    world.turn(hours=3)
    assert world.works()

    world.lane.round()

    assert len(world.platform.stored) == 1
    assert (world.built, world.platform.asked) == (1, 1)


def test_a_platform_that_does_not_answer_is_asked_again_at_growing_distances(world):
    world.platform.identities = iter([TryLaterError("out of reach")] * 3)
    waits = []
    for _ in range(3):
        world.lane.round()
        waited = 0
        while not world.works():
            world.turn(seconds=1)
            waited += 1
        waits.append(waited)
    world.lane.round()

    assert waits == [5, 10, 20]
    assert world.store.account("mastodon").own_id == "1"


def test_a_round_before_its_time_asks_nobody(world):
    world.platform.identities = iter([TryLaterError("out of reach")])
    world.lane.round()
    world.lane.round()

    assert world.platform.asked == 1


def test_an_account_that_was_shut_out_is_asked_about_an_hour_later_and_goes_on(world):
    world.lane.round()
    world.plan(a_post())
    world.turn(hours=3)
    world.platform.answers = iter([SHUT_OUT])
    world.lane.round()
    assert not world.works()

    world.turn(seconds=CHECK_WHEN_BLOCKED.total_seconds())
    assert world.works()
    world.lane.round()

    assert len(world.platform.stored) == 1
    assert world.platform.asked == 2


def test_a_person_lets_a_shut_out_account_in_at_once(world):
    world.lane.round()
    world.plan(a_post())
    world.turn(hours=3)
    world.platform.answers = iter([SHUT_OUT])
    world.lane.round()

    world.store.resume("mastodon", "a person", world.clock.now())
    world.lane.round()

    assert len(world.platform.stored) == 1


def test_another_account_than_before_is_never_published_on(world):
    world.lane.round()
    world.plan(a_post())
    world.turn(hours=3)
    world.platform = replace(MemoryPlatform(), own_id="2")
    restarted = World.__new__(World)
    restarted.__dict__.update(world.__dict__)
    lane = Lane("mastodon", a_voice, restarted.build, world.store, world.clock, patience={})

    lane.round()

    assert world.platform.stored == []
    assert "another account" in lane.check.stops[0]


def test_a_round_that_breaks_off_puts_what_it_held_in_doubt_and_the_lane_lives(world):
    world.lane.round()
    world.plan(a_post())
    world.turn(hours=3)

    def break_off(_):
        raise ZeroDivisionError

    world.platform.on_publish = break_off
    world.lane.stop()  # so that it does not pause afterwards
    restless = Lane("mastodon", a_voice, world.build, world.store, world.clock, patience={}, stumble=0)
    restless.round()

    (owed,) = world.store.of_post("may-day")
    assert owed.state == "in_doubt"


def test_a_lane_that_is_asked_to_end_looks_for_nothing_more(world):
    world.lane.round()
    world.plan(a_post())
    world.turn(hours=3)
    world.platform.answers = iter([InDoubtError("no answer")])
    world.lane.round()
    world.turn(minutes=2)
    before = world.store.of_post("may-day")
    world.lane.stop()

    world.lane.round()

    assert world.store.of_post("may-day") == before


def test_a_lane_ends_when_asked(world):
    world.lane.start()
    world.lane.stop()

    assert world.lane.join(5)


def test_a_store_that_cannot_be_written_is_one_sentence_and_the_lane_goes_on(world, caplog):
    def refuse(*_):
        raise StoreError("the disk is full")

    claim, world.store.claim = world.store.claim, refuse
    world.lane._stumble = 0.0
    world.lane.round()
    world.plan(a_post())
    world.store.claim = claim
    world.turn(hours=3)
    world.lane.round()

    assert [line.message for line in caplog.records] == ["account mastodon: the disk is full"]
    assert len(world.platform.stored) == 1


class JumpingClock(TurnedClock):
    """A clock that can be set, on a machine whose own seconds go on as before."""

    by = timedelta()

    def now(self):
        return self.at + self.by


def jumping(world):
    world.clock = JumpingClock(world.clock.at)
    world.lane = Lane("mastodon", a_voice, world.build, world.store, world.clock, patience={})
    return world.clock


@pytest.mark.parametrize("by", [timedelta(days=1), timedelta(minutes=-10)])
def test_a_clock_that_jumps_during_a_round_is_asked_about_before_anything_else_is_sent(world, by):
    """What is claimed at a wrong time is looked for at a wrong time, is not found, and is sent twice."""
    clock = jumping(world)
    world.lane.round()
    world.plan(a_post(), a_post("next", "And again."))
    clock.at = NOON
    world.platform.on_publish = lambda _: setattr(clock, "by", by)

    world.lane.round()
    assert (len(world.platform.stored), world.lane.passed) == (1, False)

    clock.by = timedelta()
    world.platform.on_publish = lambda _: None
    world.lane.round()
    assert len(world.platform.stored) == 2


def test_nothing_is_looked_for_by_a_clock_that_has_just_jumped(world):
    clock = jumping(world)
    world.platform.answers = iter([InDoubtError("no answer")])
    world.lane.round()
    world.plan(a_post())
    clock.at = NOON
    world.lane.round()

    clock.by = timedelta(days=1)
    world.lane.round()

    assert [(one.state.value, one.looks) for one in world.store.of_post("may-day")] == [("in_doubt", 0)]
