"""The store in a database: one implementation for SQLite and PostgreSQL."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select, text, update

from bot.domain.errors import StoreBusyError, StoreError
from bot.ports import Patiences
from bot.store.base import NOT_HELD
from bot.store.engine import PRIVATE_FILE, our_words
from bot.store.outbox import Outbox, park
from bot.store.planning import Planning
from bot.store.register import Register
from bot.store.tables import instance

ADVISORY_LOCK = 0x50_4F_53_54  # one number in the whole database, so long as nobody else locks with it


class SqlStore(Planning, Outbox, Register):
    """Our memory in SQLite or PostgreSQL; ports.Store is its contract."""

    _inode: int | None = None

    @contextmanager
    def hold(self, now: datetime, patience: Patiences) -> Iterator[None]:
        """Hold the right to send for as long as the context lasts."""
        with self._lock():
            with self._write() as db:
                self._epoch = _next_epoch(db, now)
                park(db, now, patience)
            self._inode = self._file_number()
            try:
                yield
            finally:
                self._epoch = NOT_HELD

    @contextmanager
    def _lock(self) -> Iterator[None]:
        if self.file is None:
            with self._advisory_lock():
                yield
            return
        path = self.file.with_name(self.file.name + ".lock")
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        except OSError as error:
            raise StoreError(f"the lock {path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip()
            os.close(handle)
            raise StoreBusyError(_busy(self.file, holder)) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        try:
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _advisory_lock(self) -> Iterator[None]:
        assert self._writer is not None  # noqa: S101  # a store opened for reading only is never held
        with our_words(None), self._writer.connect() as db:
            taken = db.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": ADVISORY_LOCK})
            if not taken.scalar():
                raise StoreBusyError("another program is publishing from this database; stop it first")
            db.commit()
            yield

    def beat(self, now: datetime) -> None:
        """Show that the holder is alive."""
        if self._inode is not None and self._file_number() != self._inode:
            raise StoreError(
                f"the store {self.file} was deleted or replaced while it was in use; nothing more is sent. "
                "Put it back, or start again with the one that is there now"
            )
        with self._write() as db:
            db.execute(update(instance).values(beat_at=now))

    def last_beat(self) -> datetime | None:
        """When a holder was last seen alive."""
        with self._read() as db:
            return db.execute(select(instance.c.beat_at)).scalar()

    def _file_number(self) -> int | None:
        try:
            return self.file.stat().st_ino if self.file else None
        except OSError:
            return -1


def _next_epoch(db: Connection, now: datetime) -> int:
    grown = db.execute(
        update(instance)
        .values(epoch=instance.c.epoch + 1, pid=os.getpid(), beat_at=now)
        .returning(instance.c.epoch)
    ).scalar()
    if grown is None:
        grown = NOT_HELD + 1
        db.execute(insert(instance).values(id=1, epoch=grown, pid=os.getpid(), beat_at=now))
    return grown


def _busy(path: Path, holder: str) -> str:
    who = f"process {holder}" if holder else "another program"
    return f"{who} is already publishing from {path}; two at once would post twice. Stop it first"
