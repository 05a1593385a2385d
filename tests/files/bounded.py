"""A folder read and planned under limits that end the process: a second of computing, 200 MB of memory.

Started by test_bad_input.py as a process of its own; each folder gets a child that the limits are set for.
"""

import json
import os
import resource
import sys
from pathlib import Path

from bot.domain.lengths import PlatformName, published_limits
from bot.files.queue import read_queue
from bot.flows.plan import plan
from bot.platforms.memory import MemoryPlatform
from bot.store.memory import MemoryStore
from tests.files.conftest import NOW, SETTINGS
from tests.flows.conftest import PLANNER, a_voice
from tests.tables import TLDS

SECONDS = 1
BYTES = 200_000_000


def outcome_of(folder):
    """What came of a folder: posts, problems, and the posts that are owed."""
    queue = read_queue(folder, SETTINGS)
    store = MemoryStore()
    voices = []
    for name in PlatformName:
        store.enroll(name.value, name, NOW)
        store.identified(name.value, MemoryPlatform(name=name).identify(), NOW)
        voices.append(a_voice(name.value, platform=name, limits=published_limits(name, TLDS)))
    planning = plan(queue.posts, voices, store, PLANNER, NOW)
    problems = [*queue.problems, *planning.problems]
    return {
        "posts": [post.id for post in queue.posts],
        "problems": [
            [Path(one.place.file).name, one.place.line, one.severity, one.message, one.fix]
            for one in problems
        ],
        "owed": planning.plan.added,
    }


def bounded(folder):
    """The same from a child that may use no more than the limits; how it ended, where it gave no answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        with os.fdopen(writing, "w") as answer:
            json.dump(outcome_of(folder), answer)
            answer.flush()
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    return json.loads(said) if status == 0 else {"ended": os.waitstatus_to_exitcode(status)}


if __name__ == "__main__":
    json.dump({path.name: bounded(path) for path in sorted(Path(sys.argv[1]).iterdir())}, sys.stdout)
