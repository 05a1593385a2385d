"""How the command line speaks: in an organiser's words, and with nothing in it that a terminal would obey."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from bot.domain.delivery import Delivery, DeliveryKind, State
from bot.domain.problem import Problem, Severity
from bot.domain.spoken import count, span

__all__ = [
    "complain",
    "count",
    "local",
    "plain",
    "problem",
    "problem_json",
    "say",
    "say_json",
    "span",
    "state_of",
    "table",
]

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTICE: "blue"}
STATE_WORDS = {
    State.SCHEDULED: "waiting",
    State.SENDING: "being sent",
    State.IN_DOUBT: "did it go out?",
    State.SENT: "published",
    State.FAILED: "refused",
    State.EXPIRED: "too late",
    State.CANCELLED: "cancelled",
}

WITHDRAWAL_WORDS = {
    State.SCHEDULED: "to be deleted there",
    State.SENDING: "being deleted",
    State.IN_DOUBT: "was it deleted?",
    State.SENT: "deleted",
    State.FAILED: "deleting was refused",
    State.EXPIRED: "not deleted in time",
    State.CANCELLED: "not to be deleted any more",
}

BOOST_WORDS = {
    State.SCHEDULED: "to be boosted",
    State.SENDING: "being boosted",
    State.IN_DOUBT: "was it boosted?",
    State.SENT: "boosted",
    State.FAILED: "boosting was refused",
    State.EXPIRED: "not boosted in time",
    State.CANCELLED: "not to be boosted any more",
}

UNBOOST_WORDS = {
    State.SCHEDULED: "boost to be taken back",
    State.SENDING: "boost being taken back",
    State.IN_DOUBT: "was the boost taken back?",
    State.SENT: "boost taken back",
    State.FAILED: "taking the boost back was refused",
    State.EXPIRED: "boost not taken back in time",
    State.CANCELLED: "boost not to be taken back any more",
}

WORDS = {
    DeliveryKind.POST: STATE_WORDS,
    DeliveryKind.WITHDRAWAL: WITHDRAWAL_WORDS,
    DeliveryKind.BOOST: BOOST_WORDS,
    DeliveryKind.UNBOOST: UNBOOST_WORDS,
}


def plain(text: str) -> str:
    """A text whose control characters are shown instead of obeyed; line ends stay."""
    return "".join(
        character
        if character == "\n"
        or unicodedata.category(character) not in {"Cc", "Cf"}
        or character in "\u200c\u200d"
        else f"\\u{ord(character):04x}"
        for character in text
    )


def say(text: str = "", *, colour: str | None = None, bold: bool = False) -> None:
    """Print a line for people."""
    click.echo(click.style(plain(text), fg=colour, bold=bold) if colour or bold else plain(text))


def complain(text: str) -> None:
    """Print a line about something that went wrong."""
    click.echo(plain(text), err=True)


def say_json(value: object) -> None:
    """Print a value for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def problem(found: Problem) -> None:
    """Print a problem with its place, the line it stands in and the way to mend it."""
    place, *rest = plain(str(found)).splitlines()
    click.echo(click.style(place, fg=_COLOURS[found.severity]))
    for line in rest:
        click.echo(line)


def problem_json(found: Problem) -> dict[str, object]:
    """A problem as a value for programs."""
    return {
        "severity": found.severity,
        "file": found.place.file,
        "line": found.place.line,
        "column": found.place.column,
        "post": found.post,
        "message": found.message,
        "fix": found.fix,
        "excerpt": found.place.excerpt,
    }


def local(at: datetime, zone: str) -> str:
    """An instant as the campaign's clocks show it, with the weekday."""
    return f"{at.astimezone(ZoneInfo(zone)):%a %d %b %Y %H:%M}"


def table(rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns as wide as their widest word; the last may be as long as it likes."""
    lines = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*(line[:-1] for line in lines), strict=True)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        click.echo("  ".join([*cells, line[-1]]).rstrip())


def state_of(delivery: Delivery) -> str:
    """What has become of a delivery, in an organiser's words."""
    if delivery.state is State.SCHEDULED and delivery.held:
        return "held"
    return WORDS[delivery.kind][delivery.state]
