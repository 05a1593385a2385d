"""A report: what we make of a mention and keep of it, as little as will do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.post import Language

ReportId = NewType("ReportId", int)
"""Our own number of a report; says nothing about its writer."""

RAW_FOR = timedelta(days=14)
"""How long words, handle and address live while nobody has decided."""

SWEEP_BACK = timedelta(days=7)
"""How far back we look, once a day, for what a platform put among the old."""

UNDO_FOR = timedelta(hours=24)
"""How long a decision can be taken back, and the address is kept for that."""

MARKS_FOR = timedelta(days=8)
"""How long it is known again what was passed over: longer than the slow sweep walks back, so that nobody at
risk is met twice."""


class Action(StrEnum):
    """What a supporter did."""

    LETTER = "letter"
    PETITION = "petition"
    VIDEO = "video"
    PHOTO = "photo"
    PROTEST = "protest"
    STATEMENT = "statement"
    LOBBY = "lobby"
    GODPARENT = "godparent"
    PRISONER_MAIL = "prisoner_mail"
    DONATION = "donation"
    SHARE = "share"
    EVENT = "event"


class Risk(StrEnum):
    """Whether a mention's writer may be where speaking to us is a crime."""

    NONE = "none"  # nothing points there
    UNSURE = "unsure"  # a person looks first; every public act is barred
    AT_RISK = "at_risk"  # nothing is kept but a count for the month


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What the classifier makes of a text. It only suggests.

    `country` is an ISO 3166 code; `participants` are people, never cards or money; `why` holds the words of
    the text that made it think so.
    """

    is_report: bool
    confidence: float  # 0 to 1
    actions: tuple[Action, ...] = ()
    country: str | None = None
    participants: int | None = None
    why: tuple[str, ...] = field(default=(), repr=False)


class Standing(StrEnum):
    """Where a report stands."""

    UNDECIDED = "undecided"  # waits for a person
    COUNTED = "counted"  # a person has confirmed it
    REJECTED = "rejected"  # a person says that it is none
    LAPSED = "lapsed"  # nobody decided in time: "reported, not reviewed"
    ERASED = "erased"  # taken out at its writer's wish, or with its source


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is kept of a mention. `handle`, `text`, `url` and `remote_id` are None once they were erased.

    `mark` and `author` are keyed hashes of the message and its writer: they recognise, and name nobody.
    `day` is the day of the mention; `group` is equal for equal texts.
    """

    id: ReportId
    account: str
    platform: PlatformName
    mark: str
    author: str
    alias: str = ""  # a keyed hash of the handle it was written under, by which its writer can ask
    group: str
    day: datetime
    taken_at: datetime
    language: Language | None
    audience: Audience
    risk: Risk
    no_boost: bool = False  # its writer asked not to be passed on
    suggestion: Suggestion
    standing: Standing = Standing.UNDECIDED
    actions: tuple[Action, ...] = ()  # as decided
    country: str | None = None
    participants: int | None = None
    decided_at: datetime | None = None
    decided_by: str = ""
    handle: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    remote_id: str | None = field(default=None, repr=False)
    boosted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What became of the mentions of one page; every one of them is in one of these."""

    stored: int = 0
    known: int = 0  # seen before
    at_risk: int = 0
    opted_out: int = 0
    too_many: int = 0  # of one author on one day: counted, not kept
    refused: int = 0


def days_of_words(now: datetime) -> list[datetime]:
    """The days of whose mentions something may still be held."""
    return [now - timedelta(days=number) for number in range(RAW_FOR.days + SWEEP_BACK.days + 1)]


Counts = Mapping[str, int]
"""Anonymous numbers, each under a name such as `at risk 2027-05`."""
