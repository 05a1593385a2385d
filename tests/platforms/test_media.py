"""Pictures on their way: whatever becomes of an upload, nothing goes out without them, or twice."""

import json
import time

import pytest

from bot.domain.errors import Concern, InDoubtError, RefusedError, TryLaterError
from bot.domain.picture import name_of
from bot.sandbox import Answer, Cut, Delay, Fault
from tests.pictures.samples import drawn, lying_in, saved
from tests.platforms.faults import ENDLESS, SHUT_OUT, UNCLEAR, says

TEXT = "March with us. #IndustriALL"


def pictured(stage, count=1, text=TEXT):
    """A claimed delivery with pictures, their bytes in the folder."""
    media = [
        lying_in(stage.media, saved(drawn(64 + number, 48)), f"Picture {number}") for number in range(count)
    ]
    return stage.delivery(text, media=tuple(media))


def shown(sandbox, name):
    """The words of the pictures of each post."""
    return [[one.alt for one in post.media] for post in sandbox.record.posts(name)]


def play(sandbox, stage, action, operation="upload", **changes):
    sandbox.faults.add(Fault(platform=stage.name, operation=operation, action=action, **changes))


@pytest.mark.parametrize("action", UNCLEAR.values(), ids=UNCLEAR)
def test_an_upload_without_a_clear_answer_has_published_nothing_and_is_made_again(stage, sandbox, action):
    delivery = pictured(stage, 2)
    play(sandbox, stage, action, skip=1)

    with pytest.raises(TryLaterError) as caught:
        stage.platform.publish(delivery)

    assert (caught.value.concern, sandbox.record.posts(stage.name)) == (Concern.POST, [])
    stage.platform.publish(delivery)
    assert shown(sandbox, stage.name) == [["Picture 0", "Picture 1"]]


@pytest.mark.parametrize("action", ENDLESS.values(), ids=ENDLESS)
def test_an_upload_that_does_not_end_ends_with_the_deadline(hasty, sandbox, action):
    delivery = pictured(hasty)
    play(sandbox, hasty, action)
    begun = time.monotonic()

    with pytest.raises(TryLaterError):
        hasty.platform.publish(delivery)

    assert time.monotonic() - begun < 3
    assert sandbox.record.asked(hasty.name, "publish") == []


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_picture_that_is_refused_fails_the_post(stage, sandbox, status):
    play(sandbox, stage, says(stage.name, status, "No such pictures here"))

    with pytest.raises(RefusedError, match=f"refuses picture 1 .{status}"):
        stage.platform.publish(pictured(stage))

    assert sandbox.record.asked(stage.name, "publish") == []


def test_an_upload_that_speaks_of_the_account_stops_the_account(stage, sandbox):
    play(sandbox, stage, says(stage.name, 403 if stage.name != "bluesky" else 400, SHUT_OUT[stage.name]))

    with pytest.raises(TryLaterError) as caught:
        stage.platform.publish(pictured(stage))

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED


def test_a_limit_on_uploads_is_waited_for(stage, sandbox):
    play(sandbox, stage, says(stage.name, 429, "Too many", Retry_After="60"))

    with pytest.raises(TryLaterError) as caught:
        stage.platform.publish(pictured(stage))

    assert caught.value.concern is Concern.ACCOUNT_BUSY


@pytest.mark.parametrize(("left", "said"), [(b"", "is gone"), (b"other bytes", "is damaged")])
def test_a_picture_that_is_not_as_it_was_meant_stops_the_post_before_any_request(stage, sandbox, left, said):
    delivery = pictured(stage, 2)
    file = stage.media / name_of(delivery.media[1])
    if left:
        file.write_bytes(left)
    else:
        file.unlink()

    with pytest.raises(RefusedError, match=f"picture 2 of this post {said}"):
        stage.platform.publish(delivery)

    assert sandbox.record.asked(stage.name, "upload") == []


def test_a_lost_answer_to_the_post_itself_is_in_doubt_and_found(stage, sandbox):
    delivery = pictured(stage)
    play(sandbox, stage, Cut(store=True), "publish")

    with pytest.raises(InDoubtError):
        stage.platform.publish(delivery)

    (post,) = sandbox.record.posts(stage.name)
    assert [one.remote_id for one in stage.platform.look(delivery, stage.own).matches] == [post.id]


def test_a_slow_upload_leaves_the_post_what_is_left_of_the_time(hasty, sandbox):
    delivery = pictured(hasty)
    play(sandbox, hasty, Delay(seconds=0.2))
    play(sandbox, hasty, Delay(seconds=30), "publish")
    begun = time.monotonic()

    with pytest.raises((InDoubtError, TryLaterError)):
        hasty.platform.publish(delivery)

    assert time.monotonic() - begun < 3


def test_a_post_without_pictures_uploads_nothing(stage, sandbox):
    stage.platform.publish(stage.delivery(TEXT))

    assert sandbox.record.asked(stage.name, "upload") == []
    assert shown(sandbox, stage.name) == [[]]


@pytest.mark.parametrize("hasty", ["x"], indirect=True)
def test_x_publishes_no_picture_whose_words_it_did_not_take(hasty, sandbox):
    play(sandbox, hasty, Cut(store=False), "describe")

    with pytest.raises(TryLaterError):
        hasty.platform.publish(pictured(hasty))

    assert sandbox.record.asked("x", "publish") == []


@pytest.mark.parametrize("stage", ["x"], indirect=True)
def test_a_link_to_a_picture_elsewhere_is_still_part_of_the_words(stage):
    text = "Look: https://x.com/other/status/1234567890/photo/1 #IndustriALL"
    delivery = pictured(stage, text=text)
    receipt = stage.platform.publish(delivery)
    other = stage.delivery(TEXT, about="another")

    assert [one.remote_id for one in stage.platform.look(delivery, stage.own).matches] == [receipt.remote_id]
    assert stage.platform.look(other, stage.own).matches == ()


@pytest.mark.parametrize("stage", ["mastodon"], indirect=True)
def test_mastodon_is_waited_for_while_it_works_on_a_picture(stage, sandbox):
    sandbox.mastodon.settings.questions_until_ready = 2

    stage.platform.publish(pictured(stage, 2))

    assert shown(sandbox, "mastodon") == [["Picture 0", "Picture 1"]]
    assert [one.status for one in sandbox.record.asked("mastodon", "media")] == [206, 200, 206, 200]


@pytest.mark.parametrize("hasty", ["mastodon"], indirect=True)
def test_mastodon_is_not_waited_for_beyond_the_deadline(hasty, sandbox):
    sandbox.mastodon.settings.questions_until_ready = 1000

    with pytest.raises(TryLaterError, match="still working on picture 1"):
        hasty.platform.publish(pictured(hasty))

    assert sandbox.record.asked("mastodon", "publish") == []


@pytest.mark.parametrize("stage", ["mastodon"], indirect=True)
def test_a_picture_that_mastodon_cannot_work_on_fails_the_post(stage, sandbox):
    sandbox.mastodon.settings.questions_until_ready = 1
    sandbox.mastodon.settings.breaks_pictures = True

    with pytest.raises(RefusedError, match="Error processing thumbnail"):
        stage.platform.publish(pictured(stage))


@pytest.mark.parametrize("stage", ["mastodon"], indirect=True)
def test_a_token_that_may_not_upload_stops_this_post_only(stage, sandbox):
    sandbox.mastodon.settings.scopes.remove("write:media")

    with pytest.raises(RefusedError, match="outside the authorized scopes"):
        stage.platform.publish(pictured(stage))


@pytest.mark.parametrize("stage", ["mastodon"], indirect=True)
def test_a_repetition_with_pictures_is_still_one_post(stage, sandbox):
    delivery = pictured(stage)

    first, second = stage.platform.publish(delivery), stage.platform.publish(delivery)

    assert first == second
    assert shown(sandbox, "mastodon") == [["Picture 0"]]


@pytest.mark.parametrize("stage", ["bluesky"], indirect=True)
def test_a_server_that_stores_another_picture_than_we_sent_publishes_none(stage, sandbox):
    other = {"$type": "blob", "ref": {"$link": "bafkreiother"}, "mimeType": "image/jpeg", "size": 1}
    play(sandbox, stage, Answer(status=200, body=json.dumps({"blob": other}).encode()))

    with pytest.raises(TryLaterError, match="not with picture 1"):
        stage.platform.publish(pictured(stage))

    assert sandbox.record.asked("bluesky", "publish") == []
