"""Whether a mention's writer may be inside Belarus or Russia, where speaking to us is a crime."""

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from bot.domain.classify.features import read
from bot.domain.classify.places import places_in
from bot.domain.classify.tables import Tables
from bot.domain.masking import masked
from bot.domain.mention import Mention
from bot.domain.report import Risk
from bot.domain.wishes import OptOut, opt_out

__all__ = ["Hint", "OptOut", "masked", "opt_out", "risk_in", "risk_of"]

DOUBTFUL = "~BY"  # a town there, and another elsewhere
INSIDE = frozenset({"BY", "RU", DOUBTFUL})
_READ = 20_000  # letters; whoever writes more is looked at by a person
_CLOSE, _NEAR, _WIDE = 2, 4, 6  # words
_DOMAIN = regex.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]+)*\.(by|ru|su|рф|бел)(?![\w.-]*\w)", regex.IGNORECASE)
_FLAGS = {"🇧🇾": "BY", "🇷🇺": "RU"}
_FLAG = regex.compile(r"[\U0001F1E6-\U0001F1FF]{2}")
_TELEPHONE = regex.compile(r"(?<!\w)\+(375|7)[ (-]?\d")
_COUNTRY_WORD = regex.compile(
    r"^(?:belar|byel|bielor|biélor|bélar|weißr|weissr|belor|wit|vitr|hviter|białor|bialor|белор|белар|білор|бiлор"
    r"|baltar|russ|rus|rosj|росс|рас|ross)",
    regex.IGNORECASE,
)
_PAST = regex.compile(r"(?:[аияеыоу]л|[аиыеу]л[аи]|лі|[аиы]у|лася|лась|лись|уся)$")
_COUNTRY = regex.compile(
    r"belarus|belarusi|bielor+us+i[ae]|bielorussie|weissrussland|беларус[ьиі]ю?|белорус+и[яиюей]+|белорусси\w+"
    r"|russia|russie|rus+ia|rus+land|росси[яиюей]+|рас[іи][яіюей]+|bialorusi?|rosj[aiieę]+|baltarusij\w+|vitryssland"
    r"|hviterussland"
)
_TOPICAL = frozenset({"a", "i", "за"})  # before a country: an article, or what a text is for
_SHORT_LINE = 3  # words; a line of a profile that is a place and no sentence


Place = tuple[str, int, int]
"""A country's code, the first word of a place, and how many words it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a text shows of where its writer is."""

    risk: Risk
    why: tuple[str, ...] = ()
    country: str | None = None
    settled: bool = False  # whether the writer names another place as their own, or tells of having left


def risk_of(mention: Mention, tables: Tables) -> tuple[Risk, tuple[str, ...]]:
    """Whether a mention's writer may be in danger, with what shows it. The worst hint counts."""
    language = mention.language
    hints = [
        risk_in(mention.text, language, tables),
        *_handle(mention.handle),
        *_profile(mention.about_author, tables),
    ]
    for risk in (Risk.AT_RISK, Risk.UNSURE):
        why = tuple(word for hint in hints if hint.risk is risk for word in hint.why)
        if why:
            return risk, why
    return Risk.NONE, ()


def risk_in(text: str, language: str | None, tables: Tables) -> Hint:
    """What the words of a text show."""
    page = _Page(text[:_READ], language, tables)
    hints = [*page.hints(), *_telephone(text), *_too_long(text)]
    found = (hint for risk in (Risk.AT_RISK, Risk.UNSURE) for hint in hints if hint.risk is risk)
    return next(found, Hint(risk=Risk.NONE))


def _too_long(text: str) -> Iterator[Hint]:
    if len(text) > _READ:
        yield Hint(risk=Risk.UNSURE, why=("too long to be read whole",))


def _telephone(text: str) -> Iterator[Hint]:
    found = _TELEPHONE.search(text)
    if found:
        yield Hint(risk=Risk.AT_RISK, why=(f"+{found[1]}",), country="BY" if found[1] == "375" else "RU")


def _handle(handle: str) -> Iterator[Hint]:
    found = _DOMAIN.search(handle.rpartition("@")[2])
    if found:
        yield Hint(risk=Risk.AT_RISK, why=(f".{found[1]}",))


def _profile(about: str, tables: Tables) -> Iterator[Hint]:
    """What a profile says of its owner's place; a line that is a place says more than one about it."""
    domain = _DOMAIN.search(about)
    if domain:
        yield Hint(risk=Risk.AT_RISK, why=(f".{domain[1]}",))
    yield from _telephone(about)
    whole = _Page(about, None, tables)
    elsewhere = bool(whole.elsewhere or whole.has("away"))
    for line in regex.split(r"[\n|•;]+", about):
        page = _Page(line, None, tables)
        for place in page.inside:
            about_it = page.has("state") or page.has("target") or _is_country(page, place)
            lone = len(page.words) <= _SHORT_LINE and not page.has("state")
            sure = (lone or not about_it) and not elsewhere and place[0] != DOUBTFUL
            yield Hint(risk=Risk.AT_RISK if sure else Risk.UNSURE, why=page.quote(place), country=place[0])
    flags = set(_FLAG.findall(about))
    if flags and flags <= _FLAGS.keys():
        yield Hint(risk=Risk.UNSURE, why=tuple(sorted(flags)))


def _is_country(page: "_Page", place: Place) -> bool:
    return bool(_COUNTRY_WORD.match(page.written[place[1]]))


class _Page:
    """A text laid out for asking what stands near what."""

    def __init__(self, text: str, language: str | None, tables: Tables) -> None:
        reading = read(text, language, tables)
        self.text, self.written, self.words = text, reading.written, reading.words
        self.slavic = set(reading.tongues) <= {"be", "ru", "uk"}
        self.cues = [dict(tables.cues.at(self.words, at)) for at in range(len(self.words))]
        if "en" not in reading.tongues:  # "i" is "and", "in" or "the" elsewhere
            for at, word in enumerate(self.words):
                if word == "i":
                    self.cues[at] = {
                        cue: size for cue, size in self.cues[at].items() if cue not in {"me", "we"}
                    }
        found = places_in(self.words, tables)
        self.inside = [place for place in found if place[0] in INSIDE]
        self.elsewhere = [place for place in found if place[0] not in INSIDE and place[0][0] != "~"]
        self.starts = _starts(text, self.written)

    def has(self, cue: str, first: int = 0, last: int | None = None) -> bool:
        """Whether a cue begins between two places."""
        return any(cue in here for here in self.cues[max(0, first) : last])

    def quote(self, place: Place) -> tuple[str, ...]:
        """The words of a place with the one before."""
        return tuple(self.written[max(0, place[1] - 1) : place[1] + place[2]])

    def hints(self) -> Iterator[Hint]:
        """Every hint that the writer is inside."""
        for place in self.inside:
            risk = self._about(place)
            if risk is not Risk.NONE:
                why = self.quote(place)
                yield Hint(risk=risk, why=why, country=place[0], settled=self._gone())
        yield from self._settings()

    def _about(self, place: Place) -> Risk:
        """What one place that is named tells of the writer's."""
        first, after = place[1], place[1] + place[2]
        addressed = self.has("target", first - _NEAR, first) or self.has("target", after, after + 1)
        opens = self._opens(place) and not (_is_country(self, place) and self.starts_before(first))
        if _is_country(self, place) and not opens and not self._within(first):
            return Risk.NONE
        certain = not (addressed and _is_country(self, place)) and (
            (self._own("work", first - _WIDE, after + _NEAR) and not self._theirs(after))
            or self._lives(first)
            or self._one_of_them(first)
            or self._crew(first)
        )
        if not certain and not addressed:
            here = self.has("here", first - _CLOSE - 1, first) or self.has("here", after, after + _CLOSE)
            certain = here or self._afraid() or self.has("inside") or (opens and self._writes())
        if certain:
            return Risk.UNSURE if self._gone() or place[0] == DOUBTFUL else Risk.AT_RISK
        known = not self._elsewhere_in() and self.has("me") and not _is_country(self, place)
        loose = (known or self.has("away")) and not addressed and self._in(first)
        return Risk.UNSURE if loose or (opens and not _is_country(self, place)) else Risk.NONE

    def _within(self, first: int) -> bool:
        """Whether a country is where something is, and no adjective or topic."""
        sits = first > 0 and self.words[first - 1] not in _TOPICAL and self._in(first)
        return sits and bool(_COUNTRY.fullmatch(self.words[first]))

    def _gone(self) -> bool:
        """Whether the writer tells of having left, or names another place as theirs."""
        return self.has("away") or self._elsewhere_in()

    def _elsewhere_in(self) -> bool:
        return any(self._in(other[1]) and not self._office(other) for other in self.elsewhere)

    def _office(self, place: Place) -> bool:
        """Whether a country names whose embassy or government is meant, and not where the writer is."""
        return self.has("target", place[1] - _CLOSE, place[1])

    def _afraid(self) -> bool:
        return self.has("fear") or self.has("hush")

    def _in(self, first: int) -> bool:
        return self.has("in", first - _CLOSE, first) or self.has("from", first - _CLOSE, first)

    def _own(self, cue: str, first: int, last: int) -> bool:
        """Whether something near is called the writer's own: "our plant", "у нас на заводе"."""
        for at in range(max(0, first), min(len(self.words), last)):
            if cue in self.cues[at] and self.has("me", at - _CLOSE - 1, at):
                return True
        return False

    def _lives(self, first: int) -> bool:
        """Whether "I am in", "we from" or "I live in" leads up to a place, with nobody else between."""
        if not self._in(first):
            return False
        if self.has("together", max(self.starts_before(first), first - _WIDE), first):
            return True
        if self.has("target", first - _CLOSE - 1, first):
            return False
        if first - self.starts_before(first) < _CLOSE and self.has("me", first + 1, first + _NEAR):
            return True
        start = max(self.starts_before(first), first - _WIDE)
        if self.has("write", start, first) and self.has("from", first - 1, first):
            return not self.has("target", start, first)
        own = (at for at in range(start, first) if {"me", "live"} & self.cues[at].keys())
        nearest = max(own, default=-1)
        return nearest >= 0 and not self.has("target", nearest + 1, first)

    def _theirs(self, after: int) -> bool:
        """Whether a place stands before those who are spoken of: "the Naftan workers"."""
        return not self.slavic and self._people(after)

    def _crew(self, first: int) -> bool:
        """Whether a sentence opens with people at work there: the night shift of a plant."""
        start = self.starts_before(first)
        at_work = self.has("work", start, first) and not self.has("target", start, first)
        return first - start <= _NEAR and at_work and self._in(first) and self.has("me")

    def _one_of_them(self, first: int) -> bool:
        """Whether the writer counts themselves among people of a place: "we, the miners of Salihorsk"."""
        for at in range(max(self.starts_before(first), first - _WIDE), first):
            people = at + 1 + self.has("article", at + 1, at + 2)
            if "we" in self.cues[at] and self._people(people) and self._in_or_of(first):
                return True
        return False

    def _people(self, at: int) -> bool:
        """Whether a word names people, and does not begin a phrase such as "wrote to"."""
        return at < len(self.cues) and self.cues[at].get("target") == 1

    def _in_or_of(self, first: int) -> bool:
        return self._in(first) or self.has("of", first - _CLOSE, first)

    def starts_before(self, first: int) -> int:
        """Where the sentence of a word begins."""
        return max((at for at in self.starts if at <= first), default=0)

    def _opens(self, place: Place) -> bool:
        """Whether a sentence opens with a place as a letter does: "Minsk. ...", "From Homiel: ..."."""
        first, after = place[1], place[1] + place[2]
        start = self.starts_before(first)
        opens = start == first or (first - start <= _CLOSE and self._in(first))
        return opens and (after in self.starts or after == len(self.words) or self._comma(after))

    def _comma(self, after: int) -> bool:
        before = self.written[after - 1]
        return bool(regex.search(rf"\b{regex.escape(before)}\s*[,:—–-]", self.text))

    def _writes(self) -> bool:
        """Whether the writer speaks of themselves: a first person, or in Slavic texts a bare past tense."""
        past = self.slavic and any(_PAST.search(word) for word in self.words)
        return past or self.has("me") or self.has("live")

    def _settings(self) -> Iterator[Hint]:
        """Hints that name no place: a workplace of one's own in a Slavic text, or fear of being found."""
        if self.elsewhere or self.has("away"):
            return
        own = self.slavic and self._own("work", 0, len(self.words))
        here = self.has("here")
        afraid = (self._afraid() and here) or (self.has("fear") and self.slavic and self._writes())
        if own or self.has("inside") or afraid:
            why = self._shown("work", "inside", "fear")
            yield Hint(risk=Risk.AT_RISK, why=why, country="BY" if self.slavic else None)
        elif self.slavic and (self._own("office", 0, len(self.words)) or self._at_work()):
            yield Hint(risk=Risk.UNSURE, why=self._shown("work", "job", "office"))

    def _at_work(self) -> bool:
        """Whether the writer tells of something at a workplace, without saying whose."""
        return (self.has("work") or self.has("job")) and self._writes()

    def _shown(self, *cues: str) -> tuple[str, ...]:
        """The words that show a cue, or else the first word."""
        found = [word for word, here in zip(self.written, self.cues, strict=True) if here.keys() & set(cues)]
        return tuple(found[:_WIDE]) or tuple(self.written[:1])


def _starts(text: str, written: list[str]) -> list[int]:
    """The places of the words that begin a sentence."""
    starts, at = [0] if written else [], 0
    for number, word in enumerate(written):
        found = text.find(word, at)
        between = text[at:found]
        if number and any(sign in ".!?\n…:—–" for sign in between):
            starts.append(number)
        at = found + len(word)
    return starts
