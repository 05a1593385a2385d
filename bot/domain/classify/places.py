"""Where something was done, when a text says so."""

from bot.domain.classify.features import Reading
from bot.domain.classify.tables import Tables

_INSIDE = frozenset({"BY", "RU"})


def places_in(words: list[str], tables: Tables) -> list[tuple[str, int, int]]:
    """The places a text names: section of the table, first word, number of words; longest first at each."""
    found, place = list[tuple[str, int, int]](), 0
    while place < len(words):
        here = max(tables.places.at(words, place), key=lambda one: one[1], default=None)
        if here is None:
            place += 1
            continue
        found.append((here[0], place, here[1]))
        place += here[1]
    return found


def country_of(reading: Reading, tables: Tables) -> str | None:
    """The country of the place a text names; Belarus and Russia only where no other is named.

    A section is a country's code, with `~` before what only hints at it: a seat of the United Nations or of
    the European Union is written to from everywhere.
    """
    named = [section for section, _, _ in places_in(reading.words, tables)]
    firm = [code for code in named if not code.startswith("~") and code not in _INSIDE]
    if firm:
        return firm[0]
    hints = [code[1:] for code in named if code.startswith("~") and code[1:] not in _INSIDE]
    return hints[0] if hints else None
