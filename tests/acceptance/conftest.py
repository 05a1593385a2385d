"""The real program, as a process of its own, in front of the sandbox. The sandbox's record is the judge."""

import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.run import begin, empty_store, turned  # noqa: F401  # fixtures

ROOT = Path(__file__).parent.parent.parent
MAIN = ROOT / "main.py"
PATIENCE = 30.0


class Bot:
    """One campaign's folder, and the program that publishes from it."""

    def __init__(self, folder, sandbox):
        self.folder = folder
        self.sandbox = sandbox
        self.config = folder / "config.yaml"
        self.posts = folder / "posts"
        self.log = folder / "log"
        self._running = None
        self.posts.mkdir()
        self._keep_secrets()
        self.configure()

    def _keep_secrets(self):
        secrets = self.folder / "secrets"
        secrets.mkdir()
        kept = {
            **self.sandbox.x.account.secrets,
            "mastodon": self.sandbox.mastodon.account.token,
            "bluesky": self.sandbox.bluesky.account.app_password,
        }
        for name, secret in kept.items():
            path = secrets / name
            path.touch(mode=0o600)
            path.write_text(secret, encoding="utf-8")

    def configure(self, more="", **urls):
        """Write the configuration; `urls` point an account somewhere else, `more` is added at its top."""
        sandbox = self.sandbox
        keys = "\n".join(f"    {name}: {{file: secrets/{name}}}" for name in sandbox.x.account.secrets)
        self.config.write_text(
            f"""\
{more}campaign: rehearsal
timezone: UTC
language_gap: 1 second
accounts:
  x:
    handle: "@{sandbox.x.account.handle}"
    base_url: {urls.get("x", sandbox.x.url)}
    settle: 1 second
    part_gap: 1 second
    monthly_budget: 20
{keys}
  mastodon:
    handle: "@{sandbox.mastodon.account.handle}@{sandbox.mastodon.host}"
    base_url: {urls.get("mastodon", sandbox.mastodon.url)}
    settle: 1 second
    access_token: {{file: secrets/mastodon}}
  bluesky:
    handle: "@{sandbox.bluesky.account.handle}"
    base_url: {urls.get("bluesky", sandbox.bluesky.url)}
    settle: 1 second
    app_password: {{file: secrets/bluesky}}
""",
            encoding="utf-8",
        )

    def write(self, name, text="March with us.", due=timedelta(seconds=2), more="", rested=True):
        """Add a post. Unless told otherwise its file has been at rest for long."""
        at = datetime.now(UTC) + due
        path = self.posts / f"{name}.yaml"
        path.write_text(
            f"id: {name}\nwhen: {at:%Y-%m-%dT%H:%M:%S}Z\ntext:\n  en: |\n    {text}\n{more}", encoding="utf-8"
        )
        if rested:
            old = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
            os.utime(path, (old, old))
        return path

    def call(self, *arguments, answer=""):
        """Run a command; its exit code and all it said."""
        done = subprocess.run(
            [sys.executable, str(MAIN), "--config", str(self.config), *arguments],
            input=answer,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def begin(self):
        """Allow publishing, as `start` does."""
        from bot.app import open_store
        from bot.config import load_config

        store = open_store(load_config(self.config))
        store.start("a test", datetime.now(UTC))
        store.close()

    def run(self):
        """Start the daemon."""
        sink = self.log.open("ab")
        self._running = subprocess.Popen(
            [sys.executable, str(MAIN), "--config", str(self.config), "run"], stdout=sink, stderr=sink
        )
        sink.close()

    def kill(self):
        """End the daemon with SIGKILL."""
        self._running.kill()
        self._running.wait()

    def stop(self):
        """End the daemon in order; its exit code, and how long that took."""
        began = time.monotonic()
        self._running.send_signal(signal.SIGTERM)
        return self._running.wait(PATIENCE), time.monotonic() - began

    @property
    def alive(self):
        return self._running is not None and self._running.poll() is None

    def texts(self, platform):
        """The first lines of our posts on a platform, in the order they were stored."""
        return [post.text.split("\n", maxsplit=1)[0] for post in self.sandbox.record.posts(platform)]

    def wait_for(self, condition, seconds=PATIENCE):
        """Wait until the record shows something; a test that waits in vain shows the log."""
        assert self.sandbox.record.wait_for(condition, seconds), self.log.read_text(encoding="utf-8")

    def wait_for_posts(self, number):
        """Wait until so many of our posts stand on each platform."""
        record = self.sandbox.record
        self.wait_for(lambda: all(len(record.posts(name)) >= number for name in PLATFORMS))

    def wait_for_log(self, words, seconds=PATIENCE):
        """Wait until the daemon has logged something: words, or a pattern."""
        until = time.monotonic() + seconds
        pattern = words if isinstance(words, re.Pattern) else re.compile(re.escape(words))
        while not pattern.search(self.log.read_text(encoding="utf-8")):
            assert time.monotonic() < until, self.log.read_text(encoding="utf-8")
            self.sandbox.record.wait_for(lambda: False, 0.05)


PLATFORMS = ("x", "mastodon", "bluesky")


@pytest.fixture
def bot(tmp_path, sandbox):
    """A campaign whose publishing was allowed; whatever still runs at the end is killed."""
    bot = Bot(tmp_path, sandbox)
    bot.begin()
    yield bot
    if bot.alive:
        bot.kill()
