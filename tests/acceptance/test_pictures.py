"""A photo from a folder to three timelines, through the real program: once, and without its secrets."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from bot.sandbox import Gate, Hold
from bot.sandbox.faults import Fault
from tests.acceptance.conftest import PLATFORMS
from tests.pictures.samples import HIDDEN, MAKER, photo

SOON = timedelta(seconds=8)  # a busy machine takes its time to start the program
MEDIA = 'media: [{file: march.jpg, alt: {en: "Four people and a banner"}, people: none}]\n'


def pictures(bot):
    """The pictures of each post, on each platform."""
    return {name: [post.media for post in bot.sandbox.record.posts(name)] for name in PLATFORMS}


def test_a_photo_stands_on_all_three_with_its_words_and_without_where_it_was_taken(bot):
    (bot.posts / "march.jpg").write_bytes(photo(turned=6))
    bot.write("one", due=SOON, more=MEDIA)

    bot.run()
    bot.wait_for_posts(1)
    bot.stop()

    for (shown,) in pictures(bot).values():
        (one,) = shown
        assert one.alt == "Four people and a banner"
        assert HIDDEN not in one.data
        assert MAKER.encode() not in one.data
        assert Image.open(io.BytesIO(one.data)).size == (480, 640)


@pytest.mark.parametrize(
    ("platform", "stored"),
    [("x", False), ("mastodon", True), ("bluesky", True)],
    ids=["x, before it arrived", "mastodon, after it arrived", "bluesky, after it arrived"],
)
def test_killed_in_mid_upload_the_post_is_there_once_with_its_picture(bot, platform, stored):
    gate = Gate()
    (bot.posts / "march.jpg").write_bytes(photo())
    bot.sandbox.faults.add(Fault(platform=platform, operation="upload", action=Hold(gate=gate, store=stored)))
    bot.write("one", due=SOON, more=MEDIA)

    bot.run()
    assert gate.wait_reached(30)
    bot.kill()
    gate.release()
    bot.run()
    bot.wait_for_posts(1)
    bot.stop()

    counts = {name: [len(shown) for shown in found] for name, found in pictures(bot).items()}
    assert counts == {name: [1] for name in PLATFORMS}
