"""DAG-CBOR and content ids, as far as records need them: the judge works them out on its own."""

import base64
import hashlib
import struct
from typing import Any

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG = range(7)
LINK_TAG = 42
CID_PREFIX = bytes([1, 0x71, 0x12, 0x20])  # version 1, dag-cbor, sha-256, 32 bytes

BLOB_PREFIX = bytes([1, 0x55, 0x12, 0x20])  # the same for raw bytes


def encode(value: Any) -> bytes:  # noqa: PLR0911  # one for each kind of value
    """A JSON value in DAG-CBOR; {"$link": cid} is a link."""
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return _head(UNSIGNED, value) if value >= 0 else _head(NEGATIVE, -1 - value)
        case float():
            return b"\xfb" + struct.pack(">d", value)
        case str():
            data = value.encode()
            return _head(TEXT, len(data)) + data
        case list() | tuple():
            return _head(ARRAY, len(value)) + b"".join(map(encode, value))
        case {"$link": str(link)} if len(value) == 1:
            data = b"\x00" + _bytes_of(link)
            return _head(TAG, LINK_TAG) + _head(BYTES, len(data)) + data
        case dict():
            pairs = sorted((key.encode(), item) for key, item in value.items())
            pairs.sort(key=lambda pair: (len(pair[0]), pair[0]))
            body = (_head(TEXT, len(key)) + key + encode(item) for key, item in pairs)
            return _head(MAP, len(pairs)) + b"".join(body)
    raise TypeError(f"DAG-CBOR has no {type(value).__name__}")


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for code, size, form in ((24, 1, ">B"), (25, 2, ">H"), (26, 4, ">I"), (27, 8, ">Q")):
        if number < 1 << (8 * size):
            return bytes([major << 5 | code]) + struct.pack(form, number)
    raise OverflowError("the number is too large for DAG-CBOR")


def _bytes_of(cid: str) -> bytes:
    padding = "=" * (-len(cid[1:]) % 8)
    return base64.b32decode(cid[1:].upper() + padding)


def cid(value: Any) -> str:
    """The content id of a record."""
    return _written(CID_PREFIX + hashlib.sha256(encode(value)).digest())


def blob_cid(data: bytes) -> str:
    """The content id of bytes as they are."""
    return _written(BLOB_PREFIX + hashlib.sha256(data).digest())


def _written(content_id: bytes) -> str:
    return "b" + base64.b32encode(content_id).decode().lower().rstrip("=")
