"""What may not be asked of readers who live where answering is a crime."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.domain.lengths import scheme_links
from bot.domain.passages import Passage
from bot.domain.problem import Severity
from bot.domain.slip import Slip
from bot.domain.vocabulary import Vocabulary, plain

LANGUAGES = frozenset({"be", "ru"})
"""Languages whose readers may live where a donation, a tag or a letter to us is a crime."""

_BARE_HOST = re.compile(r"(?<![\w@/])(?:[\w-]+\.)+[^\W\d_]{2,}(?:/\S*)?")


def dangers(passage: Passage, vocabulary: Vocabulary) -> Iterator[Slip]:
    """Everything in a text that may bring its readers into danger."""
    if passage.language not in LANGUAGES:
        return
    yield from _requests(passage, vocabulary)
    if passage.link:
        yield from _link(passage, passage.link, vocabulary)
    links = scheme_links(passage.text)
    for start, end in links:
        yield from _link(passage, passage.text[start:end], vocabulary)
    for match in _BARE_HOST.finditer(passage.text):
        inside = any(start <= match.start() < end for start, end in links)
        is_link = match.group().isascii() or vocabulary.danger.search(plain(match.group()))
        if not inside and is_link:
            yield from _link(passage, match.group(), vocabulary)


def _requests(passage: Passage, vocabulary: Vocabulary) -> Iterator[Slip]:
    why = "answering can be a crime where its readers live"
    fix = "leave it out of this language; say what happened, and ask nothing of the reader"
    if "{account}" in passage.text:
        message = f"{passage.where} asks readers to tag our account, and {why}"
        yield Slip(where=passage.where, written="{account}", message=message, fix=fix)
    tongue = vocabulary.tongues.get(passage.language)
    said = plain(passage.text)
    for section, pattern in (
        ("request", tongue.says("request", said) if tongue else None),
        ("payment", vocabulary.payment.search(_without_links(said))),
    ):
        if pattern is None:
            continue
        written = passage.text[pattern.start() : pattern.end()].strip()
        asks = "asks something of its readers" if section == "request" else "speaks of money"
        message = f"{passage.where} {asks} (“{written}”), and {why}"
        yield Slip(where=passage.where, written=written, message=message, fix=fix)


def _without_links(said: str) -> str:
    for start, end in scheme_links(said):
        said = said[:start] + " " * (end - start) + said[end:]
    return said


def _link(passage: Passage, link: str, vocabulary: Vocabulary) -> Iterator[Slip]:
    """A link that harms those who are found with it, or any other, to be looked at."""
    parts = urlsplit(link if "://" in link else f"https://{link}")
    if vocabulary.danger.search(plain(parts.netloc)):
        message = f"{passage.where} links to {parts.netloc}, which is banned where its readers live"
        fix = "leave the link out of this language"
        yield Slip(where=passage.where, written=link, message=message, fix=fix)
    elif vocabulary.payment.search(plain(link)):
        message = (
            f"{passage.where} links to a page that asks for money, and giving can be a crime for its readers"
        )
        fix = "leave the link out of this language"
        yield Slip(where=passage.where, written=link, message=message, fix=fix)
    else:
        yield Slip(
            where=passage.where,
            written=link,
            message=f"{passage.where} has a link, which may be banned where its readers live",
            fix="leave it out, unless somebody knows that it is safe to be found on a reader's telephone",
            severity=Severity.WARNING,
        )
