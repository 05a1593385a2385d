"""How the pictures of a post are shown before it is published."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.domain.account import Voice
from bot.domain.picture import Attachment, Picture
from bot.domain.post import Language, Post
from bot.flows.attach import attached
from bot.ports import Pictures


def with_pictures(
    post: Post, voice: Voice, language: str, pictures: Pictures
) -> list[tuple[Picture, Attachment]]:
    """Each picture of a post, and what an account is given of it. RenditionError where that is nothing."""
    ready = attached(post, voice.platform, [Language(language)], pictures)[Language(language)]
    return list(zip(post.media, ready, strict=True)) if ready else []


def lines(post: Post, voice: Voice, language: str, pictures: Pictures) -> Iterator[str]:
    """One line for each picture, and one for what it says to those who cannot see it."""
    for picture, one in with_pictures(post, voice, language, pictures):
        size = f"{one.size / 1_000_000:.1f} MB" if one.size >= 1_000_000 else f"{one.size // 1000 or 1} kB"  # noqa: PLR2004
        yield f"picture: {Path(picture.file).name}, {one.width} × {one.height}, {size}"
        yield f"  in words: {one.alt}" if one.alt else "  decorative: it has no description"


def values(post: Post, voice: Voice, language: str, pictures: Pictures) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "file": picture.file,
            "mime": one.mime,
            "width": one.width,
            "height": one.height,
            "bytes": one.size,
            "alt": one.alt,
        }
        for picture, one in with_pictures(post, voice, language, pictures)
    ]
