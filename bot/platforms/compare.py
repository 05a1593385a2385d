"""Whether a post that stands on a platform is the one we sent, after what platforms do to words."""

import re
import unicodedata
from datetime import datetime, timedelta
from html.parser import HTMLParser

from bot.domain.account import CLOCK_UNUSABLE
from bot.domain.delivery import Delivery

BEFORE_CLAIM = timedelta(minutes=2)

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_LAST_SLASH = re.compile(r"/(?=\s|$)")


def same_words(there: str, ours: str) -> bool:
    """Whether two texts say the same, however links are spelt and space is set."""
    return _folded(there) == _folded(ours)


def _folded(text: str) -> str:
    text = _LAST_SLASH.sub("", _SCHEME.sub("", unicodedata.normalize("NFC", text)))
    return " ".join(text.casefold().split())


def not_before(delivery: Delivery, since: datetime | None = None, ahead: timedelta | None = None) -> datetime:
    """How old a post may be, on the platform's clock, and still be this delivery's.

    `since` overrides the claim; `ahead` is our clock minus the platform's, as it is now. When we claimed it
    may have been set otherwise, by less than what stops us from publishing. Where an earlier request is in
    doubt too, what is looked for may be its post.
    """
    claimed = delivery.first_claimed_at if delivery.doubts > 1 else delivery.claimed_at
    since = since or claimed or delivery.claimed_at or delivery.planned_at
    return since - BEFORE_CLAIM - max(CLOCK_UNUSABLE, ahead or timedelta())


def parent_of(delivery: Delivery) -> str | None:
    """The platform's id of the post that a delivery answers."""
    return delivery.parent.remote_id if delivery.parent else None


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"br", "p", "div", "li"}:
            self.pieces.append("\n")


def text_of_html(content: str) -> str:
    """The words of a post that a platform serves as HTML."""
    parser = _Text()
    parser.feed(content)
    parser.close()
    return "".join(parser.pieces).strip()
