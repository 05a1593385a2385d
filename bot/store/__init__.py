"""Our memory: what is owed, what was sent, and who decided what."""

from datetime import timedelta
from pathlib import Path

from bot.domain.errors import StoreError
from bot.ports import Store

BUSY_TIMEOUT = timedelta(seconds=5)
_SCHEMES = ("sqlite", "postgresql", "postgresql+psycopg", "postgres")


def open_store(
    url_or_path: str | Path,
    *,
    read_only: bool = False,
    wait: timedelta = BUSY_TIMEOUT,
) -> Store:
    """Open a store, made and brought up to date where need be. StoreError where that cannot be done.

    `wait` is how long a transaction waits for another program's. The database library is loaded here and
    not before.
    """
    text = str(url_or_path)
    if not text.strip():
        raise StoreError("the store has no name: write a path, or the URL of a database")
    if isinstance(url_or_path, str) and "://" in text:
        return _open_url(text, read_only, wait)
    return _open_file(Path(text), read_only, wait)


def _open_file(path: Path, read_only: bool, wait: timedelta) -> Store:
    from bot.store.sql import SqlStore
    from bot.store.sqlite import SqliteDatabase

    return SqlStore(SqliteDatabase(path, read_only=read_only, wait=wait))


def _open_url(text: str, read_only: bool, wait: timedelta) -> Store:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    scheme = text.split("://", 1)[0]
    if scheme not in _SCHEMES:
        raise StoreError(f"a store is a SQLite file or a PostgreSQL database, not {scheme}://")
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # What does not parse may still hold a password: it is not repeated.
        raise StoreError(f"the store's URL {scheme}://… cannot be read: check its form") from None
    if scheme == "sqlite":
        if not url.database or url.database == ":memory:":
            raise StoreError("a store in memory would forget what was sent: name a file")
        return _open_file(Path(url.database), read_only, wait)
    from bot.store.postgres import PostgresDatabase
    from bot.store.sql import SqlStore

    return SqlStore(PostgresDatabase(url, read_only=read_only, wait=wait))
