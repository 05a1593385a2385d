"""Which people a text names, however their names are written."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import regex

from bot.domain.case import Case, CaseId
from bot.domain.spelling import APOSTROPHES, UNSEEN, bare, pattern, readings

WITHIN = 3  # words by which a surname and a first name may stand apart
_LEAST = 5  # letters from which one half of a double name stands for the person
_MOST_KEPT = 100_000  # words remembered as nobody's name

_WORD = regex.compile(rf"\p{{L}}(?:[\p{{M}}{UNSEEN}{APOSTROPHES}]*\p{{L}})*\p{{M}}*")
_PIECE = regex.compile(
    rf"\p{{Lu}}+(?![\p{{Ll}}\p{{M}}])|\p{{Lu}}?[^\p{{Lu}}{APOSTROPHES}]+|\p{{Lu}}"  # BKDPFreeYarashuk
)
_JOINED = regex.compile(r"[\s\p{Pd}\p{Cf}]{1,3}")
_LEADS = (
    "justicefor freedomfor freiheitfuer freiheitfur libertepour libertadpara liberdadepara libertaper "
    "wolnoscdla "
    "svobodu svabodu volyudlya volyadlya osvobodite vyzvalitse liberez liberen liberad liberte liberate "
    "libertem "
    "libera liberta uwolnic uwolnijcie standwith release save free"
)
_BEFORE, _AFTER = frozenset(_LEADS.split()), frozenset({"isfree", "free", "frei", "libre", "livre", "libero"})
"""What a tag in small letters sets before or after a name, in plain Latin letters."""

_WORDS = (
    "mints mint szelest szelestu szelestem шелест шелеста шелесту шелестом шелесты шелесте орешка "
    "орешки орешку "
    "орешке орешком орешко орешков арэшка арэшкі арэшку арэшкам арэшкаў ледник ледника леднику ледником "
    "леднике "
    "ледники леднік ледніка ледніку леднікі леднікоў дзюба dziuba мишук журавка журавки минца минц mince "
    "шарах"
)
_ORDINARY = frozenset(bare(word) for word in _WORDS.split())
"""Words of a language that look like a surname: written small, they are only words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A stretch of a text that names a person; positions are code points of the text."""

    case: CaseId
    written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word, or a part of it such as one word of a tag."""

    text: str
    start: int
    end: int
    tag: bool


@dataclass(frozen=True, slots=True)
class _Surname:
    """How one person's name is recognised: regular expressions, made when they are first needed."""

    case: CaseId
    written: str
    halves: str  # what stands on either side of a double name's hyphen
    beside: str | None  # the first names without which the surname is anybody's
    initials: frozenset[str]


class Names:
    """Everybody a text may name. Built once; remembers which words are nobody's name."""

    def __init__(self, cases: Iterable[Case]) -> None:
        kept = tuple(cases)
        self.ids: tuple[CaseId, ...] = tuple(case.id for case in kept)
        self.shown = {case.id: case.name for case in kept}
        self._shared = frozenset(case.id for case in kept if case.first_names)
        self._surnames = [_surname(case) for case in kept]
        self._anybody = _any_of(surname.written for surname in self._surnames)
        self._nobody: set[str] = set()
        self._whose: dict[tuple[str, bool], tuple[_Surname, ...]] = {}

    def may_be_lifted(self, named: Named) -> bool:
        """Whether a name found is so like a word, or another person's name, that it may be none."""
        return named.case in self._shared or bare(named.written) in _ORDINARY

    def found(self, text: str) -> list[Named]:
        """Everybody a text names, in order."""
        chunks = set(text.split())
        if chunks <= self._nobody:  # all but a few texts end here
            return []
        if len(self._nobody) > _MOST_KEPT:
            self._nobody, self._whose = set(), {}
        new = chunks - self._nobody
        nobody = {chunk for chunk in new if not self._may_name(chunk)}
        self._nobody |= nobody
        return [] if nobody == new else self._look(text)

    def _may_name(self, chunk: str) -> bool:
        return any(self._bearers(piece) for word in _words(chunk) for piece in word)

    def _bearers(self, piece: _Piece) -> tuple[_Surname, ...]:
        """Whose surname a word may be."""
        key = (piece.text, piece.tag)
        if key not in self._whose:
            only_a_word = piece.text[0].islower() and not piece.tag and bare(piece.text) in _ORDINARY
            anybody = not only_a_word and _matches(self._anybody, piece)
            self._whose[key] = tuple(
                one for one in self._surnames if anybody and _matches(one.written, piece)
            )
        return self._whose[key]

    def _look(self, text: str) -> list[Named]:
        words = list(_words(text))
        found = set[tuple[int, int, CaseId]]()
        for at, word in enumerate(words):
            for surname, piece in self._in_word(word):
                if _is_this_one(surname, words, at):
                    start, end = _whole(surname, piece, words, at, text)
                    found.add((start, end, surname.case))
        return [
            Named(case=case, written=text[start:end], start=start, end=end)
            for start, end, case in sorted(found)
            if not any(_inside((start, end, case), other) for other in found)
        ]

    def _in_word(self, word: list[_Piece]) -> Iterator[tuple[_Surname, _Piece]]:
        """The surnames that are a part of a word, else the whole of it."""
        *parts, whole = word
        found = [(surname, piece) for piece in parts for surname in self._bearers(piece)]
        yield from found
        if not found:
            yield from ((surname, whole) for surname in self._bearers(whole))


def _inside(one: tuple[int, int, CaseId], other: tuple[int, int, CaseId]) -> bool:
    return one != other and one[2] == other[2] and other[0] <= one[0] and one[1] <= other[1]


def _words(text: str) -> Iterator[list[_Piece]]:
    """Each word of a text: its parts by capitals and apostrophes, and the whole where it has parts."""
    for match in _WORD.finditer(text):
        word, start = match.group(), match.start()
        tag = text[start - 1 : start] in {"#", "＃"}
        parts = [(part.start(), part.end()) for part in _PIECE.finditer(word)]
        if tag and len(parts) == 1:
            parts += _parts_of_tag(word)
        if len(parts) > 1:
            parts.append((0, len(word)))
        yield [_Piece(word[one:two], start + one, start + two, tag) for one, two in parts]


def _parts_of_tag(word: str) -> list[tuple[int, int]]:
    """Where a name may stand in a tag that is written in one."""
    parts = []
    for at in range(3, len(word) - 2):
        if not _BEFORE.isdisjoint(readings(word[:at])):
            parts.append((at, len(word)))
        if not _AFTER.isdisjoint(readings(word[at:])):
            parts.append((0, at))
    return parts


@lru_cache(maxsize=20_000)
def _ways(word: str) -> tuple[str, ...]:
    return readings(word)


def _matches(wanted: str, piece: _Piece) -> bool:
    made = _compiled(wanted)
    return any(made.fullmatch(way) for way in _ways(piece.text))


def _is_this_one(surname: _Surname, words: list[list[_Piece]], at: int) -> bool:
    """Whether a first name of this person is near, where one is needed."""
    if surname.beside is None:
        return True
    near = words[max(0, at - WITHIN) : at + WITHIN + 1]
    if any(_matches(surname.beside, piece) for word in near for piece in word):
        return True
    before = words[at - 1][-1].text if at else ""
    return len(before) == 1 and not surname.initials.isdisjoint(_ways(before))


def _whole(
    surname: _Surname, piece: _Piece, words: list[list[_Piece]], at: int, text: str
) -> tuple[int, int]:
    """Where a name starts and ends, with the other half of a double one."""
    start, end = piece.start, piece.end
    around = [one for word in words[max(0, at - 1) : at + 2] for one in word]
    for other in around:
        if not _matches(surname.halves, other):
            continue
        if other.end <= start and (other.end == start or _JOINED.fullmatch(text, other.end, start)):
            start = other.start
        elif other.start >= end and (other.start == end or _JOINED.fullmatch(text, end, other.start)):
            end = other.end
    return start, end


def _surname(case: Case) -> _Surname:
    halves = {half for spelling in case.spellings if len(_parts(spelling)) > 1 for half in _parts(spelling)}
    whole = {"".join(_parts(spelling)) for spelling in case.spellings}
    return _Surname(
        case=case.id,
        written=_any_of(
            pattern(name) for name in sorted(whole | {one for one in halves if len(one) >= _LEAST})
        ),
        halves=_any_of(pattern(half) for half in sorted(halves)),
        beside=_any_of(pattern(name) for name in sorted(case.first_names)) if case.first_names else None,
        initials=frozenset(readings(name)[0][0] for name in case.first_names),
    )


def _parts(spelling: str) -> list[str]:
    return [word.group() for word in _WORD.finditer(spelling)]


def _any_of(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{one})" for one in dict.fromkeys(patterns)) or "(?!)"


@lru_cache(maxsize=1000)
def _compiled(wanted: str) -> re.Pattern[str]:
    return re.compile(wanted)
