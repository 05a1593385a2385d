"""What each platform counts, and how much of it one message may hold.

X weighs (twitter-text v3: 280 units, a link is 23, an emoji 2). Mastodon counts grapheme clusters, a
link as 23 and a remote handle without its server. Bluesky counts grapheme clusters and UTF-8 bytes.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import regex


class PlatformName(StrEnum):
    """The platforms we publish on."""

    X = "x"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"

    @property
    def shown(self) -> str:
        """The name as people write it."""
        return self.value.capitalize()


X_LENGTH = 280
X_LINK = 23  # whatever its length: X shortens every link
MASTODON_LENGTH = 500  # what a server uses unless it says otherwise
MASTODON_LINK = 23
MASTODON_LONGEST_LINK = 4096  # one that is longer counts in full
BLUESKY_GRAPHEMES = 300
BLUESKY_BYTES = 3000

_HEAVY = regex.compile(r"[^\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]")  # two units each
_GRAPHEME = regex.compile(r"\X")
_EMOJI = regex.compile(
    r"""\p{RI}\p{RI}
      | [0-9#*]\uFE0F?\u20E3
      | \p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]*(?:[\U000E0020-\U000E007E]+\U000E007F)?
        (?:\u200D\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]*)*""",
    regex.VERBOSE,
)
_LINK_TAIL = r"[\p{Latin}\p{Cyrillic}\p{Nd}!*';:=+,.$/%#\[\]\-\u2013\u2014_~@|&()?]*"
_X_LINK = regex.compile(
    rf"""(?<![\p{{L}}\p{{Nd}}@\uFF20$\#\uFF03_.\-/])
      (?P<scheme>https?://)?
      (?P<host>(?:[\p{{L}}\p{{Nd}}](?:[\p{{L}}\p{{Nd}}_\-]*[\p{{L}}\p{{Nd}}])?\.)+
               (?P<tld>[\p{{L}}][\p{{L}}\p{{Nd}}\-]*))
      (?![\p{{L}}\p{{Nd}}_\-]) (?!@)
      (?::\d+)?
      (?P<tail>(?:[/?]{_LINK_TAIL})?)""",
    regex.VERBOSE | regex.IGNORECASE,
)
_SCHEME_LINK = regex.compile(r"(?<![\p{L}\p{Nd}])https?://[^\s<>\"]+", regex.IGNORECASE)
_REMOTE_HANDLE = regex.compile(
    r"(?<![\p{L}\p{Nd}_/@=])@([A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_])?)@[\p{L}\p{Nd}.\-]+[\p{L}\p{Nd}]"
)
_CLOSING = ".,;:!?'\"\u2026\u00bb\u201d\u2019"
_CLOSERS = {")": "(", "]": "["}


def graphemes(text: str) -> list[str]:
    """What a reader sees as single characters, in order."""
    return list(map(str, _GRAPHEME.findall(text)))


def trim_link(link: str) -> str:
    """A link without the punctuation that belongs to the sentence around it."""
    while link and (link[-1] in _CLOSING or (link[-1] in _CLOSERS and _unopened(link))):
        link = link[:-1]
    return link


def _unopened(link: str) -> bool:
    """Whether the bracket a link ends with was opened before it."""
    return link.count(link[-1]) > link.count(_CLOSERS[link[-1]])


def scheme_links(text: str) -> list[tuple[int, int]]:
    """Where the http(s) links of a text stand, as (start, end) in code points."""
    found = []
    for match in _SCHEME_LINK.finditer(text):
        link = trim_link(match.group())
        found.append((match.start(), match.start() + len(link)))
    return found


def x_links(text: str, tlds: frozenset[str]) -> list[tuple[int, int]]:
    """Where X sees links, bare domains such as news.dev among them; `tlds` in lower case."""
    found = []
    for match in _X_LINK.finditer(text):
        tld = match["tld"].lower()
        if tld not in tlds and not tld.startswith("xn--"):
            continue
        if match["scheme"] is None and not match["host"].isascii():
            continue
        link = trim_link(match.group()) if match["tail"] else match.group()
        found.append((match.start(), match.start() + len(link)))
    return found


def weigh(text: str, tlds: frozenset[str]) -> int:
    """X's weighted length."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    weight, start = 0, 0
    for begin, end in x_links(text, tlds):
        weight += _weigh_plain(text[start:begin]) + X_LINK
        start = end
    return weight + _weigh_plain(text[start:])


def _weigh_plain(text: str) -> int:
    if text.isascii():
        return len(text)
    weight, start = 0, 0
    for match in _EMOJI.finditer(text):
        found = match.group()
        weight += _weigh_characters(text[start : match.start()])
        weight += 2 if len(found) > 1 else _weigh_characters(found)
        start = match.end()
    return weight + _weigh_characters(text[start:])


def _weigh_characters(text: str) -> int:
    return len(text) + len(_HEAVY.findall(text))


def mastodon_length(text: str, link_length: int = MASTODON_LINK, warning: str = "") -> int:
    """Mastodon's length: grapheme clusters, links at a flat rate, remote handles without their server.

    A warning counts with the text it stands before, letter for letter.
    """
    plain, start, links = [warning], 0, 0
    for begin, end in scheme_links(text):
        if end - begin > MASTODON_LONGEST_LINK:
            continue
        plain += [_without_server(text[start:begin]), "x"]
        links += 1
        start = end
    plain.append(_without_server(text[start:]))
    return len(graphemes("".join(plain))) + links * (link_length - 1)


def _without_server(text: str) -> str:
    return _REMOTE_HANDLE.sub(r"@\1", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long one message may be on one account; `length` in that platform's own unit."""

    platform: PlatformName
    length: int
    octets: int | None = None  # UTF-8 bytes
    link_length: int = 23
    tlds: frozenset[str] = field(default=frozenset(), repr=False)

    def measure(self, text: str, warning: str = "") -> int:
        """The length of a text, and of a warning beside it, as this platform counts them."""
        return MEASURES[self.platform](text, warning, self)

    def excess(self, text: str, warning: str = "") -> int:
        """By how much a text is too long, in the platform's unit (bytes where only those overflow)."""
        over = max(0, self.measure(text, warning) - self.length)
        if not over and self.octets is not None:
            over = max(0, len(text.encode()) - self.octets)
        return over

    def fits(self, text: str, warning: str = "") -> bool:
        """Whether one message can hold the text."""
        return not self.excess(text, warning)


# Only Mastodon takes a warning beside a text; elsewhere it stands in the text, and counts there.
MEASURES: dict[PlatformName, Callable[[str, str, Limits], int]] = {
    PlatformName.X: lambda text, _, limits: weigh(text, limits.tlds),
    PlatformName.MASTODON: lambda text, warning, limits: mastodon_length(text, limits.link_length, warning),
    PlatformName.BLUESKY: lambda text, *_: len(graphemes(text)),
}


def published_limits(platform: PlatformName, tlds: frozenset[str]) -> Limits:
    """The limits a platform publishes, for when no server has told us its own."""
    return {
        PlatformName.X: Limits(platform=platform, length=X_LENGTH, link_length=X_LINK, tlds=tlds),
        PlatformName.MASTODON: Limits(platform=platform, length=MASTODON_LENGTH),
        PlatformName.BLUESKY: Limits(platform=platform, length=BLUESKY_GRAPHEMES, octets=BLUESKY_BYTES),
    }[platform]
