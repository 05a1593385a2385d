"""What `cases` lists: whom and what the posts rest on, the most urgent first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bot.config import Config
from bot.domain.case import (
    Claim,
    Finding,
    Standing,
    Status,
    Subject,
    case_subject,
    fact_subject,
    spoken,
    standing,
)
from bot.domain.post import Post, PostId
from bot.domain.recheck import rechecks
from bot.files.queue import Queue
from bot.flows.needs import situation
from bot.ports import Store

WORDS = {
    Status.JAILED: "in prison",
    Status.FREE: "free",
    Status.DIED: "died",
    Status.UNKNOWN: "not known",
    None: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case or fact. `waiting` are the posts that do not go out until somebody has looked."""

    subject: Subject
    counts: Standing
    source: str
    waiting: Sequence[PostId]
    used: bool = True  # a post names it
    dispute: str = ""  # who says what, where two disagree
    seen: date | None = None  # when anything was last known

    def row(self, today: date) -> Sequence[str]:
        """What is printed of it."""
        kind, _, name = self.subject.partition(" ")
        words = self._until(today)
        if self.waiting:
            words += f"; {_listed(self.waiting)} {'waits' if len(self.waiting) == 1 else 'wait'} for it"
        elif not self.used:
            words += "; no post names them" if kind == "case" else "; no post rests on it"
        return (
            kind,
            name,
            self.counts.name if kind == "case" else "",
            WORDS[self.counts.status],
            f"checked {spoken(self.counts.verified_on)}",
            f"{words}; {self.dispute}" if self.dispute else words,
        )

    def _until(self, today: date) -> str:
        until = self.counts.good_until
        if self.counts.status is Status.UNKNOWN:
            return f"last seen {spoken(self.seen)}" if self.seen else "never seen"
        if until is None:
            return "does not age"
        return f"check again: good until {spoken(until)}" if until < today else f"good until {spoken(until)}"

    def urgency(self, today: date) -> tuple[int, bool, date, str]:
        """Its place in the list: what posts wait for, what is past its date, what posts name, the rest."""
        until = self.counts.good_until
        unknown = self.counts.status is Status.UNKNOWN
        rank = 0 if self.waiting else 1 if until and until < today else 2 if self.used else 3
        return rank, not self.used, until or (date.min if unknown else date.max), self.subject

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "subject": self.subject,
            "name": self.counts.name,
            "status": self.counts.status,
            "verified_on": self.counts.verified_on,
            "good_until": self.counts.good_until,
            "disputed": self.counts.disputed,
            "source": self.source,
            "waiting": list(self.waiting),
        }


def case_lines(config: Config, queue: Queue, store: Store | None, now: datetime) -> list[Line]:
    """A line for each case and fact, the most urgent first."""
    said = {finding.subject: finding for finding in queue.findings}
    kept = store.findings() if store else {}
    planned = _planned(config, store, now)
    named = {subject for post in queue.posts for subject in post.reliance.subjects}
    lines = []
    for subject in {**said, **kept}:
        file, checks = said.get(subject), kept[subject][1] if subject in kept else ()
        counts = standing(file, checks, config.case_age)
        if file is None or counts is None:
            continue  # its record is gone, whatever anybody checked by hand
        waiting = dict.fromkeys([*planned.get(subject, ()), *_waiting(subject, counts, queue.posts, now)])
        line = Line(
            subject=subject,
            counts=counts,
            source=checks[-1].source if checks else file.source,
            waiting=tuple(waiting),
            used=subject in named or bool(waiting),
            dispute=_dispute(file, checks, queue) if counts.disputed else "",
            seen=_seen(file, checks),
        )
        lines.append(line)
    return sorted(lines, key=lambda line: line.urgency(now.date()))


def _planned(config: Config, store: Store | None, now: datetime) -> Mapping[Subject, Sequence[PostId]]:
    """The posts that are planned, and wait for a check."""
    if store is None:
        return {}
    found = situation(store, config.labels, now, config.case_age)
    return {one.subject: one.posts for one in rechecks(found.waiting, found.guard)}


def _waiting(subject: Subject, counts: Standing, posts: Iterable[Post], now: datetime) -> list[PostId]:
    """The posts, drafts and held ones too, that need to know what nobody knows today."""
    stale = counts.good_until is not None and counts.good_until < now.date()
    if not stale and counts.status is not Status.UNKNOWN:
        return []
    return [post.id for post in posts if subject in _of_today(post)]


def _of_today(post: Post) -> set[Subject]:
    """What a post says that may no longer be so."""
    said = {case_subject(case) for case, claim in post.reliance.claims.items() if claim is not Claim.HISTORY}
    return said | set(map(fact_subject, post.reliance.facts))


def _seen(file: Finding, checks: Sequence[Finding]) -> date:
    """The day from which the newest word comes that said where a person is."""
    days = [one.verified_on for one in checks if one.status is not Status.UNKNOWN]
    return max([file.verified_on, *days])


def _dispute(file: Finding, checks: Sequence[Finding], queue: Queue) -> str:
    source = next((case.source.file for case in queue.cases if case.finding.subject == file.subject), "")
    path = Path(source)
    return (
        f"{path.parent.name}/{path.name} says {file.status}, the last check says {checks[-1].status}: "
        "correct one"
    )


def _listed(posts: Sequence[PostId]) -> str:
    more = f" and {len(posts) - 3} more" if len(posts) > 3 else ""  # noqa: PLR2004  # what a line can hold
    return f"{', '.join(posts[:3])}{more}"
