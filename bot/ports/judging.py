"""What the flow that collects needs decided and done: what a text means, and whom it spares."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.mention import Mention
from bot.domain.post import Language
from bot.domain.report import Risk, Suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a text asks of us: nothing more ever, or at least not to pass it on."""

    stop: bool = False
    no_boost: bool = False


class Judge(Protocol):
    """What is made of a mention. It sees words and says what they mean; nothing in them can make it act."""

    def risk_of(self, mention: Mention) -> Risk:
        """Whether its writer may be where speaking to us is a crime."""

    def opt_out(self, text: str) -> Wish:
        """What a text asks of us."""

    def classify(self, text: str, language: Language | None) -> Suggestion:
        """Whether a text is a report, and of what."""

    def masked(self, text: str) -> str:
        """A text without what names or reaches other people."""


class Sparing(Protocol):
    """What a new message changes at once for the older ones of its writer, who bears these hashes."""

    def erase(self, names: Sequence[str]) -> None:
        """Take out every report of somebody who may be in danger; boosts of them first."""

    def hush(self, names: Sequence[str]) -> None:
        """Take back every boost of somebody who does not want to be passed on."""
