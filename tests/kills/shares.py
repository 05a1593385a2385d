"""The work divided among processes, and what came of it together."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class Total:
    """What came of many cases."""

    cases: int
    kills: int
    wrong: list


def tried(processes, *arguments):
    """Try cases, divided among so many processes. RuntimeError where one of these broke."""
    command = [sys.executable, "-m", "tests.kills", *map(str, arguments)]
    running = [
        subprocess.Popen(
            [*command, "--share", str(number), str(processes)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for number in range(processes)
    ]
    said = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        raise RuntimeError(f"the harness itself broke: {said}")
    reports = [json.loads(one) for one in said]
    return Total(
        cases=sum(one["cases"] for one in reports),
        kills=sum(one["kills"] for one in reports),
        wrong=[wrong for one in reports for wrong in one["wrong"]],
    )
