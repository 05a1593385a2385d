"""Reading the queue: our reader, with every check, against the C parser that only parses."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from bench.table import Row
from bot.files.posts import QueueSettings
from bot.files.queue import read_queue

POST = """\
id: post-{number}
when: 2027-05-01 09:00 Europe/Brussels
kind: call
text:
  en: |
    On May Day we march with the names of those who cannot. Sisters and brothers, this is number {number}.

    Tell us what you did: tag {{account}}. ✊
  be: |
    Першага мая мы ідзём з імёнамі тых, хто не можа ісці. Разам мы сіла, і нас не спыніць.
link: https://example.org/act/{number}
where: [mastodon, bluesky]
"""
SETTINGS = QueueSettings(timezone="Europe/Brussels")
ROUNDS = 3


def run() -> list[Row]:
    """Two rows: many small files, and few large ones."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        write(small, files=10_000, posts=1)
        write(large, files=10, posts=1000)
        return [
            _row("10,000 files of one post", small, aim=3),
            _row("10 files of 1,000 posts", large, aim=7),
        ]


def write(folder: Path, *, files: int, posts: int) -> None:
    """So many files of so many posts."""
    folder.mkdir()
    for file in range(files):
        texts = [POST.format(number=file * posts + number) for number in range(posts)]
        if posts > 1:
            texts = ["- " + text.replace("\n", "\n  ").rstrip(" ") for text in texts]
        (folder / f"{file:05d}.yaml").write_text("".join(texts), encoding="utf-8")


def _row(what: str, folder: Path, aim: int) -> Row:
    pairs = []
    for _ in range(ROUNDS):
        baseline = _seconds(lambda: [raw(path) for path in folder.iterdir()])
        pairs.append((_seconds(lambda: _ours(folder)), baseline))
    ours, baseline = sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]
    return Row(
        f"read {what}", f"{ours:.2f} s", f"{baseline:.2f} s raw parse", f"{ours / baseline:.1f}", f"<= {aim}"
    )


def _ours(folder: Path) -> None:
    queue = read_queue(folder, SETTINGS)
    assert len(queue.posts) == 10_000, len(queue.posts)
    assert not queue.problems, queue.problems[0]


def raw(path: Path) -> None:
    """Parse a file, and do nothing with it."""
    with path.open("rb") as file:
        loader = yaml.CSafeLoader(file.read())
    loader.raw_parse()
    loader.dispose()


def _seconds(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began
