"""Whom the tests of hearing start from: a judge of few words, an ear that says what it is told, a mention."""

import hashlib
from dataclasses import replace

from bot.domain.lengths import PlatformName
from bot.domain.mention import Mention, Page
from bot.domain.report import Action, Risk, Suggestion
from bot.flows.collect import Listener, collect
from bot.ports.inbox import MENTIONS, SWEEP
from bot.ports.judging import Wish
from tests.builders import DAY, NOON

SINCE = NOON - DAY


def hashes(*parts):
    """Hashes with a key that everybody knows."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


class PlainJudge:
    """Judges by one word each."""

    def risk_of(self, mention):
        return Risk.AT_RISK if "Minsk" in mention.text + mention.about_author else Risk.NONE

    def opt_out(self, text):
        return Wish(stop="STOP" in text, no_boost="no boost" in text)

    def classify(self, text, language):
        return Suggestion(is_report="letter" in text, confidence=0.5, actions=(Action.LETTER,), country="FR")

    def masked(self, text):
        return text.replace("+375", "•")


class Erasures:
    """Remembers in memory."""

    def __init__(self):
        self.said = set()

    def add(self, *, marks=(), authors=()):
        self.said |= {*marks, *authors}


class Spared:
    """Remembers whom it was told to spare."""

    def __init__(self):
        self.erased, self.hushed = [], []

    def erase(self, names):
        self.erased += names

    def hush(self, names):
        self.hushed += names


class ToldEar:
    """An ear that is told what there is, the oldest first, and gives it a page at a time, upward."""

    platform = PlatformName.MASTODON
    streams = (MENTIONS, SWEEP)

    def __init__(self, mentions, page=80):
        self.mentions = mentions
        self.page = page
        self.asked = []

    def read(self, stream, cursor, since):
        self.asked.append((stream, cursor, since))
        start = int(cursor or 0)
        page = tuple(self.mentions[start : start + self.page])
        return Page(mentions=page, cursor=str(start + len(page)), more=bool(page))

    def still_there(self, remote_ids):
        return dict.fromkeys(remote_ids)


def a_mention(number=1, **changes):
    """A mention by somebody who is nobody."""
    mention = Mention(
        account="mastodon",
        platform=PlatformName.MASTODON,
        remote_id=f"remote-{number}",
        url=f"https://example.org/@someone/{number}",
        author_id=f"author-{number}",
        handle="@someone@example.org",
        text=f"We wrote letter {number}",
        language=None,
        created_at=NOON,
    )
    return replace(mention, **changes)


def a_listener(ear, inbox, clock, **changes):
    """One account that hears."""
    listener = Listener(
        label="mastodon",
        own_id="us",
        ear=ear,
        inbox=inbox,
        hasher=hashes,
        passing=lambda _: (hashes,),
        erasures=Erasures(),
        judge=PlainJudge(),
        sparing=Spared(),
        clock=clock,
    )
    return replace(listener, **changes)


def heard(inbox, clock, *mentions, **changes):
    """What became of these mentions, each given once."""
    ear = ToldEar(mentions)
    ear.streams = (MENTIONS,)
    return collect(a_listener(ear, inbox, clock, **changes), SINCE)


def two_hundred():
    """Two hundred mentions of every kind, of whom we know what must become."""
    kinds = {0: "We wrote a letter", 1: "We march in Minsk", 2: "STOP", 3: "Hello"}
    return [a_mention(number, text=f"{kinds[number % 4]} {number}") for number in range(200)]
