"""Mentions taken in from the wire into the store: how many a second, and how much memory they take."""

import json
import subprocess
import sys

from bench.stage import stage
from bench.table import Row

MANY, FEW = 100_000, 1_000
PLATFORMS = ("mastodon", "bluesky")
MIB = 1 << 20
CHILD = """
import json, logging, resource, sys, tempfile, time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
platform, known, own_id, count = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], int(sys.argv[4])
from bot.app import read_mention_tables
from bot.clock import SystemClock
from bot.flows.collect import Listener, collect, dealt_with
from bot.judge import TableJudge
from bot.store import open_store
from bot.store.hasher import ErasedFile, open_hashes
from bot.store.passing import PassingKeys
folder = Path(tempfile.mkdtemp(prefix="hearing-"))
common = {"label": platform, "clock": SystemClock(), "deadline": timedelta(seconds=60)}
common["base_url"] = known["url"]
if platform == "mastodon":
    from bot.platforms.mastodon.ear import MastodonEar
    ear = MastodonEar(**common, access_token=lambda: known["token"])
else:
    from bot.platforms.bluesky.ear import BlueskyEar
    ear = BlueskyEar(**common, handle=known["handle"], app_password=lambda: known["app_password"],
                     session_path=folder / "session.json")
ear.streams = ("mentions",)
since = datetime.now(UTC) - timedelta(days=30)
def bare():
    cursor, number = None, 0
    while True:
        page = ear.read("mentions", cursor, since)
        number, cursor = number + len(page.mentions), page.cursor
        if not page.more:
            return number
store = open_store(folder / "bench.sqlite")
judge = TableJudge(read_mention_tables(), frozenset())
listener = Listener(label=platform, own_id=own_id, ear=ear, inbox=store, hasher=open_hashes(folder, store),
                    passing=PassingKeys(folder).hashes, erasures=ErasedFile(folder), judge=judge,
                    sparing=None, clock=SystemClock())
ear.read("mentions", None, since)
began = time.perf_counter()
heard = dealt_with(collect(listener, since))
ours = time.perf_counter() - began
assert heard == count, (heard, count)
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
began = time.perf_counter()
assert bare() >= count  # pages of a walk down overlap
read = time.perf_counter() - began
store.close()
import shutil
shutil.rmtree(folder)
print(json.dumps([count / ours, count / read, memory]))
"""


def run() -> list[Row]:
    """Two rows a platform: each count heard by a process of its own, from a sandbox in another."""
    rows = []
    for platform in PLATFORMS:
        rates, memory = {}, {}
        for count in (FEW, MANY):
            with stage() as sandbox:
                own_id = sandbox.say(f"mention {platform} {count}")
                known = json.dumps(sandbox.addresses[platform])
                command = [sys.executable, "-c", CHILD, platform, known, own_id, str(count)]
                done = subprocess.run(command, capture_output=True, check=True, text=True)
                *rates[count], memory[count] = json.loads(done.stdout)
        ours, read = rates[MANY]
        few, many = memory[FEW] / MIB, memory[MANY] / MIB
        name = platform.capitalize()
        rows += [
            Row(
                f"mentions taken in, {name}",
                f"{ours:,.0f}/s",
                f"{read:,.0f}/s read only",
                f"{ours / read:.2f}",
            ),
            Row(
                f"memory of {MANY:,}, {name}",
                f"{many:.0f} MiB",
                f"{few:.0f} MiB of {FEW:,}",
                f"{many / few:.2f}",
                "<= 1.5",
            ),
        ]
    return rows
