"""The program in a process of its own: it does its work, or dies at a step."""

import functools
import gc
import logging
import mmap
import os
import shutil
import signal
import struct
import sys
import time
import traceback
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.delivery import PATIENCE
from bot.domain.lengths import PlatformName
from bot.flows.publish import drain
from bot.flows.reconcile import reconcile
from bot.platforms.bluesky import BlueskyPlatform
from bot.platforms.mastodon import MastodonPlatform
from bot.platforms.wire import Wire
from bot.platforms.x import XPlatform
from bot.ports import Speaker
from bot.store import sqlite
from bot.store.sql import SqlStore
from bot.store.sqlite import SqliteDatabase
from tests.kills import mutants

BASE = datetime(2027, 5, 1, 12, tzinfo=UTC)
DEADLINE = timedelta(seconds=10)
MOST_ROUNDS = 60
EARLIEST = datetime.min.replace(tzinfo=UTC)
UNBOUNDED, BROKEN = 3, 70


class SharedTime:
    """A clock that all processes of a run read and turn; and the steps that the running one has made."""

    _SLOTS = struct.Struct("dddq")  # when it was set, how far it was turned, how wrong ours is, steps

    def __init__(self):
        self._memory = mmap.mmap(-1, self._SLOTS.size)
        self.reset()

    def reset(self):
        self._write(time.monotonic(), 0.0, 0.0, 0)

    def turn(self, seconds):
        start, turned, skew, steps = self._read()
        self._write(start, turned + seconds, skew, steps)

    def set_wrong(self, seconds):
        start, turned, _, steps = self._read()
        self._write(start, turned, seconds, steps)

    def count(self, steps):
        start, turned, skew, _ = self._read()
        self._write(start, turned, skew, steps)

    @property
    def steps(self):
        return self._read()[3]

    def world(self):
        """The true time, which the platforms keep."""
        return BASE + timedelta(seconds=self.boot())

    def now(self):
        return self.world() + timedelta(seconds=self._read()[2])

    def boot(self):
        start, turned, _, _ = self._read()
        return time.monotonic() - start + turned

    monotonic = boot

    def _read(self):
        return self._SLOTS.unpack(self._memory[:])

    def _write(self, *values):
        self._memory[:] = self._SLOTS.pack(*values)


class Steps:
    """Counts the steps of a life, and ends it at one of them."""

    def __init__(self, clock, kill_at):
        self._clock = clock
        self._kill_at = kill_at
        self._made = 0
        clock.count(0)

    def step(self):
        self._made += 1
        self._clock.count(self._made)
        if self._made == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


class SteppedDatabase(SqliteDatabase):
    """A database with a step before each transaction, before its commit and after it."""

    def __init__(self, path, steps):
        self.steps = None
        super().__init__(path, read_only=False, wait=timedelta(seconds=5))
        self.steps = steps

    @contextmanager
    def writing(self):
        self.steps.step()
        with super().writing() as connection:
            yield connection
            self.steps.step()
        self.steps.step()


class SteppedWire(Wire):
    """A wire with a step before each request and after each answer."""

    def __init__(self, clock, steps):
        super().__init__(clock, DEADLINE)
        self._steps = steps

    @contextmanager
    def exchange(self, method, path):
        with super().exchange(method, path) as current:
            yield current
        self._steps.step()

    def leaving(self):
        self._steps.step()
        super().leaving()


def platform_of(name, address, folder, clock):
    """The adapter of a platform, as the program builds it."""
    said = {key: lambda value=value: value for key, value in address["secrets"].items()}
    common = {"base_url": address["url"], "clock": clock, "deadline": DEADLINE}
    if name == "x":
        return XPlatform(**said, **common)
    if name == "mastodon":
        return MastodonPlatform(**said, **common)
    return BlueskyPlatform(**said, **common, handle=address["handle"], session_path=folder / "session.json")


def work(case, address, folder, clock, kill_at):
    """Do all there is to do, however long that takes on the clock."""
    steps = Steps(clock, kill_at)
    _step_at_renames(steps)
    store = SqlStore(SteppedDatabase(folder / "bot.sqlite", steps))
    platform = platform_of(case.platform, address, folder, clock)
    platform._wire = wire = SteppedWire(clock, steps)
    if case.platform == "bluesky":
        platform._sessions._wire = wire
    speaker = Speaker(
        label=case.platform,
        platform=platform,
        patience=PATIENCE[PlatformName(case.platform)],
        store=store,
        clock=clock,
    )
    if case.mutant:
        speaker = mutants.MUTANTS[case.mutant].apply(speaker) or speaker
    with closing(store), store.hold(clock.now(), {}):
        for _ in range(MOST_ROUNDS):
            drain(speaker, lambda: 0.0)
            reconcile(speaker)
            due = store.next_instant(case.platform, EARLIEST)
            if due is None:
                return 0
            clock.turn(max((due - clock.now()).total_seconds(), 1.0))
    return UNBOUNDED


_RENAMING = []  # the steps of the life that runs; a hook cannot be taken away again


def _step_at_renames(steps):
    """Make a step of each file that is renamed."""
    if not _RENAMING:
        sys.addaudithook(lambda event, _: _RENAMING[0].step() if event == "os.rename" else None)
    _RENAMING[:] = [steps]


def keep_warm():
    """Keep what every life would make anew: engines with their compiled statements, a context for TLS."""
    from httpx._transports import default

    sqlite._engine = functools.cache(sqlite._engine)
    default.create_ssl_context = functools.cache(default.create_ssl_context)


def serve(orders, clock):
    """Take orders; each is carried out by a child, and answered with how the child ended.

    The first order of each platform is carried out here, so that the children find everything loaded.
    """
    keep_warm()
    warm = set()
    while True:
        order = orders.recv()
        if order is None:
            return
        platform = order[0].platform
        if platform not in warm:
            warm.add(platform)
            orders.send(work(*order[:3], clock, 0))
            gc.collect()
            gc.freeze()
            continue
        child = os.fork()
        if child == 0:
            os._exit(_live(order, clock))
        _, status = os.waitpid(child, 0)
        orders.send(os.waitstatus_to_exitcode(status))


def _live(order, clock):
    logging.disable(logging.CRITICAL)
    try:
        return work(*order[:3], clock, order[3])
    except Exception:  # noqa: BLE001  # whatever it is, the judge must hear of it
        traceback.print_exc()
        (Path(order[2]) / "broken").write_text(traceback.format_exc(), encoding="utf-8")
        return BROKEN


def copy(template, folder):
    """Start a run from a store and a session that are ready."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
