"""What every platform does about what was published: take it away, find it by its address, look for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.delivery import DeliveryKind
from bot.domain.errors import Concern, RefusedError, TryLaterError
from tests.contracts.stages import sandbox_stage

WORDS = "March with us. #IndustriALL"


def published(stage, text=WORDS, **changes):
    delivery = stage.delivery(text, **changes)
    return replace(delivery, receipt=stage.platform.publish(delivery))


def withdrawal(sent):
    remote_id = sent.receipt.remote_id
    return replace(
        sent,
        kind=DeliveryKind.WITHDRAWAL,
        text=remote_id,
        payload=remote_id.encode(),
        receipt=None,
        parent=None,
        root=None,
    )


def test_what_is_withdrawn_is_gone_and_nothing_else(stage):
    first, second = published(stage, "One. #IndustriALL"), published(stage, "Two. #IndustriALL")

    receipt = stage.platform.withdraw(withdrawal(first))

    assert stage.texts() == ["Two. #IndustriALL"]
    assert receipt.remote_id == f"withdrawn:{first.receipt.remote_id}"
    assert stage.platform.read_back(first, stage.own) is False
    assert stage.platform.read_back(second, stage.own) is True


def test_withdrawing_twice_is_withdrawing_once(stage):
    sent = published(stage)

    first = stage.platform.withdraw(withdrawal(sent))
    again = stage.platform.withdraw(withdrawal(sent))

    assert first == again
    assert stage.texts() == []


def test_the_last_part_of_a_thread_goes_first(stage):
    first = published(stage, "One. #IndustriALL")
    second = published(
        stage, "Two.", part=2, parts=2, parent=first.receipt, root=first.receipt, about="the thread"
    )

    for part in (second, first):
        stage.platform.withdraw(withdrawal(part))

    assert stage.texts() == []


def test_a_stranger_withdraws_nothing(stage):
    if stage.name == "memory":
        return  # it has no credentials
    sent = published(stage)

    with pytest.raises(TryLaterError) as caught:
        stage.stranger().withdraw(withdrawal(sent))

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED
    assert stage.texts() == [WORDS]


def test_a_post_of_ours_is_found_by_its_address(stage):
    sent = published(stage)

    assert stage.platform.receipt_at(sent.receipt.url, stage.own) == sent.receipt


def test_an_address_at_which_nothing_is_any_more_is_refused(stage):
    sent = published(stage)
    stage.delete(sent.receipt.remote_id)

    with pytest.raises(RefusedError):
        stage.platform.receipt_at(sent.receipt.url, stage.own)


@pytest.mark.parametrize("platform", ["x", "mastodon", "bluesky"])
def test_an_address_of_somebody_else_is_refused(sandbox, tmp_path, platform):
    stage = sandbox_stage(sandbox, platform, tmp_path)
    published(stage)
    theirs = sandbox.mention(platform, "somebody.example", "We marched!")

    with pytest.raises(RefusedError):
        stage.platform.receipt_at(theirs.url, stage.own)


@pytest.mark.parametrize("platform", ["x", "mastodon", "bluesky"])
def test_what_cannot_be_asked_is_neither_found_nor_withdrawn(sandbox, tmp_path, platform):
    stage = sandbox_stage(sandbox, platform, tmp_path)
    sent = published(stage)

    with pytest.raises(TryLaterError):
        stage.nowhere().receipt_at(sent.receipt.url, stage.own)
    with pytest.raises(TryLaterError):
        stage.nowhere().withdraw(withdrawal(sent))


@pytest.mark.parametrize("url", ["https://example.org/", "nonsense", "https://example.org/status/", ""])
def test_an_address_of_another_form_is_refused(stage, url):
    with pytest.raises(RefusedError):
        stage.platform.receipt_at(url, stage.own)


def test_what_went_out_long_before_the_claim_is_found_where_the_look_reaches_back(stage):
    sent = published(stage)
    later = replace(sent, claimed_at=sent.claimed_at + timedelta(hours=3), receipt=None)

    seen = stage.platform.look(later, stage.own, sent.planned_at)

    assert [match.remote_id for match in seen.matches] == [sent.receipt.remote_id]


def test_a_look_that_reaches_back_does_not_take_other_words_for_ours(stage):
    published(stage, "Something else. #IndustriALL")
    ours = stage.delivery(WORDS)

    seen = stage.platform.look(ours, stage.own, ours.planned_at - timedelta(hours=1))

    assert (seen.matches, seen.puzzle) == ((), "")


def test_what_was_frozen_anew_is_found_where_the_look_reaches_back(stage):
    # A backup was put back: the delivery is frozen a second time, at another moment.
    sent = published(stage)
    later = sent.claimed_at + timedelta(minutes=30)
    again = replace(sent, claimed_at=later, receipt=None)
    again = replace(again, payload=stage.platform.freeze(again, stage.own, later))

    seen = stage.platform.look(again, stage.own, sent.planned_at)

    assert [match.remote_id for match in seen.matches] == [sent.receipt.remote_id]


def test_what_went_out_under_another_hour_is_found_where_the_look_reaches_back(stage):
    # It was published ahead of its hour, which a backup knows nothing of.
    sent = published(stage)
    restored = replace(sent, planned_at=sent.planned_at + timedelta(days=7), receipt=None, key=sent.key[::-1])
    restored = replace(restored, payload=stage.platform.freeze(restored, stage.own, sent.claimed_at))

    seen = stage.platform.look(restored, stage.own, sent.planned_at - timedelta(hours=1))

    assert [match.remote_id for match in seen.matches] == [sent.receipt.remote_id]
