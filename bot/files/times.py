"""When a post goes out, as organisers write it."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.domain.calendar import Every, Fixed, Frequency, Missing, NextSlot, Rule, around_gap, instants
from bot.domain.problem import Severity
from bot.strictyaml.fields import INVALID, ListOf, OneOf, Row, Table, Whole, Word, Wrong, at, at_key
from bot.strictyaml.reader import Node, Reading
from bot.strictyaml.words import MONTHS, WEEKDAYS, clock, day, month, weekday, zone

EXAMPLE = "2027-05-01 09:00 Europe/Brussels"
NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
LEAP_YEAR = 2028  # in which every date that can exist does
SURE_DAYS = 28  # days that every month has

_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2})(?:[ T]+(?P<time>\d{1,2}:\d{2}(?::\d{2})?))?"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2}|[A-Za-z]\w*(?:/[\w+-]+)*)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date and time as written; `offset` where one was given, else a zone's name or None."""

    local: datetime
    zone: str | None
    offset: timedelta | None
    written: str


def moment(text: str) -> Moment:
    """A date and a time, with a zone or an offset where they are given."""
    written = " ".join(text.split())
    found = _MOMENT.fullmatch(written)
    if not found:
        raise Wrong(f"`{written[:60]}` is not a date and time", f"write it like {EXAMPLE}")
    if not found["time"]:
        raise Wrong(f"`{written}` has no hour", f"write it like {found['date']} 09:00 Europe/Brussels")
    local = datetime.combine(_date(found["date"]), clock(found["time"]))
    place = found["zone"]
    if place in {"Z", "UTC"}:
        return Moment(local=local, zone="UTC", offset=timedelta(), written=written)
    if place and place[0] in "+-":
        digits = place[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return Moment(local=local, zone="UTC", offset=-offset if place[0] == "-" else offset, written=written)
    return Moment(local=local, zone=zone(place) if place else None, offset=None, written=written)


def _date(text: str) -> date:
    year, number, last = map(int, text.split("-"))
    try:
        return date(year, number, last)
    except ValueError as error:
        raise Wrong(f"there is no {text}", "year, month, day: 2027-05-01") from error


def instant_of(
    found: Moment, node: Node, reading: Reading, timezone: str | None, options: Mapping[str, Any]
) -> Any:
    """The UTC instant of a moment, or INVALID; says where the clocks skip or repeat it."""
    if found.offset is not None:
        return (found.local - found.offset).replace(tzinfo=UTC)
    place = found.zone or timezone
    if place is None:
        fix = f"write `{found.written} Europe/Brussels`, or set `timezone:` in the configuration"
        reading.add(at(node), f"`{found.written}` has no time zone", fix)
        return INVALID
    possible = instants(found.local, place)
    shown = f"{found.local:%H:%M} on {found.local:%d %B %Y}"
    if not possible:
        before, after = around_gap(found.local, place)
        if options.get("dst") == "shift":
            return instants(after, place)[0]
        reading.add(
            at(node),
            f"{shown} does not exist in {place}: the clocks go forward",
            f"write {before:%H:%M} or {after:%H:%M}, or add `dst: shift` to take {after:%H:%M}",
        )
        return INVALID
    if len(possible) > 1 and "fold" not in options:
        reading.add(
            at(node),
            f"{shown} comes twice in {place}, when the clocks go back; the first is taken",
            "add `fold: first` or `fold: second`",
            Severity.WARNING,
        )
    return possible[-1 if options.get("fold") == "second" else 0]


def fixed(
    node: Node, reading: Reading, timezone: str | None, options: Mapping[str, Any]
) -> Fixed | NextSlot | Any:
    """What `when:` says."""
    if isinstance(node.value, str) and node.value.strip() == "next-slot":
        return NextSlot()
    found = WHEN.read(node, reading)
    if found is INVALID:
        return INVALID
    instant = instant_of(found, node, reading, timezone, options)
    if instant is INVALID:
        return INVALID
    return Fixed(at=instant, written=found.written, zone=found.zone or timezone or "UTC")


WHEN = Word(says=f"a date, a time and a zone, such as {EXAMPLE}", parse=moment, examples=(EXAMPLE,))


def _yearly(text: str) -> tuple[int, int]:
    words = text.replace(",", " ").split()
    if len(words) != 2:  # noqa: PLR2004  # a day and a month
        raise Wrong(f"`{text.strip()}` is not a day of the year", "write day and month: 19 April")
    number, name = words if words[0].rstrip(".").isdigit() else reversed(words)
    if not number.rstrip(".").isdigit():
        raise Wrong(f"`{text.strip()}` is not a day of the year", "write day and month: 19 April")
    which, last = month(name), int(number.rstrip("."))
    longest = calendar.monthrange(LEAP_YEAR, which)[1]
    if not 1 <= last <= longest:
        raise Wrong(f"{MONTHS[which - 1].capitalize()} has {longest} days", "correct the day")
    return which, last


def _monthly(text: str) -> Rule:
    words = text.lower().split()
    if len(words) == 1 and words[0].isdigit() and 1 <= int(words[0]) <= 31:  # noqa: PLR2004  # days
        return Rule(frequency=Frequency.MONTH, month_days=(int(words[0]),))
    if words in (["last"], ["last", "day"]):
        return Rule(frequency=Frequency.MONTH, month_days=(-1,))
    if len(words) == 2 and words[0] in NTH:  # noqa: PLR2004  # which one, and the weekday
        return Rule(frequency=Frequency.MONTH, weekdays=((weekday(words[1]), NTH[words[0]]),))
    raise Wrong(
        f"`{text.strip()}` is not a day of the month", "write 16, or last, or first monday, or last friday"
    )


def _clock_and_zone(text: str) -> tuple[time, str | None]:
    hours, _, place = text.strip().partition(" ")
    return clock(hours), zone(place) if place.strip() else None


EVERY = Table(
    name="`every:`",
    rows={
        "year": Row(field=ListOf(each=Word(says="a day and a month, such as 19 April", parse=_yearly))),
        "month": Row(field=ListOf(each=Word(says="16, last or first monday", parse=_monthly))),
        "week": Row(field=ListOf(each=Word(says="a weekday", parse=weekday, examples=WEEKDAYS))),
        "day": Row(field=Whole(least=1, most=366)),
        "interval": Row(field=Whole(least=1, most=52)),
        "at": Row(field=Word(says='a time of day, such as "09:00"', parse=_clock_and_zone), required=True),
        "zone": Row(field=Word(says="a time zone, such as Europe/Brussels", parse=zone)),
        "from": Row(field=Word(says="a date, such as 2027-01-01", parse=day)),
        "until": Row(field=Word(says="a date, such as 2027-12-31", parse=day)),
        "skip": Row(field=ListOf(each=Word(says="a date, such as 2026-12-24", parse=day), name="dates")),
        "on_missing_day": Row(field=OneOf(words={"last": Missing.LAST, "skip": Missing.SKIP}, name="choice")),
    },
    hints={
        "hour": 'write `at: "09:00"`',
        "time": 'write `at: "09:00"`',
        "timezone": "write `zone:`",
        "date": "write `year: 19 April`",
        "start": "write `from:`",
        "end": "write `until:`",
        "monday": "write `week: monday`",
    },
)


def recurrence(node: Node, reading: Reading, timezone: str | None, options: Mapping[str, Any]) -> Every | Any:
    """What `every:` says."""
    found = EVERY.read(node, reading)
    if found is INVALID or any(value is INVALID for value in found.values()):
        return INVALID
    kinds = [word for word in ("year", "month", "week", "day") if word in found]
    if len(kinds) != 1:
        said = f"both `{'` and `'.join(kinds)}`" if kinds else "neither year, month, week nor day"
        reading.add(at(node), f"`every:` says {said}", "write one of them: `every: {year: 19 April, …}`")
        return INVALID
    hours, place = found["at"]
    place = place or found.get("zone") or timezone
    if place is None:
        reading.add(at(node.value["at"]), "this time has no zone", "add `zone: Europe/Brussels` beside it")
        return INVALID
    rules = _rules(kinds[0], found, node, reading)
    if rules is INVALID:
        return INVALID
    return Every(
        rules=rules,
        at=hours,
        zone=place,
        start=found.get("from"),
        until=found.get("until"),
        skip=frozenset(found.get("skip", ())),
        second_fold=options.get("fold") == "second",
    )


def _rules(kind: str, found: Mapping[str, Any], node: Node, reading: Reading) -> tuple[Rule, ...] | Any:
    interval = found["day"] if kind == "day" else found.get("interval", 1)
    if interval > 1 and "from" not in found:
        reading.add(
            at_key(node.value["interval" if kind != "day" else "day"]),
            "nothing says from which day to count",
            "add `from: 2027-01-01`, the first day it may be",
        )
        return INVALID
    missing = found.get("on_missing_day")
    rules = tuple(_plain_rules(kind, found, interval, missing or Missing.SKIP))
    unsure = any(last > SURE_DAYS for rule in rules for last in rule.month_days if _may_lack(rule, last))
    if unsure and missing is None:
        reading.add(
            at(node.value[kind]),
            "this day does not exist every time",
            "add `on_missing_day: last` (the last day that does) or `on_missing_day: skip`",
        )
        return INVALID
    return rules


def _may_lack(rule: Rule, last: int) -> bool:
    """Whether a day of the month is missing from some of the months a rule is about."""
    if rule.month is None:
        return True
    return last > calendar.monthrange(LEAP_YEAR - 1, rule.month)[1]


def _plain_rules(kind: str, found: Mapping[str, Any], interval: int, missing: Missing) -> list[Rule]:
    if kind == "year":
        return [
            Rule(
                frequency=Frequency.YEAR, interval=interval, month=which, month_days=(last,), missing=missing
            )
            for which, last in found["year"]
        ]
    if kind == "month":
        return [
            Rule(
                frequency=Frequency.MONTH,
                interval=interval,
                month_days=rule.month_days,
                weekdays=rule.weekdays,
                missing=missing,
            )
            for rule in found["month"]
        ]
    if kind == "week":
        days = tuple((number, 0) for number in sorted(set(found["week"])))
        return [Rule(frequency=Frequency.WEEK, interval=interval, weekdays=days)]
    return [Rule(frequency=Frequency.DAY, interval=interval)]
