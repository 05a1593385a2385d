"""Pictures that were uploaded and belong to no post yet."""

import hashlib
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from threading import Lock

from bot.sandbox.record import Shown

MOST = 4  # pictures on one post, on each platform
_STARTS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_ENDS = {"image/jpeg": b"\xff\xd9", "image/png": b"IEND\xaeB`\x82"}


def mime_of(data: bytes) -> str:
    """What picture the bytes are, empty where they are none, or not whole."""
    mime = next((mime for start, mime in _STARTS.items() if data.startswith(start)), "")
    return mime if mime and data.endswith(_ENDS[mime]) else ""


@dataclass(slots=True)
class Shelf:
    """The uploaded pictures of one platform, by what it calls them. May be used from any thread."""

    _there: dict[str, Shown] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def put(self, data: bytes, name: str = "", alt: str = "") -> str:
        """Keep a picture; its name, which is a number of ours where none is given."""
        shown = Shown(sha256=hashlib.sha256(data).hexdigest(), mime=mime_of(data), alt=alt, data=data)
        with self._lock:
            name = name or str(1_900_000_000_000_000_001 + len(self._there))
            self._there[name] = shown
        return name

    def describe(self, name: str, alt: str) -> bool:
        """Give a picture its words; whether it is there."""
        with self._lock:
            if name in self._there:
                self._there[name] = replace(self._there[name], alt=alt)
            return name in self._there

    def get(self, name: str) -> Shown | None:
        """One picture, None where it was never uploaded."""
        with self._lock:
            return self._there.get(name)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._there.clear()


def parts_of(kind: str, body: bytes) -> dict[str, bytes]:
    """The parts of a multipart/form-data body, by their names."""
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1")
    message = message_from_bytes(head + body, policy=policy.HTTP)
    found: dict[str, bytes] = {}
    for part in message.iter_parts():
        name, data = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        found[str(name)] = data if isinstance(data, bytes) else b""
    return found
