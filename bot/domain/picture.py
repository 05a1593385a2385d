"""A picture: as an organiser adds it to a post, and as it is made ready for a platform."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.lengths import PlatformName

if TYPE_CHECKING:
    from bot.domain.post import Language

MOST_PICTURES = 4  # on one message, on each of the three platforms


class People(StrEnum):
    """Who is to be seen in a picture."""

    NONE = "none"
    CONSENT = "consent"  # somebody was asked
    BLURRED = "blurred"  # nobody can be recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of a post. If you hold one, its file was there and somebody answers for who is in it."""

    file: str  # a path that does not leave the post's folder
    alt: "Mapping[Language, str]" = field(default_factory=dict)
    decorative: bool = False
    people: People
    consent: str = ""  # who asked, and when
    content: str = ""  # a fingerprint of the file: another picture is another post


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One picture as it is sent: known by the SHA-256 of its bytes, which lie beside the store."""

    sha256: str
    mime: str
    width: int  # pixels
    height: int
    size: int  # bytes
    alt: str


def described(attachments: Sequence[Attachment]) -> int:
    """How many of these have words for those who cannot see them."""
    return sum(bool(one.alt) for one in attachments)


def as_text(attachments: Sequence[Attachment]) -> str:
    """For a store; none has none."""
    return json.dumps([asdict(one) for one in attachments], sort_keys=True) if attachments else ""


def from_text(text: str) -> tuple[Attachment, ...]:
    """What as_text() wrote."""
    return tuple(Attachment(**one) for one in json.loads(text)) if text else ()


_ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


def name_of(attachment: Attachment) -> str:
    """The name of the file that holds a picture's bytes."""
    return f"{attachment.sha256}.{_ENDINGS.get(attachment.mime, 'bin')}"


LONGEST_ALT = {PlatformName.X: 1000, PlatformName.MASTODON: 1500, PlatformName.BLUESKY: 2000}
"""Characters of a picture's description."""
