"""Connections: how SQLite and PostgreSQL are opened, and how their complaints become ours."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeoutError,
)

from bot.domain.errors import LostClaimError, StoreError

BUSY = 5.0  # seconds to wait for a lock before saying so
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def url_of(where: str | Path) -> URL:
    """The URL of a store: a path means SQLite. Raises StoreError for one nobody understands."""
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StoreError(
            "the store's address is not understood; write a file name, or postgresql+psycopg://host/name"
        ) from error
    return url


def file_of(url: URL) -> Path | None:
    """The file of an SQLite store, None for a server."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def writer(url: URL) -> Engine:
    """The one writing connection of this process; threads take turns."""
    path = file_of(url)
    if path is None:
        return create_engine(url, pool_size=2, max_overflow=4, hide_parameters=True)
    _prepare(path)
    engine = _sqlite(f"file:{_quoted(path)}?mode=rwc", pool_size=1, pool_timeout=30)

    @event.listens_for(engine, "connect")
    def durable(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        # A lost intent is the very row that prevents a second post: each commit reaches the disk.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def immediate(connection: Any) -> None:
        # A reader that turns writer half way is refused at once, whatever the timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def reader(url: URL) -> Engine:
    """Connections that cannot write, and never wait for one that does."""
    path = file_of(url)
    if path is None:
        engine = create_engine(url, pool_size=2, max_overflow=4, hide_parameters=True)
        return engine.execution_options(postgresql_readonly=True)
    engine = _sqlite(f"file:{_quoted(path)}?mode=ro", pool_size=4, pool_timeout=30)

    @event.listens_for(engine, "connect")
    def read_only(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def deferred(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _sqlite(uri: str, *, pool_size: int, pool_timeout: int) -> Engine:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False)

    from sqlalchemy.pool import QueuePool

    return create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        hide_parameters=True,  # a parameter may be a text or a handle, and errors are logged
    )


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path.absolute()))


def _prepare(path: Path) -> None:
    """Make the folder and the file for our eyes only; SQLite gives its companions the file's mode."""
    try:
        path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))
    except OSError as error:
        raise StoreError(f"the store {path} cannot be written: {error.strerror}") from error


@contextmanager
def our_words(path: Path | None) -> Iterator[None]:
    """Turn a database's complaints into StoreErrors; a broken rule means the row was not as believed."""
    name = path or "the database"
    try:
        yield
    except IntegrityError as error:
        raise LostClaimError(f"the store refuses the change: {_first_line(error)}") from error
    except PoolTimeoutError as error:
        raise StoreError(f"the store {name} was busy for too long") from error
    except DBAPIError as error:
        raise StoreError(_complaint(str(name), _first_line(error))) from error
    except SQLAlchemyError as error:
        raise StoreError(f"the store {name} cannot be used: {_first_line(error)}") from error


def _first_line(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__


def _complaint(name: str, words: str) -> str:
    if "malformed" in words or "not a database" in words:
        return f"the store {name} is damaged ({words}); put back a backup, or move the file away"
    if "locked" in words:
        return f"the store {name} was locked by another program for more than {BUSY:.0f} s"
    if "readonly" in words:
        return f"the store {name} is read-only; make it and its folder writable for this program"
    if "full" in words:
        return f"the disk of the store {name} is full; make room and start again"
    if "no such table" in words:
        return f"the store {name} is empty; `run` makes its tables"
    return f"the store {name} cannot be used: {words}"
