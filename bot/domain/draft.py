"""Drafts: what a person must lift before it goes out, and what their approval covers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.calendar import Fixed
from bot.domain.post import Language, Post, PostId, digest

Draft = tuple[PostId, Language | None]
"""What a person lifts: a post, or (with its language) one translation of it."""

Approvals = Mapping[Draft, str]
"""The digest of what was approved, by what was lifted."""


def lifted(posts: Sequence[Post], approvals: Approvals) -> list[Post]:
    """The posts that are no drafts, or no longer; translations that somebody has approved count as read."""
    return [read(post, approvals) for post in posts if not post.draft or is_approved(post, approvals)]


def is_approved(post: Post, approvals: Approvals, language: Language | None = None) -> bool:
    """Whether a post, or one translation of it, was approved with just these words."""
    given = approvals.get((post.id, language))
    return given is not None and given == content_digest(post, language)


def lapsed(posts: Iterable[Post], approvals: Approvals, now: datetime) -> list[Draft]:
    """What was approved, says something else since, and so waits to be approved again; not what is past."""
    return [
        (post.id, language)
        for post in posts
        if not (isinstance(post.when, Fixed) and post.when.at + post.grace < now)
        for language in (*((None,) if post.draft else ()), *sorted(post.unread))
        if (post.id, language) in approvals and not is_approved(post, approvals, language)
    ]


def read(post: Post, approvals: Approvals) -> Post:
    """A post with the translations that were approved since it was written.

    In a draft, a reader named in the file is no approval: whoever lifts the draft lifts just these words.
    """
    waiting = post.unread | (post.read_by.keys() if post.draft else frozenset())
    if not waiting:
        return post
    still = frozenset(code for code in waiting if not is_approved(post, approvals, code))
    return post if still == post.unread else replace(post, unread=still)


def content_digest(post: Post, language: Language | None = None) -> str:
    """A fingerprint of what an approval covers: all that is said, and not the hour.

    A post's own covers every language but the translations, which have readers of their own.
    """
    translations = post.unread | post.read_by.keys()
    codes = [language] if language else sorted({*post.words.text, *_of_platforms(post)} - translations)
    said = [_in(post, code) for code in codes]
    links = [post.words.link, *(words.link for _, words in sorted(post.own_words.items()))]
    pictures = [(one.file, one.content, one.people, one.consent) for one in post.media]
    if language:
        return digest(said, links, pictures)
    names = sorted(post.not_a_name)
    tells = [post.thanks.value] if post.thanks else []
    return digest(said, links, pictures, sorted(post.where), names, post.reliance.as_text(), *tells)


def _of_platforms(post: Post) -> set[Language]:
    return {code for words in post.own_words.values() for code in words.text}


def _in(post: Post, language: Language) -> object:
    """All that a post says in one language, on each platform, beside it and of its pictures."""
    own = {name.value: words.messages(language) for name, words in post.own_words.items()}
    alts = [one.alt.get(language) for one in post.media]
    return [language, post.words.messages(language), own, post.warning.get(language), alts]
