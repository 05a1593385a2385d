"""Suggests whether a mention reports something done, what, where and by how many, and why it thinks so."""

import math

from bot.domain.classify.counting import people_in
from bot.domain.classify.features import Feature, Reading, features, passed_on, read
from bot.domain.classify.places import country_of
from bot.domain.classify.tables import Tables, read_tables
from bot.domain.report import Action, Suggestion

__all__ = ["Classifier", "Tables", "read_tables"]

REPORT = "report"
_BIAS = "x:bias"
_ENOUGH = 0.55  # how likely a report is one before it is called so
_EVEN = 0.5
_KIND = 0.2  # the score from which a kind is told beside others
_READ = 4000  # letters; a longer mention says what it has to say before that
_MOST_WORDS = 4
_LONGEST_WORD = 40  # letters shown of a word that told


class Classifier:
    """Suggests what to make of a text. Deterministic; knows only its tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def classify(self, text: str, language: str | None = None) -> Suggestion:
        """What a text seems to report, with the words that made it seem so."""
        reading = read(text[:_READ], language, self._tables)
        shown = [*features(reading), (_BIAS, -1)]
        scores, shares = self._scores(shown)
        likely = _logistic(scores.get(REPORT, 0.0))
        is_report = likely >= _ENOUGH and not passed_on(text) and bool(reading.words)
        if not is_report:
            return Suggestion(
                is_report=False,
                confidence=round(max(1 - likely, _EVEN), 3),
                why=_telling(reading, shares, -1),
            )
        return Suggestion(
            is_report=True,
            confidence=round(likely, 3),
            actions=_actions(scores),
            country=country_of(reading, self._tables),
            participants=people_in(reading, self._tables),
            why=_telling(reading, shares, 1),
        )

    def _scores(self, shown: list[Feature]) -> tuple[dict[str, float], dict[int, float]]:
        """The sum of each output, and what each word adds to `report`."""
        weights = self._tables.weights
        scores, shares, seen = dict[str, float](), dict[int, float](), set[str]()
        for name, place in shown:
            if name in seen or name not in weights:
                continue
            seen.add(name)
            for label, weight in weights[name].items():
                scores[label] = scores.get(label, 0.0) + weight
                if label == REPORT:
                    shares[place] = shares.get(place, 0.0) + weight
        return scores, shares


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def _actions(scores: dict[str, float]) -> tuple[Action, ...]:
    """The kinds of a report: all that seem so, or else the likeliest one."""
    found = tuple(action for action in Action if scores.get(action, 0.0) > _KIND)
    return found or (max(Action, key=lambda action: scores.get(action, -99.0)),)


def _telling(reading: Reading, shares: dict[int, float], way: int) -> tuple[str, ...]:
    """The few words that weighed most, in the order they were written."""
    heavy = sorted(
        (place for place in shares if place >= 0 and shares[place] * way > 0),
        key=lambda place: (-shares[place] * way, place),
    )[:_MOST_WORDS]
    return tuple(dict.fromkeys(reading.written[place][:_LONGEST_WORD] for place in sorted(heavy)))
