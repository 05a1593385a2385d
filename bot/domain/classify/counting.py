"""How many people took part, when a text says so: people, never cards, money or minutes."""

from bot.domain.classify.features import Reading
from bot.domain.classify.tables import Tables

_HUNDRED, _THOUSAND = 100, 1000
_AHEAD = 4
_MOST = 10_000_000


def people_in(reading: Reading, tables: Tables) -> int | None:
    """The number of people a text names first."""
    for value, first, after in _numbers(reading.words, tables):
        if 1 < value < _MOST and _of_people(reading.words, first, after, tables):
            return value
    return None


def _numbers(words: list[str], tables: Tables) -> list[tuple[int, int, int]]:
    """Every number: its value, its first word, and the place behind it."""
    found, place = list[tuple[int, int, int]](), 0
    while place < len(words):
        value, after = _number_at(words, place, tables)
        if after > place:
            found.append((value, place, after))
        place = max(after, place + 1)
    return found


def _number_at(words: list[str], place: int, tables: Tables) -> tuple[int, int]:
    word = words[place]
    if word[0].isdigit():
        digits = word.replace(".", "").replace(",", "").replace("'", "")
        grouped = digits == word or len(word.replace("'", ",").replace(".", ",").rsplit(",", 1)[-1]) == 3  # noqa: PLR2004
        after = place + 1
        while (
            grouped and digits.isdecimal() and len(digits) <= 3 and after < len(words)  # noqa: PLR2004
            and len(words[after]) == 3 and words[after].isdecimal()  # noqa: PLR2004
        ):
            digits, after = digits + words[after], after + 1
        return (int(digits), after) if grouped and digits.isdecimal() and len(digits) < 9 else (0, place + 1)  # noqa: PLR2004
    total = part = 0
    at = place
    while at < len(words):
        value = tables.numbers.get(words[at])
        if value is None:
            if at > place and words[at] in _AND and at + 1 < len(words) and words[at + 1] in tables.numbers:
                at += 1
                continue
            break
        if value in (_HUNDRED, _THOUSAND):
            part = max(part, 1) * value
            total, part = (total + part, 0) if value == _THOUSAND else (total, part)
        else:
            part += value
        at += 1
    return total + part, at


_AND = frozenset({"y", "e", "et", "and", "und", "i", "a"})


def _of_people(words: list[str], first: int, after: int, tables: Tables) -> bool:
    """Whether what stands around a number says that it counts people."""
    if first and any(kind == "money" for kind, _ in tables.counted.at(words, first - 1)):
        return False
    for place in range(max(0, first - 3), first):
        if any(kind == "before" and place + size in (first, first - 1) for kind, size in tables.counted.at(words, place)):
            return not _things_next(words, after, tables)
    for place in range(after, min(len(words), after + _AHEAD)):
        kinds = {kind for kind, _ in tables.counted.at(words, place)}
        if kinds & {"things", "money", "held"} or (words[place][0].isdigit() and place > after + 1):
            return False
        if kinds & {"people", "behind"}:
            return True
    return False


def _things_next(words: list[str], after: int, tables: Tables) -> bool:
    return after < len(words) and any(
        kind in {"things", "money"} for kind, _ in tables.counted.at(words, after)
    )
