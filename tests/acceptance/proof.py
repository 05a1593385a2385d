"""`make proof`: how many copies of a post stand on each platform after the worst that can happen.

Prints one line a platform: the copies after the connection was cut when the post was stored, after a 500
when it was stored, after a 429, after the program was killed when it was stored; and the parts of a thread
of three whose second part first fails. The sandbox counts; the program is not asked.
"""

import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TextIO

from bot.app import read_tlds
from bot.sandbox import Answer, Cut, Fault, Sandbox
from tests.acceptance.turned import PLATFORMS, OneAccount, TurnedClock, furnish, kill_in_mid_send

ONE = ("March with us.",)
THREE = ("First, we meet.", "Then, we march.", "At last, we sing.")
SLOW_DOWN = b'{"title": "Too Many Requests", "error": "RateLimitExceeded", "message": "Slow down"}'


def _played(action: Answer | Cut, skip: int = 0) -> Callable[[Sandbox, OneAccount], None]:
    def play(sandbox: Sandbox, account: OneAccount) -> None:
        fault = Fault(platform=account.name, operation="publish", action=action, skip=skip)
        sandbox.faults.add(fault)

    return play


TRIED: tuple[tuple[str, tuple[str, ...], Callable[[Sandbox, OneAccount], None]], ...] = (
    ("the connection was cut after the post was stored", ONE, _played(Cut(store=True))),
    ("the server answered 500 after it stored the post", ONE, _played(Answer(status=500, store=True))),
    ("the server answered 429, then accepted", ONE, _played(Answer(status=429, body=SLOW_DOWN))),
    ("the program was killed after the post was stored", ONE, kill_in_mid_send),
    ("part 2 of a thread of three failed first", THREE, _played(Cut(store=False), skip=1)),
)


def copies(sandbox: Sandbox, name: str, clock: TurnedClock) -> list[int]:
    """Play everything on one platform; how many of our posts the platform holds after each."""
    found = []
    for what, texts, play in TRIED:
        sandbox.reset()
        with tempfile.TemporaryDirectory(prefix="proof-") as folder:
            place = Path(folder) / "campaign"
            furnish(sandbox, name, place)
            with closing(OneAccount(place, name, clock)) as account:
                account.owe(*texts)
                play(sandbox, account)
                account.until_rest()
        if sandbox.faults.unplayed or sandbox.record.errors:
            raise AssertionError(f"{name}: {what}: was not played: {sandbox.record.errors}")
        found.append(in_order(sandbox, name, texts))
    return found


def in_order(sandbox: Sandbox, name: str, texts: tuple[str, ...]) -> int:
    """How many of our posts stand on a platform. A thread out of order, or with a wrong part, counts 0."""
    posts = sandbox.record.posts(name)
    right = [post.text.startswith(text) for post, text in zip(posts, texts, strict=False)]
    parents = ["", *(post.id for post in posts)]
    if len(texts) > 1:
        right += [post.parent_id == parent for post, parent in zip(posts, parents, strict=False)]
    return len(posts) if all(right) else 0


def main(count: Callable[[Sandbox, str, TurnedClock], list[int]] = copies) -> int:
    """Print the three lines; 1 where a number is not as it must be."""
    wrong = False
    for name in PLATFORMS:
        clock = TurnedClock()
        with Sandbox(tlds=read_tlds(), now=clock.now) as sandbox:
            found = count(sandbox, name, clock)
        _say(sys.stdout, " ".join(map(str, (name, *found))))
        for number, (what, texts, _) in zip(found, TRIED, strict=True):
            if number != len(texts):
                wrong = True
                _say(sys.stderr, f"{name}: {number} instead of {len(texts)}, when {what}")
    return int(wrong)


def _say(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
