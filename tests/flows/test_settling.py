"""An answer that cannot be written down yet is kept, and nothing new is begun meanwhile."""

import logging

import pytest

from bot.domain.errors import LostClaimError, StoreError, StoreLostError
from bot.flows.publish import send
from bot.flows.settling import write_down
from tests.builders import NOON, a_receipt, frozen, settled
from tests.flows.conftest import a_post


@pytest.fixture
def claimed(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=3)
    return campaign.store.claim("mastodon", NOON, frozen)


class Refusing:
    """A store that refuses to settle so often, each time with the next error, and then does."""

    def __init__(self, store, *errors):
        self._store = store
        self._errors = list(errors)
        self.pauses = []

    def settle(self, *what):
        if self._errors:
            raise self._errors.pop(0)
        self._store.settle(*what)

    def write_down(self, delivery):
        write_down(self, delivery, NOON, None, self.pauses.append)


FULL = StoreError("the disk is full")


def test_an_answer_is_written_down_as_soon_as_the_store_can_be_written_again(campaign, claimed):
    refusing = Refusing(campaign.store, *[FULL] * 5)

    refusing.write_down(settled(claimed, a_receipt()))

    assert refusing.pauses == [1.0] * 5
    assert campaign.states() == ["sent"]


def test_an_answer_that_waits_is_told_with_its_link_once_a_minute(campaign, claimed, caplog):
    Refusing(campaign.store, *[FULL] * 61).write_down(settled(claimed, a_receipt()))

    assert caplog.text.count("https://mastodon.example/@campaign/1) cannot be written down") == 2


def test_a_delivery_that_is_no_longer_ours_is_not_tried_again(campaign, claimed):
    refusing = Refusing(campaign.store, FULL, LostClaimError("parked"))

    with pytest.raises(LostClaimError):
        refusing.write_down(settled(claimed, a_receipt()))

    assert refusing.pauses == [1.0]


def test_a_store_that_was_lost_is_not_tried_again_and_the_answer_is_in_the_log(campaign, claimed, caplog):
    refusing = Refusing(campaign.store, StoreLostError("it was deleted"))

    with pytest.raises(StoreLostError):
        refusing.write_down(settled(claimed, a_receipt()))

    assert (refusing.pauses, caplog.text.count("https://mastodon.example/@campaign/1")) == ([], 1)


def test_nothing_is_told_of_an_answer_that_is_written_at_once(campaign, claimed, caplog):
    with caplog.at_level(logging.INFO):
        Refusing(campaign.store).write_down(settled(claimed, a_receipt()))

    assert caplog.text == ""


def test_sending_writes_its_answer_down_this_way(campaign, claimed, caplog):
    refusing = Refusing(campaign.store, StoreLostError("it was deleted"))
    campaign.store.settle = refusing.settle

    with pytest.raises(StoreLostError):
        send(claimed, campaign.speaker, 0.0)

    assert len(campaign.platform.stored) == 1
    assert "cannot be written down: it was deleted" in caplog.text
