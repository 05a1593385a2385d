"""A queue of 100,000 posts: reading it, its memory, reading it again, and planning one more post."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.queue import POST, SETTINGS, raw, write
from bench.table import Row
from bot.app import App, open_store
from bot.config import Config, default_config
from bot.daemon.intake import Intake
from bot.domain.account import Identity
from bot.domain.lengths import PlatformName
from bot.domain.post import PostId
from bot.files.queue import read_queue
from bot.files.watch import SETTLED, Watch

FILES, EACH = 100, 1000
POSTS = FILES * EACH
LOOK = 1.0  # second between two looks of the daemon
MIB = 1 << 20


def run() -> list[Row]:
    """Four rows. Reading is measured in fresh processes, so that nothing else is in their memory."""
    with tempfile.TemporaryDirectory() as folder:
        many, one = Path(folder) / "many", Path(folder) / "one"
        write(many, files=FILES, posts=EACH)
        write(one, files=1, posts=1)
        return [*_reading(many), _again(many), _added(many, one)]


def _reading(folder: Path) -> list[Row]:
    pairs = [(_child("read", folder), _child("raw", folder)) for _ in range(3)]
    ours, baseline = sorted(pairs, key=lambda pair: pair[0]["seconds"] / pair[1]["seconds"])[1]
    size = sum(path.stat().st_size for path in folder.iterdir()) / MIB
    return [
        Row(
            f"read {POSTS:,} posts in {FILES} files",
            f"{ours['seconds']:.2f} s",
            f"{baseline['seconds']:.2f} s raw parse",
            f"{ours['seconds'] / baseline['seconds']:.1f}",
            "<= 7",
        ),
        Row(
            f"memory of {POSTS:,} posts",
            f"{ours['mib']:.0f} MiB",
            f"{size:.0f} MiB of files",
            f"{ours['mib'] / size:.1f}",
            "<= 450 MiB",
        ),
    ]


def _child(what: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.size", what, str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


def _measured(what: str, folder: Path) -> dict[str, float]:
    """What a child tells: seconds of computing, and the most memory it ever had."""
    began = time.process_time()
    if what == "read":
        queue = read_queue(folder, SETTINGS)
        assert len(queue.posts) == POSTS, len(queue.posts)
    else:
        for path in folder.iterdir():
            raw(path)
    seconds = time.process_time() - began
    return {"seconds": seconds, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _again(folder: Path) -> Row:
    """Read again where one file has changed, as the daemon does it: two looks."""
    watch = Watch(folder, SETTINGS)
    now = datetime.now(UTC) + timedelta(hours=1)
    watch.look(0.0, now)
    path = folder / "00050.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("number 50007.", "another number."), encoding="utf-8")

    began = time.process_time()
    watch.look(1.0, now)
    queue = watch.look(1.0 + SETTLED, now)
    seconds = time.process_time() - began

    assert queue is not None
    assert queue.changed == {"post-50007"}, len(queue.changed)
    baseline = min(_seconds_to_parse(path) for _ in range(3))
    return Row(
        f"read again with 1 of {FILES} files changed",
        f"{seconds:.2f} s",
        f"{baseline:.3f} s raw parse of that file",
        f"{seconds / baseline:.0f}",
        "<= 1 s",
    )


def _seconds_to_parse(path: Path) -> float:
    began = time.process_time()
    raw(path)
    return time.process_time() - began


def _added(many: Path, one: Path) -> Row:
    baseline, ours = _seconds_to_plan_one_more(one), _seconds_to_plan_one_more(many)
    return Row(
        f"one post added to {POSTS:,}, from saving to planned",
        f"{ours:.1f} s",
        f"{baseline:.1f} s added to 1",
        f"{ours / baseline:.1f}",
        "<= 5 s",
    )


def _seconds_to_plan_one_more(folder: Path) -> float:
    """Plan a whole queue, then save a post, and look as often as the daemon does until it is owed."""
    with tempfile.TemporaryDirectory() as state:
        config = default_config(folder)
        accounts = [one for one in config.accounts if one.platform is PlatformName.MASTODON]
        app = _app(replace(config, accounts=tuple(accounts), store_at=f"sqlite:///{state}/bench.db"))
        intake = Intake(app)
        while intake.look(app.clock.now(), sure=True):
            pass
        assert app.store.of_post(PostId("post-0"))
        (folder / "added.yaml").write_text(POST.format(number="added"), encoding="utf-8")

        began = time.monotonic()
        while not app.store.of_post(PostId("post-added")):
            time.sleep(LOOK)
            intake.look(app.clock.now(), sure=True)
        seconds = time.monotonic() - began

        app.store.close()
        return seconds


def _app(config: Config) -> App:
    """An app whose one account its platform has named."""
    app = App(config, open_store(config))
    (account,) = config.accounts
    identity = Identity(own_id="1", handle=account.handle, url="https://our.server.example/@our_account")
    app.store.identified(account.label, identity, app.clock.now())
    return app


if __name__ == "__main__":
    json.dump(_measured(sys.argv[1], Path(sys.argv[2])), sys.stdout)
