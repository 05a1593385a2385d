"""A look before the first send: for what is late, and after a backup was put back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.delivery import How
from bot.domain.errors import Concern, InDoubtError, RefusedError, TryLaterError
from bot.domain.post import Kind
from bot.platforms.memory import Stored
from tests.builders import NOON, a_receipt
from tests.flows.conftest import a_post

WORDS = "March with us.\n\n#IndustriALL"


def posted_by_hand(campaign, at=NOON, number="by-hand", text=WORDS):
    receipt = a_receipt(number)
    campaign.platform.stored.append(Stored(receipt=receipt, key="?", text=text, parent=None, at=at))


def late(campaign, **length):
    campaign.plan(a_post(kind=Kind.SOLIDARITY))
    campaign.clock.at = NOON + timedelta(**length)


def test_what_was_posted_by_hand_while_we_were_late_is_not_sent_again(campaign):
    late(campaign, minutes=20)
    posted_by_hand(campaign, NOON + timedelta(minutes=12))

    campaign.drain()

    (one,) = campaign.owed()
    assert (one.state.value, one.how, one.receipt.remote_id) == ("sent", How.FOUND, "by-hand")
    assert campaign.platform.requests == 0


def test_what_is_late_and_not_there_is_sent(campaign):
    late(campaign, minutes=20)

    campaign.drain()

    assert campaign.texts == [WORDS]


@pytest.mark.parametrize("minutes", [0, 4, 5])
def test_what_is_hardly_late_is_sent_without_a_look(campaign, minutes):
    campaign.platform.looks = iter([RuntimeError("nobody may look")])
    late(campaign, minutes=minutes)

    campaign.drain()

    assert campaign.states() == ["sent"]


def test_two_that_look_like_it_are_for_a_person_to_tell_apart(campaign):
    late(campaign, minutes=20)
    posted_by_hand(campaign, number="one")
    posted_by_hand(campaign, number="two")

    campaign.drain()

    (one,) = campaign.owed()
    assert one.state.value == "in_doubt"
    assert one.attention == "2 posts of ours look like this one: which is it?"
    assert campaign.platform.requests == 0


def test_what_cannot_be_looked_for_is_not_sent_and_tried_again(campaign):
    late(campaign, minutes=20)
    campaign.platform.looks = iter([TryLaterError("nobody there", wait=timedelta(minutes=1))])

    campaign.drain()

    (one,) = campaign.owed()
    assert (one.state.value, one.next_at) == ("scheduled", campaign.clock.at + timedelta(minutes=1))
    assert campaign.platform.requests == 0
    campaign.turn(minutes=1)
    campaign.drain()
    assert campaign.states() == ["sent"]


@pytest.mark.parametrize("error", [InDoubtError("?"), RefusedError("no")])
def test_a_look_that_ends_oddly_proves_nothing_and_sends_nothing(campaign, error):
    late(campaign, minutes=20)
    campaign.platform.looks = iter([error])

    campaign.drain()

    assert campaign.states() == ["scheduled"]
    assert campaign.platform.requests == 0


def test_being_shut_out_while_looking_pauses_the_account(campaign):
    late(campaign, minutes=20)
    campaign.platform.looks = iter([TryLaterError("suspended", concern=Concern.ACCOUNT_BLOCKED)])

    campaign.drain()

    assert campaign.store.account("mastodon").pause.blocked


def test_after_a_backup_was_put_back_everything_is_looked_for(campaign):
    posted_by_hand(campaign, NOON - timedelta(hours=1))
    campaign.plan(a_post())
    campaign.store.put_back(NOON - timedelta(hours=2), "anna", NOON)
    campaign.clock.at = NOON

    campaign.drain()

    assert campaign.platform.requests == 0
    assert [one.receipt.remote_id for one in campaign.owed()] == ["by-hand"]


@pytest.mark.parametrize("days", [1, 40, 20_000])
def test_however_old_the_backup_was_everything_is_looked_for(campaign, days):
    posted_by_hand(campaign, NOON - timedelta(hours=12))
    campaign.plan(a_post())
    campaign.store.put_back(NOON - timedelta(days=days), "anna", NOON)
    campaign.clock.at = NOON

    campaign.drain()

    assert campaign.platform.requests == 0


def test_a_look_reaches_no_further_back_than_it_can_read(campaign):
    posted_by_hand(campaign, NOON - timedelta(days=31))
    campaign.plan(a_post())
    campaign.store.put_back(NOON - timedelta(days=40), "anna", NOON)
    campaign.clock.at = NOON

    campaign.drain()

    assert campaign.texts == [WORDS, WORDS]


def test_without_a_backup_what_went_out_before_is_another_post(campaign):
    posted_by_hand(campaign, NOON - timedelta(hours=1))
    campaign.plan(a_post())
    campaign.clock.at = NOON

    campaign.drain()

    assert campaign.texts == [WORDS, WORDS]


def test_what_belongs_to_another_delivery_is_not_taken_for_ours(campaign):
    campaign.plan(a_post("first"), a_post("second", kind=Kind.SOLIDARITY))
    campaign.clock.at = NOON
    campaign.drain()
    campaign.store.put_back(NOON, "anna", NOON)
    again = replace(a_post("third"), when=replace(a_post().when, at=NOON + timedelta(minutes=1)))
    campaign.plan(a_post("first"), a_post("second", kind=Kind.SOLIDARITY), again)
    campaign.turn(minutes=1)

    campaign.drain()

    assert len(campaign.texts) == 3
