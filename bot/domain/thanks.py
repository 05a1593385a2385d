"""Collective thanks: what a post may tell of all that was done, filled in when it goes out.

Nothing is told but sums of cells that rest on five writers each, as in the tally. A week's number takes the
tally's cells of that week, and of its wider cells the slice of that week, where this slice rests on five
writers and so does what is left of the cell; where it would not, the oldest slices stay with what is left.
So whatever is subtracted from whatever, the tally's own numbers included, what is left is such slices again.

What two tellings differ by could lead back to one person too. So numbers are taken anew once a week at most,
and only when five more writers stand behind them: until then every account, every language and every post
tells those of the last edition.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.blanks import Number, Period, Telling, Tellings, blanks_in, filled
from bot.domain.report import Report
from bot.domain.spoken import spoken
from bot.domain.tally import LEAST, Deed, Heading, Tier, deeds_of, share_out, tally, week_of, writers_of

EDITION = timedelta(days=6)
"""How long the numbers that were told stay the same."""

ABOUT, TAKEN = "the tally", "edition"
"""What a line of the ledger is about, and says, where numbers were taken anew."""

FEWEST_COUNTRIES = 2
"""Fewer than this are no reason to speak of countries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Texts with their numbers, and until when what was decided is in them."""

    texts: tuple[str, ...]
    until: datetime


def fill(
    texts: Sequence[str], reports: Sequence[Report], last: datetime | None, now: datetime
) -> Filled | str:
    """Fill the blanks of a post's texts from all reports that count, or say why that cannot be."""
    until = edition(reports, last, now)
    told = tellings(reports, until, now)
    reason = untold(texts, told, until, now)
    return reason or Filled(texts=tuple(filled(text, told) for text in texts), until=until)


def edition(reports: Iterable[Report], last: datetime | None, now: datetime) -> datetime:
    """Until when what was decided counts: now, or as it was told last."""
    if last is None:
        return now
    fresh = [
        deed
        for report in reports
        if report.decided_at and report.decided_at > last
        for deed in deeds_of(report, Tier.CONFIRMED)
    ]
    return now if now - last >= EDITION and writers_of(fresh) >= LEAST else last


def tellings(reports: Iterable[Report], until: datetime, now: datetime) -> Tellings:
    """What may be told now of what was decided until an edition."""
    counted = [one for one in reports if one.decided_at and one.decided_at <= until]
    whole = tally(counted, Tier.CONFIRMED, until.date())
    deeds = [deed for one in counted for deed in deeds_of(one, Tier.CONFIRMED) if deed.day <= until.date()]
    return {
        Period.ALL: Telling(actions=whole.actions, countries=whole.countries),
        Period.WEEK: _of_week(share_out(deeds), week_of(now.date()), whole.countries),
    }


def untold(texts: Iterable[str], told: Tellings, until: datetime, now: datetime) -> str | None:
    """Why numbers cannot be filled in; None where they can."""
    for text in texts:
        for number, period in blanks_in(text):
            if not told[period].actions:
                return _nothing(period, until, now)
            if number is Number.COUNTRIES and told[period].countries < FEWEST_COUNTRIES:
                return (
                    "it tells of {countries}, and too few accounts stand behind the countries of "
                    f"{_SPOKEN[period]} to give their number: take {{countries}} out, or wait"
                )
    return None


def slices(deeds: Sequence[Deed]) -> dict[str, list[Deed]]:
    """What of a cell may be told week by week: each slice rests on enough writers, and so does the rest."""
    weeks: dict[str, list[Deed]] = {}
    for deed in deeds:
        weeks.setdefault(week_of(deed.day), []).append(deed)
    told = {week: weeks[week] for week in sorted(weeks) if writers_of(weeks[week]) >= LEAST}
    rest = [deed for week, of_it in weeks.items() if week not in told for deed in of_it]
    while told and rest and writers_of(rest) < LEAST:
        rest += told.pop(next(iter(told)))  # the oldest: what is thanked for is what was just done
    return told


def _of_week(published: Mapping[Heading, Sequence[Deed]], week: str, most_countries: int) -> Telling:
    told = [
        deed
        for heading, of_it in published.items()
        for deed in (of_it if heading.period == week else slices(of_it).get(week, ()))
    ]
    named = {heading.country for heading in published if heading.period == week} - {None}
    hidden = [deed for deed in told if deed.country not in named | {None}]
    here = named | {deed.country for deed in hidden}
    others = [deed for of_it in published.values() for deed in of_it if deed.country not in here | {None}]
    # How many countries this week did not see must not lead back to few writers either.
    hides = writers_of(hidden) >= LEAST and (not others or writers_of(others) >= LEAST)
    actions = len(told) // LEAST * LEAST  # by fives, as the tally tells them
    return Telling(actions=actions, countries=min(len(here if hides else named), most_countries))


_SPOKEN = {Period.WEEK: "this week", Period.ALL: "all that was counted"}


def _nothing(period: Period, until: datetime, now: datetime) -> str:
    reason = f"there is no number yet of {_SPOKEN[period]} that rests on {LEAST} accounts or more"
    if until >= now:
        return reason
    return (
        f"{reason}; what was counted after {spoken(until.date())} is not in it, because numbers are taken "
        f"anew once a week at most, and when {LEAST} more accounts stand behind them"
    )
