"""What was published is taken back: the last part first, each once, and nothing that is not clear."""

from datetime import timedelta

import pytest

from bot.domain.delivery import DeliveryKind
from bot.domain.errors import DecisionError, InDoubtError, TryLaterError
from bot.domain.post import Language, PostId, Words
from bot.flows.withdraw import look_up, withdraw
from tests.builders import NOON
from tests.flows.conftest import a_post

EN = Language("en")
THREAD = a_post(words=Words(text={EN: "One."}, thread=({EN: "Two."}, {EN: "Three."})))


@pytest.fixture
def published(campaign):
    campaign.plan(THREAD)
    campaign.clock.at = NOON
    publish(campaign)
    return campaign


def publish(campaign, parts=3):
    for _ in range(parts):
        campaign.drain()
        campaign.turn(seconds=5)


def take_back(campaign, post="may-day"):
    return withdraw(campaign.store, PostId(post), "test", "anna", campaign.clock.now())


def withdrawals(campaign):
    return [one for one in campaign.owed() if one.kind is DeliveryKind.WITHDRAWAL]


def test_every_part_is_taken_away_the_last_first(published):
    gone = []
    published.platform.on_publish = lambda one: gone.append(one.text)

    take_back(published)
    publish(published)

    assert published.texts == []
    assert gone == ["3", "2", "1"]
    assert [one.state.value for one in withdrawals(published)] == ["sent"] * 3


def test_a_withdrawal_goes_out_before_any_post(published):
    at = published.clock.now()
    published.plan(THREAD, a_post("urgent", when=a_post().when, priority=0))
    take_back(published)

    claimed = published.store.claim("mastodon", at, lambda one, _: one.text.encode())

    assert claimed.kind is DeliveryKind.WITHDRAWAL


def test_what_has_not_gone_out_of_it_no_longer_does(campaign):
    campaign.plan(THREAD)
    campaign.clock.at = NOON
    publish(campaign, 1)

    done = take_back(campaign)
    publish(campaign, 3)

    assert [one.part for one in done.waiting] == [2, 3]
    assert campaign.texts == []
    assert campaign.states()[1:3] == ["cancelled", "cancelled"]


def test_nothing_is_withdrawn_of_what_is_not_clear(campaign):
    campaign.plan(THREAD)
    campaign.clock.at = NOON
    publish(campaign, 1)
    campaign.platform.answers = iter([InDoubtError("?")])
    publish(campaign, 1)

    done = take_back(campaign)

    assert [one.part for one in done.unclear] == [2]
    assert withdrawals(campaign) == []


def test_a_withdrawal_whose_answer_is_lost_is_found_done(published):
    take_back(published)
    published.platform.answers = iter([InDoubtError("stored, and the answer lost")])
    published.drain()
    published.turn(seconds=90)

    published.reconcile()
    publish(published)

    assert published.texts == []
    assert [one.state.value for one in withdrawals(published)] == ["sent"] * 3


def test_a_withdrawal_that_did_not_arrive_is_sent_again(published):
    take_back(published)
    published.platform.answers = iter([InDoubtError("?")])
    published.drain()
    for _ in range(3):
        published.turn(seconds=90)
        published.reconcile()
    publish(published)

    assert published.texts == []


def test_what_is_still_there_after_all_needs_a_person(published):
    stored = list(published.platform.stored)
    take_back(published)
    publish(published)
    published.platform.stored = stored
    for _ in range(6):
        published.turn(minutes=1)
        published.reconcile()

    assert {one.attention for one in withdrawals(published)} == {
        "the platform said that it took it away, but it is still to be seen there"
    }


def test_what_was_withdrawn_is_not_missed(campaign):
    campaign.plan(THREAD)
    campaign.clock.at = NOON
    publish(campaign)
    take_back(campaign)
    publish(campaign)
    campaign.turn(minutes=10)

    campaign.reconcile()

    assert campaign.store.needing_attention() == []


def test_withdrawing_again_says_that_it_was_done(published):
    take_back(published)

    with pytest.raises(DecisionError, match="withdrawn already"):
        take_back(published)


def test_what_was_never_published_cannot_be_withdrawn(campaign):
    campaign.plan(a_post())

    with pytest.raises(DecisionError, match="nothing of it was published"):
        look_up(campaign.store, PostId("may-day"))


def test_a_withdrawn_post_is_not_planned_anew(published):
    take_back(published)
    publish(published)

    published.plan(THREAD)
    published.turn(hours=1)
    publish(published)

    assert published.texts == []


def test_a_platform_that_is_down_is_asked_again(published):
    take_back(published)
    published.platform.answers = iter([TryLaterError("down", wait=timedelta(minutes=1))])
    published.drain()
    published.turn(minutes=1)

    publish(published)

    assert published.texts == []


def test_who_withdrew_stands_in_the_ledger(published):
    keys = [one.key for one in published.owed()]
    take_back(published)

    lines = [line for key in keys for line in published.store.decisions(key)]
    assert [(line.by, line.what) for line in lines] == [("anna", "withdraw")] * 3
