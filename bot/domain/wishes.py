"""What a writer asks of us: to be left alone, or not to be passed on.

A wish that is missed is worse than a report that is lost; but a false "stop" silences for ever. So what is
sure is a stop, what may be one is at least not passed on, and what is demanded of others is no wish.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import regex

from bot.domain.classify.tables import Tables, fold

_NAMES = regex.compile(r"(?<![\w@])@++[\w-]{1,63}(?:[.@][\w-]{1,63}){0,20}|https?://\S+")
_AMERICA = regex.compile(r"\bU\.S\.A?\.?|\bUSA?\b")
_SHORTENED = regex.compile(r"(?<=\b\p{L})\.(?=\p{L}\b)")  # a.u.b.
_WHOSE = regex.compile(r"(?<=\b(?:my|our) )\p{L}{1,40}['’]s\b", regex.IGNORECASE)  # our branch's name
_SPELT_OUT = regex.compile(r"\W*+\p{L}(?:[ .-]\p{L})++\W*+")  # S T O P
_WORD = regex.compile(r"[\p{L}\p{M}]+|\d+|[.!?;\n…]+|[,:()«»“”„\"—–|]|(?<=\s)-+(?=\s)")
_ENDS = frozenset(".!?;\n…")
_HALT_ALONE = 8  # words; a text that says nothing but "stop, please" has no more
_REACH = 10  # words that are looked at on either side of one
_NEAR = 4  # words between two that belong together
_LONGEST_PHRASE = 12  # words of a table's entry, which is looked for in as many and no more
_BRIEF = 5  # words of a clause that is no sentence

_FILLING = frozenset(
    {"small", "polite", "me", "my", "our", "this", "all", "thing", "want", "again", "from_you"}
)

_OURS = frozenset({"me", "my", "our", "this", "all", "thing", "wrote"})


class OptOut(StrEnum):
    """What a writer asks of us."""

    NONE = "none"
    NO_BOOST = "no_boost"  # count it, and pass it on to nobody
    STOP = "stop"  # keep nothing, and never write again


_Asked = tuple[int, OptOut]
"""What a word of a clause asks, and its place."""


@dataclass(slots=True)
class _Word:
    """One word: what it is part of, and what begins at it, with how many words."""

    kinds: set[str] = field(default_factory=set)
    begins: dict[str, int] = field(default_factory=dict)
    after_comma: bool = False  # one that parts nothing

    def is_any(self, *kinds: str) -> bool:
        return not self.kinds.isdisjoint(kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clause:
    """Words between two signs, and what stands around them in their sentence."""

    words: Sequence[_Word]
    told: bool  # before it, what somebody else wants
    goes_on_with_that: bool
    kinds: frozenset[str]  # of all words together
    lead: int  # words before the first that is neither polite nor small

    def near(self, kind: str, place: int, before: int, after: int) -> bool:
        """Whether a kind of word is close to a place."""
        return any(kind in word.kinds for word in self.words[max(0, place - before) : place + after + 1])

    def told_before(self, place: int) -> bool:
        """Whether what stands there is what somebody else wants, and nobody asks it of us."""
        for word in reversed(self.words[max(0, place - 2 * _REACH) : place]):
            if word.is_any("told", "polite"):
                return "told" in word.kinds
        return self.told and not self.has("polite")

    def has(self, kind: str) -> bool:
        return kind in self.kinds


def opt_out(text: str, tables: Tables) -> OptOut:
    """The strongest wish in a text."""
    clauses = list(_clauses(text, tables))
    words = [word for clause in clauses for word in clause.words]
    found = {wish for clause in clauses for wish in _wishes(clause)}
    if len(words) <= _HALT_ALONE and any(_is_halt(clause.words) for clause in clauses):
        found.add(OptOut.STOP if all(_is_halt(clause.words) for clause in clauses) else OptOut.NO_BOOST)
    return next((wish for wish in (OptOut.STOP, OptOut.NO_BOOST) if wish in found), OptOut.NONE)


def _wishes(clause: _Clause) -> Iterator[OptOut]:
    """What a clause asks, each wish as strong as it is sure."""
    for place, wish in (*_erasures(clause), *_refusals(clause), *_withdrawals(clause)):
        yield OptOut.NO_BOOST if wish is OptOut.STOP and clause.told_before(place) else wish
    if clause.has("quiet") or _withheld(clause) or _secret(clause):
        yield OptOut.NO_BOOST


def _clauses(text: str, tables: Tables) -> Iterator[_Clause]:
    """The clauses of a text, with what is known of their sentence."""
    for sentence in _sentences(_signs(text), tables):
        told = False
        for place, words in enumerate(sentence):
            following = sentence[place + 1][:1] if place + 1 < len(sentence) else []
            that = any("that" in word.kinds for word in following)
            clause = _clause(words, told=told, goes_on_with_that=that)
            yield clause
            told = told or clause.has("told")


def _clause(words: Sequence[_Word], *, told: bool, goes_on_with_that: bool) -> _Clause:
    full = (place for place, word in enumerate(words) if not word.is_any("and", *_FILLING))
    return _Clause(
        words=words,
        told=told,
        goes_on_with_that=goes_on_with_that,
        kinds=frozenset(kind for word in words for kind in word.kinds),
        lead=next(full, len(words)),
    )


def _signs(text: str) -> list[str]:
    """The words and the signs between them, without what names somebody."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    plain = _NAMES.sub(" ", plain)
    if _SPELT_OUT.fullmatch(plain):
        plain = "".join(sign for sign in plain if sign.isalpha())
    if not plain.isupper():
        plain = _AMERICA.sub("America", plain)
    found: list[str] = _WORD.findall(_SHORTENED.sub("", _WHOSE.sub("", plain)))
    return found


def _sentences(signs: Iterable[str], tables: Tables) -> Iterator[list[list[_Word]]]:
    """The clauses of each sentence."""
    folded = [fold(sign) for sign in signs]
    said = _marked(folded, tables)
    sentence: list[list[_Word]] = [[]]
    for place, (sign, word) in enumerate(zip(folded, said, strict=True)):
        if sign[0] in _ENDS:
            yield [clause for clause in sentence if clause]
            sentence = [[]]
        elif sign[0].isalnum():
            sentence[-1].append(word)
        elif sign == "," and place and _joins(said[place - 1], said[place + 1 : place + 2]):
            for one in said[place + 1 : place + 2]:
                one.after_comma = True
        else:
            sentence.append([])
    yield [clause for clause in sentence if clause]


def _joins(before: _Word, after: Sequence[_Word]) -> bool:
    """Whether a comma parts nothing: beside a polite word, in "всё, что я писала" and "hört auf, mir ..."."""
    if "polite" in before.kinds or ("cease" in before.kinds and "halt" not in before.kinds):
        return True
    return any("polite" in word.kinds or "wrote" in word.begins for word in after)


def _marked(folded: list[str], tables: Tables) -> list[_Word]:
    """What each word stands for, alone and in phrases."""
    said = [_Word() for _ in folded]
    for place, word in enumerate(said):
        for kind, size in tables.wishes.at(folded[place : place + _LONGEST_PHRASE], 0):
            word.begins[kind] = max(size, word.begins.get(kind, 0))
            for one in said[place : place + size]:
                one.kinds.add(kind)
    return said


def _is_halt(words: Sequence[_Word]) -> bool:
    """Whether words are nothing but one such as "stop", up to an "or" or "because"."""
    ends = (place for place, word in enumerate(words) if "and" in word.kinds and "small" not in word.kinds)
    end = next(ends, len(words))
    shouted = words[:end] or words
    return any("halt" in word.kinds for word in shouted) and all(
        word.is_any("halt", "polite", "small", "me", "this", "all", "again") for word in shouted
    )


def _erasures(clause: _Clause) -> Iterator[_Asked]:
    """What is to be erased, if it is the writer's: "delete my name", "мой пост удалите"."""
    for place, word in enumerate(clause.words):
        for kind in ("erase", "deletion", "take", "forget"):
            if kind in word.begins and not _negated(clause, place):
                yield place, _erasure(clause, place, word.begins[kind], kind)


def _negated(clause: _Clause, place: int) -> bool:
    """Whether a verb is under a "not"; a "why don't you" is none."""
    return clause.near("not", place, _NEAR, _NEAR) and not clause.has("why")


def _erasure(clause: _Clause, place: int, size: int, kind: str) -> OptOut:
    after = _object(clause.words[place + size : place + size + _REACH])
    before = _object(clause.words[max(0, place - _REACH) : place], back=True)
    if kind == "forget":
        wish = after.wish if after.is_of_us and not after.things and clause.lead >= place else OptOut.NONE
    elif kind == "take":
        wish = after.wish if after.taken_off and not (after.unknown and not after.is_mine) else OptOut.NONE
    elif kind == "deletion":
        wish = max(after.wish, before.wish, key=_strength) if after.is_mine or before.is_mine else OptOut.NONE
    elif after.empty and after.unknown:  # of something else, such as a law
        wish = before.wish if before.things and before.is_mine else OptOut.NONE
    elif after.empty:
        wish = before.wish if not before.empty else _bare(clause, place, before)
    else:
        wish = after.wish
    return wish


def _bare(clause: _Clause, place: int, before: "_Object") -> OptOut:
    """A verb without anything that is to be erased, which is said to us: "Удалите!", "löschen, bitte"."""
    if not before.unknown:
        return OptOut.STOP
    return OptOut.NO_BOOST if len(clause.words) <= _BRIEF and place == len(clause.words) - 1 else OptOut.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Object:
    """The words beside a verb, as far as they may speak of what is the writer's."""

    kinds: frozenset[str]
    unknown: bool  # another word follows, such as "law"

    @property
    def things(self) -> bool:
        return "thing" in self.kinds

    @property
    def empty(self) -> bool:
        return self.kinds.isdisjoint(_OURS)

    @property
    def taken_off(self) -> bool:
        return "off" in self.kinds

    @property
    def is_mine(self) -> bool:
        """Whether it names the writer, or a thing of the writer's."""
        return "me" in self.kinds or (self.things and not self.kinds.isdisjoint({"my", "our", "wrote"}))

    @property
    def is_of_us(self) -> bool:
        return not self.kinds.isdisjoint({"me", "wrote", "all"})

    @property
    def wish(self) -> OptOut:
        """How sure it is that the writer is meant."""
        if self.things and not self.kinds.isdisjoint({"my", "our", "wrote"}):
            return OptOut.STOP
        if self.kinds & {"all", "this"} and "wrote" in self.kinds:
            return OptOut.STOP
        if self.unknown:
            return OptOut.NO_BOOST if self.kinds & {"me", "my"} else OptOut.NONE
        if self.kinds & {"me", "my", "our", "this", "all", "wrote"}:
            return OptOut.STOP
        return OptOut.NO_BOOST if self.things else OptOut.NONE


def _object(words: Sequence[_Word], *, back: bool = False) -> _Object:
    """What the next words speak of, up to the first that is neither ours nor small."""
    kinds, parted = set[str](), False
    for word in reversed(words) if back else words:
        parted = parted or (word.after_comma and not back)
        if word.is_any("and") and not word.is_any("wrote", *_FILLING):
            break
        if not word.is_any("wrote", "off", *_FILLING):
            return _Object(kinds=frozenset(kinds), unknown=not parted)
        kinds |= word.kinds
        parted = parted or word.after_comma or ("and" in word.kinds and not kinds.isdisjoint(_OURS))
    return _Object(kinds=frozenset(kinds), unknown=False)


def _refusals(clause: _Clause) -> Iterator[_Asked]:
    """No more words from us: "never write to me again", "stop tagging us", "no more messages"."""
    again = clause.has("again")
    for place, word in enumerate(clause.words):
        if "stop" in word.begins:
            yield place, OptOut.NO_BOOST if clause.goes_on_with_that else OptOut.STOP
        if not word.is_any("contact", "contact_me"):
            continue
        us = word.is_any("contact_me") or clause.near("me", place, _NEAR, _NEAR)
        ceased = clause.near("cease", place, _NEAR, 0) and (
            us or _object(clause.words[place + 1 : place + 1 + _NEAR]).kinds & {"my", "our"}
        )
        refused = us and (clause.near("not", place, _NEAR, _NEAR) or "not_contact" in word.kinds)
        if (ceased or refused) and not clause.near("tense", place, _NEAR, 0):
            sure = (again or _begins(clause, place)) and not clause.goes_on_with_that
            yield place, OptOut.STOP if sure else OptOut.NO_BOOST
    yield from _unwanted(clause)


def _begins(clause: _Clause, place: int) -> bool:
    """Whether nothing stands before a verb but what belongs to asking."""
    for word in reversed(clause.words[max(0, place - 2 * _REACH) : place]):
        if not word.is_any("and", "not", "cease", "contact", "contact_me", *_FILLING):
            return False
        if word.after_comma:
            break
    return True


def _unwanted(clause: _Clause) -> Iterator[_Asked]:
    """Messages of ours that are not wanted, and to be contacted."""
    for place, word in enumerate(clause.words):
        unwanted = clause.near("not", place, _REACH, 0) and clause.near("want", place, _REACH, 0)
        if unwanted and (word.is_any("contacted") or (word.is_any("receive") and clause.has("again"))):
            yield place, OptOut.STOP
        if not word.is_any("message", "from_you") or not clause.near("not", place, _REACH, _NEAR):
            continue
        wanted = clause.near("want", place, _REACH, 0)
        if word.is_any("message") and (wanted or clause.near("again", place, 2, 2)):
            rest = _object(clause.words[place + 1 : place + 1 + _REACH])
            yield place, OptOut.NO_BOOST if rest.unknown else OptOut.STOP
        elif wanted and clause.has("again"):
            yield place, OptOut.NO_BOOST


def _withdrawals(clause: _Clause) -> Iterator[_Asked]:
    """A consent that is taken back."""
    for place, word in enumerate(clause.words):
        if not word.is_any("consent"):
            continue
        refused = clause.near("my", place, 2, 0) and clause.near("not", place, _NEAR, 0)
        if refused or clause.near("withdraw", place, _REACH, _NEAR):
            yield place, OptOut.STOP


def _strength(wish: OptOut) -> int:
    return list(OptOut).index(wish)


def _withheld(clause: _Clause) -> bool:
    """Whether something is not to be passed on: "do not repost", "teilt das nicht", "без имён"."""
    return any("not" in word.begins and _withholds(clause, place) for place, word in enumerate(clause.words))


def _withholds(clause: _Clause, place: int) -> bool:
    words = clause.words
    after = words[place + words[place].begins["not"] : place + _REACH]
    if _others_do(clause, place):
        return False
    found = _first(after)
    if found is not None and found.is_any("void", "only"):
        return False
    if found is not None and found.is_any("pass_on"):
        return True
    if found is not None and found.is_any("passing"):
        return clause.has("polite") or all(word.is_any("and") or _fills(word) for word in after)
    if found is not None and not found.is_any("needed"):
        return clause.lead >= place and _about_me(after)
    named = _first(words[max(0, place - _NEAR) : place][::-1])
    return named is not None and named.is_any("pass_on", "passing")


def _first(words: Sequence[_Word]) -> _Word | None:
    """The first word that is more than filling between a "not" and what it forbids."""
    fits = (word for word in words if word.is_any("pass_on", "passing", "void", "only") or not _fills(word))
    return next(fits, None)


def _fills(word: _Word) -> bool:
    return word.is_any("not", "passing", *_FILLING)


def _about_me(words: Sequence[_Word]) -> bool:
    """Whether a "do not" that we do not know speaks of the writer's name or picture."""
    for place, word in enumerate(words):
        if word.is_any("my", "our"):
            return any("passing" in one.kinds for one in words[place : place + 3])
    return False


def _secret(clause: _Clause) -> bool:
    """Whether something is to be kept: "this stays private", "I'd prefer this wasn't shared"."""
    for place, word in enumerate(clause.words):
        if word.is_any("private") and clause.near("keep", place, _NEAR, _NEAR):
            return True
        if word.is_any("passed_on") and clause.has("prefer") and clause.near("not", place, _NEAR, 0):
            return True
    return False


def _others_do(clause: _Clause, place: int) -> bool:
    """Whether a "not" is none of ours: "he would not share", "why not share", "vergesst nicht zu teilen"."""
    before = clause.words[max(0, place - 2) : place]
    return any(word.is_any("tense", "void") for word in before) or clause.near("why", place, _NEAR, 0)
