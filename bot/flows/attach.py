"""Pictures of a post, ready for one platform, with their descriptions in each language."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.domain.errors import RenditionError
from bot.domain.lengths import PlatformName
from bot.domain.picture import LONGEST_ALT, Attachment, Picture
from bot.domain.post import Language, Post
from bot.ports import Pictures


def attached(
    post: Post, platform: PlatformName, languages: Sequence[Language], pictures: Pictures | None
) -> Mapping[Language, tuple[Attachment, ...]]:
    """What goes with the first part in each language. RenditionError where a picture cannot be published."""
    if not post.media or not languages:
        return dict.fromkeys(languages, ())
    if pictures is None:
        raise RenditionError(
            "this post has pictures, and nobody is there to make them ready", "take them out"
        )
    folder = Path(post.source.file).parent
    ready = [(picture, pictures.ready(picture, folder, platform)) for picture in post.media]
    return {
        language: tuple(replace(one, alt=_described(picture, language, platform)) for picture, one in ready)
        for language in languages
    }


def _described(picture: Picture, language: Language, platform: PlatformName) -> str:
    alt = picture.alt.get(language, "").strip()
    longest = LONGEST_ALT[platform]
    if len(alt) > longest:
        raise RenditionError(
            f"the description of {picture.file} in `{language}` has {len(alt):,} characters, and "
            f"{platform.shown} takes {longest:,}",
            f"shorten it by {len(alt) - longest:,}",
        )
    return alt
