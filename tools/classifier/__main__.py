"""`python -m tools.classifier`: learn the weights, after saying how well they do on sentences kept back."""

import sys
from pathlib import Path

from bot.domain.classify import REPORT
from bot.domain.classify.tables import Tables, read_tables
from bot.domain.report import Action
from tools.classifier.sentences import Sentence, sentences
from tools.classifier.train import Example, Weights, examples, learn

DATA = Path(__file__).parents[2] / "bot" / "data" / "classify"
FOLDS = 5
BLOCK = 12  # sentences that were written in one go, and are kept back together


def tables() -> Tables:
    """The tables as they stand in the tree."""
    return read_tables({path.name: path.read_text("utf-8") for path in DATA.glob("*.txt")})


def score(weights: Weights, names: list[str], label: str) -> float:
    """What weights make of one example."""
    return sum(weights[name].get(label, 0.0) for name in names if name in weights)


def blocks(found: list[Sentence]) -> list[int]:
    """The fold of each sentence: those written in one go resemble one another, so they share one."""
    folds, block, size = list[int](), 0, 0
    for at, (_, _, kinds) in enumerate(found):
        if at and (kinds != found[at - 1][2] or size == BLOCK):
            block, size = block + 1, 0
        folds.append(block % FOLDS)
        size += 1
    return folds


def kept_back(found: list[Sentence], known: Tables) -> list[tuple[int, float, set[str]]]:
    """Each example as seen by weights that were learned without it and its neighbours."""
    seen, folds, shown = list[tuple[int, float, set[str]]](), blocks(found), examples(found, known)
    for fold in range(FOLDS):
        weights = learn([one for at, one in enumerate(found) if folds[at] != fold], known)
        for at, (names, _) in enumerate(shown):
            if folds[at] == fold:
                kinds = {action.value for action in Action if score(weights, names, action) > 0}
                best = max(Action, key=lambda action: score(weights, names, action))
                seen.append((at, score(weights, names, REPORT), kinds or {best.value}))
    return sorted(seen)


def say(shown: list[Example], said: list[tuple[int, float, set[str]]], texts: list[str]) -> None:
    """Print precision, recall and the sentences that were taken wrongly."""
    right = wrong = missed = kinds_right = kinds_wrong = kinds_missed = 0
    for at, value, kinds in said:
        truth = shown[at][1]
        right += bool(truth) and value > 0
        wrong += not truth and value > 0
        missed += bool(truth) and value <= 0
        if truth:
            kinds_right += len(kinds & truth)
            kinds_wrong += len(kinds - truth)
            kinds_missed += len(truth - kinds)
        if bool(truth) != (value > 0) and "-v" in sys.argv:
            print(f"{'missed' if truth else 'wrong '} {value:6.2f} {texts[at]}")
        elif truth and kinds != truth and "-k" in sys.argv:
            print(f"{sorted(kinds)} instead of {sorted(truth)}: {texts[at]}")
    print(f"report: precision {right / (right + wrong):.3f}, recall {right / (right + missed):.3f}")
    print(f"kinds: F1 {2 * kinds_right / (2 * kinds_right + kinds_wrong + kinds_missed):.3f}")


def main() -> None:
    """Cross-check, then learn from everything and write the weights."""
    found = sentences()
    known = tables()
    print(f"{len(found)} sentences, {sum(bool(kinds) for *_, kinds in found)} reports")
    say(examples(found, known), kept_back(found, known), [text for _, text, _ in found])
    lines = [
        name + "\t" + " ".join(f"{label}:{value:.2f}" for label, value in sorted(parts.items()))
        for name, parts in sorted(learn(found, known).items())
    ]
    (DATA / "weights.txt").write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(lines)} features")


main()
