"""Cold start and memory: the daemon against a process that only loads the three libraries."""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.pipeline import _app
from bench.stage import Stage, stage
from bench.table import Row
from bot.app import queue_settings
from bot.files.queue import read_queue
from bot.flows.identify import identify
from bot.flows.plan import plan

LIBRARIES = "import tweepy, mastodon, atproto_client; from atproto_client import Client; Client()"
SETTLED = 8.0  # seconds after which an idle daemon's memory is read


def run() -> list[Row]:
    """Two rows: time from start to the first post, and resident memory when idle."""
    with stage() as sandbox, tempfile.TemporaryDirectory() as folder:
        first_post, memory = _daemon(Path(folder), sandbox)
    loading, loaded = _libraries()
    return [
        Row(
            "cold start to first post",
            f"{first_post:.2f} s",
            f"{loading:.2f} s to load the libraries",
            f"{first_post / loading:.2f}",
        ),
        Row(
            "memory of the idle daemon",
            f"{memory:.0f} MiB",
            f"{loaded:.0f} MiB with the libraries loaded",
            f"{memory / loaded:.2f}",
        ),
    ]


def _daemon(folder: Path, sandbox: Stage) -> tuple[float, float]:
    app = _app(folder, sandbox)
    posts = folder / "posts"
    posts.mkdir()
    due = datetime.now(UTC) + timedelta(seconds=3)
    file = posts / "one.yaml"
    file.write_text(f"id: one\nwhen: {due:%Y-%m-%dT%H:%M:%S}Z\ntext:\n  en: |\n    March with us.\n")
    os.utime(file, (0, 0))
    # It is planned in time, and due when the daemon starts.
    assert identify(app.speaker("x"), app.voice("x")).passed
    queue = read_queue(posts, queue_settings(app.config))
    assert plan(queue.posts, app.voices(), app.store, app.planner, datetime.now(UTC)).plan.added
    app.store.close()
    time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
    began = time.perf_counter()
    command = [sys.executable, "main.py", "--config", str(folder / "config.yaml"), "run"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        sandbox.ask("wait")
        first_post = time.perf_counter() - began
        time.sleep(SETTLED)
        memory = _resident(process.pid)
        process.terminate()
    return first_post, memory


def _libraries() -> tuple[float, float]:
    code = f"{LIBRARIES}; print(flush=True); input()"
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        process.stdout.readline()
        loading = time.perf_counter() - began
        loaded = _resident(process.pid)
        process.communicate("\n")
    return loading, loaded


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
