"""What is kept of a report, and what the ledger may say of one. Decides only; both stores obey."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.errors import LostClaimError, NotFoundError
from bot.domain.report import Report, ReportId, Risk, Standing, Suggestion
from bot.ports.records import Decision
from bot.store import rules

BY_WRITER = "its writer"
OPTED_OUT = "erase: opted out"
LONGEST = 60  # characters of what the ledger says was done
NOTHING = Suggestion(is_report=False, confidence=0.0)


def check(reports: Iterable[Report]) -> None:
    """ValueError where something of a writer at risk would be kept."""
    if any(report.risk is Risk.AT_RISK for report in reports):
        raise ValueError("of a writer at risk nothing is kept but a number")


def wiped(report: Report) -> Report:
    """A report without the words, name and address it came with; what was counted stays."""
    return replace(
        report,
        suggestion=replace(report.suggestion, why=()),
        handle=None,
        text=None,
        url=None,
        remote_id=None,
    )


def erased(report: Report) -> Report:
    """What is left of a report that is taken out: a mark, so that it is never taken in again."""
    return replace(
        wiped(report),
        author="",
        group="",
        language=None,
        suggestion=NOTHING,
        standing=Standing.ERASED,
        actions=(),
        country=None,
        participants=None,
    )


def opted_out(report: Report) -> Report:
    """What is left of a report whose writer wants nothing to do with us: of a counted one, the count.

    While it is boosted its address stays, without which the boost could not be undone.
    """
    if report.standing is Standing.UNDECIDED:
        return erased(report)
    left = wiped(report)
    return replace(left, url=report.url, remote_id=report.remote_id) if report.boosted_at else left


def of_day(day: datetime) -> tuple[datetime, datetime]:
    """Where a day begins in UTC, and where the next one does."""
    start = day.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


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
