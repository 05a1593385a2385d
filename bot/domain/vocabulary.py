"""The words by which a text is judged, a table for each language; read from a plain text."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.domain.post import Language
from bot.domain.spelling import UNSEEN

NAME = "\ue000"  # stands in a text for each letter of a person's name
SECTIONS = frozenset(
    {"jailed", "now", "never", "unfree", "freed", "free", "plea", "demand", "past", "then", "pronouns"}
    | {"many", "people", "numbers", "units", "months", "request"}
)
COMMON = frozenset({"payment", "danger"})
"""Sections that belong to no language."""

_MOST_KEPT = 100_000  # words remembered as saying nothing of prison
_TELLING = 5  # letters from which the first word of "waits for freedom" is worth a closer look
_NEAR, _FAR = 2, 5  # words between a number and what it counts
_NEVER = "(?!)"
_UNLESS_NOT = "(?<!не )"  # Russian and Belarusian: to ask people not to do it is right
_YEAR = r"(?:19|20)\d\d(?!\d)"
_BETWEEN = r"[\s\-‐‑–_]+"
_TAGGED = r"[\s\-‐‑–_]*"  # in a tag nothing stands between its words
_OTHER_WORDS = rf"(?:{_BETWEEN}[\w'.{NAME}]+){{0,3}}?{_BETWEEN}"
_ACROSS = rf"(?:,?{_BETWEEN}[\w'.{NAME}]+){{0,5}}?,?{_BETWEEN}"
_GAPS = {"~": _OTHER_WORDS, "~~": _ACROSS}
_DIGITS = r"(?<![\d.,])(?:\d{1,3}(?:[., ]\d{3})+|(?!(?:19|20)\d\d(?!\d))\d{2,7}|[2-9])(?![\d\w]|[.,]\d)"
_UNSEEN = re.compile(f"[{UNSEEN}\u0301]")
_ALIKE = str.maketrans("’ʼ‘`´ё\u00a0\u202f", "'''''е  ")


def clean(text: str) -> str:
    """A text without the signs nobody sees."""
    if text.isascii():
        return text
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text))


def plain(text: str) -> str:
    """A clean text as the tables write words, letter for letter."""
    small = text.lower().translate(_ALIKE)
    return small if len(small) == len(text) else "".join(one.lower()[0] for one in text).translate(_ALIKE)


class Tongue:
    """The tables of one language. A table becomes a pattern when it is first asked."""

    def __init__(self, lines: Mapping[str, list[str]]) -> None:
        self._lines = lines
        self._patterns: dict[str, re.Pattern[str]] = {}

    def says(self, section: str, sentence: str) -> re.Match[str] | None:
        """Where a plain sentence says what a section lists."""
        if section not in self._patterns:
            self._patterns[section] = re.compile(self._terms(section))
        return self._patterns[section].search(sentence)

    def hints(self, word: str) -> bool:
        """Whether a word is one of those by which texts speak of prison."""
        return self._hint.search(word) is not None

    def counts(self, sentence: str, *, today: bool) -> re.Match[str] | None:
        """Where a plain sentence says a number of people; of one that speaks of today, more loosely."""
        between = _FAR if today else _NEAR
        found = self._count.finditer(sentence)
        return next((one for one in found if len(one["between"].split()) <= between), None)

    @cached_property
    def _hint(self) -> re.Pattern[str]:
        hints = [_hint(term) for term in self._lines["jailed"] + self._lines["plea"]]
        first = [term.split()[0].split("/") for term in self._lines["unfree"]]
        hints += [words for words in first if min(map(len, words)) >= _TELLING]
        return re.compile(_whole(list(dict.fromkeys(_choice(words) for words in hints))))

    @cached_property
    def _count(self) -> re.Pattern[str]:
        number = rf"(?:{_DIGITS}|{self._terms('numbers')})"
        units = rf"\.?[\s-]*(?:de\s+)?(?:{_choice(self._months)}(?!\w)|{self._terms('units')})"
        of_whom = rf"(?:{self._terms('people')}|{self._terms('jailed')}|{self._terms('unfree')})"
        return re.compile(
            rf"{number}(?!{units})(?P<between>(?:{_BETWEEN}[\w'.]+){{0,{_FAR}}}?){_BETWEEN}{of_whom}"
        )

    @cached_property
    def _months(self) -> list[str]:
        return [month for line in self._lines["months"] for month in line.split("/")]

    def _terms(self, section: str) -> str:
        between = _TAGGED if section == "demand" else _BETWEEN
        terms = _whole([_term(term, self._months, between) for term in self._lines[section]])
        return _UNLESS_NOT + terms if section == "request" else terms


@dataclass(slots=True)
class Vocabulary:
    """The tables of all languages. Remembers which words say nothing of prison."""

    tongues: Mapping[Language, Tongue]
    payment: re.Pattern[str]
    danger: re.Pattern[str]
    _quiet: dict[Language, set[str]] = field(default_factory=dict)

    def may_speak_of_prison(self, language: Language, text: str) -> bool:
        """Whether a text is worth a closer look; of most texts this is all that is asked."""
        tongue = self.tongues.get(language)
        if tongue is None:
            return False
        quiet = self._quiet.setdefault(language, set())
        words = set(text.split())
        if words <= quiet:
            return False
        if len(quiet) > _MOST_KEPT:
            quiet.clear()
        new = words - quiet
        said = {word for word in new if tongue.hints(plain(clean(word)))}
        quiet |= new - said
        return bool(said)


def parse(text: str) -> Vocabulary:
    """The tables that a text holds. ValueError, naming the line, where it is not in order."""
    tables = _tables(text)
    languages = dict.fromkeys(key[0] for key in tables if key[0])
    return Vocabulary(
        tongues={
            Language(one): Tongue({section: tables.get((one, section), []) for section in SECTIONS})
            for one in languages
        },
        payment=re.compile(_whole([_term(term, []) for term in tables.get(("", "payment"), [])])),
        danger=re.compile(_whole([_term(term, []) for term in tables.get(("", "danger"), [])])),
    )


def _tables(text: str) -> dict[tuple[str, str], list[str]]:
    tables: dict[tuple[str, str], list[str]] = {}
    lines: list[str] | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = plain_term(raw)
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            *language, section = line.strip("[]").split()
            if section not in (SECTIONS if language else COMMON):
                raise ValueError(f"line {number}: there is no section {section}")
            lines = tables.setdefault((language[0] if language else "", section), [])
        elif lines is None:
            raise ValueError(f"line {number} stands before the first section")
        else:
            lines.append(line)
    return tables


def plain_term(line: str) -> str:
    """A line of a table as texts are compared; what stands in capitals is a sign, not a word."""
    words = line.strip().split()
    return " ".join(word if word.isupper() else plain(word) for word in words)


def _whole(patterns: list[str]) -> str:
    """Any of these, where no letter stands before or after."""
    return rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)" if patterns else _NEVER


def _term(term: str, months: list[str], between: str = _BETWEEN) -> str:
    """One line of a table as a regular expression."""
    made = joint = ""
    for word in term.split():
        if word in _GAPS:
            joint = _GAPS[word]
        elif word.startswith("-"):
            made += rf"(?!{_BETWEEN}{_choice(word[1:].split('/'))}(?!\w))"
        elif word == "!":
            made += r"[^.!?\n]{0,40}!"
        else:
            if word == "NAME" and joint == _OTHER_WORDS:
                joint = rf"(?:{_OTHER_WORDS}|\s*)"  # also straight after it, as in a tag
            made += joint + _word(word, months)
            joint = between
    return made


def _word(word: str, months: list[str]) -> str:
    signs = {
        "NAME": f"{NAME}+",
        "YEAR": _YEAR,
        "DAY": r"\d{1,2}(?:º|°|\.|er|-?го)?",
        "MONTH": _choice(months),
    }
    return signs[word] if word in signs else _choice(word.split("/"))


def _choice(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(word).replace(r"\*", r"[\w']*") for word in words) + ")"


def _hint(term: str) -> list[str]:
    """The longest word of a term, without which no text says it."""
    words = [word for word in term.split() if word[0] not in "~!-" and not word.isupper()]
    return max(words, key=lambda word: min(len(way) for way in word.split("/"))).split("/")
