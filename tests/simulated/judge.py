"""The judge: what a campaign promises, held against what its platforms hold, never against our store."""

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime

from bot.domain.calendar import Every, occurrences
from bot.domain.delivery import LATE_AFTER, PATIENCE, State
from tests.builders import HOUR
from tests.simulated.world import BEGIN

MOST_LATE_AN_HOUR = 4
EVER = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
PUBLIC = frozenset({State.SENDING, State.IN_DOUBT, State.SENT})
DONE = frozenset({State.SENT, State.FAILED, State.EXPIRED, State.CANCELLED})
WORDS = re.compile(r"(?P<version>.+), part (?P<part>\d+) of \d+\.")


class BrokenPromiseError(AssertionError):
    """A promise of the campaign did not hold."""


def promise(kept, words):
    if not kept:
        raise BrokenPromiseError(words)


class Judge:
    """Watches the platforms of a campaign; `check` looks only at what is new since it last looked."""

    def __init__(self, wires):
        self.wires = wires
        self.judged = Counter()
        self.times = {label: Counter() for label in wires}
        self.by_id = {label: {} for label in wires}

    def check(self, store):
        """Every promise that can be broken at any moment."""
        for label, wire in self.wires.items():
            wire.platform.land()
            fresh = wire.platform.stored[self.judged[label] :]
            self.judged[label] += len(fresh)
            for one in fresh:
                self._judge_copy(label, one)
            keys = wire.touched | {one.key for one in fresh}
            for post in {wire.post_of[key] for key in keys}:
                rows = [row for row in store.of_post(post) if row.account == label]
                for row in rows:
                    if row.key in keys:
                        self._judge_row(label, row)
                self._judge_thread(label, rows)
            wire.touched.clear()

    def _judge_copy(self, label, one):
        """A copy that has just come to be: the only one, and below the right part."""
        self.by_id[label][one.receipt.remote_id] = one
        self.times[label][one.key] += 1
        promise(self.times[label][one.key] == 1, f"{label}: a second copy of {one.text!r}")
        words = WORDS.match(one.text)
        promise(words, f"{label}: something that is no post of ours: {one.text!r}")
        part = int(words["part"])
        parent = self.by_id[label].get(one.parent)
        promise((parent is None) == (part == 1), f"{label}: {one.text!r} stands below {one.parent}")
        if parent:
            above = WORDS.match(parent.text)
            right = (above["version"], int(above["part"])) == (words["version"], part - 1)
            promise(right, f"{label}: {one.text!r} stands below {parent.text!r}")

    def _judge_row(self, label, row):
        wire = self.wires[label]
        there = self.times[label][row.key]
        promise(row.state is not State.SENDING, f"{label}: {row.key} is still being sent")
        promise(not there or row.state in PUBLIC, f"{label}: {row.text!r} is there and called {row.state}")
        if row.state is State.SENT:
            one = self.by_id[label].get(row.receipt.remote_id)
            promise(one is not None, f"{label}: {row.text!r} is called sent and is not there")
            promise(one.key == row.key, f"{label}: {row.text!r} is called what is {one.text!r}")
        risked = wire.arrived[row.key]
        promise(risked <= PATIENCE[wire.name].writes, f"{label}: {row.text!r} was asked for {risked} times")

    def _judge_thread(self, label, rows):
        """What has begun goes on, or asks; it is never too late for the rest."""
        begun = {(row.occurrence, row.language) for row in rows if self.times[label][row.key]}
        for row in rows:
            cut = row.state is State.EXPIRED and (row.occurrence, row.language) in begun
            promise(not cut, f"{label}: {row.text!r} is called too late, and its thread has begun")

    def check_restart(self, store):
        """Nothing is left in the hand of a process that is gone."""
        promise(not store.counts()[State.SENDING], "something is still being sent by a process that is gone")

    def check_end(self, store, posts, now):
        """What is due has an end, or is seen to wait for somebody."""
        owed, rows_of = defaultdict(set), defaultdict(list)
        for row in store.deliveries(since=EVER[0], until=EVER[1]):
            owed[row.post].add(row.account)
            rows_of[row.post, row.account].append(row)
            self._judge_row(row.account, row)
            waiting = row.attention or row.held or row.next_at
            promise(row.state is not State.CANCELLED, f"{row.text!r} is taken back, and nobody wanted that")
            promise(row.planned_at > now or row.state in DONE or waiting, f"{row.text!r} has vanished")
        for (_, label), rows in rows_of.items():
            self._judge_thread(label, rows)
        for post in posts:
            wanted = {label for label, wire in self.wires.items() if post.goes_to(label, wire.name)}
            missing = wanted - owed[post.id]
            comes = not isinstance(post.when, Every) or any(occurrences(post.when, BEGIN, now))
            promise(post.draft or not comes or not missing, f"{post.id} was never owed to {missing}")
            promise(not post.draft or not owed[post.id], f"{post.id} is a draft and is owed")
        self._all_counted(store)

    def _all_counted(self, store):
        """Every copy is known to be one of ours, and every post once more by its words alone."""
        for label, wire in self.wires.items():
            once = Counter(one.text for one in wire.platform.stored if one.text.startswith("post-"))
            promise(not once or max(once.values()) == 1, f"{label}: {once.most_common(1)} by its words")


def check_bursts(wires, most=MOST_LATE_AN_HOUR):
    """No account lets out more late posts within an hour than agreed; the languages of one are one."""
    for label, wire in wires.items():
        there = {one.key for one in wire.platform.stored}
        late = {}
        for key, claims in wire.claims.items():
            last = claims[-1]
            if key in there and last.claimed_at - last.planned_at > LATE_AFTER:
                post = (last.post, last.occurrence)
                late[post] = min(late.get(post, last.claimed_at), last.claimed_at)
        times = sorted(late.values())
        for first, beyond in zip(times, times[most:], strict=False):
            promise(beyond - first >= HOUR, f"{label}: more than {most} late posts from {first} on")


def tally(store):
    """How many deliveries ended in which state, and how many wait for a person."""
    counts = {state.value: number for state, number in store.counts().items()}
    return {**counts, "asking": len(store.needing_attention())}
