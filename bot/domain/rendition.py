"""How a post looks on one account in one language: its parts, its tag, its warning and its line on safety."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import regex

from bot.domain.account import Voice
from bot.domain.blanks import blank, widest
from bot.domain.cutting import broken, cut_after, cut_well, most_that_fit, words_of
from bot.domain.errors import RenditionError
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, Post
from bot.domain.richtext import carries, spans
from bot.domain.safety_line import safety_line, with_line

MOST_PARTS = 12  # of a thread; more is a text that belongs elsewhere
WARNS = frozenset({PlatformName.MASTODON})
"""Platforms that show a warning instead of the text until a reader wants it."""

_UNIT = {PlatformName.X: "units", PlatformName.MASTODON: "characters", PlatformName.BLUESKY: "characters"}
_TAGS_ONLY = regex.compile(r"(?:[#@]\S+\s*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One message as it will stand on a platform; `length` and `limit` in that platform's unit."""

    text: str
    length: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """How a post looks on one account in one language; `warning` stands beside each part, not in it."""

    label: str
    platform: PlatformName
    language: Language
    parts: tuple[Part, ...]
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What a message holds besides its words: the tag on the first, the line on the last."""

    voice: Voice
    warning: str
    line: str

    def dressed(self, text: str, *, first: bool, last: bool) -> str:
        """A message as it will stand there."""
        text = _tagged(text, self.voice.tag) if first else text
        return with_line(text, self.line) if last else text

    def fits(self, text: str, *, first: bool, last: bool = False) -> bool:
        """Whether one message can hold it."""
        return self.voice.limits.fits(self.dressed(text, first=first, last=last), self.warning)

    def full(self, text: str) -> bool:
        """Whether a message is full enough to be cut where it reads well."""
        return self.voice.limits.measure(text, self.warning) * 3 >= self.voice.limits.length


def languages_for(post: Post, voice: Voice, *, unread: bool = False) -> tuple[Language, ...]:
    """The languages a post goes out in on an account, in the account's order.

    Translations that nobody has read are left out, unless `unread` asks for them.
    """
    words = post.words_for(voice.platform)
    left_out = frozenset[Language]() if unread else post.unread
    return tuple(
        language for language in voice.languages if language in words.text and language not in left_out
    )


def render(post: Post, language: Language, voice: Voice) -> Rendition:
    """Make the parts of a post. Raises RenditionError, saying how to mend it, where it does not fit.

    The tally's numbers stay blanks, and are counted with as much room as they can ever take.
    """
    words = post.words_for(voice.platform)
    messages = [_fill(message, voice, words.link) for message in words.messages(language)]
    messages = [widest(message) for message in messages] if post.thanks else messages
    if words.link and not any("{link}" in message for message in words.messages(language)):
        messages[0] = f"{messages[0]}\n\n{words.link}"
    warning = post.warning.get(language, "")
    if voice.platform not in WARNS:
        messages[0] = _warned(messages[0], warning)
        warning = ""
    frame = _Frame(voice=voice, warning=warning, line=safety_line(language, "\n".join(messages)))
    texts = _written_thread(messages, frame) if len(messages) > 1 else _cut(messages[0], frame)
    if len(texts) > 1 and not voice.threads:
        counts = " (the line on safety at its end counts)" if frame.line else ""
        raise RenditionError(
            f"this needs {len(texts)} messages{counts}, and threads are switched off for {voice.label}",
            f"shorten it for {voice.platform} under `{voice.platform}: text:`, or leave {voice.label} out "
            "of `where:`",
        )
    parts = tuple(
        Part(
            text=blank(text, post.thanks) if post.thanks else text,
            length=voice.limits.measure(text, warning),
            limit=voice.limits.length,
        )
        for text in texts
    )
    return Rendition(
        label=voice.label, platform=voice.platform, language=language, parts=parts, warning=warning
    )


def _fill(message: str, voice: Voice, link: str | None) -> str:
    return message.strip().replace("{account}", voice.mention).replace("{link}", link or "").rstrip()


def _warned(text: str, warning: str) -> str:
    """A first message that begins with its warning, where the platform has no place for one."""
    return f"{warning}\n\n{text}" if warning and not text.startswith(warning) else text


def _tagged(text: str, tag: str) -> str:
    """A first message with the campaign's tag: one already there is not doubled."""
    if carries(text, tag):
        return text
    last_line = text.rsplit("\n", 1)[-1]
    between = " " if _TAGS_ONLY.fullmatch(last_line) and "\n" in text else "\n\n"
    return f"{text}{between}{tag}"


def _written_thread(messages: Sequence[str], frame: _Frame) -> list[str]:
    """A thread whose parts the organiser chose: each must fit as it is."""
    voice, texts = frame.voice, []
    for number, message in enumerate(messages, start=1):
        last = number == len(messages)
        text = frame.dressed(message, first=number == 1, last=last)
        if excess := voice.limits.excess(text, frame.warning):
            counts = " (the line on safety that ends it counts)" if last and frame.line else ""
            raise RenditionError(
                f"part {number} of the thread is too long for {voice.platform.shown}: "
                f"{voice.limits.measure(text, frame.warning)} of {voice.limits.length} "
                f"{_UNIT[voice.platform]}{counts}",
                f"take out {excess}, or move a sentence to "
                f"{'a part of its own' if last else 'the next part'}",
                part=number,
            )
        texts.append(text)
    return texts


def _cut(text: str, frame: _Frame) -> list[str]:
    """One text as one message where it fits, else as a thread cut at the ends of sentences."""
    if frame.fits(text, first=True, last=True):
        return [frame.dressed(text, first=True, last=True)]
    limits = frame.voice.limits
    if limits.measure(text, frame.warning) > 2 * MOST_PARTS * limits.length:
        raise _too_long(frame.voice)  # no use in cutting what is far too long
    pieces, rest, texts = words_of(text), text, list[str]()
    while pieces and not frame.fits(rest, first=not texts, last=True):
        first = not texts
        count = _cut_after(pieces, frame, first=first)
        texts.append(frame.dressed("".join(pieces[:count]).rstrip(), first=first, last=False))
        del pieces[:count]
        rest = "".join(pieces).rstrip()
        if len(texts) >= MOST_PARTS:
            raise _too_long(frame.voice)
    # The line is a message of its own where a text that is not to be cut has left no room for it.
    if not pieces and not frame.voice.limits.fits(frame.line, frame.warning):
        raise _too_long_a_warning(frame.voice)
    texts.append(frame.dressed(rest, first=not texts, last=True) if pieces else frame.line)
    return texts


def _too_long(voice: Voice) -> RenditionError:
    return RenditionError(
        f"this is longer than {MOST_PARTS} messages on {voice.platform.shown}",
        "shorten it, and put the rest behind a link",
    )


def _cut_after(pieces: list[str], frame: _Frame, *, first: bool) -> int:
    """How many words the next message takes; splits one that no message can hold."""
    fits = partial(frame.fits, first=first)
    most = most_that_fit(pieces, fits)
    if not most:
        pieces[:1] = broken(pieces[0], fits, frame.voice.limits) or _no_room(pieces[0], frame, first=first)
        most = most_that_fit(pieces, fits)
    if most == len(pieces):
        # All would fit but for the line behind it. A sentence keeps it company, half of one does not.
        return cut_well(pieces, most - 1, frame.full) or most
    return cut_after(pieces, most, frame.full)


def _no_room(word: str, frame: _Frame, *, first: bool) -> tuple[str, str]:
    """Say why not even the beginning of a word has room."""
    voice = frame.voice
    if not voice.limits.fits("x", frame.warning):
        raise _too_long_a_warning(voice)
    if first and not frame.fits("x", first=True):
        raise RenditionError(
            f"the tag {voice.tag} leaves no room on {voice.platform.shown}", "use a shorter tag"
        )
    if spans(word):
        raise RenditionError(
            f"one link, tag or handle alone is too long for {voice.platform.shown}: {word.strip()[:40]}…",
            "use a shorter one",
        )
    raise RenditionError(
        f"one character alone is too long for {voice.platform.shown}: {word.strip()[:10]}…", "take it out"
    )


def _too_long_a_warning(voice: Voice) -> RenditionError:
    return RenditionError(f"the warning leaves no room on {voice.platform.shown}", "use a shorter `warning:`")
