"""The program killed at every step: nothing is lost, nothing comes twice, nothing is out of order."""

import json
import subprocess
import sys

import pytest

from tests.acceptance.conftest import ROOT
from tests.kills.cases import PLATFORMS

PROCESSES = 2
EACH = 500  # kills a platform
SEEDS = 120


def tried(*arguments):
    """What came of cases that several processes divide among them."""
    command = [sys.executable, "-m", "tests.kills", *map(str, arguments)]
    running = [
        subprocess.Popen(
            [*command, "--share", str(number), str(PROCESSES)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for number in range(PROCESSES)
    ]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES
    reports = [json.loads(one) for one in said]
    return sum(one["kills"] for one in reports), [wrong for one in reports for wrong in one["wrong"]]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_killed_at_any_step_each_part_is_there_once_and_in_order(platform):
    kills, wrong = tried("--platform", platform, "--most", EACH)

    assert wrong == []
    assert kills >= EACH - PROCESSES


@pytest.mark.timeout(300)
def test_killed_again_and_again_among_faults_each_part_is_there_once_and_in_order():
    kills, wrong = tried("--seeds", 0, SEEDS)

    assert wrong == [], "the seed is in the name of the case"
    assert kills >= SEEDS
