"""The tables the classifier reads: words by what they say, places, numbers and learned weights."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import regex

_TOKEN = regex.compile(r"[\p{L}\p{M}]+|\d[\d.,’]*\d|\d|[?!€$£%@#✅✔✊🕯✉📮✍]")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "’": "'"})

Words = tuple[str, ...]


def fold(word: str) -> str:
    """A word without case and accents, so that one spelling stands for all."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.casefold().translate(_PLAIN))
    plain = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return plain or word  # a mark without a letter stays what it is


def tokens(text: str) -> list[str]:
    """The words, numbers and telling signs of a text, as written."""
    found: list[str] = _TOKEN.findall(text)
    return found


def sections(text: str) -> dict[str, list[str]]:
    """The entries of a table: `[name]` opens a section, commas part its entries, # opens a remark."""
    name, found = "", dict[str, list[str]]()
    for line in text.splitlines():
        line = line.partition("# ")[0].strip()  # noqa: PLW2901
        if line.startswith("[") and line.endswith("]"):
            name = line[1:-1]
            found.setdefault(name, [])
        elif line:
            found[name] += [entry for entry in (part.strip() for part in line.split(",")) if entry]
    return found


@dataclass(slots=True)
class Lexicon:
    """Phrases and what each stands for; a word ending in * stands for all that begin so."""

    exact: dict[str, list[tuple[Words, str]]] = field(default_factory=dict)
    stems: dict[str, list[tuple[Words, str]]] = field(default_factory=dict)
    longest: int = 0

    def add(self, phrase: str, meaning: str) -> None:
        """Learn a phrase."""
        first, *folded_rest = [part for piece in phrase.split() for part in _pieces(piece)]
        stem, word = first.endswith("*"), first.rstrip("*")
        folded = tuple(folded_rest)
        (self.stems if stem else self.exact).setdefault(word, []).append((folded, meaning))
        if stem:
            self.longest = max(self.longest, len(word))

    def at(self, words: list[str], place: int) -> Iterator[tuple[str, int]]:
        """What begins at a place: its meaning, and how many words it takes."""
        word = words[place]
        for rest, meaning in self.exact.get(word, ()):
            if not rest or _goes_on(words, place + 1, rest):
                yield meaning, 1 + len(rest)
        for length in range(2, min(len(word), self.longest) + 1):
            for rest, meaning in self.stems.get(word[:length], ()):
                if not rest or _goes_on(words, place + 1, rest):
                    yield meaning, 1 + len(rest)


def _pieces(piece: str) -> list[str]:
    """The words of a table's word, which the tokens of a text part at hyphens and apostrophes."""
    parts = [fold(part) for part in tokens(piece.rstrip("*"))]
    return [*parts[:-1], parts[-1] + "*"] if piece.endswith("*") else parts


def _goes_on(words: list[str], place: int, rest: Words) -> bool:
    if len(words) < place + len(rest):
        return False
    return all(
        said.startswith(part[:-1]) if part.endswith("*") else said == part
        for said, part in zip(words[place:], rest, strict=False)
    )


@dataclass(frozen=True, slots=True, repr=False)
class Tables:
    """Everything the classifier knows."""

    tongues: Mapping[str, Lexicon]  # by language: what its words say
    stops: Mapping[str, frozenset[str]]  # by language: the small words it is known by
    places: Lexicon
    numbers: Mapping[str, Mapping[str, int]]  # by language
    counted: Lexicon  # what a number may stand before: people, or not
    cues: Lexicon  # what tells where a writer is
    wishes: Lexicon  # what a writer asks of us
    weights: Mapping[str, Mapping[str, float]]


def read_tables(texts: Mapping[str, str]) -> Tables:
    """Build the tables of the files' texts, given by name (`en.txt`, `places.txt` ...)."""
    tongues, stops = {}, {}
    for name, text in texts.items():
        language = name.removesuffix(".txt")
        if len(language) != 2:  # noqa: PLR2004  # a language's code
            continue
        table = sections(text)
        stops[language] = frozenset(map(fold, table.pop("stop", ())))
        tongues[language] = _lexicon(table)
    places = _lexicon(sections(texts["places.txt"]))
    return Tables(
        tongues=tongues,
        stops=stops,
        places=places,
        numbers=_numbers(sections(texts["numbers.txt"])),
        counted=_lexicon(sections(texts["counted.txt"])),
        cues=_lexicon(sections(texts["safety.txt"])),
        wishes=_lexicon(sections(texts["wishes.txt"])),
        weights=_weights(texts.get("weights.txt", "")),
    )


def _lexicon(table: Mapping[str, list[str]]) -> Lexicon:
    lexicon = Lexicon()
    for meaning, phrases in table.items():
        for phrase in phrases:
            lexicon.add(phrase, meaning)
    return lexicon


def _numbers(table: Mapping[str, list[str]]) -> dict[str, dict[str, int]]:
    """Entries of `word=value`, by language."""
    return {
        language: {fold(word): int(value) for word, _, value in (entry.partition("=") for entry in entries)}
        for language, entries in table.items()
    }


def _weights(text: str) -> dict[str, dict[str, float]]:
    """Lines of `feature TAB output:weight ...`."""
    found = {}
    for line in text.splitlines():
        name, _, parts = line.partition("\t")
        if parts:
            found[name] = {
                label: float(value) for label, _, value in (part.partition(":") for part in parts.split(" "))
            }
    return found
