"""What kind of file the first bytes of a file say that it is."""

from collections.abc import Callable

JPEG, PNG, WEBP, GIF = "JPEG", "PNG", "WEBP", "GIF"
USABLE = frozenset({JPEG, PNG, WEBP, GIF})
EXPORT = "export it as JPEG or PNG, and name that file"
NO_VIDEO = "video is not supported: publish a picture and a link"

_STARTS = {
    b"\xff\xd8\xff": JPEG,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"BM": "a BMP picture",
    b"8BPS": "a Photoshop file",
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "an archive or an office document",
    b"<svg": "an SVG drawing",
    b"<?xml": "an SVG drawing or another XML file",
    b"\x1aE\xdf\xa3": "a video",
}
_BRANDS = {
    b"heic": "a HEIC photo", b"heix": "a HEIC photo", b"hevc": "a HEIC photo", b"heim": "a HEIC photo",
    b"mif1": "a HEIC photo", b"msf1": "a HEIC photo", b"avif": "an AVIF picture", b"avis": "an AVIF picture",
}  # fmt: skip


def kind_of(start: bytes) -> str:
    """One of USABLE, else what the file is in words; empty where that is not known."""
    if start[:4] == b"RIFF":
        return WEBP if start[8:12] == b"WEBP" else "a video or a sound"
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], "a video")
    known: Callable[[bytes], bool] = start.lstrip().startswith
    return next((kind for first, kind in _STARTS.items() if known(first)), "")


def way_out(kind: str) -> str:
    """How to go on with a file of a kind that cannot be used."""
    return NO_VIDEO if kind.startswith("a video") else EXPORT
