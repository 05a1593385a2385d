"""A world in which a year passes in seconds: one clock, three platforms with bad days, sudden deaths."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from bot.domain.account import Voice
from bot.domain.calendar import Every, Fixed, Frequency, Missing, NextSlot, Rule, Slot, instant
from bot.domain.delivery import PATIENCE
from bot.domain.errors import Concern, InDoubtError, PlatformError, RefusedError, TryLaterError
from bot.domain.lengths import PlatformName, published_limits
from bot.domain.post import Kind, Language, Post, PostId, Words
from bot.domain.problem import Source
from bot.flows.plan import Planner
from bot.platforms.memory import Answer, LandsLaterError, MemoryPlatform
from tests.builders import DAY, HOUR, MINUTE, SECOND
from tests.tables import TLDS

BEGIN = datetime(2027, 7, 1, tzinfo=UTC)  # so that the year has a 29 February
YEAR = timedelta(days=366)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
EN, FR = Language("en"), Language("fr")
HANDLE = "@campaign@simulated.example"
ZONES = ("Europe/Brussels", "Europe/Minsk", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "UTC")
SLOTS = tuple(Slot(weekday, time(17, 30), "Europe/Brussels") for weekday in range(5))
PLANNER = Planner(campaign="simulated", language_gap=20 * MINUTE, ahead=60 * DAY, slots=SLOTS)


class KilledError(BaseException):
    """The process is gone, at this very instant."""


@dataclass
class SimulatedClock:
    """The true time, how far our machine's clock is off, and when we die or it jumps."""

    true: datetime = BEGIN
    offset: timedelta = timedelta()
    fuse: int | None = None
    jump_fuse: int | None = None
    jump: Callable[[], None] = lambda: None

    def now(self):
        self.burn()
        return self.shown

    def monotonic(self):
        return self.boot()

    def boot(self):
        return (self.true - BEGIN).total_seconds()

    @property
    def shown(self):
        return self.true + self.offset

    def jump_to(self, shown):
        self.offset = shown - self.true

    def burn(self):
        """One step nearer to the jump or the death that is planned, if one is."""
        if self.jump_fuse is not None:
            self.jump_fuse -= 1
            if self.jump_fuse < 0:
                self.jump_fuse = None
                self.jump()
        if self.fuse is None:
            return
        self.fuse -= 1
        if self.fuse < 0:
            self.fuse = None
            raise KilledError


@dataclass(frozen=True, kw_only=True)
class Weather:
    """How often things go wrong, of each thousand requests, looks or steps."""

    refused_connection: int = 15
    busy: int = 5
    refused: int = 4
    blocked: int = 2
    lost_before: int = 20
    stored_and_lost: int = 30
    lands_later: int = 25
    blind: int = 60
    deaths: int = 40
    jumps: int = 2
    rough: bool = True  # whether anything goes wrong at all


CALM = Weather(rough=False)
STORM = Weather(lost_before=250, stored_and_lost=150, lands_later=150, blind=200)


@dataclass
class Wire:
    """One platform behind a bad line, and what a judge needs to know of the requests it got."""

    platform: MemoryPlatform
    clock: SimulatedClock
    rng: random.Random
    weather: Weather
    shut_until: datetime = BEGIN
    arrived: Counter = field(default_factory=Counter)  # requests that may have arrived, by key
    post_of: dict = field(default_factory=dict)
    claims: dict = field(default_factory=lambda: defaultdict(list))  # when each first part was asked for
    touched: set = field(default_factory=set)
    faults: Counter = field(default_factory=Counter)

    def __post_init__(self):
        self.name = self.platform.name
        self.settle = PATIENCE[self.name].settle
        self.began = {}  # when the last request for a delivery began
        self.platform.answers = self._answers()
        self.platform.looks = self._looks()
        self.platform.now = lambda: self.clock.true
        self.platform.ahead = lambda: self.clock.offset
        self.platform.lag = self._lag

    def identify(self):
        self._pass(2)
        if self.clock.true < self.shut_until:
            raise TryLaterError("shut out", concern=Concern.ACCOUNT_BLOCKED)
        return self.platform.identify()

    def freeze(self, delivery, own, now):
        self.clock.burn()
        return self.platform.freeze(delivery, own, now)

    def publish(self, delivery):
        self._touch(delivery)
        self.clock.burn()
        self.began[delivery.key] = self.clock.true
        unclear = True
        try:
            return self.platform.publish(delivery)
        except (TryLaterError, RefusedError):
            unclear = False
            raise
        finally:
            self.arrived[delivery.key] += unclear
            if unclear and delivery.part == 1:
                self.claims[delivery.key].append(delivery)
            self._pass(3)

    def look(self, delivery, own, since=None):
        self._touch(delivery)
        try:
            return self.platform.look(delivery, own, since)
        finally:
            self._pass(3)

    def read_back(self, delivery, own):
        self._touch(delivery)
        return self.platform.read_back(delivery, own)

    def _touch(self, delivery):
        self.touched.add(delivery.key)
        self.post_of[delivery.key] = delivery.post

    def _pass(self, seconds):
        """Let the time pass that a request takes; we may die before we hear of it."""
        self.clock.true += self.rng.uniform(0.05, seconds) * SECOND
        self.clock.burn()

    def _lag(self, delivery):
        """How late a read shows what was just stored: never later than the platform needs to settle."""
        left = max(self.began[delivery.key] + self.settle - self.clock.true, timedelta())
        return self.rng.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, self.rng.random())) * left

    def _answers(self) -> Iterator[Answer]:
        while True:
            answer = self._fault() if self.weather.rough else None
            if answer:
                self.faults[str(answer).split(":")[0]] += 1
            yield answer

    def _fault(self) -> Answer:
        if self.clock.true < self.shut_until:
            return TryLaterError("blocked: still", concern=Concern.ACCOUNT_BLOCKED)
        dice, w = self.rng.randrange(1000), self.weather
        faults = (
            (w.refused_connection, lambda: TryLaterError("nobody there: connection refused")),
            (w.busy, lambda: TryLaterError("busy: 429", wait=self._wait(), concern=Concern.ACCOUNT_BUSY)),
            (w.refused, lambda: RefusedError("refused: bad words")),
            (w.blocked, self._shut),
            (w.lost_before, lambda: InDoubtError("lost: no answer")),
            (w.stored_and_lost, lambda: InDoubtError("stored: the answer was lost")),
            (w.lands_later, lambda: LandsLaterError("late: no answer", self.rng.random() * self.settle)),
        )
        for share, fault in faults:
            if dice < share:
                return fault()
            dice -= share
        return None

    def _wait(self):
        return self.rng.choice((None, 30 * SECOND, 15 * MINUTE, 2 * HOUR))

    def _shut(self) -> PlatformError:
        self.shut_until = self.clock.true + self.rng.uniform(0.2, 30) * HOUR
        return TryLaterError("blocked: suspended", concern=Concern.ACCOUNT_BLOCKED)

    def _looks(self) -> Iterator[Answer]:
        while True:
            blind = self.weather.rough and self.rng.randrange(1000) < self.weather.blind
            if blind:
                self.faults["blind"] += 1
            yield TryLaterError("blind: timeout") if blind else None


def wires(clock, rng, weather):
    """The three platforms of a campaign. Mastodon's server may or may not keep keys."""
    keeps_keys = rng.random() < 0.5
    platforms = (
        MemoryPlatform(name=PlatformName.X, handle=HANDLE, keeps_keys=False),
        MemoryPlatform(name=PlatformName.MASTODON, handle=HANDLE, keeps_keys=keeps_keys, key_life=HOUR),
        MemoryPlatform(name=PlatformName.BLUESKY, handle=HANDLE, looks_by_key=True),
    )
    return {one.name.value: Wire(one, clock, rng, weather) for one in platforms}


def voice(name):
    """How the campaign speaks on a platform."""
    return Voice(
        label=name.value,
        platform=name,
        handle=HANDLE,
        tag="#IndustriALL",
        languages=(EN, FR),
        limits=published_limits(name, TLDS),
        part_gap=5 * SECOND,
    )


def a_year_of_posts(rng, count, length=YEAR):
    """Posts of all kinds, some in two languages, some in threads, some that come again and again."""
    posts = [_post(rng, number, length) for number in range(count)]
    return posts + [_recurring(rng, *one) for one in RECURRENCES]


def _post(rng, number, length):
    languages = (EN, FR) if rng.random() < 0.08 else (EN,)
    zone = rng.choice(ZONES)
    day = BEGIN + rng.uniform(1.5, length / DAY - 1) * DAY
    hour = rng.choice((time(2, 30), time(9), time(9), time(12, 15), time(18), time(23, 59)))
    at = instant(datetime.combine(day.date(), hour), zone)
    name = f"post-{number}"
    return Post(
        id=PostId(name),
        when=NextSlot() if rng.random() < 0.02 else Fixed(at=at, written=f"{at}", zone=zone),
        words=_words(name, rng.choice((1, 1, 1, 2, 3)), languages),
        where=rng.choice(((), (), (), ("x",), ("mastodon", "bluesky"))),
        kind=rng.choice(tuple(Kind)),
        held="not yet confirmed" if rng.random() < 0.01 else None,
        draft=rng.random() < 0.01,
        source=Source(file=f"{name}.yaml", line=1),
    )


RECURRENCES = (
    ("weekly", "Europe/Brussels", Rule(frequency=Frequency.WEEK, weekdays=((6, 0),)), time(2, 30)),
    ("monthly", "America/New_York", Rule(frequency=Frequency.MONTH, month_days=(31,)), time(1, 30)),
    (
        "last-day",
        "Europe/Minsk",
        Rule(frequency=Frequency.MONTH, month_days=(31,), missing=Missing.LAST),
        time(9),
    ),
    ("leap-day", "UTC", Rule(frequency=Frequency.YEAR, month=2, month_days=(29,)), time(0)),
    ("daily", "Australia/Lord_Howe", Rule(frequency=Frequency.DAY, interval=9), time(2, 15)),
)


def _recurring(rng, name, zone, rule, at):
    start = BEGIN.date() if rule.interval > 1 else None
    return Post(
        id=PostId(name),
        when=Every(rules=(rule,), at=at, zone=zone, start=start),
        words=_words(name, rng.choice((1, 2)), (EN,)),
        kind=rng.choice((Kind.SOLIDARITY, Kind.REMINDER)),
        source=Source(file=f"{name}.yaml", line=1),
    )


def _words(name, parts, languages):
    def texts(part):
        return {one: f"{name}, {one}, part {part} of {parts}." for one in languages}

    return Words(text=texts(1), thread=tuple(texts(part) for part in range(2, parts + 1)))
