"""What a person is told, and when: a new problem once, and its end once.

Problems are written down before anybody is told of them, and as told only after somebody was: a crash in
between tells once more and loses nothing. Each way of telling follows on its own, so that one that is broken
does not keep another from telling the end.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.delivery import BACKOFF_FIRST, BACKOFF_LONGEST
from bot.domain.spoken import count
from bot.flows.needs import Need
from bot.ports import Store
from bot.ports.records import Alarm

MOST_LINES = 20  # of problems in one message; the rest are counted
SEE = "Run `status` to see what to do."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What has become of the problems we know since the last look."""

    begun: Mapping[str, str]  # with their words; those that go on after they seemed over are among them
    over: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is still to be told on one way."""

    begun: Mapping[str, str]
    over: Mapping[str, str]

    @property
    def message(self) -> str:
        """All of it in one message."""
        lines = []
        if self.begun:
            lines += [f"{count(len(self.begun), 'new problem')}:", *_listed(self.begun)]
        if self.over:
            lines += [f"{count(len(self.over), 'problem is', 'problems are')} over:", *_listed(self.over)]
        return "\n".join([*lines, SEE])


def compare(alarms: Iterable[Alarm], needs: Iterable[Need]) -> Change:
    """Decide what has begun and what is over."""
    current = {need.problem: need.alarm for need in needs}
    known = list(alarms)
    going_on = {alarm.problem for alarm in known if alarm.over_at is None}
    return Change(
        begun={problem: words for problem, words in current.items() if problem not in going_on},
        over=frozenset(going_on - current.keys()),
    )


def take_note(store: Store, needs: Sequence[Need], now: datetime) -> list[Alarm]:
    """Write down what has begun and what is over; every problem that is known now."""
    change = compare(store.alarms(), needs)
    store.open_alarms(change.begun, now)
    store.alarms_over(change.over, now)
    return store.alarms()


def told_before(alarms: Iterable[Alarm]) -> dict[str, str]:
    """Problems that a person knows of, with their words."""
    return {alarm.problem: alarm.words for alarm in alarms if alarm.told_at is not None}


def news(alarms: Iterable[Alarm], told: Mapping[str, str]) -> News | None:
    """Decide what is to be told on a way on which some problems have been told; None for nothing."""
    going_on = {alarm.problem: alarm.words for alarm in alarms if alarm.over_at is None}
    begun = {problem: words for problem, words in going_on.items() if problem not in told}
    over = {problem: words for problem, words in told.items() if problem not in going_on}
    return News(begun=begun, over=over) if begun or over else None


def after(told: Mapping[str, str], arrived: News) -> dict[str, str]:
    """The problems that have been told on a way once news has arrived."""
    kept = {problem: words for problem, words in told.items() if problem not in arrived.over}
    return {**kept, **arrived.begun}


def wait(failures: int) -> timedelta:
    """How long to wait before a way that has failed so often is tried again."""
    return min(BACKOFF_FIRST * (1 << min(failures - 1, 10)), BACKOFF_LONGEST)


def _listed(problems: Mapping[str, str]) -> list[str]:
    same = Counter(problems.values())
    lines = [f"- {words}" + (f" ({number} messages)" if number > 1 else "") for words, number in same.items()]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"- and {len(lines) - MOST_LINES} more"]
    return lines
