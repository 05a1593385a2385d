"""Whether the bytes of a picture hold nothing but the picture: read again, block by block, by other code
than the one that wrote them.
"""

import re
import struct

JPEG_MARKERS = frozenset({0xE0, 0xDB, 0xC0, 0xC1, 0xC2, 0xC4, 0xDD, 0xDA})  # JFIF head, tables, frames, scans
PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
PNG_START = b"\x89PNG\r\n\x1a\n"
CUT_OFF = "a block that is cut off"
PLAIN_JFIF = 16  # bytes of a JFIF head without a thumbnail

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_START_OF_SCAN, _END, _JFIF = 0xDA, 0xD9, 0xE0


def foreign_in(data: bytes, mime: str) -> str:
    """What the bytes hold besides a picture, empty where that is nothing."""
    try:
        return _foreign_in_jpeg(data) if mime == "image/jpeg" else _foreign_in_png(data)
    except (IndexError, struct.error):
        return CUT_OFF


def _foreign_in_jpeg(data: bytes) -> str:
    if data[:2] != b"\xff\xd8":
        return "another beginning"
    place = 2
    while True:
        marker = data[place + 1]
        if data[place] != 0xFF:  # noqa: PLR2004  # what every marker begins with
            return "bytes between its blocks"
        if marker == _END:
            return "bytes behind its end" if len(data) > place + 2 else ""
        if marker not in JPEG_MARKERS:
            return f"a block of the kind {marker:02X}"
        (length,) = struct.unpack_from(">H", data, place + 2)
        if marker == _JFIF and (length != PLAIN_JFIF or data[place + 4 : place + 9] != b"JFIF\0"):
            return "a head that is not plain"
        place += 2 + length
        if marker == _START_OF_SCAN:
            following = _NEXT_MARKER.search(data, place)
            if following is None:
                return "no end"
            place = following.start()


def _foreign_in_png(data: bytes) -> str:
    if data[:8] != PNG_START:
        return "another beginning"
    place = 8
    while True:
        length, name = struct.unpack_from(">I4s", data, place)
        if name not in PNG_CHUNKS:
            return f"a block of the kind {name.decode('ascii', 'replace')}"
        place += 12 + length
        if place > len(data):
            return CUT_OFF
        if name == b"IEND":
            return "bytes behind its end" if len(data) != place or length else ""
