"""X, Mastodon and Bluesky on loopback: the demo's stage, the rehearsal, and the judge of the tests.

Spoken to by the unmodified client libraries. It keeps its own record of every write it accepted, and takes a
script of faults. Of the rest of the program it knows nothing but how lengths are counted.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from bot.sandbox.bluesky import Bluesky
from bot.sandbox.faults import Action, Answer, Cut, Delay, Drip, Fault, Faults, Gate, Hold, Twice
from bot.sandbox.mastodon import Mastodon
from bot.sandbox.page import Page
from bot.sandbox.record import Accepted, Asked, Boosted, Record, Said
from bot.sandbox.server import Platform
from bot.sandbox.x import X

__all__ = [
    "Accepted", "Action", "Answer", "Asked", "Boosted", "Cut", "Delay", "Drip", "Fault", "Faults", "Gate",
    "Hold", "Record", "Said", "Sandbox", "Twice",
]  # fmt: skip


def _utc() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """Three platforms and a page that shows them; a context manager that listens while it lasts."""

    def __init__(self, *, tlds: frozenset[str], now: Callable[[], datetime] = _utc, port: int = 0) -> None:
        self.record = Record()
        self.faults = Faults()
        self.x = X(self.record, self.faults, now, tlds=tlds)
        self.mastodon = Mastodon(self.record, self.faults, now)
        self.bluesky = Bluesky(self.record, self.faults, now)
        self.page = Page(self.record, self.faults, now, port, speak=self.mention)

        for server in (self.x, self.mastodon, self.bluesky):
            server.page_url = self.page.url

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The servers, the page's among them."""
        return (self.x, self.mastodon, self.bluesky, self.page)

    def mention(
        self, platform: str, handle: str, text: str, reply_to: str = "", said: Said | None = None
    ) -> Accepted:
        """Let a supporter post. To be one of our mentions, the text must name our handle there."""
        accepted = self._on(platform).mention(handle, text, reply_to)
        if said:
            at = said.at or accepted.created_at
            self.record.amend(platform, accepted.id, said=said, language=said.language, created_at=at)
        return accepted

    def post_by_hand(self, platform: str, text: str) -> Accepted:
        """Let somebody post from our account without the program."""
        return self._on(platform).post_by_hand(text)

    def _on(self, platform: str) -> X | Mastodon | Bluesky:
        servers: dict[str, X | Mastodon | Bluesky]
        servers = {"x": self.x, "mastodon": self.mastodon, "bluesky": self.bluesky}
        return servers[platform]

    def reset(self) -> None:
        """Forget everything and behave as at first; the addresses stay."""
        self.faults.clear()
        for server in self.platforms:
            server.settle_down()
        self.record.clear()
        for server in (self.x, self.mastodon, self.bluesky):
            server.reset()

    def __enter__(self) -> Self:
        for server in self.platforms:
            server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.platforms:
            server.stop()
