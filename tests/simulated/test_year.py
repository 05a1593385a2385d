"""Simulated years, few enough for every day; `python -m tests.simulated.year` runs hundreds."""

import logging

import pytest

from bot.store import open_store
from tests.builders import DAY
from tests.simulated.judge import BrokenPromiseError
from tests.simulated.world import CALM, STORM, Weather
from tests.simulated.year import Year

DAILY_SEEDS = (1, 2, 3)


@pytest.fixture(autouse=True)
def _quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", DAILY_SEEDS)
def test_through_a_year_of_faults_and_deaths_every_post_comes_once_in_order_or_is_seen_to_wait(seed):
    year = Year(seed, posts=500).run()

    assert year.events["deaths"] > 50
    assert sum(len(wire.platform.stored) for wire in year.wires.values()) > 1500


def test_when_every_second_answer_is_lost_still_nothing_comes_twice():
    year = Year(7, posts=60, weather=STORM).run()

    assert sum(wire.faults["lost"] for wire in year.wires.values()) > 50


def test_in_a_year_of_calm_every_post_that_is_neither_held_nor_a_draft_comes():
    year = Year(4, posts=100, weather=CALM).run()

    counts = year.store.counts()
    held = {row.key for row in year.store.needing_attention() if row.held}
    assert counts["expired"] == len(held)
    assert {state.value for state, number in counts.items() if number} <= {"sent", "expired", "scheduled"}


def test_a_promise_that_is_broken_is_told_with_the_step_at_which_it_broke():
    year = Year(8, posts=20, weather=CALM)
    year.wires["x"].platform.on_publish = year.wires["x"].platform._store

    with pytest.raises(BrokenPromiseError, match="a second copy") as caught:
        year.run()

    assert caught.value.__notes__[0].startswith("step ")


class Files:
    """The program as it is started again and again on one file."""

    def __init__(self, path):
        self._path = path

    def start(self):
        return open_store(self._path)

    def kill(self, store):
        store.close()


def test_the_store_that_is_used_every_day_keeps_the_same_promises(tmp_path):
    rare = Weather(deaths=20)
    year = Year(5, posts=60, length=20 * DAY, weather=rare, programs=Files(tmp_path / "outbox.db")).run()

    assert year.events["deaths"] > 5
