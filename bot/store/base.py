"""What the SQL store stands on: one writer, some readers, and our words for their complaints."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from bot.domain.errors import StoreError
from bot.store.engine import file_of, our_words, reader, url_of, writer
from bot.store.migrate import migrate

NOT_HELD = 0


class Base:
    """Connections to one database."""

    def __init__(self, where: str | Path, *, read_only: bool = False) -> None:
        self.url = url_of(where)
        self.file = file_of(self.url)
        self._epoch = NOT_HELD
        if read_only and self.file and not self.file.exists():
            raise StoreError(f"there is no store at {self.file} yet; `run` makes it")
        with our_words(self.file):
            self._writer = None if read_only else writer(self.url)
            if self._writer:
                migrate(self._writer)
            self._reader = reader(self.url)
            with self._reader.connect() as connection:
                connection.exec_driver_sql("SELECT 1 FROM delivery LIMIT 1")

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        """One writing transaction; on SQLite threads take turns here."""
        if self._writer is None:
            raise StoreError("the store was opened for reading only")
        with our_words(self.file), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with our_words(self.file), self._reader.connect() as connection:
            yield connection

    def close(self) -> None:
        """Let go of files and connections."""
        if self._writer:
            self._writer.dispose()
        self._reader.dispose()
