"""Accounts, posts, switches and the ledger in plain dicts."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock
from typing import Any

from bot.domain.account import Account, Identity, Pause
from bot.domain.case import Finding, Subject
from bot.domain.delivery import Key, State
from bot.domain.draft import Draft
from bot.domain.errors import StoreError, StoreLostError
from bot.domain.lengths import PlatformName
from bot.domain.post import PostId
from bot.domain.report import Report, ReportId
from bot.ports.records import Alarm, Attempt, Decision, Known
from bot.store import rules
from bot.store.replan import Owing
from bot.store.shelf import Rendition, Shelf


@dataclass(slots=True, eq=False)
class Memory:
    """What every program that has the store open shares."""

    lock: RLock = field(default_factory=RLock)
    shelf: Shelf = field(default_factory=Shelf)
    renditions: dict[Owing, Rendition] = field(default_factory=dict)
    of_post: dict[PostId, dict[Owing, Rendition]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    posts: dict[PostId, Known] = field(default_factory=dict)
    attempts: defaultdict[Key, list[Attempt]] = field(default_factory=lambda: defaultdict(list))
    epochs: dict[Key, int] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    alarms: dict[str, Alarm] = field(default_factory=dict)
    files: dict[Subject, Finding] = field(default_factory=dict)  # what the files say of people and facts
    checks: dict[Subject, list[Finding]] = field(default_factory=dict)  # the ledger's
    approvals: dict[Draft, str] = field(default_factory=dict)
    people_paused: str | None = None
    mark: int = 0  # how often what may be said has changed
    started: bool = False
    paused: str | None = None
    restored: datetime | None = None
    late: defaultdict[str, list[Key]] = field(default_factory=lambda: defaultdict(list))
    reports: dict[ReportId, Report] = field(default_factory=dict)
    by_mark: dict[str, ReportId] = field(default_factory=dict)
    by_author: defaultdict[str, set[ReportId]] = field(default_factory=lambda: defaultdict(set))
    erased_marks: set[str] = field(default_factory=set)
    hash_key: str | None = None
    streams: dict[tuple[str, str], str | None] = field(default_factory=dict)
    at_risk: dict[str, datetime] = field(default_factory=dict)
    opt_outs: dict[str, datetime] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)
    holder: Any = None
    epoch: int = 0
    beat_at: datetime | None = None


class MemoryRegister:
    """The part of the store that is not the outbox."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        self._epoch: int | None = None

    def _held(self) -> None:
        if self._epoch is None:
            raise StoreError("nothing is sent from this store without holding it")

    def _fence(self) -> None:
        self._held()
        if self._memory.epoch != self._epoch:
            raise StoreLostError("another program has taken over this store")

    def enroll(self, label: str, platform: PlatformName, now: datetime) -> Account:
        """Remember an account of the configuration from the first time it is seen on."""
        with self._memory.lock:
            fresh = Account(label=label, platform=platform, enrolled_at=now)
            found = self._memory.accounts.setdefault(label, fresh)
            rules.check_platform(found, platform)
            return found

    def account(self, label: str) -> Account:
        """One account."""
        with self._memory.lock:
            if label not in self._memory.accounts:
                raise rules.unknown_account(label)
            return self._memory.accounts[label]

    def accounts(self) -> list[Account]:
        """All accounts ever enrolled, by their label."""
        with self._memory.lock:
            return [account for _, account in sorted(self._memory.accounts.items())]

    def identified(self, label: str, identity: Identity, now: datetime) -> Account:
        """Remember what the platform says of an account, unless it speaks of another one."""
        with self._memory.lock:
            account = rules.identified(self.account(label), identity, self._memory.accounts.values())
            self._memory.accounts[label] = account
            return account

    def pause(self, label: str | None, reason: str, by: str, now: datetime, *, blocked: bool = False) -> None:
        """Stop claims on an account, or on all, until resumed."""
        with self._memory.lock:
            if label is None:
                self._memory.paused = reason
            else:
                pause = Pause(reason=reason, by=by, at=now, blocked=blocked)
                self._memory.accounts[label] = replace(self.account(label), pause=pause)
            self.decide(rules.line(now, by, "pause", label, reason))

    def resume(self, label: str | None, by: str, now: datetime) -> None:
        """Allow claims again on an account, or on all."""
        with self._memory.lock:
            if label is None:
                self._memory.paused = None
            else:
                self._memory.accounts[label] = replace(self.account(label), pause=None)
            self.decide(rules.line(now, by, "resume", label))

    def paused(self) -> str | None:
        """Why everything is paused, None where it is not."""
        return self._memory.paused

    def start(self, by: str, now: datetime) -> None:
        """Allow publishing for the first time on this store; again changes nothing."""
        with self._memory.lock:
            if not self._memory.started:
                self._memory.started = True
                self.decide(rules.line(now, by, "start", None))

    def started(self) -> bool:
        """Whether publishing was ever allowed on this store."""
        return self._memory.started

    def put_back(self, since: datetime, by: str, now: datetime) -> None:
        """Remember that this is a backup, and since when what was sent may be missing."""
        with self._memory.lock:
            known = self._memory.restored
            self._memory.restored = min(known or since, since)
            if self._memory.files or self._memory.checks:
                self._memory.people_paused = rules.RECHECK_PEOPLE
                self._memory.mark += 1
            self.decide(rules.put_back(since, by, now))

    def restored(self) -> datetime | None:
        """Since when what was sent may be missing, None where this store never was a backup."""
        return self._memory.restored

    def meet(self, posts: Sequence[PostId], now: datetime) -> Mapping[PostId, Known]:
        """Remember posts from the first time they are seen on."""
        with self._memory.lock:
            return {
                post: self._memory.posts.setdefault(post, Known(id=post, first_seen_at=now)) for post in posts
            }

    def take_slot(self, post: PostId, at: datetime) -> Known:
        """Give a post its slot; one it already has stays."""
        with self._memory.lock:
            known = self._memory.posts.get(post)
            if known is None:
                raise rules.unknown_post(post)
            if known.slot_at is None:
                known = self._memory.posts[post] = replace(known, slot_at=at)
            return known

    def taken_slots(self, after: datetime) -> frozenset[datetime]:
        """Instants later than `after` at which a post already goes out."""
        with self._memory.lock:
            slots = [known.slot_at for known in self._memory.posts.values()]
            scheduled = self._memory.shelf.among(lambda one: one.state is State.SCHEDULED)
            planned = [one.planned_at for one in scheduled]
            return frozenset(at for at in (*slots, *planned) if at and at > after)

    def decide(self, decision: Decision) -> None:
        """Add a line to the ledger."""
        with self._memory.lock:
            self._memory.decisions.append(decision)

    def decisions(self, about: str) -> list[Decision]:
        """The ledger's lines about something, oldest first."""
        with self._memory.lock:
            return [line for line in self._memory.decisions if line.about == about]

    def attempts(self, key: Key) -> list[Attempt]:
        """The requests made for a delivery, oldest first."""
        with self._memory.lock:
            return list(self._memory.attempts.get(key, ()))

    def alarms(self) -> list[Alarm]:
        """Every problem that goes on or whose end is still to be told, oldest first."""
        with self._memory.lock:
            return sorted(self._memory.alarms.values(), key=lambda alarm: (alarm.since, alarm.problem))

    def open_alarms(self, begun: Mapping[str, str], now: datetime) -> None:
        """Remember problems, each with its words; one that is known goes on."""
        with self._memory.lock:
            for problem, words in begun.items():
                new = Alarm(problem=problem, words=words, since=now)
                known = self._memory.alarms.setdefault(problem, new)
                self._memory.alarms[problem] = replace(known, over_at=None)

    def alarms_told(self, problems: Collection[str], now: datetime) -> None:
        """Remember that a person was told of these problems; the first time counts."""
        with self._memory.lock:
            for alarm in self._alarms_among(problems):
                self._memory.alarms[alarm.problem] = replace(alarm, told_at=alarm.told_at or now)

    def alarms_over(self, problems: Collection[str], now: datetime) -> None:
        """Remember that these problems are over; one that nobody was told of is forgotten."""
        with self._memory.lock:
            for alarm in self._alarms_among(problems):
                if alarm.told_at is None:
                    del self._memory.alarms[alarm.problem]
                else:
                    self._memory.alarms[alarm.problem] = replace(alarm, over_at=alarm.over_at or now)

    def forget_alarms(self, problems: Collection[str]) -> None:
        """Forget problems whose end was told."""
        with self._memory.lock:
            for alarm in self._alarms_among(problems):
                if alarm.over_at is not None:
                    del self._memory.alarms[alarm.problem]

    def _alarms_among(self, problems: Collection[str]) -> list[Alarm]:
        return [self._memory.alarms[name] for name in problems if name in self._memory.alarms]
