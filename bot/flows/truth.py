"""What people find out about cases and facts, and what is out that is no longer so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain.case import AGE, Finding, Guard, Standing, Status, Subject, spoken, standing, standings
from bot.domain.delivery import DeliveryKind, State
from bot.domain.errors import DecisionError
from bot.domain.post import PostId
from bot.domain.recheck import Untrue, taken_back, untrue
from bot.ports import Store
from bot.ports.records import Decision

LEAVE = "leave standing"
Said = Mapping[Subject, Finding]
"""What the files say, by what it is about."""


def guard_of(store: Store, age: timedelta, now: datetime) -> Guard:
    """What may be said by all that the store knows now."""
    return Guard(known=standings(store.findings(), age), people_paused=store.people_paused(), now=now)


def verify(
    store: Store,
    said: Said,
    subject: Subject,
    *,
    status: Status | None,
    source: str,
    on: date,
    check_by: date | None,
    by: str,
    resolve: bool,
    age: timedelta,
    now: datetime,
) -> Standing:
    """Write down that a person has looked, and what they found; what counts after it.

    Without a status, what counted is confirmed. DecisionError where nobody can say so.
    """
    before, after = _weighed(store, said, subject, age)
    name = before.name if before else subject.partition(" ")[2]
    if before is None:
        raise DecisionError(f"there is no {subject}: write its record first; `cases` lists those there are")
    _check_day(on, now)
    found = status or before.status
    undone = before.status is Status.DIED or found is Status.JAILED
    if found is not before.status and undone and not resolve:
        raise DecisionError(
            f"{name} counts as {before.status}: if you are sure, and have a source, say so with --resolve"
        )
    finding = Finding(
        subject=subject,
        name=name,
        status=found,
        verified_on=on,
        check_by=check_by or _until(said.get(subject), on),
        source=source,
        by=by,
        resolves=resolve,
    )
    _check_newer(finding, after, resolve)
    store.find_out(finding, now)
    counts = standing(said.get(subject), (*after, finding), age)
    return counts if counts is not None else replace(before, verified_on=on)


def _until(file: Finding | None, on: date) -> date | None:
    """The last day a check counts: the file's, while that lies ahead. A fact that can age ages on."""
    if file is None or file.check_by is None:
        return None
    if file.check_by > on:
        return file.check_by
    return on + AGE if file.status is None else None


def _weighed(
    store: Store, said: Said, subject: Subject, age: timedelta
) -> tuple[Standing | None, tuple[Finding, ...]]:
    _, checks = store.findings().get(subject, (None, ()))
    return standing(said.get(subject), checks, age), checks


def _check_day(on: date, now: datetime) -> None:
    if on > now.date() + timedelta(days=1):
        raise DecisionError(f"{spoken(on)} is still to come: give the day on which somebody looked")


def _check_newer(finding: Finding, checks: tuple[Finding, ...], resolve: bool) -> None:
    if checks and finding.verified_on < checks[-1].verified_on and not resolve:
        raise DecisionError(
            f"{finding.name} was checked on {spoken(checks[-1].verified_on)} already, by {checks[-1].by}; "
            "an older finding changes nothing"
        )


def now_untrue(store: Store, guard: Guard) -> list[Untrue]:
    """The posts that are out, say what is no longer so, and were neither withdrawn nor left standing."""
    found = untrue(store.relying({State.SENT}), guard)
    return [one for one in found if not _is_left(store, one) and _stands(store, one.post)]


def leave(store: Store, post: PostId, guard: Guard, by: str, now: datetime) -> Untrue:
    """Let a post stand that says what is no longer so. DecisionError where there is none of that name."""
    for one in now_untrue(store, guard):
        if one.post == post:
            store.decide(Decision(at=now, by=by, what=LEAVE, about=post, note=one.reason))
            return one
    raise DecisionError(f"nothing that is out of {post} says what is no longer so; `status` lists what does")


def _is_left(store: Store, one: Untrue) -> bool:
    return any(line.what == LEAVE and line.note == one.reason for line in store.decisions(one.post))


def _stands(store: Store, post: PostId) -> bool:
    """Whether anything of a post is out that nobody has asked to be taken away."""
    owed = store.of_post(post)
    gone = taken_back(owed)
    sent = [one for one in owed if one.kind is DeliveryKind.POST and one.receipt]
    return any(one.receipt and one.receipt.remote_id not in gone for one in sent)
