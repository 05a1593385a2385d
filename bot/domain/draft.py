"""Drafts: what a person must lift before it goes out, and what their approval covers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.calendar import Fixed
from bot.domain.post import Language, Post, PostId, Words, digest

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
    """A post with the translations that were approved since it was written."""
    if not post.unread:
        return post
    still = {code for code in post.unread if not is_approved(post, approvals, code)}
    return post if still == post.unread else replace(post, unread=frozenset(still))


def content_digest(post: Post, language: Language | None = None) -> str:
    """A fingerprint of what an approval covers: all that is said, and not the hour.

    A post's own covers every language but the translations, which have readers of their own.
    """
    everything = (post.words, *(words for _, words in sorted(post.own_words.items())))
    if language is not None:
        return digest(language, [words.messages(language) for words in everything])
    translations = post.unread | post.read_by.keys()
    said = [_said(words, translations) for words in everything]
    warning = {code: text for code, text in post.warning.items() if code not in translations}
    pictures = [(one.file, sorted(one.alt.items()), one.people) for one in post.media]
    return digest(said, warning, pictures, sorted(post.where), post.reliance.as_text())


def _said(words: Words, without: frozenset[Language]) -> object:
    return [
        {code: words.messages(code) for code in sorted(words.text) if code not in without},
        words.link,
    ]
