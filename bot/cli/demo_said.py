"""What the supporters of the demo say; all of them are made up."""

from dataclasses import dataclass
from pathlib import Path

from bot.domain.report import Action

SAID = Path(__file__).with_suffix(".txt")
INSIDE = "!"
TO_BOOST = "harbour.example"
"""Whose message is passed on, and who then asks to be forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one supporter says on a platform. `actions` and `country` are what an organiser decides on.

    Without actions it is no report. Who is `inside` lives where speaking to us is a crime.
    """

    platform: str
    handle: str
    language: str
    text: str
    actions: tuple[Action, ...]
    country: str | None
    inside: bool


def read_said() -> list[Line]:
    """Everything that is said, in its order."""
    lines = SAID.read_text(encoding="utf-8").splitlines()
    return [_line(*line.split("|")) for line in lines if not line.startswith("#")]


def _line(platform: str, handle: str, language: str, *rest: str) -> Line:
    kinds, country, text = rest
    return Line(
        platform=platform,
        handle=handle,
        language=language,
        text=text,
        actions=tuple(map(Action, kinds.split())),
        country=country.strip(INSIDE) or None,
        inside=country == INSIDE,
    )
