"""A post as an organiser wrote it. If you hold one, it is valid."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from bot.domain.blanks import Number, Period
from bot.domain.calendar import When
from bot.domain.case import NOTHING, Reliance
from bot.domain.lengths import PlatformName
from bot.domain.picture import Picture
from bot.domain.problem import Source

PostId = NewType("PostId", str)
"""Small letters, digits and hyphens; names a post for ever, whatever its file is called."""

Language = NewType("Language", str)
"""An ISO 639 code such as en or be."""

PLACEHOLDERS = ("account", "link", *(number.value for number in Number))
"""What stands in braces in a message and is filled in: our own handle there, the post's link, the tally's
numbers."""

Texts = Mapping[Language, str]
"""One message in each language it was written in."""


class Kind(StrEnum):
    """What a post is for; sets how late it may still go out and who goes first."""

    SOLIDARITY = "solidarity"  # true on any day
    REMINDER = "reminder"  # about one person's case
    CALL = "call"  # asks for something on a date
    NEWS = "news"  # old after an hour


GRACE = {
    Kind.SOLIDARITY: timedelta(days=3),
    Kind.REMINDER: timedelta(hours=24),
    Kind.CALL: timedelta(hours=2),
    Kind.NEWS: timedelta(minutes=15),
}
"""How late a post may still go out; after that it expires, visibly."""

PRIORITY = {Kind.NEWS: 1, Kind.CALL: 2, Kind.REMINDER: 3, Kind.SOLIDARITY: 4}
"""Who goes first when several are due at once: the smaller number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a post says: its first message, the messages that follow, and its link."""

    text: Texts
    thread: tuple[Texts, ...] = ()
    link: str | None = None

    def messages(self, language: Language) -> tuple[str, ...]:
        """The messages in one language, none where the first is not written in it."""
        if language not in self.text:
            return ()
        return (self.text[language], *(texts[language] for texts in self.thread if language in texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message of the campaign, with the hour it is meant for."""

    id: PostId
    when: When
    words: Words
    own_words: Mapping[PlatformName, Words] = field(default_factory=dict)
    where: tuple[str, ...] = ()  # platforms or account names; none means all
    kind: Kind = Kind.SOLIDARITY
    priority: int | None = None
    expires: datetime | None = None
    held: str | None = None
    draft: bool = False
    reliance: Reliance = NOTHING  # what it says of whom, and the facts it states
    not_a_name: tuple[str, ...] = ()  # words of it that look like a name and are none
    unread: frozenset[Language] = frozenset()  # translations that nobody has read yet: drafts
    read_by: Mapping[Language, str] = field(default_factory=dict)  # who has read which translation
    warning: Texts = field(default_factory=dict)  # what readers are warned of before they see it
    media: tuple[Picture, ...] = ()
    thanks: Period | None = None  # of what time it tells numbers
    source: Source = field(compare=False)  # where it stands changes nothing of it

    def words_for(self, platform: PlatformName) -> Words:
        """What the post says on one platform."""
        return self.own_words.get(platform, self.words)

    def goes_to(self, label: str, platform: PlatformName) -> bool:
        """Whether the post is meant for this account."""
        return not self.where or label in self.where or platform in self.where

    @property
    def rank(self) -> int:
        """Who goes first when several posts are due at once: the smaller number."""
        return PRIORITY[self.kind] if self.priority is None else self.priority

    @property
    def grace(self) -> timedelta:
        """How late the post may still go out."""
        return GRACE[self.kind]


def digest(*content: object) -> str:
    """A short fingerprint of what was written; equal content has an equal one, everywhere."""
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:32]
