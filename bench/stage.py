"""The sandbox in a process of its own, so that it does not share our interpreter's lock."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.app import read_tlds
from bot.sandbox import Sandbox


def main() -> None:
    """Serve until standard input closes; count our posts on request."""
    with Sandbox(tlds=read_tlds()) as sandbox:
        sandbox.x.settings.duplicate_filter = None
        addresses = {
            "x": {"url": sandbox.x.url, "handle": sandbox.x.account.handle, **sandbox.x.account.secrets},
            "mastodon": {"url": sandbox.mastodon.url, "token": sandbox.mastodon.account.token},
            "bluesky": {
                "url": sandbox.bluesky.url,
                "handle": sandbox.bluesky.account.handle,
                "app_password": sandbox.bluesky.account.app_password,
            },
        }
        print(json.dumps(addresses), flush=True)
        for line in sys.stdin:
            if line.strip() == "wait":
                sandbox.record.wait_for(lambda: bool(sandbox.record.posts()), 60)
            print(len(sandbox.record.posts()), flush=True)
            if line.strip() == "reset":
                sandbox.record.clear()


class Stage:
    """The sandbox's process, as the benches speak to it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout
        self.addresses: dict[str, dict[str, Any]] = json.loads(process.stdout.readline())

    def ask(self, word: str) -> int:
        """Say `count`, `wait` (for a first post) or `reset`; the number of our posts."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def stage() -> Iterator[Stage]:
    """A sandbox for as long as the context lasts."""
    command = [sys.executable, "-m", "bench.stage"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Stage(process)
        assert process.stdin
        process.stdin.close()


if __name__ == "__main__":
    main()
