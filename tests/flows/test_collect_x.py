"""What is said to us on X: nothing of a person is kept, and what is read costs money."""

import pytest

from bot.domain.errors import TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.marks import author_of
from bot.flows.collect import collect
from bot.store.memory import MemoryStore
from tests.builders import DAY, NOON
from tests.flows.conftest import TurnedClock
from tests.hearing import SINCE, ToldEar, a_listener, a_mention, hashes

X = PlatformName.X


@pytest.fixture
def clock():
    return TurnedClock(NOON)


@pytest.fixture
def inbox():
    return MemoryStore()


def test_on_x_nothing_of_a_person_is_kept(inbox, clock):
    ear = ToldEar([a_mention(platform=X, handle="@someone")])
    ear.platform = X

    collect(a_listener(ear, inbox, clock), SINCE)

    (report,) = inbox.reports()
    assert (report.text, report.handle, report.alias) == (None, None, "")
    assert (report.suggestion.country, report.suggestion.why) == (None, ())
    assert report.author != author_of(hashes, X, "author-1")


def test_on_x_whoever_wrote_before_and_says_stop_has_nothing_left(inbox, clock):
    mentions = [a_mention(1, platform=X, author_id="a")]
    ear = ToldEar(mentions)
    ear.platform = X
    listener = a_listener(ear, inbox, clock)
    collect(listener, SINCE)
    clock.at += 10 * DAY
    mentions.append(a_mention(2, platform=X, author_id="a", text="STOP", created_at=clock.at))

    collect(listener, SINCE)

    assert [report.remote_id for report in inbox.reports()] == [None]


def test_on_x_nothing_is_read_beyond_the_budget(inbox, clock):
    ear = ToldEar([a_mention(number, platform=X) for number in range(300)], page=100)
    ear.platform = X
    listener = a_listener(ear, inbox, clock, budget=1_000_000, spent=lambda _: 500_000)

    with pytest.raises(TryLaterError, match="used up"):
        collect(listener, SINCE)

    assert len(inbox.reports()) == 200
    assert inbox.numbers()["read on mastodon 2027-05"] == 200
