"""A platform's cursor, written so that nobody can read it without the key.

A cursor tells which message was heard last, by its number or to the millisecond: whoever finds one could find
the message, and it may be by somebody at risk, of whom nothing may be left.
"""

import base64
from collections.abc import Iterator
from itertools import count

from bot.domain.marks import Hashes

_NONCE = 16  # bytes


def sealed(hashes: Hashes, cursor: str) -> str:
    """A cursor that only `opened` can read, with the same hashes; the same for the same cursor."""
    nonce = _nonce_of(hashes, cursor)
    return base64.urlsafe_b64encode(nonce + _mixed(hashes, nonce, cursor.encode())).decode()


def opened(hashes: Hashes, written: str) -> str | None:
    """The cursor in what `sealed` wrote; None where it was sealed otherwise, or never."""
    try:
        content = base64.urlsafe_b64decode(written.encode())
        cursor = _mixed(hashes, content[:_NONCE], content[_NONCE:]).decode()
    except ValueError:
        return None
    return cursor if content[:_NONCE] == _nonce_of(hashes, cursor) else None


def _nonce_of(hashes: Hashes, cursor: str) -> bytes:
    # Made of the cursor itself: no two cursors share one, and a false one is noticed.
    return bytes.fromhex(hashes("cursor", cursor))[:_NONCE]


def _mixed(hashes: Hashes, nonce: bytes, content: bytes) -> bytes:
    """Bytes mixed with a stream of hashes; mixed once more, they are what they were."""
    return bytes(one ^ other for one, other in zip(content, _stream(hashes, nonce), strict=False))


def _stream(hashes: Hashes, nonce: bytes) -> Iterator[int]:
    for block in count():
        yield from bytes.fromhex(hashes("cursor's stream", nonce.hex(), str(block)))
