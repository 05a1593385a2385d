"""What strangers write, as plain text: nothing that a platform serves is ever shown as it came."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from bot.domain.post import Language

MOST_MARKUP = 250_000  # characters that are looked at
LONGEST_TEXT = 20_000  # characters that are kept of a message or a profile
LONGEST_NAME = 600  # of an id, a handle or a language: what is longer is none
LONGEST_ADDRESS = 2_000

_LINES = frozenset({"br", "p", "div", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "tr"})
_UNSEEN = frozenset({"script", "style"})
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]|$)")
# html.parser takes minutes over thousands of tags that never end: what is no whole tag is taken for words.
_NO_TAG = re.compile("<(?!/?[A-Za-z][^<>]{0,2000}>)")
_BREAKS = re.compile("\r\n?|[\u2028\u2029]")
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen: list[str] = []
        self._server = ""
        self._link_begins = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag in _LINES:
            self.pieces.append("\n")
        elif tag == "a":
            self._server, self._link_begins = _server_of(dict(attrs)), len(self.pieces)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            while self._unseen.pop() != tag:
                continue
        elif tag == "a" and self._server:
            # A handle is served without its server, which is half of what it says.
            if "@" not in "".join(self.pieces[self._link_begins :]).strip().lstrip("@"):
                self.pieces.append(f"@{self._server}")
            self._server = ""

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)


def _server_of(attributes: Mapping[str, str | None]) -> str:
    """The server of the handle that a link stands for, empty where it stands for none."""
    classes = (attributes.get("class") or "").split()
    if "mention" not in classes or "hashtag" in classes:
        return ""
    try:
        return urlsplit(attributes.get("href") or "").hostname or ""
    except ValueError:
        return ""


def plain_text(markup: object) -> str:
    """The words of HTML; never raises. Scripts are dropped, links keep their words, handles their server."""
    if not isinstance(markup, str):
        return ""
    parser = _Words()
    try:
        parser.feed(_NO_TAG.sub("&lt;", markup[:MOST_MARKUP]))
        parser.close()
    except (AssertionError, ValueError, RecursionError):
        # What the parser cannot read is passed over; the words before it are kept.
        return clean("".join(parser.pieces))
    return clean("".join(parser.pieces))


def clean(text: object) -> str:
    """A text without what cannot be stored or would act on a terminal, and no longer than will do."""
    if not isinstance(text, str):
        return ""
    said = _BREAKS.sub("\n", text[: 2 * LONGEST_TEXT])
    return _ODD.sub("", said).strip()[:LONGEST_TEXT]


def name_in(item: object, key: str) -> str:
    """A short text under a key, such as an id; empty where there is none that can be one."""
    found = item.get(key) if isinstance(item, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    name = str(found)
    plain = name.isprintable() and len(name) <= LONGEST_NAME
    return name if plain and name == name.strip() else ""


def any_name_of(item: object, *keys: str) -> str:
    """By what an item that cannot be understood is recognised: the first of these names, else all of it."""
    names = (name for key in keys if (name := name_in(item, key)))
    try:
        return next(names, None) or json.dumps(item, sort_keys=True)
    except (ValueError, TypeError, RecursionError):
        return "beyond words"


def address_in(item: object, key: str) -> str:
    """A web address under a key; empty where there is none that a browser may be given."""
    found = item.get(key) if isinstance(item, dict) else None
    if not isinstance(found, str) or len(found) > LONGEST_ADDRESS or not found.isprintable():
        return ""
    try:
        parts = urlsplit(found)
    except ValueError:
        return ""
    return found if parts.scheme in {"http", "https"} and parts.netloc and " " not in found else ""


def group_in(item: object, key: str) -> dict[str, Any]:
    """The object under a key, an empty one where there is none."""
    found = item.get(key) if isinstance(item, dict) else None
    return found if isinstance(found, dict) else {}


def list_in(item: object, key: str) -> list[Any]:
    """The list under a key, an empty one where there is none."""
    found = item.get(key) if isinstance(item, dict) else None
    return found if isinstance(found, list) else []


def words_in(items: Iterable[object], key: str) -> str:
    """What objects say under a key, a line each."""
    said = (clean(item.get(key)) for item in items if isinstance(item, dict))
    return clean("\n".join(one for one in said if one))


def time_in(item: object, key: str) -> datetime | None:
    """The instant under a key, None where there is none that can be read."""
    found = item.get(key) if isinstance(item, dict) else None
    if not isinstance(found, str):
        return None
    try:
        at = datetime.fromisoformat(found)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def language_in(code: object) -> Language | None:
    """The language that a code names, None where it names none."""
    found = _LANGUAGE.match(code.lower()) if isinstance(code, str) else None
    return Language(found[1]) if found and found[1] != "und" else None
