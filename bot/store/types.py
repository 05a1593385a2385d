"""What SQL has no type for, as whole numbers of microseconds: exact, sortable, the same in every database."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A moment, as microseconds of UTC since 1970. A datetime without a zone is refused."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite's strict tables know whole numbers of any size by one name only."""
        return Integer() if dialect.name == "sqlite" else BigInteger()

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To the database; TypeError where the moment has no zone."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Span(TypeDecorator[timedelta]):
    """A length of time, in microseconds."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """As Instant."""
        return Integer() if dialect.name == "sqlite" else BigInteger()

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """To the database."""
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        """From the database."""
        return None if value is None else timedelta(microseconds=value)
