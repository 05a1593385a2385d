"""The keys by which what was passed over is known again: never copied anywhere, and soon overwritten.

Of whoever may be in danger nothing stays but such a mark. Once its key is gone nobody can test any more, not
even with a copy of the store, whether a message was ever seen here.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from bot.domain.errors import StoreError
from bot.domain.report import MARKS_FOR
from bot.store.hasher import KeyedHashes
from bot.store.paths import OWNER_ONLY

PASSING_NAME = "passing.keys"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class _Key:
    """One key, and the day it was made."""

    made: date
    key: bytes


class PassingKeys:
    """Two keys, the one in use and the one before it; each is in use as long as marks are kept."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / PASSING_NAME

    def hashes(self, now: datetime) -> tuple[KeyedHashes, ...]:
        """Hashes by the key in use, then by the one before. StoreError where they cannot be kept."""
        today = now.astimezone(UTC).date()
        try:
            with self._open() as descriptor:
                found = _read(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
                keys = _turned(found, today)
                if keys != found:
                    _overwrite(descriptor, keys)
        except OSError as error:
            raise StoreError(f"the file {self._path} cannot be written: {error.strerror}") from error
        return tuple(KeyedHashes(one.key) for one in keys)

    @contextmanager
    def _open(self) -> Iterator[int]:
        """The file, for one thread at a time."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)


def _turned(keys: tuple[_Key, ...], today: date) -> tuple[_Key, ...]:
    """The keys of a day: a new one in front once the first has been in use long enough."""
    new = _Key(today, secrets.token_bytes(_BYTES))
    if not keys:
        return new, _Key(today, secrets.token_bytes(_BYTES))
    in_use = keys[0]
    if 0 <= (today - in_use.made).days < MARKS_FOR.days:  # one from the future is of a clock that was wrong
        return keys
    return new, in_use


def _read(content: bytes) -> tuple[_Key, ...]:
    """The two keys; none where a crash left half of them: then somebody may be counted twice, and no more."""
    try:
        words = [line.split() for line in content.decode("ascii").splitlines()]
        keys = tuple(_Key(date.fromisoformat(day), bytes.fromhex(key)) for day, key in words)
    except ValueError:
        return ()
    return keys if [len(one.key) for one in keys] == [_BYTES, _BYTES] else ()


def _overwrite(descriptor: int, keys: tuple[_Key, ...]) -> None:
    # In place, and always as long: what a key was must not stay in a part of the disk that is free again.
    lines = "".join(f"{one.made.isoformat()} {one.key.hex()}\n" for one in keys).encode()
    written = 0
    while written < len(lines):
        written += os.pwrite(descriptor, lines[written:], written)
    os.ftruncate(descriptor, len(lines))
    os.fsync(descriptor)
