"""What is made of an organiser's picture, and what is left of it."""

import hashlib
import io
import os
import struct
import subprocess
import sys
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image, ImageCms

from bot.domain.lengths import PlatformName
from bot.pictures import PictureError, Studio
from bot.pictures.clean import foreign_in
from bot.pictures.ready import CHILD, FRAMES, KEPT_FOR, LARGEST_FILE
from tests.pictures.samples import HIDDEN, MAKER, PNG_HEAD, a_picture, drawn, photo, saved, telling_png


def shown(data):
    """The picture in bytes, read to its last pixel."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("platform", PlatformName)
def test_a_photo_loses_where_it_was_taken_on_every_platform(desk, platform):
    before = photo()

    _, data = desk.ready(before, platform=platform)

    assert HIDDEN in before
    assert MAKER.encode() in before
    assert HIDDEN not in data
    assert MAKER.encode() not in data
    assert dict(shown(data).getexif()) == {}


def test_a_png_loses_its_texts_and_stays_a_png(desk):
    before = telling_png()

    made, data = desk.ready(before, "poster.png")

    assert HIDDEN in before
    assert HIDDEN not in data
    assert (made.mime, shown(data).info) == ("image/png", {})


def test_what_hangs_behind_a_picture_is_gone(desk):
    archive = b"PK\x03\x04" + HIDDEN

    _, data = desk.ready(photo() + archive)

    assert archive not in data
    assert foreign_in(data, "image/jpeg") == ""


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_picture_that_lies_on_its_side_is_put_upright(desk, turned):
    upright = drawn(64, 48)
    lying = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = turned
    stored = upright.transpose(lying[turned]) if turned > 1 else upright

    made, data = desk.ready(saved(stored, quality=95, exif=exif))

    assert (made.width, made.height) == upright.size
    for place in ((4, 4), (60, 4), (4, 44), (60, 44)):
        assert shown(data).convert("L").getpixel(place) == pytest.approx(
            upright.convert("L").getpixel(place), abs=12
        )


def test_a_colour_profile_is_not_taken_along(desk):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    image = Image.new("RGB", (32, 32), (200, 30, 30))

    _, data = desk.ready(saved(image, icc_profile=profile, quality=95))

    assert "icc_profile" not in shown(data).info
    assert shown(data).mode == "RGB"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_other_kinds_of_pictures_are_taken_too(desk, kind):
    made, data = desk.ready(saved(drawn(320, 200), kind), f"poster.{kind.lower()}")

    assert (made.width, made.height) == shown(data).size == (320, 200)
    assert made.mime in {"image/png", "image/jpeg"}


def test_of_a_moving_picture_the_first_frame_is_taken(desk):
    first, second = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (16, 16), "blue")

    made, data = desk.ready(saved(first, "GIF", save_all=True, append_images=[second]), "moving.gif")

    assert made.mime == "image/png"
    assert shown(data).convert("RGB").getpixel((8, 8)) == (255, 0, 0)


def test_what_can_be_seen_through_stays_so(desk):
    glass = Image.new("RGBA", (16, 16), (255, 0, 0, 90))

    _, data = desk.ready(saved(glass, "PNG"), "glass.png")

    assert shown(data).getpixel((8, 8)) == (255, 0, 0, 90)


@pytest.mark.parametrize("platform", PlatformName)
def test_a_large_picture_is_made_to_fit(desk, platform):
    frame = FRAMES[platform]
    noise = Image.effect_noise((4500, 3000), 120).convert("RGB")

    made, data = desk.ready(saved(noise, quality=95), platform=platform)

    assert made.size == len(data) <= frame.size
    assert max(made.width, made.height) <= frame.side
    assert made.width * made.height <= frame.pixels
    assert made.width / made.height == pytest.approx(1.5, abs=0.01)


def test_what_is_kept_is_named_by_its_hash(desk):
    made, data = desk.ready(photo())

    assert made.sha256 == hashlib.sha256(data).hexdigest()
    assert [path.name for path in desk.kept.glob(".*")] == []


def test_an_unchanged_picture_is_made_once(desk):
    made, _ = desk.ready(photo())
    written = {path: path.stat().st_ino for path in desk.kept.iterdir()}

    again = Studio(desk.kept).ready(a_picture(), desk.folder, PlatformName.MASTODON)

    assert again == made
    assert {path: path.stat().st_ino for path in desk.kept.iterdir()} == written


def test_a_kept_picture_that_was_lost_is_made_again(desk):
    made, before = desk.ready(photo())
    for path in desk.kept.glob("*.jpg"):
        path.unlink()

    assert desk.ready() == (made, before)


def test_a_kept_picture_that_was_damaged_is_made_again(desk):
    made, before = desk.ready(photo())
    (kept,) = desk.kept.glob("*.jpg")
    kept.write_bytes(bytes(made.size))

    desk.studio = Studio(desk.kept)

    assert desk.ready() == (made, before)


def test_what_no_post_has_asked_for_in_months_is_deleted_and_nothing_else(desk):
    old, _ = desk.ready(photo(320, 200), "old.jpg")
    new, _ = desk.ready(photo(), "new.jpg")
    long_ago = (datetime.now(UTC) - KEPT_FOR - timedelta(days=1)).timestamp()
    for path in desk.kept.iterdir():
        os.utime(path, (long_ago, long_ago))
    desk.ready(name="new.jpg")

    assert desk.studio.tidy(datetime.now(UTC)) == 2

    assert [path.name for path in desk.kept.glob("*.jpg")] == [f"{new.sha256}.jpg"]
    assert desk.ready(name="old.jpg")[0] == old


def test_a_changed_picture_is_made_anew(desk):
    before, _ = desk.ready(photo())

    after, _ = desk.ready(photo(320, 200))

    assert after.sha256 != before.sha256


def test_who_only_asks_keeps_nothing(desk):
    desk.put(photo())

    made = Studio(desk.kept, keeps=False).ready(a_picture(), desk.folder, PlatformName.X)

    assert made.width == 640
    assert not desk.kept.exists()


def test_who_only_asks_uses_what_was_made_before_and_touches_nothing(desk, monkeypatch):
    made, _ = desk.ready(photo())
    before = {path: path.stat().st_mtime_ns for path in (desk.kept, *desk.kept.iterdir())}
    monkeypatch.setattr("bot.pictures.ready.CHILD", desk.folder / "nothing.py")  # no picture can be opened

    asked = Studio(desk.kept, keeps=False)

    assert asked.ready(a_picture(), desk.folder, PlatformName.MASTODON) == made
    assert asked.tidy(datetime.now(UTC) + 2 * KEPT_FOR) == 0
    assert {path: path.stat().st_mtime_ns for path in (desk.kept, *desk.kept.iterdir())} == before


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(side=12_000):
    """A small PNG of very many pixels."""
    packed = zlib.compress(bytes((side // 8 + 1) * side), 9)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return PNG_HEAD + head + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


HOSTILE = {
    "a bomb": ("bomb.png", bomb(), "12,000 × 12,000 pixels; 40 million pixels and 12,000 a side"),
    "one side too long": ("long.png", saved(Image.new("1", (12_001, 2)), "PNG"), "12,001 × 2 pixels"),
    "a photo cut off": ("march.jpg", photo()[:9000], "damaged, or not complete"),
    "a PNG cut off": ("march.png", telling_png()[:-400], "damaged, or not complete"),
    "a page": ("march.jpg", b"<html><body>no picture</body></html>", "no picture that we know"),
    "a drawing in SVG": ("march.png", b"<svg xmlns='x'/>", "an SVG drawing"),
    "an archive": ("march.jpg", b"PK\x03\x04rest", "an archive"),
    "a film": ("march.jpg", b"\0\0\0\x18ftypmp42....", "a video"),
    "a HEIC photo": ("march.jpg", b"\0\0\0\x18ftypheic....", "a HEIC photo"),
    "nothing": ("march.jpg", b"", "no picture that we know"),
    "only a beginning": ("march.jpg", b"\xff\xd8\xff\xe0", "damaged, or not complete"),
    "far too large": ("march.jpg", b"\xff\xd8\xff" + bytes(LARGEST_FILE), "larger than 40 MB"),
}


@pytest.mark.parametrize(("name", "data", "said"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_picture_gives_one_sentence_and_a_way_out(desk, name, data, said):
    with pytest.raises(PictureError) as caught:
        desk.ready(data, name)

    assert name in caught.value.message
    assert said in caught.value.message
    assert caught.value.fix
    assert not desk.kept.exists()


OPENS = """
import sys
from pathlib import Path
from bot.domain.errors import RenditionError
from bot.domain.lengths import PlatformName
from bot.domain.picture import People, Picture
from bot.pictures import Studio
asked = Studio(Path(sys.argv[1]) / "media", keeps=False)
for name in sys.argv[2:]:
    try:
        asked.ready(Picture(file=name, people=People.NONE), Path(sys.argv[1]), PlatformName.X)
    except RenditionError as error:
        print(error)
most = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(most.split()[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process took at most")
def test_large_pictures_and_bombs_take_little_memory_of_ours(desk):
    desk.put(bomb(), "bomb.png")
    desk.put(saved(drawn(7900, 5000)), "large.jpg")

    command = [sys.executable, "-c", OPENS, desk.folder, "bomb.png", "large.jpg"]
    said, used = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    assert said.startswith("bomb.png has 12,000")
    assert int(used) < 200 * 1024  # kB


def test_a_picture_that_takes_too_much_memory_is_refused_in_words(desk):
    wide = saved(Image.new("RGB", (8000, 5000), "red"), "WEBP", quality=10, method=0)

    with pytest.raises(PictureError, match="takes more memory to open than we give"):
        desk.ready(wide, "wide.webp")


def test_a_file_that_is_not_there_is_named(desk):
    with pytest.raises(PictureError, match=r"march\.jpg is not there"):
        desk.ready()


def test_a_link_out_of_the_folder_is_not_followed(desk, tmp_path):
    (tmp_path / "private.jpg").write_bytes(photo())
    (desk.folder / "march.jpg").symlink_to(tmp_path / "private.jpg")

    with pytest.raises(PictureError, match="leads out of the post's folder"):
        desk.ready()


def test_a_link_within_the_folder_is_followed(desk):
    desk.put(photo(), "2027/march.jpg")
    (desk.folder / "march.jpg").symlink_to("2027/march.jpg")

    assert desk.ready()[0].width == 640


def test_a_pipe_is_not_waited_for(desk):
    os.mkfifo(desk.folder / "march.jpg")

    with pytest.raises(PictureError, match="is not a file"):
        desk.ready()


def test_a_place_without_room_is_said(desk):
    desk.kept.write_bytes(b"a file where the folder should be")

    with pytest.raises(PictureError, match="pictures cannot be kept"):
        desk.ready(photo())


UNCONFINED = """
import resource, runpy, sys
def refuse(*_):
    raise PermissionError
resource.setrlimit = refuse
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


def test_a_picture_is_not_opened_where_the_process_cannot_limit_itself():
    command = [sys.executable, "-c", UNCONFINED, CHILD, "{}"]

    told = subprocess.run(command, input=photo(), capture_output=True, check=True).stdout

    assert told == b'{"why": "not confined"}\n'


def test_the_process_that_opens_a_picture_has_little_of_everything():
    limits = ("AS", "CPU", "FSIZE", "CORE")
    asked = "; ".join(f"print(resource.getrlimit(resource.RLIMIT_{name})[1])" for name in limits)
    code = f"import resource, runpy; runpy.run_path({str(CHILD)!r})['confine'](); {asked}"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout

    assert [int(line) for line in told.split()] == [512 << 20, 20, 0, 0]
