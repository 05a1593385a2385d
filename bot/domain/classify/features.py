"""What a text shows: its words, what they say, and how they follow one another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from bot.domain.classify.tables import Tables, fold, tokens

_CYRILLIC = regex.compile(r"\p{Cyrillic}")
_OURS = regex.compile(r"[ўі]")
_NO_WORDS = regex.compile(r"https?://\S+|(?<!\w)@[\w.@-]*\w")
_PASSED_ON = regex.compile(r"^\s*(?:RT\b|🔁|via @|MT\b)", regex.IGNORECASE)
_SPEECH = regex.compile(r"^\s*[\"“„«»‘”].{15,}[\"“”»’«]\s*[-–—,:(]?")
_NAMES = regex.compile(r"^\s*(?:@[\w.@-]+\s*)+")

_YEAR = regex.compile(r"(?:19|20)\d\d")
_COUNTED = 3  # words between a number and what it counts
INSIDE = frozenset({"BY", "RU"})

Feature = tuple[str, int]
"""A feature, and the place of the word that shows it; -1 for the text as a whole."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is read: its words, and what they say at which place."""

    written: list[str]
    words: list[str]
    said: list[tuple[str, int]]  # what is said at which place; in order
    text: str
    tongues: list[str]  # the languages it may be in


def read(text: str, language: str | None, tables: Tables) -> Reading:
    """Read a text with the words of its language, or of those it may be in."""
    clean = _NO_WORDS.sub(" ", text)
    written = tokens(clean)
    words = [fold(word) for word in written]
    said = list[tuple[str, int]]()
    spoken = tongues(words, clean, language, tables)
    lexicons = [tables.tongues[one] for one in spoken]
    for place in range(len(words)):
        found = {meaning for lexicon in lexicons for meaning, _ in lexicon.at(words, place)}
        found |= _counts(words, place, spoken, tables) | _abroad(words, place, tables)
        said += [(meaning, place) for meaning in sorted(found)]
    return Reading(written, words, said, text, spoken)


def _counts(words: list[str], place: int, spoken: list[str], tables: Tables) -> set[str]:
    """What a number counts: people, money or things; a year counts nothing."""
    word = words[place]
    if _YEAR.fullmatch(word):
        return {"year"}
    if not word[0].isdigit() and not any(word in tables.numbers.get(one, ()) for one in spoken):
        return set()
    for after in range(place + 1, min(len(words), place + 1 + _COUNTED)):
        kinds = {kind for kind, _ in tables.counted.at(words, after)} & {"people", "things", "money"}
        if kinds:
            return {f"many_{kind}" for kind in kinds}
    return set()


def _abroad(words: list[str], place: int, tables: Tables) -> set[str]:
    named = (code for code, _ in tables.places.at(words, place))
    return {"abroad" for code in named if code.lstrip("~") not in INSIDE}


def tongues(words: Sequence[str], text: str, language: str | None, tables: Tables) -> list[str]:
    """The languages a text may be in: by its small words, or else by what it says of itself."""
    scores = {name: sum(word in small for word in words) for name, small in tables.stops.items()}
    if _CYRILLIC.search(text):
        scores = {name: score for name, score in scores.items() if name in {"ru", "be", "uk"}}
        if _OURS.search(text) and "be" in scores:
            scores["be"] += 2
    told = (language or "").partition("-")[0]
    if told in scores:
        scores[told] += 1
    best = max(scores.values(), default=0)
    if best == 0:
        return ["en", *(name for name in scores if name != "en")] if "en" in scores else list(scores)
    return [name for name, score in scores.items() if score == best]


def features(reading: Reading) -> Iterator[Feature]:
    """Every feature of a text, each with its place."""
    yield from _words(reading.words)
    yield from _meanings(reading.said)
    for name in _shape(reading):
        yield name, -1


def _words(words: list[str]) -> Iterator[Feature]:
    before = "^"
    for place, word in enumerate(words):
        if word[0].isdigit():
            word = "#"  # noqa: PLW2901
        yield f"w:{word}", place
        yield f"b:{before} {word}", place
        if len(word) > 5:  # noqa: PLR2004  # long enough for its beginning to be a stem
            yield f"s:{word[:5]}", place
        if len(word) > 4:  # noqa: PLR2004
            yield f"e:{word[-3:]}", place
        before = word


def _meanings(said: list[tuple[str, int]]) -> Iterator[Feature]:
    before, stood = "^", -1
    for meaning, place in said:
        yield f"c:{meaning}", place
        if place != stood:
            yield f"p:{before}>{meaning}", place
            before, stood = meaning, place
        if place < 2:  # noqa: PLR2004  # how a text opens tells a request from a report
            yield f"f:{meaning}", place
    kinds = sorted({meaning for meaning, _ in said})
    for number, one in enumerate(kinds):
        for other in kinds[number + 1 :]:
            yield f"q:{one}&{other}", -1


def _shape(reading: Reading) -> Iterator[str]:
    text, words = reading.text, reading.words
    ends = text.rstrip(" \n\t🤔🙏")
    if ends.endswith(("?", "?!")) or "?" in words[-2:]:
        yield "x:asks at the end"
    elif "?" in words:
        yield "x:asks"
    if _PASSED_ON.match(text):
        yield "x:passed on"
    if _SPEECH.match(_NAMES.sub("", text)):
        yield "x:speech"
    yield from _lacks(reading)
    yield f"x:length {min(len(words) // 4, 6)}"


def _lacks(reading: Reading) -> Iterator[str]:
    words, named = reading.words, {meaning for meaning, _ in reading.said}
    if "!" in words:
        yield "x:calls out"
    if any(word[0].isdigit() for word in words):
        yield "x:number"
    if not any(word[0].isalpha() for word in words):
        yield "x:no words"
    if not named & {"cause", "prisoner"}:
        yield "x:no cause"
    if not any(name.startswith("v_") or name == "done" for name in named):
        yield "x:no deed"


def passed_on(text: str) -> bool:
    """Whether a text only hands on what somebody else wrote."""
    return bool(_PASSED_ON.match(_NAMES.sub("", text)))
