"""Whom the tests of forgetting start from: a house that remembers, an ear that says what it is told."""

from dataclasses import dataclass, field, replace

from bot.domain.errors import TryLaterError
from bot.domain.lengths import PlatformName
from bot.flows.forget import Forgetting
from bot.store.hasher import KeyedHashes
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.reports import counted, take_in

HASHES = KeyedHashes(b"k" * 32)


class Erased:
    """Erasures in memory."""

    def __init__(self):
        self._marks, self._authors = set(), set()

    def add(self, *, marks=(), authors=()):
        self._marks.update(marks)
        self._authors.update(authors)

    def marks(self):
        return frozenset(self._marks)

    def authors(self):
        return frozenset(self._authors)


class WatchedInbox(MemoryStore):
    """A store that remembers what was asked of it, and in which somebody may just be deciding."""

    def __init__(self):
        super().__init__()
        self.scrubs = 0
        self.before_change = lambda: None

    def scrub(self):
        self.scrubs += 1

    def change(self, report, was, by, what, now):
        act, self.before_change = self.before_change, lambda: None
        act()
        super().change(report, was, by, what, now)


@dataclass
class Ear:
    """A platform that says what it is told to."""

    says: dict
    platform = PlatformName.MASTODON
    streams = ("mentions",)
    asked: list = field(default_factory=list)
    fails_after: int = 99

    def still_there(self, remote_ids):
        if len(self.asked) >= self.fails_after:
            raise TryLaterError("busy")
        self.asked.append(tuple(remote_ids))
        return {one: self.says[one] for one in remote_ids if one in self.says}


@dataclass
class House:
    """Everything that forgetting touches."""

    inbox: WatchedInbox = field(default_factory=WatchedInbox)
    erasures: Erased = field(default_factory=Erased)
    unboosted: list = field(default_factory=list)

    @property
    def what(self):
        return Forgetting(inbox=self.inbox, erasures=self.erasures, unboost=self.unboost)

    def unboost(self, report, by, now):
        assert report.remote_id
        self.unboosted.append(report.id)
        self.inbox.change(replace(report, boosted_at=None), report, by, "unboost", now)

    def holds(self, *reports):
        return take_in(self.inbox, *reports)

    def approve(self, report, **changes):
        new = counted(report, **changes)
        self.inbox.change(new, report, "anna", "approve", NOON)
        return new

    def now(self, report):
        return self.inbox.report(report.id)

    def lines(self, report):
        return [(line.by, line.what) for line in self.inbox.decisions(f"report {report.id}")]


def as_it_reads(report, text):
    """What collecting makes of a text: its group is the text itself."""
    return replace(report, text=text, group=text)
