"""People and facts: what is known of them, until when, and whether a post may still say what it says.

A post declares what it says of a person; nothing is guessed. What is known comes from two places, the files
and the ledger of checks, and is weighed here.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType

from bot.domain.problem import Source

CaseId = NewType("CaseId", str)
"""Small letters, digits and hyphens; names a person's record for ever."""

FactId = NewType("FactId", str)
"""Small letters, digits and hyphens; names a dated statement for ever."""

Subject = NewType("Subject", str)
"""What a finding is about: `case` or `fact`, a space, and its id."""

AGE = timedelta(days=14)
"""How long a check of a person's status may be relied on, unless the configuration says less."""


class Status(StrEnum):
    """What became of a person, when somebody last looked."""

    JAILED = "jailed"
    FREE = "free"
    DIED = "died"
    UNKNOWN = "unknown"


class Claim(StrEnum):
    """What a post says of a person it names."""

    JAILED = "jailed"  # is in prison today
    FREE = "free"  # is free today
    DIED = "died"
    HISTORY = "history"  # only what was, with its date; nothing about today


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What somebody found out about a case or a fact, and on which day. `status` is None for a fact."""

    subject: Subject
    name: str  # as organisers know it
    status: Status | None = None
    verified_on: date
    check_by: date | None = None  # the last day on which it may be relied on
    source: str
    by: str = ""  # who looked; nobody for what stands in a file
    resolves: bool = False  # settles what earlier findings disagreed about


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One person's dated record. If you hold one, it is valid."""

    id: CaseId
    name: str
    spellings: tuple[str, ...]  # of the surname, in every script
    first_names: tuple[str, ...] = ()  # where given, the surname counts only beside one of these
    status: Status
    since: str = ""  # in words, as exact as it is known
    sentence: str = ""
    place: str = ""
    evidence: str
    verified_on: date
    check_by: date | None = None
    source: Source

    @property
    def finding(self) -> Finding:
        """What the file says, as one finding among others."""
        return Finding(
            subject=case_subject(self.id),
            name=self.name,
            status=self.status,
            verified_on=self.verified_on,
            check_by=self.check_by,
            source=self.evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One dated statement. If you hold one, it is valid."""

    id: FactId
    statement: str
    evidence: str
    verified_on: date
    check_by: date | None = None  # None: it cannot age
    source: Source

    @property
    def finding(self) -> Finding:
        """What the file says, as one finding among others."""
        return Finding(
            subject=fact_subject(self.id),
            name=self.id,
            verified_on=self.verified_on,
            check_by=self.check_by,
            source=self.evidence,
        )


def case_subject(case: CaseId) -> Subject:
    """What a finding about a person is filed under."""
    return Subject(f"case {case}")


def fact_subject(fact: FactId) -> Subject:
    """What a finding about a fact is filed under."""
    return Subject(f"fact {fact}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliance:
    """What a post rests on: what it says of whom, and the facts it states."""

    cases: Mapping[CaseId, Claim] | tuple[()] = ()
    facts: tuple[FactId, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cases or self.facts)

    @property
    def claims(self) -> Mapping[CaseId, Claim]:
        """What is said of whom."""
        return dict(self.cases)

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What its findings are filed under."""
        return (*map(case_subject, self.claims), *map(fact_subject, self.facts))

    def as_text(self) -> str:
        """For a store: the same reliance has the same text; none has none."""
        if not self:
            return ""
        cases = {case: claim.value for case, claim in self.claims.items()}
        return json.dumps({"cases": cases, "facts": sorted(self.facts)}, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> "Reliance":
        """What as_text() wrote."""
        if not text:
            return NOTHING
        found = json.loads(text)
        cases = {CaseId(case): Claim(claim) for case, claim in found["cases"].items()}
        return cls(cases=cases, facts=tuple(FactId(fact) for fact in found["facts"]))


NOTHING = Reliance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What counts about a case or a fact. `good_until` is the last day to rely on it, None for always."""

    name: str
    status: Status | None
    verified_on: date
    good_until: date | None
    disputed: bool = False  # the file and the ledger do not agree


Known = Mapping[Subject, Standing]
"""What counts, by what it is about."""


def standing(file: Finding | None, ledger: Sequence[Finding], age: timedelta = AGE) -> Standing | None:
    """What counts of what a file and the ledger of checks say; None without a file, whatever was checked.

    The newer counts, but free, died or unknown in either wins over jailed until a person resolves it: what a
    file said before that day no longer counts then.
    """
    if file is None:
        return None  # with the record its newest word may have gone
    latest = ledger[-1] if ledger else None
    resolved = max((one.verified_on for one in ledger if one.resolves), default=None)
    settled = latest is not None and resolved is not None and file.verified_on < resolved
    both = [one for one in (None if settled else file, latest) if one is not None]
    both.sort(key=lambda one: one.verified_on)  # of two of the same day the ledger's, which comes second
    free_of_prison = [one for one in both if one.status is not Status.JAILED]
    counts = (free_of_prison or both)[-1]
    return Standing(
        name=counts.name,
        status=counts.status,
        verified_on=counts.verified_on,
        good_until=_good_until(counts, age),
        disputed=len({one.status for one in both}) > 1,
    )


def standings(
    findings: Mapping[Subject, tuple[Finding | None, tuple[Finding, ...]]], age: timedelta = AGE
) -> dict[Subject, Standing]:
    """What counts, of every subject anything is known of."""
    found = {subject: standing(file, ledger, age) for subject, (file, ledger) in findings.items()}
    return {subject: one for subject, one in found.items() if one is not None}


def _good_until(finding: Finding, age: timedelta) -> date | None:
    """The last day on which a finding may be relied on."""
    days = [finding.check_by] if finding.check_by else []
    if finding.status in {Status.JAILED, Status.FREE}:  # these can change any day
        days.append(finding.verified_on + age)
    return min(days, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why a post may not be said. `mend` says what to do, where the reason does not say it already."""

    subject: Subject | None
    reason: str
    stale: bool = False  # a check is due; nothing is known to be wrong
    mend: str = ""


PEOPLE_PAUSED = "posts that name people are paused"


def objection(
    reliance: Reliance, known: Known, at: datetime, *, people_paused: str | None = None
) -> Objection | None:
    """Why a post may not be said at an hour, None where it may."""
    if reliance.cases and people_paused is not None:
        return Objection(subject=None, reason=f"{PEOPLE_PAUSED}: {people_paused}")
    for case, claim in reliance.claims.items():
        if found := _about_person(case, claim, known.get(case_subject(case)), at):
            return found
    for fact in reliance.facts:
        if found := _about_fact(fact, known.get(fact_subject(fact)), at):
            return found
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What decides whether a post may be said. One that knows nothing lets nothing rest on it."""

    known: Known = field(default_factory=dict)
    people_paused: str | None = None
    now: datetime | None = None  # nothing is asked for an hour that has passed

    def objection(self, reliance: Reliance, at: datetime) -> Objection | None:
        """Why a post may not be said at an hour, None where it may."""
        if not reliance:
            return None
        hour = max(at, self.now) if self.now else at
        return objection(reliance, self.known, hour, people_paused=self.people_paused)


def contradiction(reliance: Reliance, known: Known) -> Objection | None:
    """All that a post that is out says of people and is no longer so, None where everything still holds."""
    found: dict[Subject, str] = {}
    for case, claim in reliance.claims.items():
        now = known.get(case_subject(case))
        if now is None or claim is Claim.HISTORY or now.status in {None, Status.UNKNOWN}:
            continue
        if now.status.value != claim.value:
            is_so = _IS[Claim(now.status.value)]
            found[case_subject(case)] = f"it says that {now.name} {_IS[claim]}, and this person {is_so}"
    return Objection(subject=next(iter(found)), reason="; ".join(found.values())) if found else None


_IS = {Claim.JAILED: "is in prison", Claim.FREE: "is free", Claim.DIED: "has died"}


def _about_person(case: CaseId, claim: Claim, now: Standing | None, at: datetime) -> Objection | None:
    subject = case_subject(case)
    if now is None:
        reason = f"there is no case {case} any more"
        return Objection(
            subject=subject, reason=reason, mend=f"write the record {case} again, or delete the post"
        )
    if claim is Claim.HISTORY:
        return None
    if now.status is Status.UNKNOWN:
        reason = f"nobody knows today whether {now.name} {_IS[claim]}"
        mend = f"look, then `cases verify {case} --status …`; or write it as history"
        return Objection(subject=subject, reason=reason, mend=mend)
    if now.status is None or now.status.value != claim.value:
        is_so = _IS[Claim(now.status.value)] if now.status else "has no status"
        reason = f"it says that {now.name} {_IS[claim]}, but this person {is_so}"
        return Objection(subject=subject, reason=reason, mend="write it as history, or delete it")
    return _stale(subject, now, at, f"`cases verify {case}`")


def _about_fact(fact: FactId, now: Standing | None, at: datetime) -> Objection | None:
    subject = fact_subject(fact)
    if now is None:
        reason = f"there is no fact {fact} any more"
        return Objection(
            subject=subject, reason=reason, mend=f"write the record {fact} again, or delete the post"
        )
    return _stale(subject, now, at, f"`cases verify {fact} --fact`")


def _stale(subject: Subject, now: Standing, at: datetime, command: str) -> Objection | None:
    day = at.date()
    if now.verified_on > day + timedelta(days=1):
        reason = (
            f"{now.name} was checked on {spoken(now.verified_on)}, which is still to come: mend that date"
        )
        return Objection(subject=subject, reason=reason)
    if now.good_until is not None and day > now.good_until:
        reason = (
            f"{now.name} was last checked on {spoken(now.verified_on)}, which is good until "
            f"{spoken(now.good_until)}: look again, then {command}"
        )
        return Objection(subject=subject, reason=reason, stale=True)
    return None


def spoken(day: date) -> str:
    """A date as people say it: 3 May 2027."""
    return f"{day.day} {day:%B %Y}"
