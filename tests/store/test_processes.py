"""Programs that share a file, and are killed. What they do stands in programs.py."""

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bot.domain.delivery import State
from bot.domain.errors import StoreBusyError
from tests.builders import HOUR, NOON
from tests.contracts.steps import of_may_day, owe
from tests.store.programs import POSTS

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 100
RIVALS = 4


@contextmanager
def program(what, path):
    """A process that does one thing to the store, a line at a time; killed in the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.programs", what, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process):
    return process.stdout.readline().strip()


def tell(process, word="go"):
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


def test_a_second_process_is_told_which_one_holds_the_store(store, path):
    with program("hold", path) as other:
        assert said(other) == "holds"

        with pytest.raises(StoreBusyError, match=f"process {other.pid} "), store.hold(NOON, {}):
            pass


def test_the_store_of_a_killed_process_is_free_and_its_request_in_doubt(store, path):
    owe(store)
    with program("claim", path) as other:
        assert said(other) == "claimed"
        other.kill()
        other.wait()

        with store.hold(NOON + HOUR, {}):
            left = of_may_day(store)[0]

    assert (left.state, left.doubts, left.next_at) == (State.IN_DOUBT, 1, NOON + HOUR)


def test_what_a_killed_process_had_settled_is_settled(store, path):
    owe(store)
    with program("send", path) as other:
        assert said(other) == "sent"
        other.kill()
        other.wait()

        with store.hold(NOON + HOUR, {}):
            left = of_may_day(store)[0]

    assert (left.state, left.receipt.remote_id) == (State.SENT, "1")


def test_of_processes_that_race_for_the_store_exactly_one_gets_it(path):
    with ExitStack() as running:
        rivals = [running.enter_context(program("race", path)) for _ in range(RIVALS)]
        results = [race(rivals) for _ in range(ROUNDS)]

    assert results == [["busy"] * (RIVALS - 1) + ["holds"]] * ROUNDS


def test_processes_that_write_at_once_wait_for_one_another(path, raw):
    with ExitStack() as running:
        writers = [running.enter_context(program("write", path)) for _ in range(RIVALS)]
        for writer in writers:
            tell(writer)
        assert [said(writer) for writer in writers] == ["written"] * RIVALS

    assert raw.execute("SELECT count(*) FROM post").fetchone() == (RIVALS * POSTS,)


def race(rivals):
    """Everybody tries at once, and says what came of it before anybody lets go."""
    for rival in rivals:
        tell(rival, "try")
    answers = sorted(said(rival) for rival in rivals)
    for rival in rivals:
        tell(rival, "let go")
    assert [said(rival) for rival in rivals] == ["done"] * len(rivals)
    return answers
