"""Every waiting mention is dealt with once, heard over the wire by processes that are killed."""

import random
from itertools import chain, repeat

import pytest

from tests.acceptance.conftest import PLATFORMS
from tests.kills.ears import Hearer

WAITING = 200
AT_ONCE = 5  # mentions on a page, so that there are many seams between pages
KILLS, FEWEST = 40, 10
FURTHEST = {"x": 350, "mastodon": 350, "bluesky": 700}  # steps of a process before it is killed, at most
TO_THE_END = 10**9


@pytest.mark.parametrize("platform", PLATFORMS)
def test_two_hundred_are_dealt_with_once_whatever_is_killed_between(sandbox, tmp_path, platform):
    hearer = Hearer(sandbox, platform, tmp_path / platform)
    hearer.fill(WAITING)
    chance = random.Random(platform)
    steps = chain((chance.randint(1, FURTHEST[platform]) for _ in range(KILLS)), repeat(TO_THE_END))
    outcomes = []

    with hearer.hearing(AT_ONCE) as until:
        while not outcomes or outcomes[-1] == "killed":
            outcomes.append(until(next(steps)))
        again = until(TO_THE_END)

    assert (outcomes[-1], again) == ("done", "done")
    assert outcomes.count("killed") >= FEWEST
    assert hearer.wrong() == []
