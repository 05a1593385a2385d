"""Numbers of the tally in a preview: as they would be told today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.account import Voice
from bot.domain.post import Language, Post
from bot.domain.rendition import Rendition
from bot.flows.tell import told_today
from bot.ports import Store

Version = tuple[Voice, Language, Rendition | Exception]
"""How a post looks on an account in a language, or why it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """A post as it will look; `numbers` is a word on those of the tally, empty where it tells none."""

    post: Post
    versions: Sequence[Version]
    numbers: str = ""


def with_numbers(post: Post, versions: Iterable[Version], store: Store | None, now: datetime) -> Previewed:
    """A post's versions with the numbers that it would tell today."""
    if not post.thanks:
        return Previewed(post=post, versions=list(versions))
    told, words = list[Version](), ""
    for voice, language, version in versions:
        shown = version
        if not isinstance(version, Exception):
            texts, words = told_today([part.text for part in version.parts], store, now)
            parts = [replace(part, text=text) for part, text in zip(version.parts, texts, strict=True)]
            shown = replace(version, parts=tuple(parts))
        told.append((voice, language, shown))
    return Previewed(post=post, versions=told, numbers=words)
