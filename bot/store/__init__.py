"""Our memory: what is owed, what was sent, and who decided what."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.errors import StoreError
from bot.ports import Store

if TYPE_CHECKING:
    from sqlalchemy import URL

BUSY_TIMEOUT = timedelta(seconds=5)
_SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg", "postgres")


def open_store(
    url_or_path: str | Path,
    *,
    read_only: bool = False,
    wait: timedelta = BUSY_TIMEOUT,
    before_migration: Callable[[Path], object] | None = None,
) -> Store:
    """Open a store, made and brought up to date where need be. StoreError where that cannot be done.

    `wait` is how long a transaction waits for another program's. `before_migration` is called with the file
    of a store that is about to be brought up to date. The database library is loaded here and not before.
    """
    text = str(url_or_path)
    if not text.strip():
        raise StoreError("the store has no name: write a path, or the URL of a database")
    if file := file_of(url_or_path):
        from bot.store.sql import SqlStore
        from bot.store.sqlite import SqliteDatabase

        return SqlStore(
            SqliteDatabase(file, read_only=read_only, wait=wait, before_migration=before_migration)
        )
    from bot.store.postgres import PostgresDatabase
    from bot.store.sql import SqlStore

    return SqlStore(PostgresDatabase(_url(text), read_only=read_only, wait=wait))


def file_of(url_or_path: str | Path) -> Path | None:
    """The file in which a store is, None for one that a server keeps. StoreError for what can be neither."""
    text = str(url_or_path)
    if isinstance(url_or_path, Path) or "://" not in text:
        return Path(text)
    if not text.startswith("sqlite:"):
        return None
    url = _url(text)
    if not url.database or url.database == ":memory:":
        raise StoreError("a store in memory would forget what was sent: name a file")
    return Path(url.database)


def _url(text: str) -> "URL":
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    scheme = text.split("://", 1)[0]
    if scheme not in _SCHEMES:
        raise StoreError(f"a store is a SQLite file or a PostgreSQL database, not {scheme}://")
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        # What does not parse may still hold a password: it is not repeated.
        raise StoreError(f"the store's URL {scheme}://… cannot be read: check its form") from None
