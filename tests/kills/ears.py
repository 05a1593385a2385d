"""One account hears the sandbox, in processes that are killed at any step; the sandbox says what was there.

A program too: `python -m tests.kills.ears FOLDER PLATFORM PAGE` reads numbers of steps, one a line. It
hears in a child that kills itself before that step, and says `killed`, `done` or `failed`.
"""

import importlib
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import App, open_store
from bot.config import load_config
from bot.domain.account import Identity
from bot.domain.lengths import PlatformName
from bot.flows.collect import MOST_OF_AN_AUTHOR, collect
from bot.sandbox import Said
from tests.acceptance.turned import furnish
from tests.store.kills import STEPS, in_child

ROOT = Path(__file__).parent.parent.parent
HEARING_STEPS = (*STEPS, "_socket")
BUDGET = "monthly_budget: 1000"
PRIVACY = """\
privacy: {controller: Union Office, contact: privacy@example.org, notice_url: https://example.org/privacy}
collect: {since: 2026-01-01, x: {cleared: {by: Anna, on: 2026-01-02}}}
"""
FLOOD = 15  # messages of one writer
TOO_MANY = FLOOD - MOST_OF_AN_AUTHOR


class Hearer:
    """One account with a store of its own."""

    def __init__(self, sandbox, name, folder):
        self.sandbox, self.name, self.folder = sandbox, name, folder
        self.server = getattr(sandbox, name)
        furnish(sandbox, name, folder, *([BUDGET] if name == "x" else []))
        with (folder / "config.yaml").open("a") as config:
            config.write(PRIVACY)
        self.said = {}
        now = datetime.now(UTC)
        self.began = now - timedelta(hours=1)
        us = Identity(own_id=self.server.account.id, handle=self.server.account.handle, url=self.server.url)
        with closing(self.open()) as store:
            store.enroll(name, PlatformName(name), now)
            store.identified(name, us, now)

    def open(self):
        """Its store."""
        return open_store(load_config(self.folder / "config.yaml"))

    def fill(self, number):
        """Let so many messages wait, of every kind, and remember which is which."""
        kinds = ("stored", "at risk", "opted out", "stored", "refused")
        for at in range(number - FLOOD):
            self._say(kinds[at % len(kinds)], f"writer{at}.example", at)
        for at in range(FLOOD):
            self._say("flood", "flood.example", at)

    def _say(self, kind, author, at):
        words = {"at risk": f"My colleagues at our plant in Minsk signed letter {at}", "opted out": "STOP"}
        text = f"@{self.server.account.handle} {words.get(kind, f'We wrote letter {at}')}"
        # Each of an instant of its own: Bluesky shows no more of one instant than stand on a page.
        said = Said(at=self.began + timedelta(milliseconds=len(self.said)))
        if kind == "refused":
            said = replace(said, twist=_without_its_message)
        self.said[self.sandbox.mention(self.name, author, text, said=said).id] = kind

    @contextmanager
    def hearing(self, page=""):
        """A function that lets a process hear until it is done or killed before a step; what came of it.

        With `page`, it reads so many at once, and there are more seams at which it can be killed.
        """
        command = [sys.executable, "-m", "tests.kills.ears", str(self.folder), self.name, str(page)]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:

            def until(step):
                process.stdin.write(f"{step}\n")
                process.stdin.flush()
                return process.stdout.readline().strip()

            yield until
            process.stdin.close()

    def wrong(self):
        """What was not dealt with exactly once, by what the sandbox knows of it."""
        with closing(self.open()) as store:
            kept = [one.remote_id for one in store.reports(limit=2**31 - 1)]
            numbers = store.numbers()
        named = {kind: sum(one == kind for one in self.said.values()) for kind in set(self.said.values())}
        expected = {kind: named.get(kind, 0) for kind in ("at risk", "opted out", "refused")}
        counted = {name.rpartition(" ")[0]: number for name, number in numbers.items()}
        found = [
            f"{kind}: {counted.get(kind, 0)}" for kind in expected if counted.get(kind, 0) != expected[kind]
        ]
        if counted.get("too many", 0) != TOO_MANY:
            found.append(f"too many: {counted.get('too many', 0)}")
        twice = len(kept) - len(set(kept))
        lost = [one for one, kind in self.said.items() if kind == "stored" and one not in set(kept)]
        flooded = sum(self.said.get(one) == "flood" for one in kept)
        others = [one for one in kept if self.said.get(one) not in {"stored", "flood"}]
        if twice or lost or others or flooded != MOST_OF_AN_AUTHOR:
            found.append(
                f"twice {twice}, lost {len(lost)}, never said {len(others)}, of one writer {flooded}"
            )
        return found


def _without_its_message(served):
    """A notification or a post that lost what it is about."""
    if "status" in served:
        return {**served, "status": None}
    return {key: one for key, one in served.items() if key not in {"record", "text"}}


def main(folder, name, page):
    """Hear, again and again, each time until a step."""
    config = load_config(Path(folder) / "config.yaml")
    config = replace(config, log_level="warning")
    with closing(open_store(config)) as store:
        judge = App(config, store).judge  # its tables are read once, before there are children
    _load(name)
    if page:
        _read_at_once(name, int(page))
    for line in sys.stdin:
        sys.stdout.write(in_child(lambda: _hear(config, name, judge), int(line), HEARING_STEPS) + "\n")
        sys.stdout.flush()


def _hear(config, name, judge):
    with closing(open_store(config)) as store:
        listener = App(config, store, judge=judge).listener(name)
        collect(listener, datetime.now(UTC) - timedelta(days=30))


def _read_at_once(name, page):
    ear = importlib.import_module(f"bot.platforms.{name}.ear")
    if name == "mastodon":
        ear.PAGES = (page,)
    else:
        ear.PAGE = page


def _load(name):
    """Load the libraries, which a child then has already."""
    library = {"x": "tweepy", "mastodon": "requests", "bluesky": "atproto_client"}[name]
    for module in (library, "bot.platforms.transports", "bot.store.hasher", f"bot.platforms.{name}.ear"):
        importlib.import_module(module)


if __name__ == "__main__":
    main(*sys.argv[1:])
