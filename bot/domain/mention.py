"""A mention: a message in which somebody speaks to us, as it came through the door, and who may see it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.lengths import PlatformName
from bot.domain.post import Language


class Audience(StrEnum):
    """Who may read a mention on its platform."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"  # only those it names; never treated as public


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One mention as a platform shows it. Lives in memory only: what is kept of it is a Report.

    `text` is plain text; `about_author` is what the profile says (name, place, description), and `beside`
    what stands beside the text (descriptions of pictures, choices of a poll): both are read for safety and
    never kept. `remote_id` and `author_id` are the server's own names for the message and its writer; where
    another server would call them otherwise, `uri` and `author_uri` are what they are called everywhere.
    """

    account: str
    platform: PlatformName
    remote_id: str = field(repr=False)
    url: str = field(repr=False)
    author_id: str = field(repr=False)
    handle: str = field(repr=False)
    text: str = field(repr=False)
    language: Language | None
    created_at: datetime
    audience: Audience = Audience.PUBLIC
    about_author: str = field(default="", repr=False)
    beside: str = field(default="", repr=False)
    uri: str = field(default="", repr=False)
    author_uri: str = field(default="", repr=False)
    automated: bool = False  # its author calls itself a bot

    @property
    def name(self) -> str:
        """What the message is recognised by, on whichever server we meet it."""
        return self.uri or self.remote_id

    @property
    def author(self) -> str:
        """What its writer is recognised by, on whichever server we meet them."""
        return self.author_uri or self.author_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some mentions of one stream, oldest first, and where to go on.

    `cursor` is what the next call is given; `more` says that there is more to read at once. A stream that is
    read from the newest down says with `enough` which cursor to keep where no more of it is wanted.
    """

    mentions: tuple[Mention, ...]
    cursor: str | None = field(repr=False)
    more: bool
    enough: str | None = None
    refused: tuple[str, ...] = field(default=(), repr=False)  # what could not be understood, by any name
