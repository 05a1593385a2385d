"""The store on a server, for when two machines share the work."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from sqlalchemy import URL, Connection, Engine, create_engine, func, literal, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.domain.errors import StoreBusyError, StoreError, StoreLostError
from bot.store.database import Database, first_line
from bot.store.inbox_tables import at_risk_marks, reports, streams
from bot.store.migrate import is_current, migrate
from bot.store.tables import instance

_LOCK = 0x501DA21747  # an arbitrary number that stands for the right to send
_CONNECT_SECONDS = 5


class PostgresDatabase(Database):
    """A PostgreSQL database; each transaction has a connection of its own."""

    def __init__(self, url: URL, *, read_only: bool, wait: timedelta) -> None:
        super().__init__(url.render_as_string(hide_password=True))
        self._read_only = read_only
        settings = f"-c lock_timeout={wait // timedelta(milliseconds=1)}"
        if read_only:
            settings += " -c default_transaction_read_only=on"
        self._engine = _engine(url, settings)
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._lock_connection: Connection | None = None
        with self.spoken():
            self._open()

    def _open(self) -> None:
        if not self._read_only:
            with self.writing() as connection:
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK + 1)))  # one migrates, others wait
                migrate(connection, self.name)
            return
        with self.reading() as connection:
            if not is_current(connection, self.name):
                raise StoreError(
                    f"the store {self.name} is older than this program: `run` brings it up to date"
                )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write."""
        if self._read_only:
            raise StoreError(f"the store {self.name} was opened for reading only")
        with self.spoken(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection on which each statement stands for itself."""
        with self.spoken(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def lock(self) -> Iterator[None]:
        """A lock that lives as long as its connection does."""
        with self.spoken(), self._reader.connect() as connection:
            if not connection.scalar(select(func.pg_try_advisory_lock(_LOCK))):
                holder = connection.scalar(select(instance.c.pid)) or "unknown"
                raise StoreBusyError(
                    f"process {holder} already publishes from the store {self.name}: end that one first"
                )
            self._lock_connection = connection
            try:
                yield
            finally:
                self._lock_connection = None
                with suppress(SQLAlchemyError):  # a connection that is gone has let go of it already
                    connection.execute(select(func.pg_advisory_unlock(_LOCK)))

    def check_whole(self) -> None:
        """The server looks after its own pages."""

    def scrub(self) -> None:
        """Take old versions of rows out of the tables; the server's own log and copies are its keeper's."""
        with self.spoken(), self._reader.connect() as connection:
            for table in (reports, streams, at_risk_marks):
                connection.exec_driver_sql(f"VACUUM FULL {table.name}")

    def check_there(self) -> None:
        """The lock is ours while its connection is."""
        if self._lock_connection is None:
            return
        try:
            with self.spoken():
                self._lock_connection.scalar(select(literal(1)))
        except StoreError as error:
            raise StoreLostError(str(error)) from None

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def meaning(self, error: DBAPIError) -> StoreError:
        """By the class of PostgreSQL's code."""
        code = getattr(error.orig, "sqlstate", None) or ""
        if code == "55P03":
            return StoreError(f"the store {self.name} is locked by another program for too long")
        if error.connection_invalidated or not code:
            return StoreError(f"the store {self.name} cannot be reached: {first_line(error)}")
        return StoreError(f"the store {self.name}: {first_line(error)}")


def _engine(url: URL, settings: str) -> Engine:
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"options": settings, "connect_timeout": _CONNECT_SECONDS},
            hide_parameters=True,
            pool_pre_ping=True,
        )
    except ImportError as error:
        raise StoreError(
            "PostgreSQL needs a library that is not there: pip install 'solidarity-bot[postgres]'"
        ) from error
