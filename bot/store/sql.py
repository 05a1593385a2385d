"""The store on SQL: one implementation for SQLite and PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from bot.ports import Patiences
from bot.store import rules
from bot.store.alarms import Alarms
from bot.store.base import put_in_doubt
from bot.store.beside import Mark
from bot.store.inbox import Reports
from bot.store.knowledge import Knowledge
from bot.store.outbox import Outbox
from bot.store.planning import Planning
from bot.store.register import Register, put_back
from bot.store.sending import Sending
from bot.store.tables import instance
from bot.store.types import EPOCH

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SqlStore(Planning, Sending, Outbox, Register, Knowledge, Alarms, Reports):
    """Our memory, as ports.Store promises it, in a database."""

    @contextmanager
    def hold(self, now: datetime, patience: Patiences) -> Iterator[None]:
        """Hold the right to send; what an earlier holder left `sending` is in doubt before anything else."""
        with self._database.lock():
            self._database.check_whole()
            self._epoch = self._take_over(now, patience)
            try:
                yield
            finally:
                self._epoch = None

    def beat(self, now: datetime) -> None:
        """Show that the holder is alive; StoreError where the store was replaced under it."""
        self._database.check_there()
        with self._database.writing() as connection:
            epoch = self._fence(connection)
            connection.execute(update(instance).where(instance.c.epoch == epoch).values(heartbeat=now))
        self._database.set_mark(Mark(epoch, now))

    def last_beat(self) -> datetime | None:
        """When a holder was last seen alive, None where none ever was."""
        with self._database.reading() as connection:
            at: datetime | None = connection.scalar(select(instance.c.heartbeat))
        return at

    def close(self) -> None:
        """Let go of files and connections."""
        self._database.close()

    def _take_over(self, now: datetime, patience: Patiences) -> int:
        outside = self._database.mark()
        with self._database.writing() as connection:
            inside = mark_in(connection)
            epoch = max(mark.epoch if mark else 0 for mark in (inside, outside)) + 1
            if outside and (inside is None or outside > inside):
                since = inside.heartbeat if inside else EPOCH
                put_back(connection, since, rules.OLD_COPY, now)
            values = {"epoch": epoch, "pid": os.getpid(), "boot_id": _boot_id(), "heartbeat": now}
            if inside is None:
                connection.execute(insert(instance).values(id=1, **values))
            else:
                connection.execute(update(instance).values(values))
            put_in_doubt(connection, now, patience, rules.NOBODY_LEFT)
        # After the commit, so that a mark is never ahead of its store; before anything is sent.
        self._database.set_mark(Mark(epoch, now))
        return epoch


def mark_in(connection: Connection) -> Mark | None:
    """How far a store has come by its own account, None where nobody ever held it."""
    row = connection.execute(select(instance.c.epoch, instance.c.heartbeat)).first()
    return Mark(row.epoch, row.heartbeat) if row else None


def _boot_id() -> str:
    with suppress(OSError):
        return _BOOT_ID.read_text(encoding="ascii").strip()
    return ""
