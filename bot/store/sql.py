"""The store on SQL: one implementation for SQLite and PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select, update

from bot.ports import Patiences
from bot.store import rules
from bot.store.alarms import Alarms
from bot.store.base import put_in_doubt
from bot.store.outbox import Outbox
from bot.store.planning import Planning
from bot.store.register import Register
from bot.store.sending import Sending
from bot.store.tables import instance

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SqlStore(Planning, Sending, Outbox, Register, Alarms):
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

    def last_beat(self) -> datetime | None:
        """When a holder was last seen alive, None where none ever was."""
        with self._database.reading() as connection:
            at: datetime | None = connection.scalar(select(instance.c.heartbeat))
        return at

    def close(self) -> None:
        """Let go of files and connections."""
        self._database.close()

    def _take_over(self, now: datetime, patience: Patiences) -> int:
        with self._database.writing() as connection:
            before: int | None = connection.scalar(select(instance.c.epoch))
            epoch = (before or 0) + 1
            values = {"epoch": epoch, "pid": os.getpid(), "boot_id": _boot_id(), "heartbeat": now}
            if before is None:
                connection.execute(insert(instance).values(id=1, **values))
            else:
                connection.execute(update(instance).values(values))
            put_in_doubt(connection, now, patience, rules.NOBODY_LEFT)
        return epoch


def _boot_id() -> str:
    with suppress(OSError):
        return _BOOT_ID.read_text(encoding="ascii").strip()
    return ""
