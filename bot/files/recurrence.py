"""A date that comes round, as organisers write it: RFC 5545 under friendly keys."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from bot.domain.calendar import Every, Frequency, Missing, Rule
from bot.strictyaml.fields import INVALID, ListOf, OneOf, Row, Table, Whole, Word, Wrong, shortened
from bot.strictyaml.nodes import Node, Reading, key_place_of, place_of
from bot.strictyaml.words import MONTHS, WEEKDAYS, clock, day, month, weekday, zone

EXAMPLE = 'every: {year: 19 April, at: "09:00", zone: Europe/Brussels}'
_KINDS = ("year", "month", "week", "day")
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_SURE_DAYS = 28  # days that every month has
_COMMON_YEAR, _LEAP_YEAR = 2027, 2028
_DAY_OF_YEAR = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)? +(?P<month>[a-z]+)\.?"
    r"|(?P<first_month>[a-z]+)\.? +(?P<then_day>\d{1,2})(?:st|nd|rd|th)?",
    re.IGNORECASE | re.ASCII,
)
_DAY_OF_MONTH = re.compile(r"([12]?\d|3[01])(?:st|nd|rd|th|\.)?", re.ASCII)


def _yearly(text: str) -> Rule:
    found = _DAY_OF_YEAR.fullmatch(text.strip())
    if not found:
        raise Wrong(f"`{shortened(text)}` is not a day of the year", "write day and month: 19 April")
    which = month(found["month"] or found["first_month"])
    last = int(found["day"] or found["then_day"])
    longest = calendar.monthrange(_LEAP_YEAR, which)[1]
    if not 1 <= last <= longest:
        raise Wrong(f"{MONTHS[which - 1].capitalize()} has {longest} days", "correct the day")
    return Rule(frequency=Frequency.YEAR, month=which, month_days=(last,))


def _monthly(text: str) -> Rule:
    words = text.lower().split()
    if len(words) == 1 and (found := _DAY_OF_MONTH.fullmatch(words[0])) and int(found[1]):
        return Rule(frequency=Frequency.MONTH, month_days=(int(found[1]),))
    if words in (["last"], ["last", "day"]):
        return Rule(frequency=Frequency.MONTH, month_days=(-1,))
    nth, *which = words or [""]
    if nth in _NTH and len(which) == 1:
        return Rule(frequency=Frequency.MONTH, weekdays=((weekday(which[0]), _NTH[nth]),))
    fix = "write 16, or last, or first monday, or last friday"
    raise Wrong(f"`{shortened(text)}` is not a day of the month", fix)


def _clock_and_zone(text: str) -> tuple[time, str | None]:
    hours, _, place = text.strip().partition(" ")
    if "/" in place or place == "UTC":
        return clock(hours), zone(place)
    return clock(text), None


_DATE = Word(says="a date, such as 2027-12-31", parse=day, examples=("2027-12-31",))

EVERY = Table(
    name="`every:`",
    example=EXAMPLE,
    rows={
        "year": Row(field=ListOf(each=Word(says="a day and a month", parse=_yearly, examples=("19 April",)))),
        "month": Row(
            field=ListOf(
                each=Word(says="a day of the month", parse=_monthly, examples=("16", "last", "first monday"))
            )
        ),
        "week": Row(field=ListOf(each=Word(says="a weekday", parse=weekday, examples=WEEKDAYS))),
        "day": Row(field=Whole(least=1, most=366)),
        "interval": Row(field=Whole(least=1, most=52)),
        "at": Row(
            field=Word(says="a time of day", parse=_clock_and_zone, examples=('"09:00"',)),
            required=True,
            example='add `at: "09:00"`',
        ),
        "zone": Row(field=Word(says="a time zone", parse=zone, examples=("Europe/Brussels",))),
        "from": Row(field=_DATE),
        "until": Row(field=_DATE),
        "skip": Row(field=ListOf(each=_DATE, name="dates")),
        "on_missing_day": Row(
            field=OneOf(words={missing.value: missing for missing in Missing}, name="choice")
        ),
    },
    hints={
        "hour": 'write `at: "09:00"`',
        "time": 'write `at: "09:00"`',
        "timezone": "write `zone:`",
        "date": "write `year: 19 April`",
        "days": "write `week: [monday, thursday]`, or `day: 1` for every day",
        "start": "write `from:`",
        "end": "write `until:`",
        **{name: f"write `week: {name}`" for name in WEEKDAYS},
    },
)


def recurrence(node: Node, reading: Reading, timezone: str | None, options: Mapping[str, Any]) -> Every | Any:
    """What `every:` says, or INVALID."""
    before = reading.errors
    found = EVERY.read(node, reading)
    if found is INVALID:
        return INVALID
    kind = _kind(node, reading)
    place = _zone(node, found, reading, timezone)
    _check_span(node, found, reading)
    if reading.errors > before:
        return INVALID
    rules = _rules(kind, node, found, reading)
    if rules is INVALID:
        return INVALID
    return Every(
        rules=rules,
        at=found["at"][0],
        zone=place,
        start=found.get("from"),
        until=found.get("until"),
        skip=frozenset(found.get("skip", ())),
        second_fold=options.get("fold") == "second",
    )


def _kind(node: Node, reading: Reading) -> str:
    """Which of the four it is; INVALID's place is taken by "", once the reading has been told."""
    there = [word for word in _KINDS if word in node[0]]
    if len(there) == 1:
        return there[0]
    said = f"{' and '.join(there)} at once" if there else "neither year, month, week nor day"
    reading.add(key_place_of(node), f"`every:` says {said}", f"write one of them: `{EXAMPLE}`")
    return ""


def _zone(node: Node, found: Mapping[str, Any], reading: Reading, timezone: str | None) -> str:
    at = found["at"]
    place = found.get("zone") or timezone if at is INVALID else at[1] or found.get("zone") or timezone
    if place is None and at is not INVALID:
        fix = "add `zone: Europe/Brussels` beside it, or set `timezone:` in the configuration"
        reading.add(place_of(node[0]["at"]), "this time of day names no time zone", fix)
    return place or ""


def _check_span(node: Node, found: Mapping[str, Any], reading: Reading) -> None:
    first, last = found.get("from"), found.get("until")
    if first and last and INVALID not in (first, last) and last < first:
        reading.add(place_of(node[0]["until"]), "it ends before it begins", "correct `from:` or `until:`")
    word = "interval" if "interval" in node[0] else "day"
    steps = found.get(word)
    if steps not in (None, INVALID, 1) and first is None:
        fix = "add `from: 2027-01-01`, the first day it may be"
        reading.add(place_of(node[0][word]), "nothing says from which day to count", fix)
    if "day" in node[0] and "interval" in node[0]:
        reading.add(key_place_of(node[0]["interval"]), "`day:` is itself an interval", "delete `interval:`")


def _rules(kind: str, node: Node, found: Mapping[str, Any], reading: Reading) -> tuple[Rule, ...] | Any:
    interval = found.get("interval", 1)
    if kind == "day":
        return (Rule(frequency=Frequency.DAY, interval=found["day"]),)
    if kind == "week":
        days = tuple((number, 0) for number in sorted(set(found["week"])))
        return (Rule(frequency=Frequency.WEEK, interval=interval, weekdays=days),)
    missing = found.get("on_missing_day")
    if missing is None and any(_may_lack(rule) for rule in found[kind]):
        reading.add(
            place_of(node[0][kind]),
            f"not every {kind} has this day",
            "add `on_missing_day: last` (then the last day that month has) or `on_missing_day: skip`",
        )
        return INVALID
    return tuple(replace(rule, interval=interval, missing=missing or Missing.SKIP) for rule in found[kind])


def _may_lack(rule: Rule) -> bool:
    """Whether the day of a rule does not exist each time."""
    days = calendar.monthrange(_COMMON_YEAR, rule.month)[1] if rule.month else _SURE_DAYS
    return any(last > days for last in rule.month_days)
