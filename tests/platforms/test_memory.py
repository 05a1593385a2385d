"""The platform in memory answers as it is told."""

from dataclasses import replace

import pytest

from bot.domain.errors import InDoubtError, RefusedError, TryLaterError
from bot.platforms.memory import LandsLaterError, MemoryPlatform
from bot.ports.records import Own
from tests.builders import DAY, HOUR, MINUTE, NOON, SECOND, a_delivery, a_key

OURS = Own(own_id="1", handle="@campaign@mastodon.example")


def told(*answers, **changes):
    return MemoryPlatform(answers=iter(answers), **changes)


def sendable(**changes):
    return a_delivery(payload=b"March with us. #IndustriALL", **changes)


@pytest.mark.parametrize("error", [RefusedError("no"), TryLaterError("later"), InDoubtError("no answer")])
def test_an_error_stores_nothing(error):
    platform = told(error)

    with pytest.raises(type(error)):
        platform.publish(sendable())

    assert (platform.stored, platform.requests) == ([], 1)


def test_an_answer_that_is_lost_comes_after_the_post_is_stored():
    platform = told(InDoubtError("stored, and the answer was lost"))

    with pytest.raises(InDoubtError):
        platform.publish(sendable())

    assert [one.text for one in platform.stored] == ["March with us. #IndustriALL"]


def test_the_plain_truth_follows_when_the_script_is_used_up():
    platform = told(TryLaterError("later"))
    with pytest.raises(TryLaterError):
        platform.publish(sendable())

    receipt = platform.publish(sendable())

    assert platform.look(sendable(), OURS).matches == (receipt,)


@pytest.mark.parametrize(("keeps_keys", "posts"), [(True, 1), (False, 2)])
def test_a_key_makes_one_post_where_keys_are_kept(keeps_keys, posts):
    platform = told(keeps_keys=keeps_keys)

    for _ in range(2):
        platform.publish(sendable())

    assert len(platform.stored) == posts


def test_a_look_may_be_told_to_fail():
    platform = MemoryPlatform(looks=iter([TryLaterError("busy"), TryLaterError("busy")]))

    for call in (platform.look, platform.read_back):
        with pytest.raises(TryLaterError):
            call(sendable(), OURS)


class Hour:
    """The platform's own clock, which a test turns."""

    at = NOON

    def __call__(self):
        return self.at


def test_a_request_may_land_after_we_have_given_it_up():
    hour = Hour()
    platform = told(LandsLaterError("no answer", 30 * SECOND), now=hour)
    with pytest.raises(InDoubtError):
        platform.publish(sendable(claimed_at=NOON))
    assert platform.look(sendable(claimed_at=NOON), OURS).matches == ()

    hour.at += 30 * SECOND

    assert len(platform.look(sendable(claimed_at=NOON), OURS).matches) == 1


def test_a_read_may_show_only_later_what_is_stored():
    hour = Hour()
    platform = MemoryPlatform(now=hour, lag=lambda _: MINUTE)
    receipt = platform.publish(sendable(claimed_at=NOON))
    sent = sendable(claimed_at=NOON, receipt=receipt)
    assert (platform.look(sent, OURS).matches, platform.read_back(sent, OURS)) == ((), False)

    hour.at += MINUTE

    assert (platform.look(sent, OURS).matches, platform.read_back(sent, OURS)) == ((receipt,), True)


@pytest.mark.parametrize(("waited", "posts"), [(59 * MINUTE, 1), (60 * MINUTE, 2)])
def test_a_key_may_be_forgotten_after_a_while(waited, posts):
    hour = Hour()
    platform = MemoryPlatform(now=hour, key_life=HOUR)
    platform.publish(sendable())

    hour.at += waited
    platform.publish(sendable())

    assert len(platform.stored) == posts


def test_a_look_by_key_finds_a_post_of_any_age_and_no_other_of_the_same_words():
    hour = Hour()
    platform = MemoryPlatform(now=hour, looks_by_key=True)
    receipt = platform.publish(sendable(claimed_at=NOON))
    later = sendable(claimed_at=NOON + DAY)

    assert platform.look(later, OURS).matches == (receipt,)
    assert platform.look(replace(later, key=a_key("other")), OURS).matches == ()


def test_it_says_how_far_our_clock_is_off():
    assert MemoryPlatform(now=Hour(), ahead=lambda: HOUR).identify().clock_ahead == HOUR
    assert MemoryPlatform().identify().clock_ahead is None
