"""How late a lane is woken with a million rows scheduled, against a thread that only sleeps until then."""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from bench.table import Row
from bot.app import App
from bot.config import default_config
from bot.daemon import Daemon
from bot.domain.account import Identity
from bot.domain.delivery import Key
from bot.domain.post import Language, PostId, digest
from bot.platforms.memory import MemoryPlatform
from bot.ports import Speaker
from bot.ports.records import Planned
from bot.store import open_store

ROWS = 1_000_000
SAMPLES = 200
APART = timedelta(milliseconds=100)
AIM = 50.0  # milliseconds, at the 99th percentile


class _Noting(MemoryPlatform):
    """A platform in memory that notes how late each post came to it."""

    late: list[float]

    def publish(self, delivery):  # type: ignore[no-untyped-def]  # the contract's own signature
        self.late.append((datetime.now(UTC) - delivery.planned_at).total_seconds() * 1000)
        return super().publish(delivery)


class _App(App):
    platform: _Noting

    def speaker(self, label: str) -> Speaker:
        account = self.config.accounts[0]
        return Speaker(
            label=label, platform=self.platform, patience=account.patience, store=self.store, clock=self.clock
        )


def run() -> list[Row]:
    """One row: lateness at the median and the 99th percentile."""
    with tempfile.TemporaryDirectory() as folder:
        late = _daemon(Path(folder))
    sleeping = _sleep()
    ours, baseline = _percentile(late, 99), _percentile(sleeping, 99)
    return [
        Row(
            f"late at p99 ({ROWS:,} rows)",
            f"{ours:.1f} ms (p50 {_percentile(late, 50):.1f})",
            f"{baseline:.1f} ms sleeping thread",
            f"{ours / baseline:.1f}",
            f"< {AIM:.0f} ms",
        )
    ]


def _daemon(folder: Path) -> list[float]:
    from dataclasses import replace

    everything = default_config(folder)
    account = next(one for one in everything.accounts if one.label == "mastodon")
    config = replace(everything, accounts=(account,), campaign="bench")
    store = open_store(folder / "bench.sqlite")
    app = _App(config, store)
    app.platform = _Noting(own_id="1", handle=account.handle)
    app.platform.late = []
    now = datetime.now(UTC)
    store.identified("mastodon", Identity(own_id="1", handle=account.handle, url=""), now)
    store.start("bench", now)
    began = time.perf_counter()
    for start in range(0, ROWS, 50_000):
        _plan(store, range(start, start + 50_000), now + timedelta(days=1), timedelta(seconds=1))
    print(f"  (planned {ROWS:,} rows in {time.perf_counter() - began:.0f} s)")
    daemon = Daemon(app)
    with store.hold(now, app.patience):
        daemon.start()
        first = datetime.now(UTC) + timedelta(seconds=3)
        _plan(store, range(ROWS, ROWS + SAMPLES), first, APART)
        end = Event()
        while len(app.platform.late) < SAMPLES:
            daemon.tick(daemon.clock.now())
            end.wait(1)
        daemon.end()
    store.close()
    return app.platform.late


def _plan(store, numbers: range, first: datetime, apart: timedelta) -> None:  # type: ignore[no-untyped-def]
    posts = [PostId(f"post-{number}") for number in numbers]
    store.meet(posts, first - timedelta(days=2))
    store.plan(_planned(numbers, first, apart), [], datetime.now(UTC))


def _planned(numbers: range, first: datetime, apart: timedelta) -> Iterator[Planned]:
    for place, number in enumerate(numbers):
        at = first + apart * place
        text = f"Number {number}. #IndustriALL"
        yield Planned(
            account="mastodon",
            post=PostId(f"post-{number}"),
            occurrence="",
            language=Language("en"),
            planned_at=at,
            expires_at=at + timedelta(days=1),
            priority=3,
            held=None,
            part_gap=timedelta(),
            digest=digest(text),
            keys=(Key(f"{number:032d}"),),
            texts=(text,),
        )


def _sleep() -> list[float]:
    late = []
    due = datetime.now(UTC) + APART
    for _ in range(SAMPLES):
        time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
        late.append((datetime.now(UTC) - due).total_seconds() * 1000)
        due += APART
    return late


def _percentile(values: list[float], which: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * which // 100)]
