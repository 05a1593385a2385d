"""A hundred thousand mentions that wait, heard over the wire by processes that are killed again and again."""

import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox import Sandbox
from tests.kills.ears import Hearer
from tests.tables import TLDS

PLATFORMS = ("mastodon", "bluesky")  # X shows the latest eight hundred and no more
FURTHEST = 6000  # steps that a process takes at most, before it is killed
TO_THE_END = 10**12


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What came of one platform's mentions."""

    kills: int
    seconds: float
    wrong: list


def heard(platform, waiting, seed=0):
    """Let so many mentions wait, and processes hear them that are killed at random, the last one not."""
    chance = random.Random(f"{platform} {seed}")
    with tempfile.TemporaryDirectory(prefix="hearing-") as folder, Sandbox(tlds=TLDS) as sandbox:
        hearer = Hearer(sandbox, platform, Path(folder) / platform)
        hearer.fill(waiting)
        began, kills, outcome = time.monotonic(), 0, ""
        with hearer.hearing() as until:
            while (outcome := until(chance.randint(1, FURTHEST))) == "killed":
                kills += 1
            if outcome == "done":
                outcome = until(TO_THE_END)  # nothing of it comes again
        seconds = time.monotonic() - began
        wrong = hearer.wrong() + ([] if outcome == "done" else [f"a process {outcome}"])
        return Heard(kills=kills, seconds=seconds, wrong=wrong + sandbox.record.errors)
