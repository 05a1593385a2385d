"""When: a fixed time, a recurrence or the next free slot, turned into instants.

Local times become UTC here and nowhere else. A local time that the clocks skip (a gap) has no instant, one
that they repeat (a fold) has two; callers say which they want.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from dateutil.rrule import rrule

DAY = timedelta(days=1)
_SLOT_HORIZON = 366  # days to search for a free slot
_IN_EVERY_MONTH = 28  # the last day that each month has


class Frequency(StrEnum):
    """How often a recurrence comes round."""

    YEAR = "year"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


class Missing(StrEnum):
    """What a recurrence does where its day does not exist (29 February, the 31st)."""

    LAST = "last"  # the last day of that month instead
    SKIP = "skip"  # nothing that time


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One RFC 5545 rule, by day; weekdays are (Monday = 0, which one in the month or 0 for each)."""

    frequency: Frequency
    interval: int = 1
    month: int | None = None
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    missing: Missing = Missing.SKIP


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """One instant, with the words it was written in."""

    at: datetime
    written: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """A recurrence at a local time; `start` and `until` are its first and last possible days."""

    rules: tuple[Rule, ...]
    at: time
    zone: str
    start: date | None = None
    until: date | None = None
    skip: frozenset[date] = field(default_factory=frozenset)
    second_fold: bool = False  # of an hour the clocks repeat, take the second


@dataclass(frozen=True, slots=True)
class NextSlot:
    """The first free slot when the post is first planned."""


When = Fixed | Every | NextSlot


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """One date of a post: its instant, and the local date that names it ("" where there is only one)."""

    at: datetime
    label: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A weekly hour at which the campaign speaks; weekday 0 is Monday."""

    weekday: int
    at: time
    zone: str


def instants(local: datetime, zone: str) -> tuple[datetime, ...]:
    """The UTC instants at which a zone's clocks show a local time: none in a gap, two in a fold."""
    place = ZoneInfo(zone)
    first, second = place.utcoffset(local), place.utcoffset(local.replace(fold=1))
    if first == second and first is not None:
        return ((local - first).replace(tzinfo=UTC),)
    # The clocks go forward or back at this time: only what they really show counts.
    readings = {local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(at for at in readings if at.astimezone(place).replace(tzinfo=None) == local))


def around_gap(local: datetime, zone: str) -> tuple[datetime, datetime]:
    """The local times just before and after a gap that stand for a time inside it."""
    place = ZoneInfo(zone)
    shown = (local.replace(tzinfo=place, fold=fold).astimezone(UTC).astimezone(place) for fold in (1, 0))
    before, after = (moment.replace(tzinfo=None) for moment in shown)
    return before, after


def instant(local: datetime, zone: str, *, second_fold: bool = False) -> datetime:
    """The one UTC instant of a local time: a gap shifts it forward, a fold gives the first reading."""
    found = instants(local, zone)
    if not found:
        return instants(around_gap(local, zone)[1], zone)[0]
    return found[-1 if second_fold else 0]


def occurrences(every: Every, after: datetime, until: datetime) -> Iterator[Occurrence]:
    """The dates of a recurrence later than `after` and not later than `until`, in order."""
    place = ZoneInfo(every.zone)
    first = after.astimezone(place).date() - DAY  # a gap may shift it into the next day
    last = until.astimezone(place).date()
    for day in _days(every, first, last):
        at = instant(datetime.combine(day, every.at), every.zone, second_fold=every.second_fold)
        if after < at <= until:
            yield Occurrence(at, day.isoformat())


def _days(every: Every, first: date, last: date) -> Iterator[date]:
    if every.start:
        first = max(first, every.start)
    if every.until:
        last = min(last, every.until)
    each = [_days_of(rule, every.start, first, last) for rule in every.rules]
    return (day for day, _ in groupby(merge(*each)) if day not in every.skip)


def _days_of(rule: Rule, start: date | None, first: date, last: date) -> Iterator[date]:
    # An interval counts from its start; with every single one wanted, any start gives the same days.
    begin = start if start and rule.interval > 1 else first
    moment = datetime.combine(begin, time())
    found = _rrule(rule, moment).between(
        datetime.combine(first, time()), datetime.combine(last, time()), inc=True
    )
    return (day.date() for day in found)


_FREQUENCY: dict[Frequency, Literal[0, 1, 2, 3]] = {
    Frequency.YEAR: 0,
    Frequency.MONTH: 1,
    Frequency.WEEK: 2,
    Frequency.DAY: 3,
}
"""RFC 5545's order, which dateutil counts in."""


def _rrule(rule: Rule, begin: datetime) -> "rrule":
    from dateutil import rrule  # most posts have one date: reading them does without

    days, position = rule.month_days, None
    if rule.missing is Missing.LAST and days and max(days) > _IN_EVERY_MONTH:
        # RFC 5545 drops a day that does not exist; the last of these that does is what was meant.
        days, position = tuple(range(_IN_EVERY_MONTH, max(days) + 1)), -1
    week = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)
    return rrule.rrule(
        _FREQUENCY[rule.frequency],
        dtstart=begin,
        interval=rule.interval,
        bymonth=rule.month,
        bymonthday=days or None,
        byweekday=[week[day](nth) if nth else week[day] for day, nth in rule.weekdays] or None,
        bysetpos=position,
    )


def next_free_slot(slots: Sequence[Slot], after: datetime, taken: Collection[datetime]) -> datetime | None:
    """The first slot later than `after` that nothing else has taken, None where there is none in a year."""
    for ahead in range(_SLOT_HORIZON):
        found = []
        for slot in slots:
            day = after.astimezone(ZoneInfo(slot.zone)).date() + ahead * DAY
            if day.weekday() == slot.weekday:
                found.append(instant(datetime.combine(day, slot.at), slot.zone))
        for at in sorted(found):
            if at > after and at not in taken:
                return at
    return None
