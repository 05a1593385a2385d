"""Forgetting: by the hour, with the source, at a writer's wish, and again after a backup was put back."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.erasure import aged, erased, opted_out, reviewed_again
from bot.domain.errors import LostClaimError
from bot.domain.marks import bare, handle_in, messages_of, names_of
from bot.domain.report import Report, ReportId, Risk, Standing, days_of_words
from bot.ports.inbox import Erasures, Hasher, Inbox, Source

BY_CLOCK, BY_SOURCE, BY_WRITER = "the clock", "its source", "its writer"
AT_ONCE = 20  # messages that a platform is asked about in one request

Unboost = Callable[[Report, str, datetime], object]
"""Takes a boost back: plans its undoing, while the report still has the address that this needs."""

Reread = Callable[[Report, str], Report | None]
"""What collecting would make of a report's text today; None where its writer is at risk or wants no part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What forgetting depends on."""

    inbox: Inbox
    erasures: Erasures
    unboost: Unboost


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """What became of the sources of reports."""

    gone: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What we hold of somebody who is asked about: the hashes of their names, and their reports."""

    authors: frozenset[str]
    reports: tuple[Report, ...]
    opted_out: bool


def erase(what: Forgetting, report: Report, by: str, why: str, now: datetime) -> Report:
    """Take a report out for good; a boost of it is taken back first. LostClaimError where it was changed."""
    report = _unboosted(what, report, by, now)
    left = erased(report)
    what.erasures.add(marks=[report.mark])
    what.inbox.change(left, report, by, f"erase: {why}", now)
    return left


def lapse(what: Forgetting, now: datetime) -> int:
    """Erase what has been kept as long as it may be; counts reports."""
    number = 0
    for report in _holding(what.inbox):
        left = aged(report, now)
        if left != report:
            word = "lapse" if left.standing is Standing.LAPSED else "erase: the time to undo is over"
            number += _exchanged(what, left, report, word, now)
    if number:
        what.inbox.scrub()
    return number


def recheck(  # who forgets, who is asked, about whom, how it is read, and when
    what: Forgetting,
    ear: Source,
    account: str,
    reread: Reread,
    now: datetime,
    *,
    reports: Iterable[Report] | None = None,
) -> Rechecked:
    """Look at the sources of an account's reports, or of some: what is gone is erased, what changed waits.

    A PlatformError where the platform cannot be asked; what was seen before is done then. Of a message the
    platform says nothing about, nothing changes.
    """
    asked = {
        report.remote_id: report
        for report in (_holding(what.inbox) if reports is None else reports)
        if report.account == account and report.remote_id is not None
    }
    gone = changed = 0
    try:
        for some in _some_at_once(list(asked)):
            for remote_id, text in ear.still_there(some).items():
                if report := asked.get(remote_id):
                    lost, other = _look(what, report, text, reread, now)
                    gone, changed = gone + lost, changed + other
    finally:
        if gone or changed:
            what.inbox.scrub()
    return Rechecked(gone=gone, changed=changed)


def _some_at_once(remote_ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (remote_ids[start : start + AT_ONCE] for start in range(0, len(remote_ids), AT_ONCE))


def _look(
    what: Forgetting, report: Report, text: str | None, reread: Reread, now: datetime
) -> tuple[int, int]:
    """What one source says today; how many reports are gone, and how many wait again."""
    today = None if text is None else reread(report, text)
    try:
        if today is None or today.risk is Risk.AT_RISK:
            erase(what, report, BY_SOURCE, "its source is gone or changed", now)
            return 1, 0
        if today.group == report.group:
            return 0, 0
        report = _unboosted(what, report, BY_SOURCE, now)
        what.inbox.change(reviewed_again(report, today, now), report, BY_SOURCE, "wait: changed", now)
    except LostClaimError:
        return 0, 0  # a person was just deciding: the next look sees what they made of it
    return 0, 1


def traces(inbox: Inbox, hasher: Hasher, name: str, now: datetime, *, wide: bool) -> Traces:
    """What we hold of whoever bears a handle, a platform's id or an address, their own or a message's.

    A handle may have had another owner. So what it leads to by way of the writer's other names is told to
    nobody; only for erasing it is `wide`.
    """
    authors = set(names_of(hasher, name, days_of_words(now)))
    found: dict[int, Report] = {}
    for mark in messages_of(hasher, name):
        if report := inbox.of_message(mark):
            found[report.id] = report
    asked = {name.strip(), bare(name), bare(handle_in(name) or name)}
    for report in _holding(inbox):
        if report.url in asked or (report.handle is not None and bare(report.handle) in asked):
            found[report.id] = report
    for _ in range(1 + wide):  # a report leads to the writer's other names, and these to more reports
        for author in sorted(authors):
            found.update((report.id, report) for report in inbox.of_author(author))
        if wide:
            authors.update(*map(_names, found.values()))
    reports = tuple(found[number] for number in sorted(found))
    return Traces(authors=frozenset(authors), reports=reports, opted_out=bool(inbox.opted_out(authors)))


def forget_author(
    what: Forgetting, hasher: Hasher, name: str, by: str, now: datetime, *, opt_out: bool = False
) -> Traces:
    """Take out every report of a writer, and where they wish, never take one in again; what there was."""
    found = traces(what.inbox, hasher, name, now, wide=True)
    if opt_out:
        what.erasures.add(authors=found.authors)
    # The boosted ones last: a boost that cannot be taken back must not keep the others here.
    for report in sorted(found.reports, key=lambda one: one.boosted_at is not None):
        erase(what, what.inbox.report(report.id), by, "its writer asked", now)
    if opt_out:
        what.inbox.erase_again((), found.authors, now)
    what.inbox.scrub()
    return found


def reapply(what: Forgetting, now: datetime) -> int:
    """Tell the store what was erased and who opted out, in case it is a copy put back; counts reports."""
    marks, authors = what.erasures.marks(), what.erasures.authors()
    boosted = [report for report in _holding(what.inbox) if report.boosted_at and report.mark in marks]
    number = what.inbox.erase_again(marks - {report.mark for report in boosted}, authors, now)
    if number:
        what.inbox.scrub()
    for report in boosted:
        erase(what, report, BY_WRITER, "erased before", now)
    if boosted:
        what.inbox.scrub()
    return number + len(boosted)


def let_go(what: Forgetting, now: datetime) -> int:
    """Take back the boosts of those who opted out since, and their reports' addresses; counts reports."""
    boosted = [report for report in _holding(what.inbox) if report.boosted_at]
    gone = what.inbox.opted_out({name for report in boosted for name in _names(report)})
    number = 0
    for report in boosted:
        if _names(report) & gone:
            left = _unboosted(what, report, BY_WRITER, now)
            number += _exchanged(what, opted_out(left), left, "erase: opted out", now)
    if number:
        what.inbox.scrub()
    return number


def _names(report: Report) -> set[str]:
    return {report.author, report.alias} - {""}


def _unboosted(what: Forgetting, report: Report, by: str, now: datetime) -> Report:
    if report.boosted_at is None:
        return report
    what.unboost(report, by, now)
    return what.inbox.report(report.id)


def _holding(inbox: Inbox) -> Iterator[Report]:
    """Every report that holds more than hashes, a few at a time: there may be very many."""
    after = ReportId(0)
    while some := inbox.holding(after=after):
        yield from some
        after = some[-1].id


def _exchanged(what: Forgetting, left: Report, was: Report, words: str, now: datetime) -> bool:
    try:
        what.inbox.change(left, was, BY_CLOCK, words, now)
    except LostClaimError:
        return False  # a person was just deciding: it is looked at again the next time
    return True
