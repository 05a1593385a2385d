"""Whatever organisers, platforms, deaths and a second program do, in whatever order: the promises hold."""

import random
from dataclasses import replace
from itertools import chain, repeat

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.calendar import Fixed
from bot.domain.delivery import PATIENCE, State
from bot.domain.errors import Concern, DecisionError, InDoubtError, RefusedError, StoreError, TryLaterError
from bot.domain.post import Kind, Post, PostId, Words
from bot.domain.problem import Source
from bot.flows import decide
from bot.flows.missing import settle_missing
from bot.flows.plan import plan
from bot.flows.publish import drain
from bot.flows.reconcile import reconcile
from bot.platforms.memory import LandsLaterError
from bot.ports import Speaker
from bot.store.memory import MemoryStore
from tests.builders import HOUR, MINUTE, SECOND
from tests.simulated.judge import DONE, EVER, Judge, promise
from tests.simulated.world import CALM, EN, PLANNER, KilledError, SimulatedClock, voice, wires

BY = "an organiser"
ACCOUNTS = st.sampled_from(["x", "mastodon", "bluesky"])
POSTS = st.integers(0, 3)
LENGTHS = st.sampled_from([SECOND, 30 * SECOND, 90 * SECOND, 3 * MINUTE, 10 * MINUTE, HOUR, 20 * HOUR])
ANSWERS = (
    None,
    TryLaterError("nobody there"),
    TryLaterError("busy", wait=MINUTE, concern=Concern.ACCOUNT_BUSY),
    RefusedError("bad words"),
    InDoubtError("no answer"),
    InDoubtError("stored, and the answer was lost"),
    LandsLaterError("no answer", 4 * SECOND),
)


class Campaign(RuleBasedStateMachine):
    """An organiser's queue, three accounts, and a program that may die."""

    def __init__(self):
        super().__init__()
        self.clock = SimulatedClock()
        rng = random.Random(0)
        self.wires = wires(self.clock, rng, CALM)
        self.voices = [voice(wire.name) for wire in self.wires.values()]
        self.patience = {label: PATIENCE[wire.name] for label, wire in self.wires.items()}
        self.judge = Judge(self.wires)
        self.first = MemoryStore()
        self.queue = {}
        self.editions = 0
        self.holding = None

    @initialize(keeps_keys=st.booleans())
    def begin(self, keeps_keys):
        self.wires["mastodon"].platform.keeps_keys = keeps_keys
        for label, wire in self.wires.items():
            self.first.enroll(label, wire.name, self.clock.shown)
            self.first.identified(label, wire.platform.identify(), self.clock.shown)
        self.first.start(BY, self.clock.shown)
        self._start()

    def _start(self):
        self.store = self.first.another()
        self.holding = self.store.hold(self.clock.shown, self.patience)
        self.holding.__enter__()
        self.judge.check_restart(self.store)

    def _die(self):
        self.clock.fuse = None
        self.store.die()
        self.holding.__exit__(None, None, None)
        self._start()

    def _speaker(self, label):
        return Speaker(
            label=label,
            platform=self.wires[label],
            patience=self.patience[label],
            store=self.store,
            clock=self.clock,
        )

    @rule()
    def idle(self):
        """Nothing happens; so that something always can."""

    @rule(
        number=POSTS,
        parts=st.integers(1, 3),
        kind=st.sampled_from(Kind),
        ahead=LENGTHS,
        held=st.none() | st.just("not yet confirmed"),
    )
    def write_or_edit(self, number, parts, kind, ahead, held):
        self.editions += 1
        name = f"post-{number}"
        texts = [
            {EN: f"{name}, en, part {part} of {parts}. Edition {self.editions}."}
            for part in range(1, parts + 1)
        ]
        at = self.clock.shown + ahead
        self.queue[number] = Post(
            id=PostId(name),
            when=Fixed(at=at, written=f"{at}", zone="UTC"),
            words=Words(text=texts[0], thread=tuple(texts[1:])),
            kind=kind,
            held=held,
            source=Source(file=f"{name}.yaml", line=1),
        )

    @rule(number=POSTS, ahead=LENGTHS)
    def write_a_plain_post(self, number, ahead):
        self.write_or_edit(number, 1, Kind.SOLIDARITY, ahead, None)
        self.read_the_queue()

    @rule()
    def read_the_queue(self):
        posts, now = list(self.queue.values()), self.clock.shown
        plan(posts, self.voices, self.store, PLANNER, now)
        settle_missing(self.store, {post.id for post in posts}, now)

    @precondition(lambda self: self.queue)
    @rule(data=st.data())
    def delete(self, data):
        del self.queue[data.draw(st.sampled_from(sorted(self.queue)))]
        self.read_the_queue()

    @rule(
        account=ACCOUNTS,
        answers=st.lists(st.sampled_from(ANSWERS), max_size=3),
        death=st.none() | st.integers(0, 12),
    )
    def send(self, account, answers, death):
        """A round of an account's lane, in which requests go wrong and in which we may die."""
        self.wires[account].platform.answers = chain(answers, repeat(None))
        self._round(account, death)

    @rule(account=ACCOUNTS, blind=st.booleans(), death=st.none() | st.integers(0, 12))
    def look(self, account, blind, death):
        looks = [TryLaterError("timeout")] if blind else []
        self.wires[account].platform.looks = chain(looks, repeat(None))
        self._round(account, death)

    def _round(self, account, death):
        self.clock.fuse = death
        try:
            drain(self._speaker(account), lambda: 0.5)
            reconcile(self._speaker(account))
        except KilledError:
            self._die()
        self.clock.fuse = None

    @rule(length=LENGTHS)
    def time_goes_on(self, length):
        self.clock.true += length
        self.store.expire(self.clock.shown)

    @rule()
    def die_at_rest(self):
        self._die()

    @rule()
    def start_a_second_program(self):
        other = self.first.another()
        with pytest.raises(StoreError), other.hold(self.clock.shown, self.patience):
            pass
        with pytest.raises(StoreError):
            drain(replace(self._speaker("x"), store=other), lambda: 0.5)

    @rule(account=ACCOUNTS)
    def lose_the_lock_to_a_second_program(self, account):
        """What nothing should bring about: two programs that both believe they hold the store."""
        old, holding = self._speaker(account), self.holding
        self.first._memory.holder = None
        self._start()
        asked = self.wires[account].platform.requests
        with pytest.raises(StoreError):
            self._go_on(old)
        promise(self.wires[account].platform.requests == asked, "a program without the lock has sent")
        holding.__exit__(None, None, None)

    def _go_on(self, speaker):
        while drain(speaker, lambda: 0.5) == 0:
            speaker.store.beat(self.clock.shown)

    @rule(data=st.data(), what=st.sampled_from(["retry", "cancel", "publish now"]))
    def an_organiser_decides(self, data, what):
        rows = self._rows()
        if not rows:
            return
        chosen = data.draw(st.sampled_from(rows))
        now = self.clock.shown
        try:
            if what == "retry":
                decide.retry(self.store, chosen.key, BY, now)
            elif what == "cancel":
                decide.cancel(self.store, chosen.key, BY, now)
            else:
                decide.publish_now(self.store, chosen.post, BY, now)
        except DecisionError:
            pass  # an organiser who asks for what cannot be done is told so

    @precondition(lambda self: any(row.state is State.IN_DOUBT and row.attention for row in self._rows()))
    @rule()
    def an_organiser_looks_and_answers(self):
        """They look at the profile, and say what they see."""
        now = self.clock.shown
        for row in self._rows():
            if row.state is not State.IN_DOUBT or not row.attention:
                continue
            wire = self.wires[row.account]
            there = [one.receipt for one in wire.platform.stored if one.key == row.key]
            if there:
                decide.told_sent(self.store, row, there[0], BY, now)
            elif now > row.claimed_at + PATIENCE[wire.name].settle:
                decide.told_not_sent(self.store, row, BY, now)
                wire.arrived[row.key] = 0  # what a person wants is beyond our own bound

    def _rows(self):
        return self.store.deliveries(since=EVER[0], until=EVER[1])

    @invariant()
    def nothing_is_broken(self):
        if self.holding:
            self.judge.check(self.store)

    @invariant()
    def nothing_has_vanished(self):
        for row in self._rows() if self.holding else ():
            promise(row.state in DONE or row.attention or row.held or row.next_at, f"{row} has vanished")

    def teardown(self):
        if self.holding:
            self.holding.__exit__(None, None, None)


TestCampaign = Campaign.TestCase
TestCampaign.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None, derandomize=True, database=None
)
