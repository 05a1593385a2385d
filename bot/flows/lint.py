"""What in a sound queue is probably not as meant: too alike for X, dear, or no tag. Stops nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import regex

from bot.domain.account import Voice
from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.lengths import PlatformName, scheme_links, x_links
from bot.domain.post import Post, PostId
from bot.domain.richtext import SpanKind, spans
from bot.domain.spoken import count
from bot.flows.likeness import Likeness, too_alike

_BEFORE = r"(?<![\p{L}\p{Nd}_&/#])"
_CUT_TAG = regex.compile(
    _BEFORE + r"(#[\p{Nd}_]*[\p{L}_][\p{L}\p{M}\p{Nd}_]*)(?:[-\u2010\u2011][\p{L}\p{M}\p{Nd}_]+)+"
)
_NUMBER_TAG = regex.compile(_BEFORE + r"#\p{Nd}+(?![\p{L}\p{M}\p{Nd}_])")
_LINKED_TAG = regex.compile(r"#[\p{L}\p{M}\p{Nd}_]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """One sentence about a sound post, the way to mend it, and the word it is about, where it is one."""

    post: Post
    message: str
    fix: str
    word: str = ""


def lint(
    posts: Sequence[Post], voices: Sequence[Voice], deliveries: Sequence[Delivery], now: datetime
) -> list[Hint]:
    """All hints about posts. `deliveries` are what they come to; the past ones are only compared with."""
    by_id = {post.id: post for post in posts}
    posted = [one for one in deliveries if one.kind is DeliveryKind.POST]
    hints: list[Hint] = []
    for voice in voices:
        if voice.platform is PlatformName.X:
            ours = [one for one in posted if one.account == voice.label]
            hints += _repeated(by_id, voice, ours, now)
            hints += _dear(by_id, voice, [one for one in ours if one.planned_at > now])
    return [*hints, *_no_tags(posts, voices)]


def _repeated(
    posts: Mapping[PostId, Post], voice: Voice, deliveries: Iterable[Delivery], now: datetime
) -> Iterator[Hint]:
    said: set[tuple[PostId, PostId]] = set()
    for found in too_alike(deliveries, voice.limits.tlds):
        post, names = posts.get(found.later.post), (found.later.post, found.earlier.post)
        if post and found.later.planned_at > now and names not in said:
            said.add(names)
            yield _repeats(post, voice, found)


def _repeats(post: Post, voice: Voice, found: Likeness) -> Hint:
    later, earlier = found.later, found.earlier
    days = (later.planned_at - earlier.planned_at).days
    where = f"{voice.label}, {later.language}"
    if post.id != earlier.post:
        when = f"{earlier.planned_at:%d %B %Y}".lstrip("0")
        return Hint(
            post=post,
            message=f"{where}: X may refuse it: too like {earlier.post} ({when})",
            fix="say it in other words under `x: text:`, or let 30 days pass between the two",
        )
    if later.occurrence == earlier.occurrence:
        return Hint(
            post=post,
            message=f"{where}: X may refuse it: too like its own `{earlier.language}`",
            fix=f"write `{later.language}` in its own language, or take it out",
        )
    return Hint(
        post=post,
        message=f"{where}: X may refuse it: it comes round after {count(days, 'day')} with the same words",
        fix="let at least 30 days pass, or leave X out in `where:`",
    )


def _dear(posts: Mapping[PostId, Post], voice: Voice, deliveries: Iterable[Delivery]) -> Iterator[Hint]:
    said: set[PostId] = set()
    for one in deliveries:
        post = posts.get(one.post)
        if post is None or post.id in said:
            continue
        if found := x_links(one.text, voice.limits.tlds):
            said.add(post.id)
            start, end = found[0]
            yield _costs(post, voice, one.text[start:end])


def _costs(post: Post, voice: Voice, link: str) -> Hint:
    words = post.words_for(PlatformName.X)
    fix = f"write it without the dot, or give X words of its own under `x: text:`, without {link}"
    if words.link == link:
        placed = any("{link}" in text for texts in (words.text, *words.thread) for text in texts.values())
        fix = "x:\n  link: none"
        if placed:
            fix = "x:\n  text:\n    en: |\n      The words without {link}, in each language.\n  link: none"
    return Hint(
        post=post,
        message=f"{voice.label}: a message with a link costs $0.20 on X instead of $0.015: {link}",
        fix=fix,
        word=link,
    )


def _no_tags(posts: Iterable[Post], voices: Iterable[Voice]) -> list[Hint]:
    """Words that were meant as tags and will be none, each once a post."""
    texts = [(post, sorted(set(_texts(post)))) for post in posts]
    known = {voice.tag.casefold() for voice in voices}
    known |= {tag for _, some in texts for text in some for tag in _whole_tags(text)}
    hints: dict[tuple[PostId, str], Hint] = {}
    for post, some in texts:
        for text in some:
            for hint in _no_tags_in(post, text, known):
                hints.setdefault((post.id, hint.word), hint)
    return list(hints.values())


def _texts(post: Post) -> Iterator[str]:
    """Every text of a post with a # in it."""
    for words in (post.words, *post.own_words.values()):
        for texts in (words.text, *words.thread):
            yield from (text for text in texts.values() if "#" in text)


def _whole_tags(text: str) -> Iterator[str]:
    """The tags of a text that do not end at a hyphen."""
    for span in spans(text):
        if span.kind is SpanKind.TAG and text[span.end : span.end + 1] not in {"-", "\u2010", "\u2011"}:
            yield span.text.casefold()


def _no_tags_in(post: Post, text: str, known: set[str]) -> Iterator[Hint]:
    links = scheme_links(text)
    outside = text
    for begin, end in links:
        outside = outside[:begin] + " " * (end - begin) + outside[end:]
    for found in _CUT_TAG.finditer(outside):
        if found[1].casefold() not in known:
            whole = regex.sub(r"[-\u2010\u2011]", "", found[0])
            said = f"`{found[0]}` is cut at the hyphen: the tag is only `{found[1]}`"
            yield Hint(post=post, message=said, fix=f"write `{whole}`", word=found[0])
    for found in _NUMBER_TAG.finditer(outside):
        said = f"`{found[0]}` is a tag on no platform: a tag needs a letter"
        yield Hint(post=post, message=said, fix="add a word to it, or take the # away", word=found[0])
    there = {span.text.casefold() for span in spans(text) if span.kind is SpanKind.TAG}
    for begin, end in links:
        linked = _LINKED_TAG.search(text[begin:end])
        if linked and linked[0].casefold() in known - there:
            said = f"`{linked[0]}` stands only inside a link, where it is no tag"
            fix = "put a space before the #, or write the tag again beside the link"
            yield Hint(post=post, message=said, fix=fix, word=text[begin:end])
