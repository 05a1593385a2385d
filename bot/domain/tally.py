"""The tally: how many actions there were, told so that no number leads back to a person.

Deeds are published five at a time, each five of five different writers; what is left over goes on to a wider
heading, and at last stays out. So every number is a multiple of five, within one edition and between two: one
report more, or one that was taken out, shows only where five have come or gone. Totals are sums of cells and
of nothing else, so whatever is subtracted from whatever, what is left is such fives again.
"""

import re
from calendar import month_name
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.report import Action, Report, Risk, Standing
from bot.domain.spoken import count

LEAST = 5
"""On how many different writers every published number, and every difference of two, rests at least."""

LEVELS, OF_THE_YEAR = 6, 2
"""How many headings a deed has, and from which on they are of a whole year."""

SILENT = frozenset({"BY", "RU"})
"""Countries of which no number is ever published, not even within another."""

T = TypeVar("T")
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_MONTHS = tuple(month_name)[1:]


class Tier(StrEnum):
    """How far numbers are to be believed; only what is confirmed is public."""

    CONFIRMED = "confirmed"  # a person has looked
    REPORTED = "reported"  # supporters say so, and nobody has decided


@dataclass(frozen=True, slots=True)
class Deed:
    """One action of one report; `author` is None where a platform lets us keep none."""

    action: Action
    country: str | None
    day: date
    author: str | None


@dataclass(frozen=True, slots=True)
class Heading:
    """What a cell is about. No action: several kinds. No country: elsewhere, or not said.

    `period` is a week (2027-W18), a month (2027-05) or a year (2027). A week lies in the month and the year
    of its Thursday, so that each period holds whole ones of the next smaller.
    """

    action: Action | None
    country: str | None
    period: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A number that may be published: at least so many actions."""

    heading: Heading
    actions: int
    rest: bool = False  # some of what its heading says stands under closer ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Everything that may be published of one tier on one day."""

    by: date
    cells: tuple[Cell, ...]
    unnamed_countries: int  # those that no cell names; 0 where fewer than five writers stand behind them

    @property
    def actions(self) -> int:
        """How many actions there were at least."""
        return sum(cell.actions for cell in self.cells)

    @property
    def countries(self) -> int:
        """In how many countries at least."""
        return len({cell.heading.country for cell in self.cells} - {None}) + self.unnamed_countries

    def by_action(self) -> Mapping[Action | None, int]:
        """The numbers of each kind, largest first, and last (None) those of several kinds."""
        return _summed((cell.heading.action, cell.actions) for cell in self.cells)

    def by_country(self) -> Mapping[str | None, int]:
        """The numbers of each country, largest first, and last (None) elsewhere."""
        return _summed((cell.heading.country, cell.actions) for cell in self.cells)


def tally(reports: Iterable[Report], tier: Tier, by: date) -> Tally:
    """What may be published of these reports on a day."""
    deeds = [deed for report in reports for deed in deeds_of(report, tier) if deed.day <= by]
    published = share_out(deeds)
    rests = {wider for heading in published for wider in _wider(heading)}
    cells = [Cell(heading, len(of_it), rest=heading in rests) for heading, of_it in published.items()]
    return Tally(
        by=by,
        cells=tuple(sorted(cells, key=lambda cell: _order(cell.heading))),
        unnamed_countries=_unnamed(deeds, published),
    )


def deeds_of(report: Report, tier: Tier) -> list[Deed]:
    """What a report adds to a tier; nothing where its writer, or what it tells of, is at risk."""
    if tier is Tier.CONFIRMED:
        counts = report.standing is Standing.COUNTED
        actions, country = report.actions, report.country
    else:
        counts = report.standing in {Standing.UNDECIDED, Standing.LAPSED} and report.suggestion.is_report
        actions, country = report.suggestion.actions, report.suggestion.country
    silent = SILENT & {country, report.country, report.suggestion.country}
    if not counts or report.risk is Risk.AT_RISK or silent:
        return []
    on_x = report.platform is PlatformName.X
    # Where the writer is unclear, or told it in private, or told X, a country would say more than we may.
    hushed = on_x or report.risk is not Risk.NONE or report.audience is Audience.PRIVATE
    return [
        Deed(
            action=action,
            country=None if hushed else country,
            day=report.day.date(),
            author=None if on_x else report.author or None,
        )
        for action in dict.fromkeys(actions)
    ]


def share_out(deeds: Iterable[Deed]) -> dict[Heading, list[Deed]]:
    """Put deeds under the closest heading that takes five of five writers; what is left finds none.

    Where we may keep no writer, five deeds that say nothing of a country join those of known writers.
    """
    published: dict[Heading, list[Deed]] = {}
    told = list(deeds)
    left = sorted((deed for deed in told if deed.author), key=lambda deed: (deed.day, deed.author or ""))
    for level in range(LEVELS):
        groups: dict[Heading, list[Deed]] = {}
        for deed in left:
            groups.setdefault(headings(deed)[level], []).append(deed)
        left = []
        for heading, group in groups.items():
            taken, others = _by_fives(group)
            if taken:
                published.setdefault(heading, []).extend(taken)
            left += others
    nameless = [deed for deed in told if not deed.author]
    for level in range(OF_THE_YEAR, LEVELS):
        nameless = _joined(nameless, level, published)
    return published


def _by_fives(group: Sequence[Deed]) -> tuple[list[Deed], list[Deed]]:
    """Fives of different writers, as long as there are any, and what is left over."""
    taken: list[Deed] = []
    left = list(group)
    while True:
        firsts: dict[str | None, int] = {}
        for place, deed in enumerate(left):
            firsts.setdefault(deed.author, place)
        chosen = set(list(firsts.values())[: len(firsts) // LEAST * LEAST])
        if not chosen:
            return taken, left
        taken += [left[place] for place in sorted(chosen)]
        left = [deed for place, deed in enumerate(left) if place not in chosen]


def _joined(nameless: Sequence[Deed], level: int, published: dict[Heading, list[Deed]]) -> list[Deed]:
    """Let deeds without a writer join what is published at a level, by fives; those that could not."""
    groups: dict[Heading, list[Deed]] = {}
    for deed in nameless:
        groups.setdefault(headings(deed)[level], []).append(deed)
    left: list[Deed] = []
    for heading, group in groups.items():
        number = len(group) // LEAST * LEAST if heading in published else 0
        published.get(heading, []).extend(group[:number])
        left += group[number:]
    return left


def headings(deed: Deed) -> tuple[Heading, ...]:
    """Where a deed may be counted, the closest first: week, month, year; then all kinds, then elsewhere."""
    thursday = _thursday(deed.day)
    year = f"{thursday:%Y}"
    kind, country = deed.action, deed.country
    of_the_year = Heading(kind, country, year)
    return (
        Heading(kind, country, week_of(deed.day)),
        Heading(kind, country, f"{thursday:%Y-%m}"),
        of_the_year,
        Heading(None, country, year) if country else of_the_year,
        Heading(kind, None, year),
        Heading(None, None, year),
    )


def week_of(day: date) -> str:
    """The week of a day, as a heading names it."""
    thursday = _thursday(day)
    return f"{thursday:%Y}-W{thursday.isocalendar().week:02}"


def _thursday(day: date) -> date:
    return day + timedelta(days=4 - day.isoweekday())


def in_words(told: Tally) -> str:
    """A tally in one sentence."""
    day = spoken_day(told.by)
    if not told.actions:
        return f"There are no numbers yet that may be published by {day}."
    where = f" in {count(told.countries, 'country', 'countries')}" if told.countries else ""
    return f"At least {count(told.actions, 'action')}{where} by {day}."


def spoken_day(day: date) -> str:
    """A day as people write it: 3 May 2027."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def spoken_period(period: str, *, rest: bool = False) -> str:
    """A heading's period as people say it; as a rest where something of it stands under closer headings."""
    if week := _WEEK.fullmatch(period):
        return f"week of {spoken_day(date.fromisocalendar(int(week[1]), int(week[2]), 1))}"
    year, _, month = period.partition("-")
    whole = f"{_MONTHS[int(month) - 1]} {year}" if month else year
    return f"{whole}, other reports" if rest else whole


def _wider(heading: Heading) -> set[Heading]:
    """The headings under which a deed of this one would have been counted otherwise."""
    kind, country, year = heading.action, heading.country, heading.period[:4]
    wider = {Heading(kind, country, year), Heading(None, country, year)}
    wider |= {Heading(kind, None, year), Heading(None, None, year)}
    if week := _WEEK.fullmatch(heading.period):
        thursday = date.fromisocalendar(int(week[1]), int(week[2]), 4)
        wider.add(Heading(kind, country, f"{thursday:%Y-%m}"))
    return wider - {heading}


def writers_of(deeds: Iterable[Deed]) -> int:
    """How many different writers stand behind deeds, as far as that can be told."""
    return len({deed.author for deed in deeds} - {None})


def _unnamed(deeds: Iterable[Deed], published: Mapping[Heading, list[Deed]]) -> int:
    """How many countries there are that no heading names; which they are is told by nothing."""
    named = {heading.country for heading in published}
    hidden = [deed for deed in deeds if deed.author and deed.country not in named | {None}]
    return len({deed.country for deed in hidden}) if published and writers_of(hidden) >= LEAST else 0


def _summed(numbers: Iterable[tuple[T, int]]) -> dict[T, int]:
    sums: dict[T, int] = {}
    for name, number in numbers:
        sums[name] = sums.get(name, 0) + number
    return dict(sorted(sums.items(), key=lambda one: (one[0] is None, -one[1], str(one[0]))))


def _order(heading: Heading) -> tuple[bool, str, bool, str, int, str]:
    return (
        heading.country is None,
        heading.country or "",
        heading.action is None,
        heading.action or "",
        -len(heading.period),  # weeks, then what is left of a month, then of a year
        heading.period,
    )
