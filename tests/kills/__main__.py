"""Try cases, and print what came of them as one line of JSON: python -m tests.kills --platform x."""

import argparse
import json
import time
from dataclasses import replace

from tests.kills.arena import Arena
from tests.kills.cases import PLATFORMS, at_random, runs, thinned


def main():
    """Run one share of the work, so that several processes can divide it among them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--platform", choices=PLATFORMS, action="append", default=[])
    parser.add_argument("--most", type=int, default=1 << 30, help="cases a platform")
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 0), metavar=("FROM", "TO"))
    parser.add_argument("--share", type=int, nargs=2, default=(0, 1), metavar=("NUMBER", "OF"))
    wanted = parser.parse_args()
    number, of = wanted.share
    began = time.monotonic()
    with Arena() as arena:
        cases = [case for name in wanted.platform for case in _cases(arena, name, wanted.most, number, of)]
        cases += [at_random(seed) for seed in range(*wanted.seeds)][number::of]
        outcomes = [(case, arena.try_out(case)) for case in cases]
    wrong = [
        {"platform": case.platform, "case": case.name, "kills": case.kills, "wrong": outcome.wrong}
        for case, outcome in outcomes
        if outcome.wrong
    ]
    kills = sum(outcome.kills for _, outcome in outcomes)
    report = {"cases": len(cases), "kills": kills, "wrong": wrong, "seconds": time.monotonic() - began}
    print(json.dumps(report))


def _cases(arena, platform, most, number, of):
    """This share of a platform's cases: each of its runs, killed at each of its steps."""
    found = []
    for run in list(runs(platform))[number::of]:
        unharmed = arena.try_out(run)
        assert not unharmed.wrong, (run, unharmed)
        found += [replace(run, kills=(step,)) for step in range(1, unharmed.steps + 1)]
    return thinned(found, most // of)


if __name__ == "__main__":
    main()
