"""One contract over every platform: the sandbox, mastodon-mock, and the real Bluesky server."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Concern, InDoubtError, RefusedError, TryLaterError
from bot.domain.post import Language
from bot.ports.records import Own
from tests.contracts.capabilities import UNANSWERED, capability
from tests.contracts.stages import STAGES, sandbox_stage


def publish(stage, text="March with us. #IndustriALL", **changes):
    delivery = stage.delivery(text, **changes)
    return delivery, stage.platform.publish(delivery)


@capability("identity")
def test_it_says_who_we_are_and_where(stage):
    identity = stage.platform.identify()

    assert identity.own_id == stage.own.own_id
    assert identity.handle.startswith("@")
    assert identity.url.startswith("http")


@capability("may write")
def test_credentials_that_may_write_are_known_to(stage):
    identity = stage.platform.identify()

    assert identity.may_write is True
    assert (identity.scopes_missing, identity.scopes_excess) == ((), ())


@capability("clock")
def test_how_far_our_clock_is_ahead_is_known(stage):
    ahead = stage.platform.identify().clock_ahead

    assert ahead is not None
    assert abs(ahead) < timedelta(seconds=10)


@capability("own limits")
def test_the_servers_own_limits_are_known(stage):
    identity = stage.platform.identify()

    assert (identity.length, identity.link_length) == (500, 23)


@capability("credentials")
def test_unknown_credentials_shut_the_account_out(stage):
    with pytest.raises(TryLaterError) as caught:
        stage.stranger().identify()

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED


@capability("network")
def test_a_server_that_is_not_there_is_tried_later(stage):
    delivery = stage.delivery()

    with pytest.raises(TryLaterError, match="could not be reached: the connection was refused") as caught:
        stage.nowhere().publish(delivery)

    assert caught.value.concern is Concern.POST


@capability("publish")
def test_what_was_frozen_is_what_stands_there(stage):
    text = "Прафсаюзы & <b>«сіла»</b> 👩‍👩‍👧 https://example.org/a?b=c&d #IndustriALL"

    _, receipt = publish(stage, text)

    assert stage.texts() == [text]
    assert receipt.remote_id
    assert receipt.url.startswith("http")


@capability("publish")
def test_freezing_twice_gives_the_same_bytes(stage):
    delivery = stage.delivery(part=2)
    now = delivery.claimed_at

    assert stage.platform.freeze(delivery, stage.own, now) == stage.platform.freeze(delivery, stage.own, now)


@capability("language")
def test_a_post_carries_its_language(stage):
    _, receipt = publish(stage, "Салідарнасць #IndustriALL", language=Language("be"))

    assert stage.language_of(receipt.remote_id) == "be"


@capability("same key")
def test_the_same_delivery_twice_is_one_post(stage):
    delivery, first = publish(stage)

    second = stage.platform.publish(delivery)

    assert (second, stage.texts()) == (first, [delivery.text])


@capability("thread")
def test_a_part_answers_the_part_before_it(stage):
    _, first = publish(stage, "One. #IndustriALL")
    _, second = publish(stage, "Two.", part=2, parts=3, parent=first, root=first)
    _, third = publish(stage, "Three.", part=3, parts=3, parent=second, root=first)

    assert stage.parent_of(first.remote_id) == ""
    assert stage.parent_of(second.remote_id) == first.remote_id
    assert stage.parent_of(third.remote_id) == second.remote_id


@capability("limits")
def test_a_text_that_is_too_long_is_refused(stage):
    with pytest.raises(RefusedError):
        publish(stage, "x" * 5001)

    assert stage.texts() == []


@capability("flat links")
def test_a_long_link_counts_no_more_than_a_short_one(stage):
    text = f"https://example.org/{'a' * 600} #IndustriALL"

    publish(stage, text)

    assert stage.texts() == [text]


@capability("bot label")
def test_the_bot_label_is_seen(stage):
    assert stage.platform.identify().bot_label is True


@capability("look")
def test_a_look_finds_what_was_stored(stage):
    text = f"Tag {stage.own.handle}: https://example.org/a?b=c&d «так» & #IndustriALL"
    delivery, receipt = publish(stage, text)
    publish(stage, "Another one. #IndustriALL")

    sighting = stage.platform.look(delivery, stage.own)

    assert [match.remote_id for match in sighting.matches] == [receipt.remote_id]
    assert sighting.puzzle == ""


@capability("look")
def test_a_look_finds_nothing_where_nothing_was_stored(stage):
    publish(stage, "Another one. #IndustriALL")

    sighting = stage.platform.look(stage.delivery("Never sent. #IndustriALL"), stage.own)

    assert sighting.matches == ()


@capability("look")
def test_a_look_tells_the_parts_of_threads_apart(stage):
    _, first = publish(stage, "One. #IndustriALL")
    reply, receipt = publish(stage, "The same words.", part=2, parts=2, parent=first, root=first)
    alone = stage.delivery("The same words.", about="another post")

    assert [match.remote_id for match in stage.platform.look(reply, stage.own).matches] == [receipt.remote_id]
    assert stage.platform.look(alone, stage.own).matches == ()


@capability("age")
def test_a_post_from_before_the_claim_is_not_ours(stage):
    delivery, _ = publish(stage)
    later = replace(delivery, claimed_at=delivery.claimed_at + timedelta(minutes=9))

    assert stage.platform.look(later, stage.own).matches == ()


@capability("look")
def test_what_an_earlier_request_in_doubt_has_left_is_found(stage):
    delivery, receipt = publish(stage)
    first = delivery.claimed_at
    later = replace(delivery, claimed_at=first + timedelta(minutes=9), first_claimed_at=first, doubts=2)

    assert [one.remote_id for one in stage.platform.look(later, stage.own).matches] == [receipt.remote_id]


@capability("read back")
def test_what_was_sent_can_be_read_back(stage):
    delivery, receipt = publish(stage)

    assert stage.platform.read_back(replace(delivery, receipt=receipt), stage.own) is True


@capability("read back")
def test_what_was_deleted_is_not_there(stage):
    delivery, receipt = publish(stage)
    stage.delete(receipt.remote_id)

    assert stage.platform.read_back(replace(delivery, receipt=receipt), stage.own) is False
    assert stage.platform.look(delivery, stage.own).matches == ()


@capability("network")
def test_a_look_that_was_not_possible_says_so(stage):
    delivery = stage.delivery()

    with pytest.raises(TryLaterError):
        stage.nowhere().look(delivery, stage.own)


def test_x_calls_a_second_copy_in_doubt(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "x", tmp_path)
    delivery, _ = publish(stage)

    with pytest.raises(InDoubtError, match="has this post already"):
        stage.platform.publish(delivery)


def test_another_record_under_our_name_is_a_puzzle(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "bluesky", tmp_path)
    first, _ = publish(stage, "One. #IndustriALL", about="same")
    other = stage.delivery("Two. #IndustriALL", about="same", planned_at=first.planned_at)

    with pytest.raises(InDoubtError):
        stage.platform.publish(other)

    assert "another text stands" in stage.platform.look(other, stage.own).puzzle


def test_our_own_handle_becomes_a_mention_on_bluesky(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "bluesky", tmp_path)
    own = Own(own_id=stage.own.own_id, handle=stage.own.handle)

    _, receipt = publish(stage, f"Напішыце {own.handle} сёння #IndustriALL")

    facets = sandbox.record.find("bluesky", receipt.remote_id).facets
    text = stage.texts()[0].encode()
    marked = [text[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in facets]
    assert marked == [own.handle, "#IndustriALL"]
    assert facets[0]["features"][0]["did"] == own.own_id


def test_the_table_names_nothing_that_no_test_asks_for():
    asked = {getattr(test, "capability", "") for test in globals().values() if callable(test)}

    assert {name for _, name in UNANSWERED} <= asked
    assert {name for name, _ in UNANSWERED} <= set(STAGES)
