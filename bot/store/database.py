"""One database: how it is connected to, and what its errors mean."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.domain.errors import StoreError
from bot.store.beside import Mark


class Database(ABC):
    """Connections to one database, safe for any number of threads.

    Whatever the database itself complains of leaves as a StoreError: one sentence, and never a value.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction that may write: committed at the end, rolled back by any error."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for single statements that read what is committed."""

    @abstractmethod
    def lock(self) -> AbstractContextManager[None]:
        """The right to send, held until the end or the death of the process; StoreBusyError where taken."""

    def mark(self) -> Mark | None:
        """How far the database had come, by what is kept outside it; None where nothing is."""
        return None

    def set_mark(self, mark: Mark) -> None:  # noqa: B027  # a server has no place beside it
        """Keep outside the database how far it has come."""

    @abstractmethod
    def check_whole(self) -> None:
        """StoreError where the database is damaged."""

    @abstractmethod
    def scrub(self) -> None:
        """Overwrite what was erased wherever the database still keeps it. StoreError where that must wait."""

    @abstractmethod
    def check_there(self) -> None:
        """StoreError where what we write to is no longer what others open, or our lock is gone."""

    @abstractmethod
    def close(self) -> None:
        """Let go of every connection."""

    @abstractmethod
    def meaning(self, error: DBAPIError) -> StoreError:
        """What an error of the database means for whoever runs us."""

    @contextmanager
    def spoken(self) -> Iterator[None]:
        """Turn the database's errors into ours."""
        try:
            yield
        except DBAPIError as error:
            # The original may quote values; it is not shown even in a traceback.
            raise self.meaning(error) from None
        except PoolTimeoutError:
            raise StoreError(f"the store {self.name} is too busy: no connection became free") from None


def first_line(error: DBAPIError) -> str:
    """What the database itself says; the lines after the first may quote values."""
    return str(error.orig).split("\n", 1)[0]
