"""What a writer's new message changes for the older ones."""

from dataclasses import replace

import pytest

from bot.domain.errors import LostClaimError
from bot.domain.report import Standing
from bot.flows.forget import Forgetting
from bot.flows.spare import TRIES, Spared
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.flows.conftest import TurnedClock
from tests.hearing import Erasures
from tests.reports import a_report, counted, take_in


class Contested(MemoryStore):
    """A memory in which somebody else is faster, so many times."""

    lost = 0

    def change(self, report, was, by, what, now):
        if what.startswith("erase") and self.lost:
            self.lost -= 1
            raise LostClaimError("changed in the meantime")
        super().change(report, was, by, what, now)


@pytest.fixture
def store():
    return Contested()


@pytest.fixture
def spared(store):
    def unboost(report, by, now):
        store.change(replace(report, boosted_at=None), report, by, "unboost", now)

    what = Forgetting(inbox=store, erasures=Erasures(), unboost=unboost)
    return Spared(what=what, clock=TurnedClock(NOON))


@pytest.fixture
def theirs(store):
    """A report that waits, and one that was counted and boosted, by one writer; and one by another."""
    waiting, boosted, _ = take_in(
        store, a_report(1, author="a"), a_report(2, author="a"), a_report(3, author="b")
    )
    store.change(counted(boosted, boosted_at=NOON), boosted, "anna", "count", NOON)
    return waiting.id, boosted.id


def standings(store):
    return {report.id: report.standing for report in store.reports()}


@pytest.mark.parametrize("lost", [0, TRIES - 1])
def test_of_who_may_be_in_danger_nothing_stays_whoever_decides_meanwhile(store, spared, theirs, lost):
    store.lost = lost

    spared.erase(["a"])

    assert [standings(store)[one] for one in theirs] == [Standing.ERASED, Standing.ERASED]
    assert [one.standing for one in store.of_author("b")] == [Standing.UNDECIDED]
    assert {store.report(one).boosted_at for one in theirs} == {None}
    assert {store.report(one).author for one in theirs} == {""}


def test_why_it_was_taken_out_stands_nowhere(store, spared, theirs):
    spared.erase(["a"])

    said = [line.what for one in theirs for line in store.decisions(f"report {one}")]
    assert "erase: its source is gone or changed" in said
    assert not any("danger" in line or "risk" in line for line in said)


@pytest.mark.usefixtures("theirs")
def test_what_cannot_be_taken_out_is_not_passed_over_in_silence(store, spared):
    store.lost = TRIES

    with pytest.raises(LostClaimError):
        spared.erase(["a"])


def test_who_does_not_want_to_be_passed_on_is_boosted_no_longer_and_still_counted(store, spared, theirs):
    waiting, boosted = theirs

    spared.hush(["a"])

    assert store.report(boosted).boosted_at is None
    assert standings(store)[waiting] is Standing.UNDECIDED
    assert standings(store)[boosted] is Standing.COUNTED
