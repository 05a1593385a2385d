"""Bytes as text: which encoding, and which characters may stand in what people write."""

import codecs
import re

from bot.domain.problem import Severity
from bot.strictyaml.nodes import Reading, Spot

MOST_BYTES = 1 << 20

# Controls, other line ends (a second key can hide on one visible line), surrogates, noncharacters.
_FORBIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
)  # fmt: skip
_BLANKS = "\u200b\ufeff\u2060"  # no width, no meaning: they come along when text is copied
_TURNS = "\u202a-\u202e\u2066-\u2069"  # the direction of reading
_ORDINARY = bytes([0x09, 0x0A, *range(0x20, 0x7F)])
_REFUSED = f"[{_FORBIDDEN}]"
_BLANK = f"[{_BLANKS}]"
_TURN = f"[{_TURNS}]"
_ENDS_TURN = {"\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}  # the others end with U+202C


def decode(data: bytes, reading: Reading) -> bool:
    """Make text of bytes, whether it can be used; invisible characters without meaning are left out."""
    if len(data) > MOST_BYTES:
        reading.add(None, f"the file is larger than {MOST_BYTES >> 20} MiB", "split it into several files")
        return False
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        _refuse_encoding(data, error, reading)
        return False
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        data = text.encode()
    reading.text = text
    # Most of a text is beyond suspicion; what is left when that is taken away is quickly looked at.
    rest = data.translate(None, _ORDINARY)
    if rest and not rest.decode().isprintable() and not _inspect(text, reading):
        return False
    if text and text[-1] != "\n":
        last = text.count("\n")
        reading.add(
            Spot(last, len(reading.lines[-1])),
            "the file ends in the middle of a line, so perhaps it was not saved whole",
            "put an empty line at the end and save again",
        )
        return False
    return True


def _refuse_encoding(data: bytes, error: UnicodeDecodeError, reading: Reading) -> None:
    reading.text = data.decode(errors="replace")
    said = "this is not UTF-8 text"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        said = "this file is saved as UTF-16, and must be UTF-8"
    line = data.count(b"\n", 0, error.start)
    column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode(errors="replace"))
    reading.add(Spot(line, column), said, "save it again, and choose the encoding UTF-8")


def _inspect(text: str, reading: Reading) -> bool:
    """Refuse characters that hide something; leave out those that merely came along."""
    if found := re.search(_REFUSED, text):
        name = f"U+{ord(found.group()):04X}"
        reading.add(
            _spot(text, found.start()),
            f"an invisible character stands here ({name})",
            "type the line anew instead of copying it",
        )
        return False
    reading.turned = bool(re.search(_TURN, text))
    if found := re.search(_BLANK, text):
        reading.text = without_blanks(text)
        message = "an invisible character without meaning stands here; all such are left out"
        reading.add(_spot(text, found.start()), message, "nothing need be done", Severity.WARNING)
    return True


def _spot(text: str, position: int) -> Spot:
    return Spot(text.count("\n", 0, position), position - text.rfind("\n", 0, position) - 1)


def without_blanks(text: str) -> str:
    """A text without characters that have neither width nor meaning."""
    return re.sub(_BLANK, "", text)


def may_not_stand(text: str) -> bool:
    """Whether a text, escapes resolved, holds a character that hides something or cannot be published."""
    return bool(re.search(_REFUSED, text))


def unbalanced(text: str) -> bool:
    """Whether a text turns the direction of reading without turning it back."""
    open_turns: list[str] = []
    for turn in re.findall(_TURN, text):
        if turn not in "\u202c\u2069":
            open_turns.append(_ENDS_TURN.get(turn, "\u202c"))
        elif not open_turns or open_turns.pop() != turn:
            return True
    return bool(open_turns)
