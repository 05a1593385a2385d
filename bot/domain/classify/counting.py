"""How many people took part, when a text says so: people, never cards, money or minutes."""

from collections.abc import Mapping

from bot.domain.classify.features import Reading
from bot.domain.classify.tables import Tables

_TEN, _HUNDRED, _THOUSAND = 10, 100, 1000
_GROUP = 3  # digits between two separators
_LONGEST = 8  # digits; a longer number is an account or a telephone
_AHEAD, _BEHIND = 4, 3
_AND = frozenset({"y", "e", "et", "and", "und", "i"})
_MARKS = str.maketrans({".": ",", "’": ",", "'": ","})

Number = tuple[int, int, int]
"""A value, its first word, and the place behind it."""


def people_in(reading: Reading, tables: Tables) -> int | None:
    """The number of people a text names first."""
    spelled = dict[str, int]()
    for language in reading.tongues:
        spelled |= tables.numbers.get(language, {})
    for value, first, after in _numbers(reading.words, spelled):
        if value > 1 and _of_people(reading.words, first, after, tables):
            return value
    return None


def _numbers(words: list[str], spelled: Mapping[str, int]) -> list[Number]:
    found, place = list[Number](), 0
    while place < len(words):
        if words[place][0].isdigit():
            value, after = _digits(words, place)
        else:
            value, after = _spelled(words, place, spelled)
        if value:
            found.append((value, place, after))
        place = max(after, place + 1)
    return found


def _digits(words: list[str], place: int) -> tuple[int, int]:
    """A number in digits, its thousands parted by a point, a comma or a space; 0 where it is no count."""
    first, *groups = words[place].translate(_MARKS).split(",")
    after = place + 1
    if not groups:
        while after < len(words) and len(first) <= _GROUP == len(words[after]) and words[after].isdecimal():
            groups.append(words[after])
            after += 1
    if not first.isdecimal() or any(len(group) != _GROUP for group in groups):
        return 0, after
    digits = first + "".join(groups)
    return (int(digits), after) if len(digits) <= _LONGEST else (0, after)


def _spelled(words: list[str], place: int, spelled: Mapping[str, int]) -> tuple[int, int]:
    """A number in words, added up part by part."""
    total, part, at = 0, 0, place
    while at < len(words):
        value = spelled.get(words[at])
        if value is None:
            joined = at > place and words[at] in _AND and at + 1 < len(words) and words[at + 1] in spelled
            if not joined:
                break
        elif value == _THOUSAND:
            total, part = total + max(part, 1) * value, 0
        elif value == _HUNDRED:
            part = max(part, 1) * value
        elif part == 1 and value >= _TEN:  # "une vingtaine"
            part = value
        else:
            part += value
        at += 1
    return total + part, at


def _of_people(words: list[str], first: int, after: int, tables: Tables) -> bool:
    """Whether what stands around a number says that it counts people."""
    if first and "money" in _kinds(words, first - 1, tables):
        return False
    for place in range(max(0, first - _BEHIND), first):
        if ("before", first - place) in set(tables.counted.at(words, place)):
            return not _kinds(words, after, tables) & {"things", "money"}
    for place in range(after, min(len(words), after + _AHEAD)):
        kinds = _kinds(words, place, tables)
        if kinds & {"things", "money", "held"}:
            return False
        if kinds & {"people", "behind"}:
            return True
    return False


def _kinds(words: list[str], place: int, tables: Tables) -> set[str]:
    return {kind for kind, _ in tables.counted.at(words, place)} if place < len(words) else set()
