"""Run it all and print the figures: python -m tests.soak. Leaves with 1 where a promise was broken."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.kills.cases import PLATFORMS
from tests.kills.shares import tried
from tests.soak import hearing

ROOT = Path(__file__).parent.parent.parent


def main():
    """One line a row of the table; what is wrong is told whole."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3000, help="random cases")
    parser.add_argument("--years", type=int, default=200, help="simulated years")
    parser.add_argument("--mentions", type=int, default=100_000, help="that wait on each platform")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    broken = 0
    for platform in PLATFORMS:
        broken += _kills(f"every step, {platform}", wanted.processes, "--platform", platform)
    broken += _kills("at random", wanted.processes, "--seeds", 0, wanted.seeds)
    for platform in hearing.PLATFORMS:
        broken += _heard(platform, wanted.mentions)
    broken += _years(wanted.years, wanted.processes)
    return 1 if broken else 0


def _kills(name, processes, *arguments):
    began = time.monotonic()
    total = tried(processes, *arguments)
    minutes = (time.monotonic() - began) / 60
    runs, kills, broken = f"{total.cases:>7} runs", f"{total.kills:>7} kills", f"{len(total.wrong):>4} broken"
    print(f"{name:<24}{runs}{kills}{broken}{minutes:>6.1f} min", flush=True)
    for wrong in total.wrong:
        print(f"  {wrong}", flush=True)
    return len(total.wrong)


def _heard(platform, mentions):
    came = hearing.heard(platform, mentions)
    runs, kills, broken = f"{mentions:>7} heard", f"{came.kills:>6} kills", f"{len(came.wrong):>4} broken"
    print(f"{f'mentions, {platform}':<24}{runs}{kills}{broken}{came.seconds / 60:>6.1f} min", flush=True)
    for wrong in came.wrong:
        print(f"  {wrong}", flush=True)
    return len(came.wrong)


def _years(years, processes):
    began = time.monotonic()
    share = -(-years // processes)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.simulated.year", "--first", str(first), "--seeds", str(seeds)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in range(0, years, share)
        if (seeds := min(share, years - first))
    ]
    said = [process.communicate()[0] for process in running]
    failed = [words for process, words in zip(running, said, strict=True) if process.returncode]
    minutes = (time.monotonic() - began) / 60
    print(f"{'simulated years':<24}{years:>7} years{len(failed):>19} broken{minutes:>7.1f} min", flush=True)
    for words in failed:
        print(words, flush=True)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
