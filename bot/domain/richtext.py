"""The links, tags and handles that stand in a text.

Positions are code points; `octets` turns them into the UTF-8 byte offsets that Bluesky's facets use.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import regex

from bot.domain.lengths import scheme_links


class SpanKind(StrEnum):
    """What a stretch of text is to a platform."""

    LINK = "link"
    TAG = "tag"
    HANDLE = "handle"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text that a platform makes clickable; `text` as it stands there."""

    start: int
    end: int
    kind: SpanKind
    text: str


_TAG = regex.compile(r"(?<![\p{L}\p{Nd}_&/#])#(?!\p{M})(?=[\p{L}\p{M}\p{Nd}_]*[\p{L}_])[\p{L}\p{M}\p{Nd}_]+")
_HANDLE = regex.compile(
    r"(?<![\p{L}\p{Nd}_./@])@[\p{L}\p{Nd}_](?:[\p{L}\p{Nd}_.\-]*[\p{L}\p{Nd}_])?"
    r"(?:@[\p{L}\p{Nd}](?:[\p{L}\p{Nd}.\-]*[\p{L}\p{Nd}])?)?"
)


def spans(text: str) -> list[Span]:
    """Every link, tag and handle in a text, in order, none overlapping another."""
    found = [Span(start, end, SpanKind.LINK, text[start:end]) for start, end in scheme_links(text)]
    for kind, pattern in ((SpanKind.TAG, _TAG), (SpanKind.HANDLE, _HANDLE)):
        found = sorted([*found, *_apart(pattern.finditer(text), kind, found)])
    return found


def _apart(matches: Iterable[regex.Match[str]], kind: SpanKind, taken: Sequence[Span]) -> Iterator[Span]:
    """The matches that overlap nothing that is taken; both are in order, so each is looked at once."""
    at = 0
    for match in matches:
        while at < len(taken) and taken[at].end <= match.start():
            at += 1
        if at == len(taken) or match.end() <= taken[at].start:
            yield Span(match.start(), match.end(), kind, match.group())


def carries(text: str, tag: str) -> bool:
    """Whether a tag or handle stands in a text as one, not merely as characters inside a word."""
    wanted = tag.casefold()
    return any(span.text.casefold() == wanted for span in spans(text))


def octets(text: str, span: Span) -> tuple[int, int]:
    """Where a span starts and ends in the UTF-8 bytes of its text."""
    start = len(text[: span.start].encode())
    return start, start + len(span.text.encode())
