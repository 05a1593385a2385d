"""Pictures that tests start from, and what is hidden in them."""

import hashlib
import io

from PIL import Image, PngImagePlugin

from bot.domain.picture import Attachment, People, Picture, name_of

HIDDEN = b"53 deg 54 min north"  # where a photo was taken; it must come out nowhere
MAKER = "Camera of a member"
ORIENTATION, GPS, MAKE, COMMENT = 0x0112, 0x8825, 0x010F, 0x9286
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def drawn(width=640, height=480, mode="RGB"):
    """A picture in which left, right, top and bottom differ."""
    image = Image.linear_gradient("L").resize((width, height)).convert(mode)
    image.paste(image.resize((width // 2, height // 2)).rotate(180), (0, 0))
    return image


def saved(image, kind="JPEG", **how):
    """The bytes of a picture."""
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def photo(width=640, height=480, turned=1):
    """A JPEG as a telephone makes it: with its maker, a comment, and where it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = turned, MAKER
    exif[GPS] = {1: "N", 2: (53.0, 54.0, 0.0), 3: "E", 4: (27.0, 34.0, 0.0)}
    exif.get_ifd(0x8769)[COMMENT] = HIDDEN
    return saved(drawn(width, height), exif=exif, comment=HIDDEN, quality=80)


def telling_png():
    """A PNG with a text, XMP and EXIF in it."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", HIDDEN.decode())
    told.add_itxt("XML:com.adobe.xmp", f"<x>{HIDDEN.decode()}</x>")
    exif = Image.Exif()
    exif[MAKE] = MAKER
    return saved(drawn(), "PNG", pnginfo=told, exif=exif)


def a_picture(file="march.jpg", **changes):
    """A picture of a post, described in English."""
    return Picture(**{"file": file, "alt": {"en": "A march"}, "people": People.NONE, **changes})


def lying_in(folder, data, alt="A march", mime="image/jpeg"):
    """A picture that is ready, its bytes in a folder."""
    width, height = Image.open(io.BytesIO(data)).size
    made = Attachment(
        sha256=hashlib.sha256(data).hexdigest(),
        mime=mime,
        width=width,
        height=height,
        size=len(data),
        alt=alt,
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name_of(made)).write_bytes(data)
    return made
