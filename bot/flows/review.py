"""What an organiser makes of a report: it counts, or it does not. Nothing of this is a public act."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.erasure import DECIDED, decided
from bot.domain.errors import DecisionError
from bot.domain.lengths import PlatformName
from bot.domain.report import UNDO_FOR, Action, Report, Standing
from bot.domain.spoken import span
from bot.ports.inbox import Inbox

EVERY = 2**31 - 1
"""As many reports as there are."""

MOST_PEOPLE = 1_000_000
"""More people than this in one report are a slip of the finger."""

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_WORDS = {
    Standing.UNDECIDED: "waits for a decision",
    Standing.COUNTED: "is counted already",
    Standing.REJECTED: "is rejected already",
    Standing.LAPSED: "was not reviewed in time; only its number is left",
    Standing.ERASED: "was erased",
}


def confirm(
    inbox: Inbox,
    report: Report,
    by: str,
    now: datetime,
    *,
    actions: Sequence[Action],
    country: str | None = None,
    participants: int | None = None,
) -> Report:
    """Count a report, with what was done, where and by how many; its words and its writer are erased.

    DecisionError where it does not wait for a decision. LostClaimError where somebody else was faster.
    """
    _must_wait(report)
    if not actions:
        raise DecisionError(
            f"report {report.id}: say what was done; something counts only as one kind or more"
        )
    if country is not None and not _COUNTRY.fullmatch(country):
        raise DecisionError(f"report {report.id}: a country is two capital letters, such as DE")
    if participants is not None and not 1 <= participants <= MOST_PEOPLE:
        raise DecisionError(f"report {report.id}: the number of people is from 1 to {MOST_PEOPLE:,}")
    on_x = report.platform is PlatformName.X  # of X, a count is kept and nothing else
    counted = replace(
        _erased(report, by, now),
        standing=Standing.COUNTED,
        actions=tuple(dict.fromkeys(actions)),
        country=None if on_x else country,
        participants=None if on_x else participants,
    )
    inbox.change(counted, report, by, "count report", now)
    return counted


def reject(inbox: Inbox, report: Report, by: str, now: datetime) -> Report:
    """Say that a report is none; its words and its writer are erased."""
    _must_wait(report)
    rejected = replace(_erased(report, by, now), standing=Standing.REJECTED)
    inbox.change(rejected, report, by, "reject report", now)
    return rejected


def undo(inbox: Inbox, report: Report, by: str, now: datetime) -> Report:
    """Take a decision of the last 24 hours back. The words stay erased; the address is still there."""
    if report.standing not in DECIDED or report.decided_at is None:
        raise DecisionError(f"report {report.id} {_WORDS[report.standing]}; there is nothing to undo")
    age = now - report.decided_at
    if age >= UNDO_FOR:
        raise DecisionError(
            f"report {report.id} was decided {span(age)} ago; a decision can be undone for {span(UNDO_FOR)}"
        )
    if report.boosted_at is not None:
        raise DecisionError(
            f"report {report.id} is boosted; take that back first: reports unboost {report.id}"
        )
    undone = replace(
        report,
        standing=Standing.UNDECIDED,
        actions=(),
        country=None,
        participants=None,
        decided_at=None,
        decided_by="",
    )
    inbox.change(undone, report, by, "undo decision on report", now)
    return undone


def bundled(reports: Iterable[Report]) -> list[list[Report]]:
    """Reports with equal words put together, in the order in which the first of each came."""
    bundles: dict[object, list[Report]] = {}
    for report in reports:
        bundles.setdefault((report.group or report.id, report.standing), []).append(report)
    return list(bundles.values())


def waiting(inbox: Inbox) -> list[list[Report]]:
    """What waits for a decision, equal words together, the oldest first."""
    return bundled(inbox.reports(standings={Standing.UNDECIDED}, limit=EVERY))


def with_equals(inbox: Inbox, report: Report) -> list[Report]:
    """A report and all that have its words and wait as it does, or were decided together with it."""
    if not report.group:
        return [report]
    alike = [
        one
        for one in inbox.reports(standings={report.standing}, limit=EVERY)
        if one.group == report.group and one.decided_at == report.decided_at and one.id != report.id
    ]
    return [report, *alike]


def _must_wait(report: Report) -> None:
    if report.standing is not Standing.UNDECIDED:
        raise DecisionError(f"report {report.id} {_WORDS[report.standing]}")


def _erased(report: Report, by: str, now: datetime) -> Report:
    """A decided report: what was said and who said it are gone, the address stays for as long as an undo."""
    left = decided(report)
    if report.platform is PlatformName.X:
        left = replace(left, suggestion=replace(left.suggestion, country=None, participants=None))
    return replace(left, decided_at=now, decided_by=by)
