"""A platform in memory, for tests of flows and simulated years. It keeps the contract of the real ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.account import Identity
from bot.domain.delivery import Delivery, Key, Receipt, Sighting
from bot.domain.errors import InDoubtError, PlatformError
from bot.domain.lengths import PlatformName
from bot.platforms.compare import not_before, parent_of, same_words
from bot.ports import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the platform holds: one published part."""

    receipt: Receipt
    key: Key
    text: str
    parent: str | None
    at: datetime | None  # not before this


Answer = PlatformError | None
"""What a request is answered with: None for the plain truth."""


@dataclass(slots=True)
class MemoryPlatform:
    """A platform that does as it is told.

    `answers` are for requests in turn, and the plain truth once they are used up. An error stands for a
    request that stored nothing, except InDoubtError("stored ..."), which stored it and lost the answer.
    """

    name: PlatformName = PlatformName.MASTODON
    own_id: str = "1"
    handle: str = "@campaign@mastodon.example"
    answers: Iterator[Answer] = field(default_factory=lambda: iter(()))
    looks: Iterator[Answer] = field(default_factory=lambda: iter(()))
    keeps_keys: bool = True  # a second request with a key is answered with the first one's post
    stored: list[Stored] = field(default_factory=list)
    requests: int = 0
    on_publish: Callable[[Delivery], None] = lambda _: None

    def identify(self) -> Identity:
        """Say who we are."""
        return Identity(own_id=self.own_id, handle=self.handle, url=f"https://{self.name}.example/campaign")

    def freeze(self, delivery: Delivery, own: Own, now: datetime) -> bytes:
        """The text as bytes."""
        return delivery.text.encode()

    def publish(self, delivery: Delivery) -> Receipt:
        """Store a part, and answer as told."""
        self.requests += 1
        self.on_publish(delivery)
        answer = next(self.answers, None)
        if answer is not None and not _was_stored(answer):
            raise answer
        receipt = self._store(delivery)
        if answer is not None:
            raise answer
        return receipt

    def look(self, delivery: Delivery, own: Own, since: datetime | None = None) -> Sighting:
        """Find parts of ours with the same words and parent."""
        if (error := next(self.looks, None)) is not None:
            raise error
        return Sighting(
            matches=tuple(
                one.receipt
                for one in self.stored
                if one.parent == parent_of(delivery)
                and same_words(one.text, (delivery.payload or b"").decode())
                and (one.at is None or one.at >= not_before(delivery, since))
            )
        )

    def read_back(self, delivery: Delivery, own: Own) -> bool:
        """Whether a part is there."""
        if (error := next(self.looks, None)) is not None:
            raise error
        return any(one.receipt == delivery.receipt for one in self.stored)

    def _store(self, delivery: Delivery) -> Receipt:
        for one in self.stored:
            if self.keeps_keys and one.key == delivery.key:
                return one.receipt
        number = str(len(self.stored) + 1)
        receipt = Receipt(remote_id=number, url=f"https://{self.name}.example/campaign/{number}")
        self.stored.append(
            Stored(
                receipt=receipt,
                key=delivery.key,
                text=(delivery.payload or b"").decode(),
                parent=parent_of(delivery),
                at=delivery.claimed_at,
            )
        )
        return receipt


def _was_stored(answer: PlatformError) -> bool:
    return isinstance(answer, InDoubtError) and str(answer).startswith("stored")
