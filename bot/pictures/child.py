"""Opens one picture in a process of its own, which may take little, write nothing, and must soon be done.

Run as a script, by its path: it imports nothing of the program. The picture comes on standard input, the
order as the one argument; on standard output a line of JSON goes back, and behind it the new picture.
"""

import io
import json
import sys
import warnings
from typing import Any

MEMORY = 512 << 20  # bytes
SECONDS = 20
QUALITIES = (90, 84, 76, 68, 60)
SMALLER = 0.8
SMALLEST = 320  # pixels a side
ORIENTATION = 0x0112
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # what EXIF says -> Pillow's name for putting it upright


class NoPictureError(Exception):
    """The picture cannot be used: a word for why, and figures."""

    def __init__(self, why: str, **figures: int) -> None:
        super().__init__(why)
        self.told = {"why": why, **figures}


def confine() -> None:
    """Give up what opening a picture does not need."""
    try:
        import resource
    except ImportError:  # Windows knows no limits: the parent's clock is what is left
        return
    limits = [(resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)]
    if sys.platform != "darwin":  # which refuses this one
        limits.append((resource.RLIMIT_AS, MEMORY))
    for limit, wanted in limits:
        most = resource.getrlimit(limit)[1]
        value = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        try:
            resource.setrlimit(limit, (value, value))
        except (OSError, ValueError) as error:
            raise NoPictureError("not confined") from error


def opened(data: bytes, order: dict[str, Any]) -> Any:
    """The picture, its pixels not read yet; what is too large never is."""
    from PIL import Image, UnidentifiedImageError

    warnings.simplefilter("error")  # of these, DecompressionBombWarning
    Image.MAX_IMAGE_PIXELS = order["longest_side"] ** 2  # beyond what is said below, with its figures
    try:
        image = Image.open(io.BytesIO(data), formats=(order["kind"],))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise NoPictureError("too large") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise NoPictureError("broken") from error
    width, height = image.size
    if width * height > order["most_pixels"] or max(width, height) > order["longest_side"]:
        raise NoPictureError("too large", width=width, height=height)
    return image


def seen(image: Any, order: dict[str, Any]) -> Any:
    """The first frame as people see it: upright, in sRGB, no larger than asked for."""
    profile = image.info.get("icc_profile")
    if order["kind"] == "JPEG":
        image.draft(None, (order["side"], order["side"]))  # a JPEG can be read at a fraction of its size
    try:
        image.load()
        turned = image.getexif().get(ORIENTATION, 1)
    except MemoryError as error:
        raise NoPictureError("too much") from error
    except Exception as error:
        raise NoPictureError("broken") from error
    if image.mode in {"P", "PA"} or (image.mode in {"1", "L", "RGB"} and "transparency" in image.info):
        image = image.convert("RGBA")
    elif image.mode not in {"1", "L", "LA", "RGB", "RGBA", "CMYK"}:
        image = image.convert("RGB" if image.mode in {"YCbCr", "HSV", "LAB"} else "L")
    image = _in_srgb(_fitted(image, order), profile)
    return image.transpose(TURNS[turned]) if turned in TURNS else image


def _fitted(image: Any, order: dict[str, Any]) -> Any:
    side = order["side"]
    scale = min(1.0, side / max(image.size), (order["pixels"] / (image.width * image.height)) ** 0.5)
    return _scaled(image, scale) if scale < 1 else image


def _scaled(image: Any, scale: float) -> Any:
    from PIL import Image

    size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
    if image.mode == "1":
        image = image.convert("L")
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _in_srgb(image: Any, profile: bytes | None) -> Any:
    """The colours as every screen shows them; a profile that cannot be read is as good as none."""
    from PIL import ImageCms

    alpha = image.getchannel("A") if image.mode in {"LA", "RGBA"} else None
    target = "RGB" if image.mode in {"RGB", "RGBA", "CMYK"} else "L"
    made: Any
    plain = image.convert("RGB" if image.mode == "RGBA" else "L") if alpha else image
    if profile and target == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            made = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            made = plain.convert("RGB")
    else:
        made = plain.convert(target)
    if alpha is None or alpha.getextrema()[0] == 255:  # noqa: PLR2004  # nothing is to be seen through
        return made
    made = made.convert("RGB")
    made.putalpha(alpha)
    return made


def written(image: Any, order: dict[str, Any]) -> tuple[bytes, str, Any]:
    """The picture in no more bytes than asked for: drawings as PNG where that fits, the rest as JPEG."""
    if order["kind"] != "JPEG" and (order["kind"] != "WEBP" or image.mode == "RGBA"):
        data = _saved(image, "PNG", optimize=image.width * image.height <= 1 << 20)
        if len(data) <= order["bytes"]:
            return data, "image/png", image
    image = _on_white(image)
    while True:
        for quality in QUALITIES:
            data = _saved(image, "JPEG", quality=quality, optimize=True, progressive=True)
            if len(data) <= order["bytes"]:
                return data, "image/jpeg", image
        if max(image.size) <= SMALLEST:
            raise NoPictureError("will not shrink")
        image = _scaled(image, SMALLER)


def _on_white(image: Any) -> Any:
    from PIL import Image

    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _saved(image: Any, kind: str, **how: Any) -> bytes:
    from PIL import Image

    # From pixels alone: whatever else the picture carried is not taken along.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, kind, **how)
    return out.getvalue()


def main() -> None:
    """Answer one order."""
    order = json.loads(sys.argv[1])
    new = b""
    try:
        confine()
        data = sys.stdin.buffer.read()
        new, mime, image = written(seen(opened(data, order), order), order)
        answer: dict[str, Any] = {"mime": mime, "width": image.width, "height": image.height}
    except NoPictureError as error:
        answer = error.told
    except MemoryError:
        answer = {"why": "too much"}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + new)


if __name__ == "__main__":
    main()
