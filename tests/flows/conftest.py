"""A campaign in memory: a store, a platform that does as it is told, and a clock that a test turns."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.domain.account import Voice
from bot.domain.calendar import Fixed
from bot.domain.delivery import PATIENCE
from bot.domain.lengths import PlatformName, published_limits
from bot.domain.post import Kind, Language, Post, PostId, Words
from bot.domain.problem import Source
from bot.flows.plan import Planner, plan
from bot.flows.publish import drain
from bot.flows.reconcile import reconcile
from bot.platforms.memory import MemoryPlatform
from bot.ports import Speaker
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.flows.forgetting import House
from tests.tables import TLDS

EN = Language("en")
PLANNER = Planner(campaign="test", language_gap=timedelta(minutes=20), ahead=timedelta(days=60))


class TurnedClock:
    """A clock that stands until a test turns it."""

    def __init__(self, at):
        self.at = at
        self.set_wrong = timedelta()

    def now(self):
        return self.at + self.set_wrong

    def monotonic(self):
        return self.at.timestamp()

    def boot(self):
        return self.at.timestamp()


def a_voice(label="mastodon", **changes):
    voice = Voice(
        label=label,
        platform=PlatformName.MASTODON,
        handle="@campaign@mastodon.example",
        tag="#IndustriALL",
        languages=(EN,),
        limits=published_limits(PlatformName.MASTODON, TLDS),
        part_gap=timedelta(seconds=5),
    )
    return replace(voice, **changes)


def a_post(name="may-day", text="March with us.", **changes):
    post = Post(
        id=PostId(name),
        when=Fixed(at=NOON, written="2027-05-01 12:00 UTC", zone="UTC"),
        words=Words(text={EN: text}),
        kind=Kind.CALL,
        source=Source(file=f"{name}.yaml", line=1),
    )
    return replace(post, **changes)


@dataclass
class Campaign:
    """Everything a flow needs, and the few things tests ask of it."""

    store: MemoryStore
    platform: MemoryPlatform
    clock: TurnedClock
    voices: list
    recheck: object = lambda _: None

    @property
    def speaker(self):
        return Speaker(
            label="mastodon",
            platform=self.platform,
            patience=PATIENCE[PlatformName.MASTODON],
            store=self.store,
            clock=self.clock,
            recheck=self.recheck,
        )

    def plan(self, *posts, planner=PLANNER):
        return plan(posts, self.voices, self.store, planner, self.clock.now())

    def turn(self, **lengths):
        self.clock.at += timedelta(**lengths)

    def drain(self):
        return drain(self.speaker, lambda: 0.0)

    def reconcile(self):
        return reconcile(self.speaker)

    def owed(self, post="may-day"):
        return self.store.of_post(PostId(post))

    def states(self, post="may-day"):
        return [one.state.value for one in self.owed(post)]

    @property
    def texts(self):
        return [one.text for one in self.platform.stored]


@pytest.fixture
def campaign():
    """One account on Mastodon, known to its platform and started, at nine in the morning."""
    clock = TurnedClock(NOON - timedelta(hours=3))
    store, platform = MemoryStore(), MemoryPlatform()
    store.enroll("mastodon", PlatformName.MASTODON, clock.now())
    store.identified("mastodon", platform.identify(), clock.now())
    store.start("a test", clock.now())
    with store.hold(clock.now(), {}):
        yield Campaign(store, platform, clock, [a_voice()])


@pytest.fixture
def house():
    return House()
