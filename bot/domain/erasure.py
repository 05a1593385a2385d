"""What is left of a report, and when: by the hour, at its writer's wish, or with its source."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.report import RAW_FOR, UNDO_FOR, Report, Risk, Standing, Suggestion

WARN_FOR = timedelta(days=3)
"""How long before words lapse a person is told."""

NOTHING = Suggestion(is_report=False, confidence=0.0)
DECIDED = frozenset({Standing.COUNTED, Standing.REJECTED})


def holds_something(report: Report) -> bool:
    """Whether anything of its writer is in a report that is more than a hash."""
    kept = (report.handle, report.text, report.url, report.remote_id)
    return any(part is not None for part in kept) or bool(report.suggestion.why)


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


def decided(report: Report) -> Report:
    """A report without words and name; the address stays, by which a decision or a boost is taken back."""
    return replace(wiped(report), url=report.url, remote_id=report.remote_id)


def erased(report: Report) -> Report:
    """What is left of a report that is taken out: a mark, so that it is never taken in again."""
    return replace(
        wiped(report),
        author="",
        alias="",
        group="",
        language=None,
        suggestion=NOTHING,
        standing=Standing.ERASED,
        actions=(),
        country=None,
        participants=None,
        boosted_at=None,
    )


def set_aside(report: Report) -> Report:
    """What a copy of the store has of a report: no word of it, and of one that waits not even who wrote it.

    Who puts the copy back hears it again and judges it anew; what is not heard again stays a number. What is
    boosted keeps its address, without which the boost could not be taken back.
    """
    if report.boosted_at is not None:
        return decided(report)
    if report.standing is not Standing.UNDECIDED:
        return wiped(report)
    left = replace(wiped(report), standing=Standing.LAPSED, author="", alias="", group="")
    return replace(left, suggestion=NOTHING, language=None) if report.risk is Risk.UNSURE else left


def is_set_aside(report: Report) -> bool:
    """Whether a report is what a copy has of one that waited: whoever hears it again takes it in."""
    return report.standing is Standing.LAPSED and not report.author


def opted_out(report: Report) -> Report:
    """What is left of a report whose writer wants nothing to do with us: of a counted one, the count.

    While it is boosted its address stays, without which the boost could not be taken back.
    """
    if report.standing is Standing.UNDECIDED and report.boosted_at is None:
        return erased(report)
    return decided(report) if report.boosted_at else wiped(report)


def lapses_at(report: Report) -> datetime:
    """When the words of a report that waits are erased."""
    return report.taken_at + RAW_FOR


def aged(report: Report, now: datetime) -> Report:
    """What the hour leaves of a report."""
    if report.standing is Standing.UNDECIDED and now >= lapses_at(report):
        return _settled(replace(report, standing=Standing.LAPSED))
    if report.standing not in DECIDED or report.decided_at is None:
        return report
    if report.boosted_at or now < report.decided_at + UNDO_FOR:
        return decided(report)
    return _settled(report)


def _settled(report: Report) -> Report:
    """A report on which nobody decides any more. Of one on X, its mark, the kinds and the day are left."""
    if report.platform is not PlatformName.X:
        return wiped(report)
    guess = report.suggestion
    return replace(
        wiped(report),
        author="",
        alias="",
        group="",
        language=None,
        country=None,
        participants=None,
        audience=Audience.PUBLIC,
        risk=Risk.NONE,
        suggestion=replace(NOTHING, is_report=guess.is_report, actions=guess.actions),
    )


def reviewed_again(report: Report, today: Report, now: datetime) -> Report:
    """A report whose source says something else today: as that reads, for a person to look at."""
    return replace(
        today,
        id=report.id,
        mark=report.mark,
        author=report.author,
        alias=report.alias,
        day=report.day,
        taken_at=report.taken_at if report.standing is Standing.UNDECIDED else now,
        standing=Standing.UNDECIDED,
        no_boost=report.no_boost or today.no_boost,
        handle=report.handle,
        url=report.url,
        remote_id=report.remote_id,
        actions=(),
        country=None,
        participants=None,
        decided_at=None,
        decided_by="",
        boosted_at=None,
    )
