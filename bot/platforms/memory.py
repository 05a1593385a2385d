"""A platform in memory, for tests of flows and simulated years. It keeps the contract of the real ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.account import Identity
from bot.domain.boosting import passed_on
from bot.domain.delivery import Delivery, Key, Receipt, Sighting, withdrawn
from bot.domain.errors import InDoubtError, PlatformError, RefusedError
from bot.domain.lengths import PlatformName
from bot.platforms.compare import not_before, parent_of, same_words
from bot.ports.records import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the platform holds: one published part."""

    receipt: Receipt
    key: Key
    text: str
    parent: str | None
    at: datetime | None  # not before this
    shown_at: datetime | None = None  # from when a read shows it, None for at once


class LandsLaterError(InDoubtError):
    """A request that nobody hears of again, and that is stored only after a while."""

    def __init__(self, message: str, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


Answer = PlatformError | None
"""What a request is answered with: None for the plain truth."""


@dataclass(slots=True)
class MemoryPlatform:
    """A platform that does as it is told.

    `answers` are for requests in turn, and the plain truth once they are used up. An error stands for a
    request that stored nothing, except InDoubtError("stored ..."), which stored it and lost the answer, and
    LandsLaterError, which stores it once `now`, the platform's own clock, has gone on.
    """

    name: PlatformName = PlatformName.MASTODON
    own_id: str = "1"
    handle: str = "@campaign@mastodon.example"
    answers: Iterator[Answer] = field(default_factory=lambda: iter(()))
    looks: Iterator[Answer] = field(default_factory=lambda: iter(()))
    keeps_keys: bool = True  # a second request with a key is answered with the first one's post
    key_life: timedelta | None = None  # after which a key is forgotten
    looks_by_key: bool = False  # a look asks for the key, not for the words
    now: Callable[[], datetime] | None = None  # its own clock; without one it takes the time of the claim
    ahead: Callable[[], timedelta] = timedelta  # how far our clock is ahead of its
    lag: Callable[[Delivery], timedelta] = lambda _: timedelta()  # after which a read shows what was stored
    stored: list[Stored] = field(default_factory=list)
    boosted: set[str] = field(default_factory=set)  # what we pass on of others
    requests: int = 0
    on_publish: Callable[[Delivery], None] = lambda _: None
    _keys: set[Key] = field(default_factory=set)
    _flying: list[tuple[datetime, Delivery]] = field(default_factory=list)

    def identify(self) -> Identity:
        """Say who we are."""
        return Identity(
            own_id=self.own_id,
            handle=self.handle,
            url=f"https://{self.name}.example/campaign",
            clock_ahead=self.ahead() if self.now else None,
        )

    def freeze(self, delivery: Delivery, own: Own, now: datetime) -> bytes:
        """The text as bytes."""
        return delivery.text.encode()

    def publish(self, delivery: Delivery) -> Receipt:
        """Store a part, and answer as told."""
        self.requests += 1
        self.on_publish(delivery)
        self.land()
        answer = next(self.answers, None)
        if isinstance(answer, LandsLaterError) and self.now:
            self._flying.append((self.now() + answer.after, delivery))
        if answer is not None and not _was_stored(answer):
            raise answer
        receipt = self._store(delivery)
        if answer is not None:
            raise answer
        return receipt

    def withdraw(self, delivery: Delivery) -> Receipt:
        """Take a part away, and answer as told."""
        self.requests += 1
        self.on_publish(delivery)
        answer = next(self.answers, None)
        if answer is not None and not _was_stored(answer):
            raise answer
        self.stored = [one for one in self.stored if one.receipt.remote_id != delivery.text]
        if answer is not None:
            raise answer
        return withdrawn(delivery.text)

    def boost(self, delivery: Delivery, own: Own) -> Receipt:
        """Pass a message on, and answer as told."""
        return self._pass_on(delivery, self.boosted.add)

    def unboost(self, delivery: Delivery, own: Own) -> Receipt:
        """Take a boost back, and answer as told."""
        return self._pass_on(delivery, self.boosted.discard)

    def _pass_on(self, delivery: Delivery, change: Callable[[str], None]) -> Receipt:
        self.requests += 1
        self.on_publish(delivery)
        answer = next(self.answers, None)
        if answer is None or _was_stored(answer):
            change(delivery.text)
        if answer is not None:
            raise answer
        return passed_on(delivery)

    def is_boosted(self, delivery: Delivery, own: Own) -> bool:
        """Whether a message is passed on."""
        if (error := next(self.looks, None)) is not None:
            raise error
        return delivery.text in self.boosted

    def receipt_at(self, url: str, own: Own) -> Receipt:
        """The part at an address."""
        for one in self.stored:
            if one.receipt.url == url:
                return one.receipt
        raise RefusedError(f"no post of ours is at {url}")

    def look(self, delivery: Delivery, own: Own, since: datetime | None = None) -> Sighting:
        """Find parts of ours with the same words and parent."""
        if (error := next(self.looks, None)) is not None:
            raise error
        self.land()
        oldest = None if self.looks_by_key else not_before(delivery, since, self.ahead())
        young = [one for one in self.stored if not oldest or not one.at or one.at >= oldest]
        return Sighting(
            matches=tuple(
                one.receipt for one in young if self._is_shown(one) and self._is_meant(one, delivery)
            )
        )

    def read_back(self, delivery: Delivery, own: Own) -> bool:
        """Whether a part is there."""
        if (error := next(self.looks, None)) is not None:
            raise error
        self.land()
        remote_id = delivery.receipt.remote_id if delivery.receipt else ""
        # What is read back is mostly young.
        found = (one for one in reversed(self.stored) if one.receipt.remote_id == remote_id)
        return any(self._is_shown(one) for one in found)

    def land(self) -> None:
        """Store what was under way and has arrived by now."""
        if not self._flying or not self.now:
            return
        now = self.now()
        landed = [delivery for at, delivery in self._flying if at <= now]
        self._flying = [one for one in self._flying if one[0] > now]
        for delivery in landed:
            self._store(delivery)

    def _is_meant(self, one: Stored, delivery: Delivery) -> bool:
        if self.looks_by_key:
            return one.key == delivery.key
        same_place = one.parent == parent_of(delivery)
        return same_place and same_words(one.text, (delivery.payload or b"").decode())

    def _is_shown(self, one: Stored) -> bool:
        return one.shown_at is None or self.now is None or one.shown_at <= self.now()

    def _knows_key(self, one: Stored) -> bool:
        if not self.keeps_keys or not self.key_life or not self.now or not one.at:
            return self.keeps_keys
        return self.now() < one.at + self.key_life

    def _store(self, delivery: Delivery) -> Receipt:
        if delivery.key in self._keys:
            for one in self.stored:
                if one.key == delivery.key and self._knows_key(one):
                    return one.receipt
        self._keys.add(delivery.key)
        number = str(len(self.stored) + 1)
        now = self.now() if self.now else None
        receipt = Receipt(remote_id=number, url=f"https://{self.name}.example/campaign/{number}")
        self.stored.append(
            Stored(
                receipt=receipt,
                key=delivery.key,
                text=(delivery.payload or b"").decode(),
                parent=parent_of(delivery),
                at=now or delivery.claimed_at,
                shown_at=now and now + self.lag(delivery),
            )
        )
        return receipt


def _was_stored(answer: PlatformError) -> bool:
    return isinstance(answer, InDoubtError) and str(answer).startswith("stored")
