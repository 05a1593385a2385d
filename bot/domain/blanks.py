"""Blanks: where a post's text tells a number that is filled in when it goes out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Period(StrEnum):
    """Of what time a post tells."""

    WEEK = "week"  # Monday to Sunday, in UTC, as far as it has come
    ALL = "all"  # since the beginning


class Number(StrEnum):
    """What can be told; in a text it stands in braces."""

    ACTIONS = "actions"
    COUNTRIES = "countries"


MOST = {Number.ACTIONS: 999_999, Number.COUNTRIES: 999}
"""Of more than this, so many are told: the numbers are lower bounds. Lengths are counted with these."""

# While lengths are counted, each number is a word of its greatest width, in letters that nobody writes.
_STAND_INS = {Number.ACTIONS: "\u01bb" * 6, Number.COUNTRIES: "\u01be" * 3}
_BLANK = re.compile(r"\{(actions|countries):(week|all)\}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Numbers that may be told of a period: at least so many."""

    actions: int
    countries: int

    def of(self, number: Number) -> int:
        """One of them, no wider than was counted with."""
        return min(self.actions if number is Number.ACTIONS else self.countries, MOST[number])


Tellings = Mapping[Period, Telling]
"""What may be told now."""


def names_numbers(text: str) -> bool:
    """Whether an organiser's text asks for a number."""
    return any(f"{{{number}}}" in text for number in Number)


def widest(text: str) -> str:
    """A text in which every number takes the most room that it can."""
    for number, stand_in in _STAND_INS.items():
        text = text.replace(f"{{{number}}}", stand_in)
    return text


def blank(text: str, period: Period) -> str:
    """A text whose lengths were counted, with blanks to be filled in when it goes out."""
    for number, stand_in in _STAND_INS.items():
        text = text.replace(stand_in, f"{{{number}:{period}}}")
    return text


def has_blanks(text: str) -> bool:
    """Whether numbers are still to be filled in."""
    return _BLANK.search(text) is not None


def blanks_in(text: str) -> Iterator[tuple[Number, Period]]:
    """Which numbers are still to be filled in, and of what time."""
    return ((Number(one[1]), Period(one[2])) for one in _BLANK.finditer(text))


def dotted(text: str) -> str:
    """A text that shows where numbers will stand."""
    return _BLANK.sub("…", text)


def filled(text: str, tellings: Tellings) -> str:
    """A text with its numbers."""
    return _BLANK.sub(lambda one: str(tellings[Period(one[2])].of(Number(one[1]))), text)
