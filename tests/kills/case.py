"""What is tried: one rendition, what goes wrong on the wire, and where the program is killed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import Fault

NUMBER = "{actions:all}"
THANKS = (f"Thank you for {NUMBER} actions. #IndustriALL", f"All {NUMBER} of them count. #IndustriALL")
"""A thread that tells a number of the tally twice."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way for things to go wrong. `kills` are steps, counted anew after each death."""

    name: str
    platform: str
    parts: int = 1
    texts: tuple[str, ...] = ()
    # or "withdrawal": of the thread, once it stands; "boost", "unboost": of what was said; "thanks": it tells
    # a number of the tally, which grows with every death
    kind: str = "post"
    faults: tuple[Fault, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)  # of the sandbox's server
    kills: tuple[int, ...] = ()
    skews: tuple[float, ...] = ()  # seconds by which our clock is wrong, after each death
    by_hand: str = ""  # what somebody else has posted from our account before
    again: bool = False  # a second post with the same words is due a minute later
    restored: bool = False  # at the end, the store is put back as it was and the program runs once more
    unnoticed: bool = False  # and nobody tells it so
    edited: bool = False  # and its texts have been edited by then
    mutant: str = ""
    may_ask: bool = False  # whether a person may be left to decide
    may_fail: bool = False  # whether the platform may refuse for good

    @property
    def words(self) -> tuple[str, ...]:
        """What each part says."""
        return self.texts or tuple(
            f"Part {number} of it. #IndustriALL" for number in range(1, self.parts + 1)
        )


@dataclass(frozen=True, kw_only=True)
class Row:
    """A delivery as the store has it in the end."""

    part: int
    state: str
    attention: str | None
    remote_id: str | None
    writes: int
    text: str = ""
    payload: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a case: how often it was killed, how many steps its last life had, and what is wrong."""

    kills: int
    steps: int
    wrong: tuple[str, ...]
