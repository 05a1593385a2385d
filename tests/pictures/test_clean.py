"""The second pair of eyes on what was made: nothing but a picture may be in it."""

import pytest
from PIL import Image

from bot.pictures.clean import foreign_in
from tests.pictures.samples import drawn, photo, saved, telling_png

JPEG, PNG = saved(drawn(), progressive=True), saved(drawn(), "PNG")


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (JPEG, "image/jpeg"),
        (saved(drawn(mode="L")), "image/jpeg"),
        (PNG, "image/png"),
        (saved(drawn(mode="P"), "PNG"), "image/png"),
        (saved(Image.new("RGBA", (4, 4)), "PNG"), "image/png"),
    ],
)
def test_a_bare_picture_passes(data, mime):
    assert foreign_in(data, mime) == ""


@pytest.mark.parametrize(
    ("data", "mime", "said"),
    [
        (photo(), "image/jpeg", "a block of the kind E1"),
        (saved(drawn(), comment=b"who"), "image/jpeg", "a block of the kind FE"),
        (JPEG + b"x", "image/jpeg", "bytes behind its end"),
        (JPEG[:-2], "image/jpeg", "no end"),
        (JPEG[:25], "image/jpeg", "a block that is cut off"),
        (b"GIF89a", "image/jpeg", "another beginning"),
        (telling_png(), "image/png", "a block of the kind"),
        (PNG + b"x", "image/png", "bytes behind its end"),
        (PNG[:-8], "image/png", "a block that is cut off"),
        (PNG[:40], "image/png", "a block that is cut off"),
        (JPEG, "image/png", "another beginning"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value,
)
def test_anything_else_is_found(data, mime, said):
    assert foreign_in(data, mime).startswith(said)
