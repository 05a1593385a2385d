"""One date and time, as organisers write it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from bot.domain.calendar import Fixed, NextSlot, around_gap, instants
from bot.domain.problem import Severity
from bot.strictyaml.fields import INVALID, Word, Wrong, shortened
from bot.strictyaml.nodes import Node, Reading, place_of
from bot.strictyaml.words import as_24_hours, check_year, month, near_zone, zone

EXAMPLE = "2027-05-01 09:00 Europe/Brussels"
NEXT_SLOT = "next-slot"
_EXAMPLE_ZONE = "Europe/Brussels"
_MONTHS = 12
_QUOTES = "\"'“”„‟‘’‚«»‹›"

_MOMENT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[ T]+([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?)?"
    r" *(Z|[+-]\d{2}:?\d{2}|[A-Za-z][\w+-]*(?:/[\w+-]+)*)?",
    re.ASCII,
)
_USUAL = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) ([A-Z][a-z]+/[A-Z][A-Za-z_]+|UTC)", re.ASCII)
_HOUR_ALONE = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?"
_NUMBERS = r"(\d{1,2})([./])(\d{1,2})\2(\d{4})"
_DAY_MONTH = r"(\d{1,2})(?:st|nd|rd|th|\.)? +([A-Za-z]{3,9})\.?,? +(\d{4})"
_MONTH_DAY = r"([A-Za-z]{3,9})\.? +(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})"


class Moment(NamedTuple):
    """A date and time as written; `offset` where one was given, else a zone's name or None."""

    local: datetime
    written: str
    zone: str | None = None
    offset: timedelta | None = None


def moment(text: str) -> Moment:
    """A date and a time, with a zone or an offset where they are given."""
    if usual := _USUAL.fullmatch(text):
        # Nearly all are written like this; what is wrong with one is said below.
        try:
            local = datetime.fromisoformat(usual[1])
        except ValueError:
            pass
        else:
            check_year(local)
            return Moment(local, text, zone(usual[2]))
    written = " ".join(text.split())
    found = _MOMENT.fullmatch(written)
    if not found:
        raise Wrong(*_not_a_moment(written))
    year, number, last, hours, minutes, seconds, place = found.groups()
    if hours is None:
        fix = f"write `{year}-{number}-{last} 09:00 {place or _EXAMPLE_ZONE}`"
        raise Wrong(f"`{written}` has no hour", fix)
    try:
        local = datetime(  # noqa: DTZ001  # its zone comes from elsewhere
            int(year), int(number), int(last), int(hours), int(minutes), int(seconds or 0)
        )
    except ValueError as error:
        fix = f"write year, month and day, such as {EXAMPLE}"
        raise Wrong(f"there is no {year}-{number}-{last} in the calendar", fix) from error
    check_year(local)
    return _placed(local, place, written)


def _placed(local: datetime, place: str | None, written: str) -> Moment:
    if place is None:
        return Moment(local, written)
    if place == "Z":
        return Moment(local, written, "UTC", timedelta())
    if place.lower() in {"am", "pm"}:
        raise Wrong(*_not_a_moment(written))
    if place[0] in "+-":
        return Moment(local, written, "UTC", _offset(place))
    return Moment(local, written, zone(place))


def _offset(text: str) -> timedelta:
    digits = text[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if ahead > timedelta(hours=14):  # no clock on earth is further ahead
        raise Wrong(f"no place is {text} away from UTC", "write a zone, such as Europe/Brussels")
    return -ahead if text[0] == "-" else ahead


def _not_a_moment(written: str) -> tuple[str, str]:
    if re.fullmatch(_HOUR_ALONE, written):
        hour = written.replace(".", ":")
        return f"`{written}` has no date", f"write the date before it: `2027-05-01 {hour} {_EXAMPLE_ZONE}`"
    bare = written.strip(_QUOTES)
    if bare != written and _MOMENT.fullmatch(bare):
        return f"`{shortened(written)}` is not a date and time", f"write it without those quotes: `{bare}`"
    meant = _iso_date(as_24_hours(bare))
    found = _MOMENT.fullmatch(meant)
    fix = f"write `{_with_zone(found)}`" if found else f"write it like {EXAMPLE}"
    return f"`{shortened(written)}` is not a date and time", fix


def _with_zone(found: re.Match[str]) -> str:
    """A moment with the name of a zone where it has only that of a city."""
    place = found[7]
    if not place or place == "Z" or place[0] in "+-" or "/" in place:
        return found[0]
    try:
        zone(place)
    except Wrong:
        near = "" if place.isupper() else near_zone(place)
        return f"{found[0][: found.start(7)]}{near or _EXAMPLE_ZONE}"
    return found[0]


def _iso_date(written: str) -> str:
    """A text whose date, written in one of the usual ways, has become year-month-day."""
    if found := re.search(_NUMBERS, written):
        first, _, second, year = found.groups()
        if found[2] == "/" and int(first) <= _MONTHS and int(second) <= _MONTHS:
            return written  # in some countries the month comes first: only its writer knows
        last, number = (first, second) if int(second) <= _MONTHS else (second, first)
    elif found := re.search(_DAY_MONTH, written):
        last, name, year = found.groups()
        number = _month(name)
    elif found := re.search(_MONTH_DAY, written):
        name, last, year = found.groups()
        number = _month(name)
    else:
        return written
    iso = f"{year}-{int(number):02}-{int(last):02}"
    return " ".join(f"{written[: found.start()]}{iso}{written[found.end() :]}".replace(",", " ").split())


def _month(name: str) -> str:
    try:
        return str(month(name))
    except Wrong:
        return "0"


WHEN = Word(says="a date, a time and a zone", parse=moment, examples=(EXAMPLE, NEXT_SLOT))


def fixed(
    node: Node, reading: Reading, timezone: str | None, options: Mapping[str, Any]
) -> Fixed | NextSlot | Any:
    """What `when:` says, or INVALID."""
    if node[0] == NEXT_SLOT:
        return NextSlot()
    found = WHEN.read(node, reading)
    if found is INVALID:
        return INVALID
    at = instant_of(found, node, reading, timezone, options)
    if at is INVALID:
        return INVALID
    return Fixed(at=at, written=found.written, zone=found.zone or timezone or "UTC")


def instant_of(
    found: Moment, node: Node, reading: Reading, timezone: str | None, options: Mapping[str, Any]
) -> Any:
    """The UTC instant of a moment, or INVALID; says where the clocks skip or repeat it."""
    if found.offset is not None:
        return (found.local - found.offset).replace(tzinfo=UTC)
    place = found.zone or timezone
    if place is None:
        fix = f"write `{found.written} {_EXAMPLE_ZONE}`, or set `timezone:` in the configuration"
        reading.add(place_of(node), f"`{found.written}` names no time zone", fix)
        return INVALID
    possible = instants(found.local, place)
    if not possible:
        return _in_gap(found, place, node, reading, options)
    if len(possible) > 1 and "fold" not in options:
        reading.add(
            place_of(node),
            f"{_shown(found.local)} comes twice in {place}, when the clocks go back; the first is taken",
            "add `fold: first` or `fold: second` to the post",
            Severity.WARNING,
        )
    return possible[-1 if options.get("fold") == "second" else 0]


def _in_gap(found: Moment, place: str, node: Node, reading: Reading, options: Mapping[str, Any]) -> Any:
    before, after = around_gap(found.local, place)
    if options.get("dst") == "shift":
        return instants(after, place)[0]
    reading.add(
        place_of(node),
        f"{_shown(found.local)} does not exist in {place}: the clocks go forward",
        f"write {before:%H:%M} or {after:%H:%M}, or add `dst: shift` to the post to take {after:%H:%M}",
    )
    return INVALID


def _shown(local: datetime) -> str:
    return f"{local:%H:%M} on {local:%d %B %Y}"


def end(text: str) -> Moment:
    """A moment until which something holds; a date alone is its first minute."""
    written = " ".join(text.split())
    found = _MOMENT.fullmatch(written)
    if found and found[4] is None:
        return moment(f"{found[1]}-{found[2]}-{found[3]} 00:00 {found[7] or ''}")
    return moment(written)


UNTIL = Word(says="a date, or a date and time", parse=end, examples=("2027-05-02", EXAMPLE))
AS_IT_COMES = {"dst": "shift", "fold": "first"}
"""How a moment is read that nobody chose to the minute."""
