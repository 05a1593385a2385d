"""The platform in memory answers as it is told."""

import pytest

from bot.domain.errors import InDoubtError, RefusedError, TryLaterError
from bot.platforms.memory import MemoryPlatform
from bot.ports import Own
from tests.builders import a_delivery

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
