"""Whether a post that stands on a platform is the one we sent, after what platforms do to words."""

import re
import unicodedata
from datetime import datetime, timedelta
from html.parser import HTMLParser

BEFORE_CLAIM = timedelta(minutes=2)  # clocks differ

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_LAST_SLASH = re.compile(r"/(?=\s|$)")


def same_words(there: str, ours: str) -> bool:
    """Whether two texts say the same, however links are spelt and space is set."""
    return _folded(there) == _folded(ours)


def _folded(text: str) -> str:
    text = _LAST_SLASH.sub("", _SCHEME.sub("", unicodedata.normalize("NFC", text)))
    return " ".join(text.split())


def not_before(claimed_at: datetime) -> datetime:
    """How old a post may be and still be ours."""
    return claimed_at - BEFORE_CLAIM


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
