from dataclasses import replace

import pytest

from bot.domain.errors import Concern, InDoubtError, RefusedError, TryLaterError
from bot.sandbox import Answer, Fault
from tests.contracts.stages import sandbox_stage
from tests.platforms.conftest import at


@pytest.fixture
def x(sandbox, tmp_path):
    return sandbox_stage(sandbox, "x", tmp_path)


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_both_names_of_x_s_fields_are_read(x, sandbox, vocabulary):
    sandbox.x.settings.vocabulary = vocabulary
    first = x.platform.publish(x.delivery("One. #IndustriALL"))
    reply = x.delivery("Two.", part=2, parts=2, parent=first, root=first)
    second = x.platform.publish(reply)

    assert [one.remote_id for one in x.platform.look(reply, x.own).matches] == [second.remote_id]


def test_a_token_that_may_only_read_is_seen(x, sandbox):
    sandbox.x.settings.access_level = "read"

    assert x.platform.identify().may_write is False


def test_a_token_that_may_read_messages_is_more_than_we_need(x, sandbox):
    sandbox.x.settings.access_level = "read-write-directmessages"

    identity = x.platform.identify()

    assert (identity.may_write, identity.scopes_excess) == (True, ("direct messages",))


@pytest.mark.parametrize("kind", ["suspended", "locked", "not-enrolled"])
def test_each_way_of_being_shut_out_is_one(x, sandbox, kind):
    sandbox.x.settings.shut_out = kind

    with pytest.raises(TryLaterError) as caught:
        x.platform.publish(x.delivery())

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED


def test_no_credit_shuts_the_account_out(x, sandbox):
    sandbox.x.settings.credit = 0.0

    with pytest.raises(TryLaterError, match="402") as caught:
        x.platform.publish(x.delivery())

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED


def test_a_reply_that_x_does_not_allow_is_a_refusal(x, sandbox):
    sandbox.x.settings.may_reply_to_itself = False
    first = x.platform.publish(x.delivery("One. #IndustriALL"))

    with pytest.raises(RefusedError, match="not allowed because"):
        x.platform.publish(x.delivery("Two.", part=2, parts=2, parent=first, root=first))


def test_a_look_reads_as_many_pages_as_it_takes(x, sandbox):
    wanted = x.platform.publish(x.delivery("The first. #IndustriALL"))
    for number in range(130):
        sandbox.post_by_hand("x", f"By hand, {number}")

    sighting = x.platform.look(x.delivery("The first. #IndustriALL"), x.own)

    assert [one.remote_id for one in sighting.matches] == [wanted.remote_id]


def test_a_timeline_without_an_end_is_no_look(x, sandbox):
    for number in range(501):
        sandbox.post_by_hand("x", f"By hand, {number}")

    with pytest.raises(TryLaterError, match="longer than we can read"):
        x.platform.look(x.delivery(), x.own)


def test_an_answer_without_the_account_is_a_wrong_address(x, sandbox):
    sandbox.faults.add(Fault(platform="x", operation="identify", action=Answer(status=200, body=b"<html>")))

    with pytest.raises(TryLaterError, match="is `base_url` right"):
        x.platform.identify()


def test_a_machine_that_slept_before_the_first_byte_sends_nothing(x, sandbox, tmp_path):
    platform = at("x", sandbox.x.url, sandbox, tmp_path)
    platform._wire.clock = _Sleepy()

    with pytest.raises(TryLaterError, match="slept between deciding to send and sending"):
        platform.publish(x.delivery())

    assert sandbox.record.posts("x") == []


def test_the_frozen_text_is_what_is_sent_whatever_the_delivery_says_now(x):
    delivery = replace(x.delivery("As frozen. #IndustriALL"), text="Edited since.")

    x.platform.publish(delivery)

    assert x.texts() == ["As frozen. #IndustriALL"]


def test_a_duplicate_is_never_taken_for_a_refusal(x, sandbox):
    sandbox.post_by_hand("x", "March with us. #IndustriALL")

    with pytest.raises(InDoubtError):
        x.platform.publish(x.delivery("March with us. #IndustriALL"))


class _Sleepy:
    """A clock of a machine that sleeps an hour between any two looks at it."""

    def __init__(self):
        self._boot = 0.0

    def boot(self):
        self._boot += 3600
        return self._boot
