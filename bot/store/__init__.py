"""Our memory: what is owed, what was sent, who decided. SQLite unless a URL says otherwise."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store.sql import SqlStore


def open_store(where: str | Path, *, read_only: bool = False) -> "SqlStore":
    """Open the store in a file, or behind an SQLAlchemy URL, bringing its tables up to date.

    Raises StoreError, in words for the operator, where it cannot be used.
    """
    from bot.store.sql import SqlStore  # SQLAlchemy costs 0.2 s that `check` and `--help` need not pay

    return SqlStore(where, read_only=read_only)
