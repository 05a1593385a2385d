"""The store in memory against the one in a file: whatever is done to both, both answer the same."""

import random
from contextlib import ExitStack
from dataclasses import replace

import pytest

from bot.domain.delivery import DeliveryKind, How, Sighting, State, after_look, cancelled, sent, tried_again
from bot.domain.errors import BotError, Concern, InDoubtError, RefusedError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, PostId
from bot.store.memory import MemoryStore
from tests.builders import DAY, HOUR, MINUTE, NOON, PATIENT, US, a_receipt, frozen, planned, settled

STEPS = 250
POSTS = [PostId(f"post-{number}") for number in range(4)]


class Pair:
    """Both stores, and a hand that does the same to each."""

    def __init__(self, seed, *stores):
        self.choose = random.Random(seed)
        self.stores = stores
        self.now = NOON
        self.claimed = []
        self.seen = set()

    def both(self, method, *args, **kwargs):
        one, other = (outcome(getattr(store, method), args, kwargs) for store in self.stores)
        assert one == other, method
        return one

    def owed(self):
        return [one for post in POSTS for one in self.both("of_post", post)]

    def plan(self):
        some = self.choose.sample(POSTS, 2)
        self.both("plan", [self.rendition(post) for post in some], self.choose.sample(POSTS, 2), self.now)

    def rendition(self, post):
        hour = NOON + self.choose.choice([0, 1, 30]) * HOUR
        return planned(
            post=post,
            account=self.choose.choice(["mastodon", "x"]),
            language=Language(self.choose.choice(["en", "fr"])),
            kind=self.choose.choice([DeliveryKind.POST] * 4 + [DeliveryKind.WITHDRAWAL]),
            texts=("one", "two", "three")[: self.choose.randint(1, 3)],
            planned_at=hour,
            held=self.choose.choice([None, None, "why"]),
            priority=self.choose.randint(1, 2),
        )

    def drop(self):
        self.both("cancel_posts", self.choose.sample(POSTS, 1), self.now)

    def claim(self):
        claimed = self.both("claim", self.choose.choice(["mastodon", "x"]), self.now, frozen)
        self.claimed += [claimed] if claimed else []

    def settle(self):
        if self.claimed:
            claimed = self.claimed.pop()
            answer = self.choose.choice(self.answers(claimed))
            after = settled(claimed, answer, self.now)
            self.both("settle", after, self.now, answer if isinstance(answer, Exception) else None)
            self.both("attempts", claimed.key)

    def answers(self, claimed):
        return [
            a_receipt(claimed.key),
            a_receipt("the same"),
            TryLaterError("busy", wait=MINUTE),
            TryLaterError("slow down", wait=MINUTE, concern=Concern.ACCOUNT_BUSY),
            RefusedError("too long"),
            InDoubtError("no answer"),
        ]

    def decide(self):
        if owed := self.owed():
            was = self.choose.choice(owed)
            change = {
                State.SCHEDULED: self.choose.choice([cancelled, self.noted, self.noted]),
                State.IN_DOUBT: self.choose.choice([self.found, self.not_found]),
                State.SENT: lambda one: replace(one, verified_at=self.now, next_at=None),
            }.get(was.state, lambda one: tried_again(one, self.now))
            if was.state is not State.SENDING:
                self.both("save", change(was), was)

    def noted(self, one):
        return replace(one, attention="look at this")

    def found(self, one):
        return sent(one, a_receipt(one.key), How.FOUND, self.now)

    def not_found(self, one):
        return after_look(one, Sighting(), self.now, PATIENT)

    def wait(self):
        self.now += self.choose.choice([MINUTE, MINUTE, MINUTE, HOUR])

    def tidy(self):
        self.both("expire", self.now)
        if self.choose.random() < 0.2:
            self.both("park", self.now, {})

    def miss(self):
        self.both("hold_missing", [self.choose.choice(POSTS)], "gone")
        self.both("missing_posts")
        self.both("waiting_posts")

    def pause(self):
        self.both("pause", self.choose.choice(["x", None]), "why", "anna", self.now)

    def resume(self):
        self.both("resume", "x", "anna", self.now)
        self.both("resume", None, "anna", self.now)

    def ask(self):
        for account in ("mastodon", "x"):
            self.both("next_instant", account, self.now)
            self.both("in_doubt", account, self.now)
            self.both("unverified", account, self.now)
            self.both("account", account)
        self.both("needing_attention")
        self.both("counts")
        self.both("taken_slots", self.now)
        self.both("deliveries", since=NOON, until=NOON + DAY)

    def step(self):
        often = [self.plan, self.claim, self.claim, self.settle, self.decide, self.wait]
        seldom = [
            self.drop,
            self.tidy,
            self.miss,
            self.settle,
            self.settle,
            self.pause,
            self.resume,
            self.resume,
        ]
        self.choose.choice(often * 3 + seldom)()
        self.ask()
        self.seen |= {one.state for one in self.owed()}


def outcome(method, args, kwargs):
    try:
        return method(*args, **kwargs)
    except BotError as error:
        return type(error)


@pytest.mark.parametrize("seed", range(5))
def test_both_stores_answer_the_same_to_whatever_is_done(open_file, seed):
    pair = Pair(seed, MemoryStore(), open_file())
    for account in ("mastodon", "x"):
        pair.both("enroll", account, PlatformName(account), NOON)
        pair.both("identified", account, US, NOON)
    pair.both("start", "anna", NOON)

    with ExitStack() as held:
        for store in pair.stores:
            held.enter_context(store.hold(NOON, {}))
        for _ in range(STEPS):
            pair.step()

    assert len(pair.seen) >= 5
