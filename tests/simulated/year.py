"""Simulated years: the real flows, lanes and store through faults, deaths, downtime and a clock that jumps.

`python -m tests.simulated.year --seeds 200` runs many; a run that breaks a promise prints its seed and step.
"""

import argparse
import logging
import random
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

from bot.daemon.lane import Lane
from bot.domain.calendar import Every, Fixed
from bot.domain.delivery import PATIENCE
from bot.flows.plan import plan
from bot.ports import Speaker
from bot.store.memory import MemoryStore
from tests.builders import DAY, HOUR, MINUTE, SECOND
from tests.simulated.judge import BrokenPromiseError, Judge, check_bursts, tally
from tests.simulated.world import (
    BEGIN,
    CALM,
    LONG_AGO,
    PLANNER,
    STORM,
    YEAR,
    KilledError,
    SimulatedClock,
    Weather,
    a_year_of_posts,
    voice,
    wires,
)

LONGEST_STEP = 6 * HOUR
PLAN_EVERY = 7 * DAY
PLANNED_FROM, PLANNED_TO = timedelta(days=-1), timedelta(days=16)
PLANNED_AT_A_START = 0.03  # the daemon does so each time; that takes longer than all the rest
LONG_DOWNTIMES = 2
AFTERMATH = 6 * DAY  # of calm, so that the last grace runs out


class Programs:
    """The program as it is started again and again on one memory."""

    def __init__(self):
        self._first = MemoryStore()

    def start(self):
        return self._first.another()

    def kill(self, store):
        store.die()


class Year:
    """One campaign through one year. The same seed gives the same year."""

    def __init__(self, seed, *, posts=1500, length=YEAR, weather=None, programs=None):
        self.rng = random.Random(seed)
        random.seed(seed)  # lanes spread their returns with it
        self.length = length
        self.weather = weather or self.rng.choice((Weather(), Weather(), STORM))
        self.clock = SimulatedClock(jump=self._jump)
        self.wires = wires(self.clock, self.rng, self.weather)
        self.voices = {label: voice(wire.name) for label, wire in self.wires.items()}
        self.patience = {label: PATIENCE[wire.name] for label, wire in self.wires.items()}
        self.posts = a_year_of_posts(self.rng, posts, length)
        self.arrivals = {post.id: self._arrival(post) for post in self.posts}
        self.programs = programs or Programs()
        self.judge = Judge(self.wires)
        self.steps, self.events = 0, Counter()
        self.plan_due = self.jump_ends = BEGIN
        self.reckoning = timedelta()
        self.named = set()  # accounts whose platform has told us who they are
        self.life = ExitStack()
        self.lanes = []

    def _arrival(self, post):
        """When an organiser thinks of a post, so that a plan need not read the whole year."""
        if isinstance(post.when, Every):
            return None
        return post.when.at if isinstance(post.when, Fixed) else BEGIN + self.rng.random() * self.length

    def run(self):
        """Live through the year, and a calm week after it."""
        try:
            self._through(BEGIN + self.length)
            self._calm()
            self._through(BEGIN + self.length + AFTERMATH)
            self.judge.check_end(self.store, self.posts, self.clock.true)
            check_bursts(self.wires)
        except BrokenPromiseError as broken:
            broken.add_note(f"step {self.steps}, {self.clock.true}, clock off by {self.clock.offset}")
            raise
        finally:
            self.life.close()
        return self

    def _through(self, end):
        if not self.lanes:
            self._start()
        while self.clock.true < end:
            self.steps += 1
            try:
                self._step()
            except KilledError:
                self._die()
            self.judge.check(self.store)
            self.clock.true = min(max(self._next(), self.clock.true + SECOND), end)

    def _calm(self):
        self.weather = CALM
        self.clock.fuse = self.clock.jump_fuse = None
        self.clock.offset = timedelta()
        for wire in self.wires.values():
            wire.weather, wire.shut_until = CALM, self.clock.true

    def _start(self):
        self.store = self.programs.start()
        for label, wire in self.wires.items():
            self.store.enroll(label, wire.name, self.clock.shown)
        self.store.start("the simulation", self.clock.shown)
        self.life.enter_context(self.store.hold(self.clock.shown, self.patience))
        self.judge.check_restart(self.store)
        self.lanes = [self._lane(label) for label in self.wires]
        self.reckoning = self.clock.offset

    def _lane(self, label):
        wire = self.wires[label]
        speaker = Speaker(
            label=label, platform=wire, patience=self.patience[label], store=self.store, clock=self.clock
        )
        return Lane(
            label,
            lambda: self.voices[label],
            lambda: speaker,
            self.store,
            self.clock,
            patience=self.patience,
        )

    def _die(self):
        """The system takes back the lock; nothing else of us is left. Later we are started again."""
        self.events["deaths"] += 1
        self.programs.kill(self.store)
        self.life.close()
        self.clock.true += self._downtime()
        self._start()
        if self.rng.random() < PLANNED_AT_A_START:
            self.plan_due = BEGIN

    def _downtime(self):
        dice = self.rng.random()
        if dice < 0.01 and self.events["weeks away"] < LONG_DOWNTIMES:
            self.events["weeks away"] += 1
            return 8 * DAY
        if dice < 0.1:
            return self.rng.uniform(0.2, 6) * HOUR
        return self.rng.uniform(0.5, 90) * SECOND

    def _step(self):
        """What the daemon does in a second in which something is to be done."""
        self._happenings()
        self._notice_jump()
        if self._clock_is_borne_out():
            if self.clock.true >= self.plan_due:
                self._plan()
            self.store.expire(self.clock.shown)
        for lane in self.lanes:
            if lane.has_work(self.clock.shown):
                lane.round()
            if lane.newly_identified() and not self.named.issuperset(self.wires):
                self.named.add(lane.label)
                self.plan_due = BEGIN

    def _clock_is_borne_out(self):
        return any(lane.passed for lane in self.lanes)

    def _happenings(self):
        if self.clock.offset and self.clock.true >= self.jump_ends:
            self.clock.offset = timedelta()
        if not self.weather.rough:
            return
        if self.clock.fuse is None and self.rng.randrange(1000) < self.weather.deaths:
            self.clock.fuse = self.rng.randrange(15)
        calm = not self.clock.offset and self.clock.jump_fuse is None
        if calm and self.rng.randrange(1000) < self.weather.jumps:
            self.clock.jump_fuse = self.rng.randrange(15)

    def _jump(self):
        self.events["jumps"] += 1
        by = self.rng.choice((4 * MINUTE, -4 * MINUTE, HOUR, -HOUR, DAY, -DAY, None))
        self.clock.jump_to(LONG_AGO if by is None else self.clock.shown + by)
        self.jump_ends = self.clock.true + self.rng.uniform(0.01, 6) * HOUR

    def _notice_jump(self):
        if self.clock.offset != self.reckoning:
            self.reckoning = self.clock.offset
            self.plan_due = BEGIN
            for lane in self.lanes:
                lane.doubt_clock()

    def _plan(self):
        self.plan_due = self.clock.true + PLAN_EVERY
        begin, end = self.clock.true + PLANNED_FROM, self.clock.true + PLANNED_TO
        near = [post for post in self.posts if begin <= (self.arrivals[post.id] or begin) <= end]
        plan(near, list(self.voices.values()), self.store, PLANNER, self.clock.shown)

    def _next(self):
        """The true time of the next thing to do."""
        shown, true = self.clock.shown, self.clock.true
        instants = [true + LONGEST_STEP]
        if self._clock_is_borne_out():
            instants.append(self.plan_due)
        if self.clock.offset:
            instants.append(self.jump_ends)
        for lane in self.lanes:
            if lane.has_work(shown):
                instants.append(true + MINUTE)
            if not lane.passed or self.store.account(lane.label).pause:
                instants.append(true + 15 * MINUTE)
            if next_instant := self.store.next_instant(lane.label, shown):
                instants.append(next_instant - self.clock.offset)
        return min(instants)


HEAD = ("seeds", "steps", "stored", "sent", "failed", "expired", "asking", "deaths", "jumps", "faults", "s")


def figures(year):
    """What one year came to."""
    ended = tally(year.store)
    return Counter(
        steps=year.steps,
        stored=sum(len(wire.platform.stored) for wire in year.wires.values()),
        faults=sum(sum(wire.faults.values()) for wire in year.wires.values()),
        deaths=year.events["deaths"],
        jumps=year.events["jumps"],
        **{name: ended[name] for name in ("sent", "failed", "expired", "asking")},
    )


def main(arguments):
    """Run many years; 1 where one of them broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulated.year", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many years")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--posts", type=int, default=1500, help="posts in a year")
    chosen = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    say(HEAD)
    total, failed, began = Counter(), 0, time.perf_counter()
    for number, seed in enumerate(range(chosen.first, chosen.first + chosen.seeds), start=1):
        try:
            total += figures(Year(seed, posts=chosen.posts).run())
        except BrokenPromiseError as broken:
            failed += 1
            sys.stdout.write(f"seed {seed}: {broken}; {'; '.join(broken.__notes__)}\n")
        if number % 10 == 0 or number == chosen.seeds:
            took = f"{time.perf_counter() - began:.1f}"
            say([str(number), *(str(total[name]) for name in HEAD[1:-1]), took])
    return 1 if failed else 0


def say(cells):
    """One line of the table."""
    sys.stdout.write("".join(f"{cell:>9}" for cell in cells) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
