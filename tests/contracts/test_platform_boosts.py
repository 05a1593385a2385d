"""What every platform does about supporters' messages: pass one on once, and take that back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.delivery import DeliveryKind
from bot.domain.errors import Concern, InDoubtError, PlatformError, RefusedError, TryLaterError
from bot.platforms.bluesky.boosts import content_id_in
from bot.sandbox import Cut, Fault
from tests.contracts.stages import sandbox_stage

SANDBOXES = ["x", "mastodon", "bluesky"]
SAID = "We handed in 41 letters!"


def boost(stage, message, kind=DeliveryKind.BOOST):
    delivery = stage.delivery(message, about=f"{kind} {message}")
    return replace(delivery, kind=kind, payload=message.encode())


def unboost(stage, message):
    return boost(stage, message, DeliveryKind.UNBOOST)


def test_a_boost_stands_there_once_and_the_receipt_tells_nothing_of_whose_message_it_is(stage):
    message, other = stage.say(SAID), stage.say("We marched!")
    delivery = boost(stage, message)

    receipt = stage.platform.boost(delivery, stage.own)

    assert stage.boosts() == [message]
    assert (receipt.remote_id, receipt.url, receipt.cid) == (f"boost:{delivery.key}", "", "")
    assert stage.platform.is_boosted(delivery, stage.own) is True
    assert stage.platform.is_boosted(boost(stage, other), stage.own) is False


def test_boosting_twice_is_boosting_once(stage):
    delivery = boost(stage, stage.say(SAID))

    first = stage.platform.boost(delivery, stage.own)
    again = stage.platform.boost(delivery, stage.own)

    assert first == again
    assert stage.boosts() == [delivery.text]


def test_a_boost_that_is_taken_back_is_gone_and_no_other(stage):
    first, second = stage.say(SAID), stage.say("We marched!")
    for message in (first, second):
        stage.platform.boost(boost(stage, message), stage.own)

    receipt = stage.platform.unboost(unboost(stage, first), stage.own)

    assert stage.boosts() == [second]
    assert receipt.remote_id == f"unboost:{unboost(stage, first).key}"
    assert stage.platform.is_boosted(unboost(stage, first), stage.own) is False


def test_taking_back_what_was_never_boosted_is_no_error(stage):
    delivery = unboost(stage, stage.say(SAID))

    first = stage.platform.unboost(delivery, stage.own)

    assert first == stage.platform.unboost(delivery, stage.own)
    assert stage.boosts() == []


def test_a_boost_taken_back_long_after_it_was_made_is_still_seen(stage):
    message = stage.say(SAID)
    stage.platform.boost(boost(stage, message), stage.own)
    later = unboost(stage, message)

    weeks = replace(later, planned_at=later.planned_at + timedelta(days=20))

    assert stage.platform.is_boosted(weeks, stage.own) is True


def test_a_stranger_boosts_nothing(stage):
    if stage.name == "memory":
        return  # it has no credentials
    delivery = boost(stage, stage.say(SAID))

    with pytest.raises(TryLaterError) as caught:
        stage.stranger().boost(delivery, stage.own)

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED
    assert stage.boosts() == []


@pytest.mark.parametrize("platform", SANDBOXES)
def test_where_nobody_listens_nothing_was_boosted(sandbox, tmp_path, platform):
    stage = sandbox_stage(sandbox, platform, tmp_path)
    delivery = boost(stage, stage.say(SAID))

    for ask in (stage.nowhere().boost, stage.nowhere().unboost, stage.nowhere().is_boosted):
        with pytest.raises(TryLaterError):
            ask(delivery, stage.own)


@pytest.mark.parametrize("platform", SANDBOXES)
def test_an_answer_that_is_lost_leaves_a_boost_in_doubt_and_a_look_finds_it(sandbox, tmp_path, platform):
    stage = sandbox_stage(sandbox, platform, tmp_path)
    delivery = boost(stage, stage.say(SAID))
    operation = "publish" if platform == "bluesky" else "boost"
    sandbox.faults.add(Fault(platform=platform, operation=operation, action=Cut(store=True)))

    with pytest.raises(InDoubtError):
        stage.platform.boost(delivery, stage.own)

    assert stage.platform.is_boosted(delivery, stage.own) is True
    assert stage.boosts() == [delivery.text]


@pytest.mark.parametrize("platform", ["x", "mastodon"])
def test_a_message_that_is_gone_is_refused_in_words_that_do_not_name_it(sandbox, tmp_path, platform):
    stage = sandbox_stage(sandbox, platform, tmp_path)
    delivery = boost(stage, stage.say(SAID))
    stage.delete(delivery.text)

    with pytest.raises(RefusedError) as caught:
        stage.platform.boost(delivery, stage.own)

    assert delivery.text not in str(caught.value)
    assert "someone" not in str(caught.value)


def test_on_bluesky_the_address_alone_will_do_while_the_message_is_shown(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "bluesky", tmp_path)
    delivery = boost(stage, stage.say(SAID).partition("|")[0])

    for _ in range(2):
        stage.platform.boost(delivery, stage.own)
    sandbox.record.amend("bluesky", delivery.text, deleted=True)

    assert [one.post for one in sandbox.record.boosts("bluesky", undone=True)] == [delivery.text]
    with pytest.raises(RefusedError):
        stage.platform.boost(delivery, stage.own)


@pytest.mark.parametrize("author", [None, {"labels": [{"val": "!no-unauthenticated"}]}])
def test_what_is_shown_to_members_only_or_gone_on_bluesky_is_not_boosted(author):
    uri = "at://did:plc:someone/app.bsky.feed.post/3abc"
    posts = [{"uri": uri, "cid": "bafy", "author": author}] if author else []

    with pytest.raises(RefusedError):
        content_id_in({"posts": posts}, uri)


def test_what_is_no_longer_public_on_mastodon_is_not_boosted(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "mastodon", tmp_path)
    delivery = boost(stage, stage.say(SAID))
    sandbox.mastodon.settings.shows_as = "unlisted"

    with pytest.raises(RefusedError):
        stage.platform.boost(delivery, stage.own)

    assert stage.boosts() == []


def test_a_server_that_would_boost_twice_is_asked_first(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "mastodon", tmp_path)
    sandbox.mastodon.settings.boosts_twice = True
    delivery = boost(stage, stage.say(SAID))

    for _ in range(2):
        stage.platform.boost(delivery, stage.own)

    assert stage.boosts() == [delivery.text]


@pytest.mark.parametrize("words", ["You have already retweeted this.", "It is already reposted."])
def test_x_saying_that_it_is_boosted_already_is_looked_into(sandbox, tmp_path, words):
    stage = sandbox_stage(sandbox, "x", tmp_path)
    delivery = boost(stage, stage.say(SAID))
    answer = sandbox.x.error(403, words)
    sandbox.faults.add(Fault(platform="x", operation="boost", action=as_answer(answer)))

    with pytest.raises(InDoubtError):
        stage.platform.boost(delivery, stage.own)


def test_a_protected_account_on_x_does_not_shut_ours_out(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "x", tmp_path)
    delivery = boost(stage, stage.say(SAID))
    answer = sandbox.x.error(403, "You are not permitted to perform this action.")
    sandbox.faults.add(Fault(platform="x", operation="boost", action=as_answer(answer)))

    with pytest.raises(PlatformError) as caught:
        stage.platform.boost(delivery, stage.own)

    assert isinstance(caught.value, RefusedError)


def as_answer(reply):
    from bot.sandbox import Answer

    return Answer(status=reply.status, body=reply.body)
