"""A small trainer: logistic regression by stochastic gradient descent, averaged, in plain Python."""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence

from bot.domain.classify import REPORT
from bot.domain.classify.features import features, read
from bot.domain.classify.tables import Tables
from bot.domain.report import Action
from tools.classifier.sentences import Sentence

BIAS = "x:bias"
LABELS = (REPORT, *(action.value for action in Action))
ROUNDS, RATE, PULL = 16, 0.25, 0.05
SEED = 20
SMALL = 0.02
STEP = 0.6
JOINED = 0.8  # posts of two actions for each report
BETWEEN = (". ", ", ", "; ", " + ", " & ")
Example = tuple[list[str], frozenset[str]]
Weights = dict[str, dict[str, float]]


def examples(found: Sequence[Sentence], tables: Tables) -> list[Example]:
    """What each sentence shows, and what it is. No language is told: platforms often tell a wrong one."""
    shown = []
    for _, text, kinds in found:
        reading = read(text, None, tables)
        names = {name for name, _ in features(reading)} | {BIAS}
        shown.append((sorted(names), kinds))
    return shown


def joined(found: Sequence[Sentence]) -> list[Sentence]:
    """Posts that tell of two actions, made of two sentences each: people often report several at once."""
    chance = random.Random(SEED)
    made = list[Sentence]()
    for language in sorted({language for language, *_ in found}):
        reports = [(text, kinds) for tongue, text, kinds in found if kinds and tongue == language]
        for _ in range(int(len(reports) * JOINED) if len(reports) > 1 else 0):
            (text, kinds), (other, more) = chance.sample(reports, 2)
            made.append((language, text.rstrip(".!") + chance.choice(BETWEEN) + other, kinds | more))
    return made


def learn(found: Sequence[Sentence], tables: Tables) -> Weights:
    """The weights that sentences teach; what is a report is learned from single sentences alone."""
    return train(examples(found, tables), examples(joined(found), tables))


def train(shown: Sequence[Example], pairs: Sequence[Example] = ()) -> Weights:
    """The weights of every output. The kinds are learned from reports only, and from pairs of them."""
    weights: Weights = {}
    often = Counter(name for names, _ in shown for name in names)
    singles, all_of_them = _known(shown, often), _known([*shown, *pairs], often)
    for label in LABELS:
        if label == REPORT:
            rows = [(names, bool(kinds)) for names, kinds in singles]
        else:
            rows = [(names, label in kinds) for names, kinds in all_of_them if kinds]
        for name, weight in _regress(rows).items():
            if abs(weight) >= SMALL:
                weights.setdefault(name, {})[label] = weight
    return weights


def _known(shown: Sequence[Example], often: Mapping[str, int]) -> list[Example]:
    """The examples without what only one sentence shows, or none."""
    return [([name for name in names if often[name] > 1], kinds) for names, kinds in shown]


def _regress(rows: list[tuple[list[str], bool]]) -> dict[str, float]:
    """Descend the log loss, row by row in a fixed order of chance; the mean of the later rounds is kept."""
    chance = random.Random(SEED)
    weight, total = dict[str, float](), dict[str, float]()
    order = list(range(len(rows)))
    late = ROUNDS // 3
    for turn in range(ROUNDS):
        chance.shuffle(order)
        rate = RATE / (1 + turn * 0.25)
        for at in order:
            names, yes = rows[at]
            score = sum(weight.get(name, 0.0) for name in names)
            slip = yes - 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
            for name in names:
                old = weight.get(name, 0.0)
                weight[name] = old - rate * (PULL * old - slip / len(names) ** 0.5 * STEP)
        if turn >= late:
            for name, value in weight.items():
                total[name] = total.get(name, 0.0) + value
    return {name: value / (ROUNDS - late) for name, value in total.items()}
