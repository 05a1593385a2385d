"""How a post looks on one account in one language: its parts, its tag, and where long texts are cut."""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from bot.domain.account import Voice
from bot.domain.errors import RenditionError
from bot.domain.lengths import Limits, PlatformName, graphemes
from bot.domain.post import Language, Post
from bot.domain.richtext import carries, spans

MOST_PARTS = 12  # of a thread; more is a text that belongs elsewhere

_UNIT = {PlatformName.X: "units", PlatformName.MASTODON: "characters", PlatformName.BLUESKY: "characters"}
_WORD = regex.compile(r"\S+\s*")
_PARAGRAPH_END = regex.compile(r"\n\s*\n\s*$")
_SENTENCE_END = regex.compile(r"[.!?\u2026][\"'\u00bb\u201d\u2019)\]]*\s+$")
_TAGS_ONLY = regex.compile(r"(?:[#@]\S+\s*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message as it will stand on a platform; `length` and `limit` in that platform's unit."""

    text: str
    length: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """How a post looks on one account in one language."""

    label: str
    platform: PlatformName
    language: Language
    parts: tuple[Part, ...]


def languages_for(post: Post, voice: Voice) -> tuple[Language, ...]:
    """The languages a post goes out in on an account, in the account's order."""
    words = post.words_for(voice.platform)
    return tuple(language for language in voice.languages if language in words.text)


def render(post: Post, language: Language, voice: Voice) -> Rendition:
    """Make the parts of a post. Raises RenditionError, saying how to mend it, where it does not fit."""
    words = post.words_for(voice.platform)
    messages = [_fill(message, voice, words.link) for message in words.messages(language)]
    if words.link and not any("{link}" in message for message in words.messages(language)):
        messages[0] = f"{messages[0]}\n\n{words.link}"
    if len(messages) > 1:
        messages[0] = _tagged(messages[0], voice.tag)
        texts = _written_thread(messages, voice)
    else:
        texts = _cut(messages[0], voice)
    if len(texts) > 1 and not voice.threads:
        raise RenditionError(
            f"this needs {len(texts)} messages, and threads are switched off for {voice.label}",
            f"shorten it for {voice.platform} under `{voice.platform}: text:`, or leave {voice.label} out "
            "of `where:`",
        )
    parts = tuple(
        Part(text=text, length=voice.limits.measure(text), limit=voice.limits.length) for text in texts
    )
    return Rendition(label=voice.label, platform=voice.platform, language=language, parts=parts)


def _fill(message: str, voice: Voice, link: str | None) -> str:
    return message.strip().replace("{account}", voice.mention).replace("{link}", link or "").rstrip()


def _tagged(text: str, tag: str) -> str:
    """A first message with the campaign's tag: one already there is not doubled."""
    if carries(text, tag):
        return text
    last_line = text.rsplit("\n", 1)[-1]
    between = " " if _TAGS_ONLY.fullmatch(last_line) and "\n" in text else "\n\n"
    return f"{text}{between}{tag}"


def _written_thread(messages: Sequence[str], voice: Voice) -> list[str]:
    """A thread whose parts the organiser chose: each must fit as it is."""
    for number, message in enumerate(messages, start=1):
        if excess := voice.limits.excess(message):
            raise RenditionError(
                f"part {number} of the thread is too long for {voice.platform.shown}: "
                f"{voice.limits.measure(message)} of {voice.limits.length} {_UNIT[voice.platform]}",
                f"take out {excess}, or move a sentence to the next part",
                part=number,
            )
    return list(messages)


def _cut(text: str, voice: Voice) -> list[str]:
    """One text as one message where it fits, else as a thread cut at the ends of sentences."""
    whole = _tagged(text, voice.tag)
    if voice.limits.fits(whole):
        return [whole]
    if voice.limits.measure(whole) > 2 * MOST_PARTS * voice.limits.length:
        raise _too_long(voice)  # no use in cutting what is far too long
    pieces = _WORD.findall(text)
    texts: list[str] = []
    while pieces:
        first = not texts
        count = _cut_after(pieces, voice, first=first)
        message = "".join(pieces[:count]).strip()
        texts.append(_tagged(message, voice.tag) if first else message)
        del pieces[:count]
        if len(texts) > MOST_PARTS:
            raise _too_long(voice)
    return texts


def _too_long(voice: Voice) -> RenditionError:
    return RenditionError(
        f"this is longer than {MOST_PARTS} messages on {voice.platform.shown}",
        "shorten it, and put the rest behind a link",
    )


def _cut_after(pieces: list[str], voice: Voice, *, first: bool) -> int:
    """How many words the next message takes; splits one that no message can hold."""
    most = _most_that_fit(pieces, voice, first=first)
    if not most:
        pieces[:1] = _broken(pieces[0], voice, first=first)
        most = _most_that_fit(pieces, voice, first=first)
    if most == len(pieces):
        return most
    # A cut at the end of a paragraph or sentence is worth a message that is only a third full.
    for end in (_PARAGRAPH_END, _SENTENCE_END):
        for count in range(most, 0, -1):
            if end.search(pieces[count - 1]) and _third_full("".join(pieces[:count]), voice.limits):
                return count
    return most


def _third_full(text: str, limits: Limits) -> bool:
    return limits.measure(text) * 3 >= limits.length


def _most_that_fit(pieces: Sequence[str], voice: Voice, *, first: bool) -> int:
    def fits(count: int) -> bool:
        text = "".join(pieces[:count]).strip()
        return voice.limits.fits(_tagged(text, voice.tag) if first else text)

    # Doubling first: no text is measured that is much longer than a message, however long the whole is.
    high = 1
    while high < len(pieces) and fits(high):
        high *= 2
    low, high = high // 2, min(high, len(pieces))
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _broken(piece: str, voice: Voice, *, first: bool) -> list[str]:
    """A word too long for any message, in two; links, tags and handles are never broken."""
    if spans(piece):
        raise RenditionError(
            f"one link, tag or handle alone is too long for {voice.platform.shown}: {piece.strip()[:40]}…",
            "use a shorter one",
        )
    letters = graphemes(piece)
    count = _most_that_fit(letters, voice, first=first)
    if not count:
        raise RenditionError(
            f"the tag {voice.tag} leaves no room on {voice.platform.shown}", "use a shorter tag"
        )
    return ["".join(letters[:count]), "".join(letters[count:])]
