"""Work on a store that is killed at any step. Run as `python -m tests.store.kills WHAT PATH FOLDER`, or FILE.

Reads the number of a step, does the work in a child that kills itself before that step, and says `killed` or
`done`. A step is a call into the operating system or into SQLite.
"""

import os
import signal
import sys
from contextlib import closing
from pathlib import Path

from bot.flows.collect import collect
from bot.store import open_store
from bot.store.backup import back_up
from bot.store.hasher import ErasedFile
from bot.store.restore import look_at, restore
from tests.builders import DAY, NOON
from tests.flows.conftest import TurnedClock
from tests.hearing import ToldEar, a_listener, two_hundred

STEPS = ("posix", "fcntl", "sqlite3")


def die_before(step, of=STEPS):
    left = step

    def count(_, event, called):
        nonlocal left
        if event != "c_call":
            return
        owner = getattr(called, "__module__", None) or type(getattr(called, "__self__", None)).__module__
        if owner in of:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)


def in_child(work, step, of=STEPS):
    child = os.fork()
    if child == 0:
        die_before(step, of)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return "done" if os.WEXITSTATUS(status) == 0 else "failed"


def backup(path, folder):
    back_up(path, folder, NOON)


def put_back(path, folder):
    restore(path, look_at(folder), "anna", NOON + DAY)


def hold(path, _):
    store = open_store(path)
    with store.hold(NOON + DAY, {}):
        store.beat(NOON + DAY)


def take_in(path, folder):
    with closing(open_store(path)) as store:
        ear = ToldEar(two_hundred(), page=20)
        collect(a_listener(ear, store, TurnedClock(NOON), erasures=ErasedFile(folder)), NOON - DAY)


WHAT = {"backup": backup, "restore": put_back, "hold": hold, "collect": take_in}

if __name__ == "__main__":
    what, path, folder = WHAT[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3])
    for line in sys.stdin:
        sys.stdout.write(in_child(lambda: what(path, folder), int(line)) + "\n")
        sys.stdout.flush()
