"""Every place of a post where words stand, as a person would point at it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.domain.post import Language, Post, Texts, Words
from bot.domain.vocabulary import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One text of a post, and where it stands."""

    where: str
    language: Language
    text: str
    link: str | None = None  # what {link} becomes, and what is added where no message has it


def passages(post: Post) -> list[Passage]:
    """Every text of a post; words that a platform repeats stand here once."""
    found: dict[tuple[Language, str, str | None], Passage] = {}
    for passage in _all(post):
        found.setdefault((passage.language, passage.text, passage.link), passage)
    return list(found.values())


def _all(post: Post) -> Iterator[Passage]:
    yield from _of_words(post.words, "")
    for platform, words in post.own_words.items():
        yield from _of_words(words, f" for {platform}")
    yield from _of_texts(post.warning, "the warning")
    for number, picture in enumerate(post.media, start=1):
        yield from _of_texts(picture.alt, f"the alt text of picture {number}")


def _of_words(words: Words, whose: str) -> Iterator[Passage]:
    for passage in _of_texts(words.text, f"the text{whose}"):
        yield replace(passage, link=words.link)
    for number, texts in enumerate(words.thread, start=2):
        yield from _of_texts(texts, f"part {number}{whose}")


def _of_texts(texts: Texts, name: str) -> Iterator[Passage]:
    for language, text in texts.items():
        yield Passage(where=f"{name} in {language}", language=language, text=clean(text))
