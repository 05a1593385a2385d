"""One account on the sandbox, with the real store, flows and client libraries, and a clock turned by hand.

A program too: `python -m tests.acceptance.turned FOLDER ACCOUNT INSTANT` publishes, to be killed.
"""

import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import App, build_platform, open_store, queue_settings
from bot.config import load_config
from bot.domain.delivery import Delivery
from bot.domain.post import PostId
from bot.files.queue import read_queue
from bot.flows.identify import identify
from bot.flows.plan import plan
from bot.flows.publish import drain
from bot.flows.reconcile import reconcile
from bot.platforms.bluesky import BlueskyPlatform
from bot.ports import Platform, Store
from bot.sandbox import Fault, Gate, Hold, Sandbox

ROOT = Path(__file__).parent.parent.parent
PLATFORMS = ("x", "mastodon", "bluesky")
EARLIEST = datetime.min.replace(tzinfo=UTC)
FIRST = timedelta(minutes=1)  # until the post is due
MOST_ROUNDS = 60  # after which something turns in circles
ASK_AGAIN = timedelta(hours=1)  # an account that was shut out is asked about so often
POST = PostId("may-day")
PATIENCE = 30.0

TOKENS = {
    "mastodon": ("access_token", lambda sandbox: sandbox.mastodon.account.token),
    "bluesky": ("app_password", lambda sandbox: sandbox.bluesky.account.app_password),
}


class TurnedClock:
    """A clock that stands until it is turned; all three times go together."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """The hour it was turned to."""
        return self.at

    def monotonic(self) -> float:
        """The same in seconds."""
        return self.at.timestamp()

    boot = monotonic

    def turn(self, length: timedelta) -> None:
        """Let time pass."""
        self.at += length


def furnish(sandbox: Sandbox, name: str, folder: Path, *more: str) -> None:
    """Write a configuration with one account of the sandbox, and its secrets beside it."""
    if name == "x":
        secrets, handle = dict(sandbox.x.account.secrets), sandbox.x.account.handle
    else:
        field, secret = TOKENS[name]
        secrets, handle = {field: secret(sandbox)}, getattr(sandbox, name).account.handle
        handle += f"@{sandbox.mastodon.host}" if name == "mastodon" else ""
    lines = (f'handle: "@{handle}"', f"base_url: {getattr(sandbox, name).url}", *more)
    write_config(folder, name, secrets, *lines)


def write_config(folder: Path, name: str, secrets: dict[str, str], *lines: str) -> None:
    """Write the configuration of one account."""
    (folder / "posts").mkdir(parents=True)
    for field, secret in secrets.items():
        path = folder / field
        path.touch(mode=0o600)
        path.write_text(secret, encoding="utf-8")
    keys = (f"{field}: {{file: {field}}}" for field in secrets)
    settings = "".join(f"    {line}\n" for line in (*lines, *keys))
    (folder / "config.yaml").write_text(
        f"campaign: rehearsal\ntimezone: UTC\naccounts:\n  {name}:\n{settings}", encoding="utf-8"
    )


class OneAccount:
    """An account and all it takes to publish on it; opened anew, it is a program that was started again."""

    def __init__(self, folder: Path, name: str, clock: TurnedClock, *, template: Path | None = None) -> None:
        self.folder = folder
        self.name = name
        self.clock = clock
        self.config = load_config(folder / "config.yaml")
        if template:  # an empty store: to copy one is faster than to make one
            self.config.state.mkdir(exist_ok=True)
            shutil.copy(template, self.config.store)
        self.store: Store = open_store(self.config)
        self.app = App(self.config, self.store, clock)
        self.speaker = self.app.speaker(name)

    def close(self) -> None:
        """End, as a program does."""
        self.store.close()

    def owe(self, *texts: str) -> None:
        """Write a post of so many parts, plan it, and let its hour come."""
        due = self.clock.now() + FIRST
        first, *others = (f"text: {{en: {text!r}}}" for text in texts)
        thread = "".join(f"  - {one}\n" for one in others)
        lines = f"id: {POST}\nkind: call\nwhen: {due:%Y-%m-%dT%H:%M:%S}Z\n{first}\n"
        file = self.folder / "posts" / "may-day.yaml"
        file.write_text(lines + (f"thread:\n{thread}" if thread else ""), encoding="utf-8")
        self.store.start("a test", self.clock.now())
        with self.store.hold(self.clock.now(), self.app.patience):
            self._identify()
            queue = read_queue(self.config.queue, queue_settings(self.config))
            made = plan(queue.posts, self.app.voices(), self.store, self.app.planner, self.clock.now())
        if queue.problems or made.plan.added != len(texts):
            raise AssertionError(f"not planned: {queue.problems} {made}")
        self.clock.turn(FIRST)

    def _identify(self) -> None:
        check = identify(self.speaker, self.app.voice(self.name))
        if not check.passed:
            raise AssertionError(f"the account may not publish: {check.stops}")

    def publish(self) -> int:
        """Send what is due now; counts requests."""
        with self.store.hold(self.clock.now(), self.app.patience):
            return self._drain()

    def _drain(self) -> int:
        left = iter(range(MOST_ROUNDS))
        requests = drain(self.speaker, lambda: 0.0, lambda: next(left, None) is not None)
        if requests == MOST_ROUNDS:
            raise AssertionError(f"{requests} requests at one instant: {self.owed()}")
        return requests

    def look(self) -> int:
        """Look for what is in doubt now; counts looks."""
        with self.store.hold(self.clock.now(), self.app.patience):
            return reconcile(self.speaker)

    @contextmanager
    def at_another_address(self, base_url: str) -> Iterator[None]:
        """Speak to another address for a while, with the session that is open."""
        here, config = self.speaker, replace(self.config.accounts[0], base_url=base_url)
        platform = build_platform(config, self.clock, self.config.state)
        self.speaker = replace(here, platform=platform)
        borrow_session(here.platform, platform)
        try:
            yield
        finally:
            self.speaker = here

    def until_rest(self) -> list[Delivery]:
        """Publish and look, turning the clock to whatever comes next, until nothing will."""
        with self.store.hold(self.clock.now(), self.app.patience):
            for _ in range(MOST_ROUNDS):
                self.store.expire(self.clock.now())
                self._drain()
                reconcile(self.speaker)
                if not self.wait_for_what_comes():
                    return self.owed()
        raise AssertionError(f"it never comes to rest: {self.owed()}")

    def wait_for_what_comes(self) -> bool:
        """Turn the clock to what happens next; whether anything will."""
        following = self.store.next_instant(self.name, EARLIEST)
        if following:
            self.clock.at = max(self.clock.at, following)
            return True
        pause = self.store.account(self.name).pause
        if pause is None:
            return False
        self.clock.turn(ASK_AGAIN)
        self._identify()
        return True

    def owed(self) -> list[Delivery]:
        """The deliveries of the post, in their order."""
        return self.store.of_post(POST)


def borrow_session(one: Platform, other: Platform) -> None:
    """Let a Bluesky adapter at another address use the session of the first."""
    if isinstance(one, BlueskyPlatform) and isinstance(other, BlueskyPlatform):
        session = one._sessions.current.written().rpartition(":::")[0]
        other._kept.put("session", f"{session}:::{other._base_url}")


def kill_in_mid_send(sandbox: Sandbox, account: OneAccount) -> None:
    """Let another process publish, and end it with SIGKILL when the platform has stored the post."""
    gate = Gate()
    sandbox.faults.add(Fault(platform=account.name, operation="publish", action=Hold(gate=gate, store=True)))
    kill_when(account, gate.wait_reached)
    gate.release()


def kill_when(account: OneAccount, reached: Callable[[float], bool]) -> None:
    """Let another process publish what is due, and end it with SIGKILL when something has happened."""
    command = [sys.executable, "-m", "tests.acceptance.turned", str(account.folder), account.name]
    child = subprocess.Popen([*command, account.clock.now().isoformat()], cwd=ROOT)
    try:
        if not reached(PATIENCE):
            raise AssertionError("the other process never came so far")
    finally:
        os.kill(child.pid, signal.SIGKILL)
        code = child.wait()
    if code != -signal.SIGKILL:
        raise AssertionError(f"the other process had already ended, with {code}")


def main(arguments: Sequence[str]) -> None:
    """Publish what is due on one account, and what is due later as well."""
    folder, name, instant = arguments
    logging.basicConfig(level="WARNING")
    OneAccount(Path(folder), name, TurnedClock(datetime.fromisoformat(instant))).until_rest()


if __name__ == "__main__":
    main(sys.argv[1:])
