"""Work on a store under limits that a process sets for itself. Run as `python -m tests.store.hazards`.

Reads a line `WHAT PATH NUMBER`, does it in a child, and says what came of it in one line.
"""

import ctypes
import os
import resource
import sys
from pathlib import Path

from bot.domain.errors import StoreError
from bot.store import open_store
from tests.builders import NOON, a_receipt, settled
from tests.contracts.steps import claim

_CAPABILITIES = 0x20080522  # the version of the call that Linux has had since 2.6.26


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def become_ordinary():
    """Give up what lets root write where nothing may be written."""
    none = (ctypes.c_uint32 * 6)()
    header = _Header(_CAPABILITIES, 0)
    if ctypes.CDLL(None, use_errno=True).capset(ctypes.byref(header), ctypes.byref(none)) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def limit_files(size):
    """Let no file grow beyond a size: for a program that is what a full disk is."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))


def settle_with_room(path, room):
    """Claim, and settle when the store's log may grow only so much."""
    store = open_store(path)
    with store.hold(NOON, {}):
        claimed = claim(store)
        limit_files(path.with_name(path.name + "-wal").stat().st_size + room)
        store.settle(settled(claimed, a_receipt()), NOON)
    say("sent")  # only now: whoever hears it takes hold of the store


def hold_as_ordinary(path, _):
    become_ordinary()
    store = open_store(path)
    with store.hold(NOON, {}):
        pass
    say("holds")


WHAT = {"settle": settle_with_room, "hold": hold_as_ordinary}


def say(words):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def in_child(what, path, number):
    child = os.fork()
    if child == 0:
        try:
            WHAT[what](Path(path), int(number))
        except StoreError as error:
            say(error)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


if __name__ == "__main__":
    for line in sys.stdin:
        in_child(*line.split())
