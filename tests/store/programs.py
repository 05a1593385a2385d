"""What other processes do to a store in the tests. Run as `python -m tests.store.programs WHAT PATH`."""

import os
import sys

from bot.domain.errors import StoreBusyError
from bot.domain.post import PostId
from bot.store import open_store
from tests.builders import NOON
from tests.contracts.steps import claim, send

POSTS = 50


def say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def wait():
    return sys.stdin.readline()


def hold(store):
    with store.hold(NOON, {}):
        say("holds")
        wait()


def claim_one(store):
    with store.hold(NOON, {}):
        claim(store)
        say("claimed")
        wait()


def send_one(store):
    with store.hold(NOON, {}):
        send(store)
        say("sent")
        wait()


def race(store):
    while wait():
        try:
            with store.hold(NOON, {}):
                say("holds")
                wait()
        except StoreBusyError:
            say("busy")
            wait()
        say("done")


def write(store):
    wait()
    for number in range(POSTS):
        # Reads before it writes: a transaction that began by reading could not wait for the others.
        store.meet([PostId(f"{os.getpid()}-{number}")], NOON)
    say("written")


WHAT = {"hold": hold, "claim": claim_one, "send": send_one, "race": race, "write": write}

if __name__ == "__main__":
    WHAT[sys.argv[1]](open_store(sys.argv[2]))
