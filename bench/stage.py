"""The sandbox in a process of its own, so that it does not share our interpreter's lock."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.app import read_tlds
from bot.sandbox import Said, Sandbox


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
            if line.startswith("mention "):
                print(_filled(sandbox, *line.split()[1:]), flush=True)
                continue
            if line.strip() == "wait":
                sandbox.record.wait_for(lambda: bool(sandbox.record.posts()), 60)
            print(len(sandbox.record.posts()), flush=True)
            if line.strip() == "reset":
                sandbox.record.clear()


def _filled(sandbox: Sandbox, platform: str, count: str) -> str:
    """Let so many people speak to us, each at an instant of its own; our own id there."""
    server = sandbox.mastodon if platform == "mastodon" else sandbox.bluesky
    began = datetime.now(UTC) - timedelta(hours=1)
    for number in range(int(count)):
        words = f"@{server.account.handle} We wrote letter {number} for the prisoners."
        said = Said(at=began + timedelta(milliseconds=number))
        sandbox.mention(platform, f"writer{number}.example", words, said=said)
    return server.account.id


class Stage:
    """The sandbox's process, as the benches speak to it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout
        self.addresses: dict[str, dict[str, Any]] = json.loads(process.stdout.readline())

    def ask(self, word: str) -> int:
        """Say `count`, `wait` (for a first post) or `reset`; the number of our posts."""
        return int(self.say(word))

    def say(self, words: str) -> str:
        """Say any of these, or `mention PLATFORM COUNT`; what it answers."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


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
