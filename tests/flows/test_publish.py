from datetime import timedelta

import pytest

from bot.domain.errors import Concern, InDoubtError, RefusedError, StoreError, TryLaterError
from bot.domain.post import Kind, Language, Words
from tests.builders import NOON
from tests.flows.conftest import a_post

EN = Language("en")


def a_thread(*parts):
    first, *others = parts
    return a_post(words=Words(text={EN: first}, thread=tuple({EN: part} for part in others)))


def test_nothing_goes_out_before_its_hour(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=2, minutes=59)

    assert campaign.drain() == 0
    assert campaign.texts == []


def test_what_is_due_goes_out_once(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=3)

    assert (campaign.drain(), campaign.drain()) == (1, 0)
    assert campaign.texts == ["March with us.\n\n#IndustriALL"]
    assert campaign.states() == ["sent"]


def test_the_parts_of_a_thread_follow_each_other_at_their_distance(campaign):
    campaign.plan(a_thread("One.", "Two.", "Three."))
    campaign.turn(hours=3)

    requests = []
    for _ in range(4):
        requests.append(campaign.drain())
        campaign.turn(seconds=5)

    assert requests == [1, 1, 1, 0]
    assert [one.parent for one in campaign.platform.stored] == [None, "1", "2"]


def test_a_refused_part_stops_its_thread_and_nothing_else(campaign):
    campaign.plan(a_thread("One.", "Two."), a_post("other", "Other."))
    campaign.platform.answers = iter([None, None, RefusedError("too long")])
    campaign.turn(hours=3)
    campaign.drain()
    campaign.turn(seconds=5)
    campaign.drain()

    assert campaign.states() == ["sent", "failed"]
    assert campaign.states("other") == ["sent"]
    assert campaign.owed()[1].attention == "too long"


def test_no_answer_is_never_sent_again_blindly(campaign):
    campaign.plan(a_post())
    campaign.platform.answers = iter([InDoubtError("no answer")])
    campaign.turn(hours=3)

    campaign.drain()
    campaign.turn(hours=1)
    campaign.drain()

    assert campaign.platform.requests == 1
    assert campaign.states() == ["in_doubt"]


def test_a_doubt_about_one_post_does_not_hold_up_another(campaign):
    campaign.plan(a_post("one", "One."), a_post("two", "Two."))
    campaign.platform.answers = iter([InDoubtError("no answer")])
    campaign.turn(hours=3)

    campaign.drain()

    assert (campaign.states("one"), campaign.states("two")) == (["in_doubt"], ["sent"])


def test_a_platform_out_of_reach_is_tried_again_later(campaign):
    campaign.plan(a_post())
    campaign.platform.answers = iter([TryLaterError("out of reach")])
    campaign.turn(hours=3)
    campaign.drain()

    campaign.turn(seconds=29)
    assert campaign.drain() == 0
    campaign.turn(seconds=1)
    assert campaign.drain() == 1
    assert campaign.states() == ["sent"]


def test_a_rate_limit_keeps_the_whole_account_quiet(campaign):
    campaign.plan(a_post("one", "One."), a_post("two", "Two."))
    busy = TryLaterError("slow down", wait=timedelta(minutes=5), concern=Concern.ACCOUNT_BUSY)
    campaign.platform.answers = iter([busy])
    campaign.turn(hours=3)

    campaign.drain()
    campaign.turn(minutes=4)
    campaign.drain()
    assert campaign.platform.requests == 1

    campaign.turn(minutes=1)
    campaign.drain()
    assert len(campaign.texts) == 2


def test_being_shut_out_pauses_the_account_until_it_is_let_in_again(campaign):
    campaign.plan(a_post())
    blocked = TryLaterError("the token was revoked", concern=Concern.ACCOUNT_BLOCKED)
    campaign.platform.answers = iter([blocked])
    campaign.turn(hours=3)
    campaign.drain()
    campaign.turn(minutes=30)

    assert campaign.drain() == 0
    assert campaign.store.account("mastodon").pause.blocked

    campaign.store.resume("mastodon", "a person", campaign.clock.now())
    assert campaign.drain() == 1
    assert campaign.states() == ["sent"]


def test_a_pause_holds_between_two_posts(campaign):
    campaign.plan(a_post("one", "One."), a_post("two", "Two."))
    campaign.platform.on_publish = lambda _: campaign.store.pause(None, "stop", "a person", NOON)
    campaign.turn(hours=3)

    campaign.drain()

    assert len(campaign.texts) == 1


def test_whoever_is_asked_to_end_begins_nothing_new(campaign):
    from bot.flows.publish import drain

    campaign.plan(a_post())
    campaign.turn(hours=3)

    assert drain(campaign.speaker, lambda: 0.0, lambda: False) == 0
    assert campaign.texts == []


def test_the_urgent_goes_first(campaign):
    campaign.plan(a_post("calm", "Calm.", kind=Kind.SOLIDARITY), a_post("news", "News.", kind=Kind.NEWS))
    campaign.turn(hours=3)

    campaign.drain()

    assert [text.split("\n", maxsplit=1)[0] for text in campaign.texts] == ["News.", "Calm."]


def test_what_is_frozen_is_sent_however_the_file_changes(campaign):
    campaign.plan(a_post())
    campaign.platform.answers = iter([TryLaterError("out of reach")])
    campaign.turn(hours=3)
    campaign.drain()
    frozen = campaign.owed()[0].payload

    campaign.turn(minutes=1)
    campaign.drain()

    assert frozen is not None
    assert campaign.owed()[0].payload == frozen


def test_an_error_of_the_store_after_the_answer_loses_nothing(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=3)

    def break_store(_):
        campaign.store.die()

    campaign.platform.on_publish = break_store
    with pytest.raises(StoreError):
        campaign.drain()

    assert campaign.states() == ["sending"]
    with campaign.store.hold(campaign.clock.now(), {}):
        assert campaign.states() == ["in_doubt"]
