"""What is passed over is known again by a key of its own, which is soon gone."""

import pytest

from bot.domain.lengths import PlatformName
from bot.domain.marks import mark_of
from bot.domain.report import Intake
from bot.flows.collect import MOST_OF_AN_AUTHOR, collect
from bot.store.hasher import KeyedHashes
from bot.store.memory import MemoryStore
from tests.builders import DAY, NOON
from tests.flows.conftest import TurnedClock
from tests.hearing import ToldEar, a_listener, a_mention, hashes, two_hundred

OLD, USED, NEW = (KeyedHashes(bytes([number]) * 32) for number in range(3))


@pytest.fixture
def inbox():
    return MemoryStore()


def heard(inbox, mentions, *keys):
    """Hears all of them, from the start."""
    inbox._memory.streams.clear()
    listener = a_listener(ToldEar(mentions), inbox, TurnedClock(NOON), passing=lambda _: keys)
    return collect(listener, NOON - DAY)


def marks(key, mentions):
    return {mark_of(key, PlatformName.MASTODON, one.remote_id) for one in mentions}


@pytest.mark.parametrize(
    ("mentions", "left"),
    [
        ([a_mention(text="We struck in Minsk")], 0),
        ([a_mention(text="STOP")], 0),
        ([a_mention(n, author_id="one") for n in range(MOST_OF_AN_AUTHOR + 1)], MOST_OF_AN_AUTHOR),
    ],
    ids=["at risk", "opted out", "too many"],
)
def test_what_is_passed_over_is_marked_by_the_key_in_use_and_never_by_the_lasting_one(inbox, mentions, left):
    heard(inbox, mentions, USED, OLD)

    assert inbox.known(marks(USED, mentions)) == marks(USED, mentions[left:])
    assert len(inbox.known(marks(hashes, mentions))) == left
    assert inbox.known(marks(OLD, mentions)) == frozenset()


def test_what_was_passed_over_is_known_again_by_the_key_before(inbox):
    heard(inbox, two_hundred(), OLD)
    numbers = inbox.numbers()

    again = heard(inbox, two_hundred(), USED, OLD)

    assert again == Intake(known=400)  # the stream and its sweep
    assert inbox.numbers() == numbers


def test_what_was_passed_over_is_known_by_nobody_who_lacks_the_key(inbox):
    heard(inbox, two_hundred(), OLD)

    again = heard(inbox, two_hundred(), NEW, USED)

    assert (again.at_risk, again.opted_out, again.stored) == (50, 50, 0)


def test_what_an_earlier_version_passed_over_by_the_lasting_key_is_known(inbox):
    mention = a_mention(text="We struck in Minsk")
    (mark,) = marks(hashes, [mention])
    inbox.take_in("mastodon", "x", [], cursor=None, at_risk=[mark], opt_outs=[], counts={}, now=NOON)

    assert heard(inbox, [mention], USED, OLD) == Intake(known=2)
