"""What lies beside a store in a file: the lock of whoever sends, and the mark by which an old copy is known.

The mark holds the epoch and the heartbeat that the store itself held last. The store is always written first,
so a mark that is further on means that the store is an older copy of itself.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.domain.errors import StoreBusyError, StoreError
from bot.store.paths import OWNER_ONLY, beside, sync_folder
from bot.store.types import EPOCH, MICROSECOND


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """How far a store has come: who held it last, and when that one was last seen alive."""

    epoch: int
    heartbeat: datetime


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """The right to send from a store; the kernel takes it back from a process that dies."""
    path = beside(store, ".lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    except OSError as error:
        raise StoreError(f"the lock {path} cannot be opened: {error.strerror}") from error
    try:
        _lock(descriptor, store)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, store: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
        raise StoreBusyError(
            f"process {holder} already publishes from the store {store}: end that one first"
        ) from None
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        raise StoreError(f"the lock of the store {store} cannot be written: {error.strerror}") from error


def read_mark(store: Path) -> Mark | None:
    """The mark beside a store, None where there never was one. StoreError where it cannot be understood."""
    path = beside(store, ".epoch")
    try:
        epoch, heartbeat = map(int, path.read_text(encoding="ascii").split())
        return Mark(epoch, EPOCH + heartbeat * MICROSECOND)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"the file {path} cannot be read: {error.strerror}") from error
    except (ValueError, OverflowError):
        raise StoreError(
            f"the file {path} is damaged, and it alone tells whether {store.name} is an old copy: put back "
            "the last backup with `restore`, or delete this file if you are certain that nobody replaced the "
            "store"
        ) from None


def write_mark(store: Path, mark: Mark) -> None:
    """Write the mark beside a store; it lies on the disk afterwards. StoreError where it cannot be."""
    path = beside(store, ".epoch")
    new = beside(path, ".new")
    text = f"{mark.epoch} {(mark.heartbeat - EPOCH) // MICROSECOND}\n"
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, OWNER_ONLY)
        try:
            os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        new.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"the file {path} cannot be written: {error.strerror}") from error
