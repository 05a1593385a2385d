"""What every table is declared with."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import MetaData

metadata = MetaData()


def one_of(column: str, words: Iterable[StrEnum]) -> str:
    """The condition that a column holds one of the words."""
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"
