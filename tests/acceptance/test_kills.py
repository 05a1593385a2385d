"""The program killed at every step: nothing is lost, nothing comes twice, nothing is out of order."""

import pytest

from tests.kills.cases import PLATFORMS
from tests.kills.shares import tried

PROCESSES = 2
EACH = 480  # kills a platform
SEEDS = 120


@pytest.mark.timeout(300)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_killed_at_any_step_each_part_is_there_once_and_in_order(platform):
    total = tried(PROCESSES, "--platform", platform, "--most", EACH)

    assert total.wrong == []
    assert total.kills >= EACH - PROCESSES


@pytest.mark.timeout(300)
def test_killed_again_and_again_among_faults_each_part_is_there_once_and_in_order():
    total = tried(PROCESSES, "--seeds", 0, SEEDS)

    assert total.wrong == [], "the seed is in the name of the case"
    assert total.kills >= SEEDS
