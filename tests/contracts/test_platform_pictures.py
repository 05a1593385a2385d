"""Pictures, over every platform that shows any: the sandbox, mastodon-mock, and the real Bluesky server."""

import io

import pytest
from PIL import Image

from bot.pictures import Studio
from tests.contracts.stages import STAGES
from tests.pictures.samples import HIDDEN, MAKER, a_picture, drawn, lying_in, photo, saved

SHOWING = [name for name in STAGES if name != "memory"]  # which keeps texts only
pytestmark = pytest.mark.parametrize("stage", SHOWING, indirect=True)


def two_pictures(stage):
    """A photo and a drawing, described."""
    return (
        lying_in(stage.media, saved(drawn()), "Чатыры чалавекі «за кратамі» & <b>"),
        lying_in(stage.media, saved(drawn(200, 300), "PNG"), "", "image/png"),
    )


def published(stage, media, text="March with us. #IndustriALL", **changes):
    delivery = stage.delivery(text, media=media, **changes)
    return delivery, stage.platform.publish(delivery)


def test_the_bytes_and_the_words_of_each_picture_are_there_in_their_order(stage):
    media = two_pictures(stage)

    _, receipt = published(stage, media)

    found = stage.pictures_of(receipt.remote_id)
    assert [alt or "" for _, alt in found] == [one.alt for one in media]
    assert [data for data, _ in found] == [saved(drawn()), saved(drawn(200, 300), "PNG")]


def test_a_post_with_pictures_is_found_by_a_look(stage):
    delivery, receipt = published(stage, two_pictures(stage))

    assert [one.remote_id for one in stage.platform.look(delivery, stage.own).matches] == [receipt.remote_id]


def test_a_post_with_pictures_can_answer_another(stage):
    _, first = published(stage, ())
    reply, second = published(
        stage, two_pictures(stage)[:1], "Two.", part=2, parts=2, parent=first, root=first
    )

    assert stage.parent_of(second.remote_id) == first.remote_id
    assert [one.remote_id for one in stage.platform.look(reply, stage.own).matches] == [second.remote_id]


def test_what_is_frozen_with_pictures_is_the_same_however_often(stage):
    delivery = stage.delivery(media=two_pictures(stage))
    now = delivery.claimed_at

    assert stage.platform.freeze(delivery, stage.own, now) == stage.platform.freeze(delivery, stage.own, now)


def test_a_photo_that_was_made_ready_does_not_say_where_it_was_taken(stage, tmp_path):
    (tmp_path / "march.jpg").write_bytes(photo())
    made = Studio(stage.media).ready(a_picture(), tmp_path, stage.platform.name)

    _, receipt = published(stage, (made,))

    ((data, _),) = stage.pictures_of(receipt.remote_id)
    assert HIDDEN not in data
    assert MAKER.encode() not in data
    assert dict(Image.open(io.BytesIO(data)).getexif()) == {}


def test_the_judge_would_see_where_a_photo_was_taken(stage):
    _, receipt = published(stage, (lying_in(stage.media, photo()),))

    ((data, _),) = stage.pictures_of(receipt.remote_id)
    assert HIDDEN in data
