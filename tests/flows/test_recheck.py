"""Sources are looked at again: every day, and before any use."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.delivery import DeliveryKind, State
from bot.domain.errors import TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.report import Risk, Standing
from bot.flows.acknowledge import unboost
from bot.flows.forget import Forgetting, Rechecked
from bot.flows.recheck import AT_A_TIME, EVERY, WALK, BeforeBoost, look_again, walk
from bot.store.memory import MemoryStore
from tests.builders import DAY, NOON, SECOND
from tests.flows.conftest import TurnedClock
from tests.flows.test_acknowledge import SAID, confirmed, of, pass_on
from tests.hearing import Erasures, ToldEar, a_listener, hashes
from tests.reports import a_report, counted, take_in


class Source(ToldEar):
    """A platform that says of each message what a test says it does."""

    def __init__(self, **says):
        super().__init__([])
        self.says = {name.replace("_", "-"): text for name, text in says.items()}
        self.looks = []

    def still_there(self, remote_ids):
        self.looks.append(tuple(remote_ids))
        return {one: self.says[one] for one in remote_ids if one in self.says}


def group_of(text):
    return hashes("words", " ".join(text.casefold().split()))


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def clock():
    return TurnedClock(NOON)


@pytest.fixture
def what(store):
    def take_back(report, by, now):
        store.change(replace(report, boosted_at=None), report, by, "unboost", now)

    return Forgetting(inbox=store, erasures=Erasures(), unboost=take_back)


def waiting(store, number=1, text=SAID, **changes):
    return take_in(store, a_report(number, text=text, group=group_of(text), **changes))[0]


def test_a_source_that_says_what_it_said_changes_nothing(store, clock, what):
    report = waiting(store)

    said = look_again(a_listener(Source(remote_1=SAID), store, clock), what, [report])

    assert said == {"remote-1": SAID}
    assert store.report(report.id) == report


@pytest.mark.parametrize("today", [None, "We live in Minsk", "STOP"])
def test_of_a_source_that_is_gone_or_shows_danger_or_a_wish_nothing_stays(store, clock, what, today):
    report = waiting(store)
    store.change(counted(report, boosted_at=NOON), report, "anna", "boost", NOON)

    look_again(a_listener(Source(remote_1=today), store, clock), what, [store.report(report.id)])

    left = store.report(report.id)
    assert (left.standing, left.boosted_at, left.remote_id) == (Standing.ERASED, None, None)


def test_a_source_that_says_something_else_waits_again_and_is_boosted_no_longer(store, clock, what):
    report = waiting(store, risk=Risk.UNSURE)
    store.change(counted(report, boosted_at=NOON), report, "anna", "boost", NOON)
    source = Source(remote_1="no boost: we wrote a letter")

    look_again(a_listener(source, store, clock), what, [store.report(report.id)])

    left = store.report(report.id)
    assert (left.standing, left.boosted_at, left.no_boost) == (Standing.UNDECIDED, None, True)
    assert (left.text, left.risk) == ("no boost: we wrote a letter", Risk.UNSURE)


def test_every_source_is_looked_at_once_a_day(store, clock, what):
    number = AT_A_TIME + 10
    for one in range(1, number + 1):
        waiting(store, one)
    source = Source(**{f"remote_{one}": SAID for one in range(1, number + 1)} | {"remote_7": None})
    listener = a_listener(source, store, clock)

    turns = [walk(listener, what) for _ in range(3)]
    clock.at += EVERY - SECOND
    early = walk(listener, what)
    clock.at += SECOND

    assert turns == [Rechecked(gone=1), Rechecked(), None]
    assert early is None
    assert walk(listener, what) == Rechecked()
    seen = [one for look in source.looks for one in look]
    assert len(seen) == number + AT_A_TIME
    assert timedelta() < EVERY < DAY


def test_a_walk_that_failed_begins_where_it_was(store, clock, what):
    waiting(store)

    class Deaf(Source):
        def still_there(self, remote_ids):
            raise TryLaterError("busy")

    with pytest.raises(TryLaterError):
        walk(a_listener(Deaf(), store, clock), what)

    assert store.cursor("mastodon", WALK) is None
    assert walk(a_listener(Source(remote_1=None), store, clock), what) == Rechecked(gone=1)


def test_on_x_looking_again_is_paid_for_within_the_budget(store, clock, what):
    report = take_in(store, a_report(1, platform=PlatformName.X, group=group_of(SAID), text=None))[0]
    source = Source(remote_1=SAID)
    source.platform = PlatformName.X

    look_again(a_listener(source, store, clock, budget=1_000_000), what, [report])
    with pytest.raises(TryLaterError, match="used up"):
        look_again(a_listener(source, store, clock, budget=1), what, [report])

    assert store.numbers() == {"read on mastodon 2027-05": 1}
    assert len(source.looks) == 1


@pytest.fixture
def passing(campaign):
    """A boost that is owed, on a lane that looks at its source before it is sent."""
    report = confirmed(campaign, group=group_of(SAID))
    pass_on(campaign, report)

    def lane(source):
        def take_back(one, by, now):
            unboost(campaign.store, one, campaign="test", by=by, now=now)

        what = Forgetting(inbox=campaign.store, erasures=Erasures(), unboost=take_back)
        listener = a_listener(source, campaign.store, campaign.clock)
        campaign.recheck = BeforeBoost(lambda: listener, campaign.store, what)
        return report

    return lane


def test_a_boost_whose_source_stands_as_it_was_goes_out(campaign, passing):
    report = passing(Source(remote_1=SAID))

    campaign.drain()

    assert campaign.platform.boosted == {report.remote_id}


@pytest.mark.parametrize("today", [None, "We live in Minsk", "something else"])
def test_a_boost_whose_source_is_gone_or_changed_never_goes_out(campaign, passing, today):
    report = passing(Source(remote_1=today))

    for _ in range(40):
        campaign.drain()
        campaign.turn(seconds=30)

    assert campaign.platform.boosted == set()
    assert of(campaign, report)[0].state is State.FAILED
    assert report.remote_id not in repr(of(campaign, report) + of(campaign, report, DeliveryKind.UNBOOST))


def test_a_boost_whose_source_cannot_be_looked_at_waits(campaign, passing):
    report = passing(Source())
    campaign.recheck.hear = lambda: None

    campaign.drain()

    assert campaign.platform.boosted == set()
    assert of(campaign, report)[0].state is State.SCHEDULED


def test_who_asks_meanwhile_to_be_left_alone_is_not_boosted(campaign, passing):
    report = passing(Source(remote_1=SAID))
    campaign.store.erase_again((), [report.author], NOON)

    campaign.drain()

    assert campaign.platform.boosted == set()


def test_who_asks_in_another_message_not_to_be_passed_on_is_not_boosted(campaign, passing):
    report = passing(Source(remote_1=SAID))
    take_in(campaign.store, a_report(9, author=report.author, no_boost=True))

    campaign.drain()

    assert campaign.platform.boosted == set()
