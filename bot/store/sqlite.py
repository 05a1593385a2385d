"""The store in one file: how SQLite is opened so that what was committed is there after a crash."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Lock, RLock, local
from typing import Any
from weakref import WeakSet

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from bot.domain.errors import StoreError, StoreLostError
from bot.store.beside import Mark, locked, read_mark, write_mark
from bot.store.database import Database, first_line
from bot.store.migrate import is_current, migrate, revision
from bot.store.paths import FOLDER_OWNER_ONLY, OWNER_ONLY, uri

_PRAGMAS = (
    "synchronous = FULL",  # the last commit before a power cut is the one that prevents a duplicate
    "foreign_keys = ON",
    "secure_delete = ON",
    "cell_size_check = ON",
    "trusted_schema = OFF",
    "temp_store = MEMORY",  # sorting writes no words into a file of its own
)


class SqliteDatabase(Database):
    """A database file on a local disk: one connection that writes, and one for each thread that reads."""

    def __init__(
        self,
        path: Path,
        *,
        read_only: bool,
        wait: timedelta,
        before_migration: Callable[[Path], object] | None = None,
    ) -> None:
        super().__init__(str(path))
        self._path = path
        self._wait = wait
        self._before_migration = before_migration
        self._turn = RLock()
        self._readers = _engine(path, wait, read_only=True)
        self._reader = local()
        self._opened: WeakSet[Connection] = WeakSet()
        self._opening = Lock()
        self._engine: Engine | None = None
        self._writer: Connection | None = None
        with self.spoken():
            if read_only:
                self._open_for_reading()
            else:
                self._open_for_writing()

    def _open_for_reading(self) -> None:
        if not self._path.exists():
            raise StoreError(f"there is no store at {self.name} yet: the first `run` makes it")
        self._identity = _identity(self._path)
        with self.reading() as connection:
            if not is_current(connection, self.name):
                raise StoreError(
                    f"the store {self.name} is older than this program: `run` brings it up to date"
                )

    def _open_for_writing(self) -> None:
        _prepare(self._path)
        self._identity = _identity(self._path)
        self._engine = _engine(self._path, self._wait, read_only=False)
        self._writer = self._engine.connect()
        self._migrate(self._writer)

    def _migrate(self, writer: Connection) -> None:
        """Bring the file up to date; a table that others point at can be replaced only unchecked."""
        with self.reading() as connection:
            if is_current(connection, self.name):
                return
        _foreign_keys(writer, on=False)
        try:
            with self.writing() as connection:
                if self._before_migration and revision(connection, self.name):
                    # Nobody else can write by now: the copy is the store as it was.
                    self._before_migration(self._path)
                migrate(connection, self.name)
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise _damaged(self.name)
        finally:
            _foreign_keys(writer, on=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write; it waits for other writers first, so it never has to give up."""
        if self._writer is None:
            raise StoreError(f"the store {self.name} was opened for reading only")
        with self._turn, self.spoken():
            self.check_there()
            with self._writer.begin():
                yield self._writer

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """This thread's own connection, on which nothing can be written."""
        with self.spoken():
            connection: Connection | None = getattr(self._reader, "connection", None)
            if connection is None or connection.closed:
                connection = self._reader.connection = self._open_reader()
            yield connection

    def _open_reader(self) -> Connection:
        with self._opening:
            connection = self._readers.connect()
            self._opened.add(connection)
            return connection

    def lock(self) -> AbstractContextManager[None]:
        """An advisory lock beside the file."""
        return locked(self._path)

    def mark(self) -> Mark | None:
        """The mark beside the file."""
        return read_mark(self._path)

    def set_mark(self, mark: Mark) -> None:
        """Write the mark beside the file."""
        write_mark(self._path, mark)

    def check_whole(self) -> None:
        """Read every page; a damaged store may have forgotten what was sent."""
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        if found != "ok":
            raise _damaged(self.name)

    def scrub(self) -> None:
        """Write the log into the file, which overwrites what was erased there, and empty the log."""
        with self._turn, self.spoken():
            if self._writer is None:
                raise StoreError(f"the store {self.name} was opened for reading only")
            self.check_there()
            # Outside a transaction: it goes to the driver's connection itself.
            (busy, *_) = (
                self._writer.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            )
        if busy:
            raise StoreError(
                f"what was erased is still in the log of the store {self.name}, because another program is "
                "reading it: close that one, and try again"
            )

    def check_there(self) -> None:
        """Writes into a file that was deleted succeed, and are lost."""
        if _identity(self._path) != self._identity:
            raise StoreLostError(f"the store {self.name} was deleted or replaced while it was in use")

    def close(self) -> None:
        """Let go of the file."""
        with self._turn, self._opening:
            for connection in self._opened:
                connection.close()
            self._readers.dispose()
            if self._writer:
                self._writer.close()
            if self._engine:
                self._engine.dispose()

    @contextmanager
    def spoken(self) -> Iterator[None]:
        """As of every database; of a damaged one SQLite speaks in words that are no text."""
        try:
            with super().spoken():
                yield
        except UnicodeDecodeError:
            raise _damaged(self.name) from None

    def meaning(self, error: DBAPIError) -> StoreError:
        """By SQLite's own code."""
        code = getattr(error.orig, "sqlite_errorname", "")
        for start, words in _MEANINGS.items():
            if code.startswith(start):
                return StoreError(words.format(name=self.name, wait=self._wait.total_seconds()))
        if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "Could not decode" in str(error.orig):
            return _damaged(self.name)
        return StoreError(f"the store {self.name}: {first_line(error)}")


_MEANINGS = {
    "SQLITE_BUSY": "the store {name} is locked by another program for more than {wait:g} s",
    "SQLITE_LOCKED": "the store {name} is locked by another program for more than {wait:g} s",
    "SQLITE_READONLY": "the store {name} cannot be written: its file or its folder is read-only",
    "SQLITE_FULL": "the store {name} cannot be written: the disk is full",
    "SQLITE_IOERR": "the store {name} cannot be read or written: the disk is full or failing",
    "SQLITE_CANTOPEN": "the store {name} cannot be opened: is it a file in a folder that we may use?",
}


def _damaged(name: str) -> StoreLostError:
    return StoreLostError(
        f"the store {name} is damaged, or not a store: publish nothing from it, keep the file, and put back "
        "the last backup with `restore`; what went out since then is found on the platforms before anything "
        "is sent again"
    )


def _engine(path: Path, wait: timedelta, *, read_only: bool) -> Engine:
    mode = {"mode": "ro"} if read_only else {"mode": "rw"}
    engine = create_engine(
        URL.create("sqlite", database=uri(path), query={**mode, "uri": "true"}),
        connect_args={"timeout": wait.total_seconds(), "check_same_thread": False},
        hide_parameters=True,
        poolclass=NullPool,  # each thread keeps its own connection as long as it lives
    )
    event.listen(engine, "connect", _read_only_settings if read_only else _settings)
    if not read_only:
        event.listen(engine, "begin", _begin)
    return engine


def _settings(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say so
    connection.execute("PRAGMA journal_mode = WAL")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _read_only_settings(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA temp_store = MEMORY")


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    # SQLite does not listen to this inside a transaction: it goes to the driver's connection itself.
    connection.connection.cursor().execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")


def _begin(connection: Connection) -> None:
    # A transaction that begins by reading cannot wait for its turn to write: it fails at once.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare(path: Path) -> None:
    """Make the folder and the file, for the owner only; SQLite gives its side files the same mode."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=FOLDER_OWNER_ONLY, parents=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY))
        if stat.S_IMODE(path.stat().st_mode) != OWNER_ONLY:
            path.chmod(OWNER_ONLY)
    except FileExistsError as error:
        raise StoreError(f"the store {path} cannot be made: {path.parent} is not a folder") from error
    except OSError as error:
        raise StoreError(f"the store {path} cannot be opened for writing: {error.strerror}") from error


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
