"""What is kept of a report, and what the ledger may say of one. Decides only; both stores obey."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from bot.domain.errors import LostClaimError, NotFoundError
from bot.domain.report import Report, ReportId, Risk, Standing
from bot.ports.records import Decision
from bot.store import rules

BY_WRITER = "its writer"
OPTED_OUT = "erase: opted out"
LONGEST = 60  # characters of what the ledger says was done
ERASED_BEFORE = "erase: erased before"
BY_RESTORE = "the program"


def check(reports: Iterable[Report]) -> None:
    """ValueError where something of a writer at risk would be kept."""
    if any(report.risk is Risk.AT_RISK for report in reports):
        raise ValueError("of a writer at risk nothing is kept but a number")


def of_day(day: datetime) -> tuple[datetime, datetime]:
    """Where a day begins in UTC, and where the next one does."""
    start = day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def since_day(instant: datetime) -> datetime:
    """The day of an instant: the hour at which somebody at risk was seen is an hour too much."""
    return of_day(instant)[0]


def line(report: ReportId, by: str, what: str, now: datetime) -> Decision:
    """The ledger's line about a report. ValueError for what could be a text, a handle or an address."""
    if len(what) > LONGEST or not what.isprintable() or any(mark in what for mark in "@/"):
        raise ValueError("the ledger says what was done to a report, in a few words and none of its own")
    return rules.line(now, by, what, f"report {report}")


def unknown(report: ReportId) -> NotFoundError:
    """What to say of a number that no report has."""
    return NotFoundError(f"there is no report {report}: `reports list` shows those that there are")


def changed(report: ReportId) -> LostClaimError:
    """What to say of a report that somebody else has changed."""
    return LostClaimError(f"report {report}: changed in the meantime")


def waits_first(report: Report) -> tuple[bool, datetime, int]:
    """The order in which reports are shown: those that wait, then the others, oldest first."""
    return report.standing is not Standing.UNDECIDED, report.taken_at, report.id


def among(marks: Collection[str]) -> list[str]:
    """Names to ask for, without the empty one, which is nobody's."""
    return sorted({mark for mark in marks if mark})


def concerned(reports: Iterable[Report], opt_outs: Iterable[str]) -> set[str]:
    """Whoever a page is about: those who opted out in it, and the writers of what came in."""
    return {*opt_outs, *(name for report in reports for name in (report.author, report.alias) if name)}
