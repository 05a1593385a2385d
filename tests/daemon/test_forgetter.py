"""Forgetting while the program runs."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.daemon.forgetter import Forgetter
from bot.domain.report import RAW_FOR, Standing
from bot.store.hasher import ErasedFile
from tests.builders import NOON, SECOND
from tests.reports import a_report, counted, take_in

THEIRS = ("zebrafish", "someone", "example.org", "remote-", "mark-", "author-")


@pytest.fixture
def forgetter(daemon):
    return Forgetter(daemon.app)


@pytest.fixture
def erasures(daemon):
    return ErasedFile(daemon.app.config.state)


def test_words_whose_time_is_over_are_erased_within_the_hour(daemon, forgetter, caplog):
    caplog.set_level("INFO")
    (kept,) = take_in(daemon.store, a_report())
    daemon.clock.at = NOON + RAW_FOR

    forgetter.look()

    assert daemon.store.report(kept.id).standing is Standing.LAPSED
    assert [line.message for line in caplog.records] == ["forget: reports whose time was over: 1"]


def test_nothing_is_erased_before_its_time_and_nothing_is_said(daemon, forgetter, caplog):
    caplog.set_level("INFO")
    (kept,) = take_in(daemon.store, a_report())
    daemon.clock.at = NOON + RAW_FOR - SECOND

    forgetter.look()

    assert daemon.store.report(kept.id) == kept
    assert caplog.records == []


def test_what_was_erased_before_is_erased_again_at_the_start(daemon, erasures, caplog):
    (kept,) = take_in(daemon.store, a_report())
    erasures.add(marks=[kept.mark])

    daemon._arrange_forgetting()

    assert daemon.store.report(kept.id).standing is Standing.ERASED
    assert [line.levelname for line in caplog.records] == ["WARNING"]
    assert daemon._scheduler.get_job("forget").next_run_time <= datetime.now(UTC)


def test_what_cannot_be_forgotten_is_an_error_that_names_nobody_and_stops_nothing(
    daemon, forgetter, erasures, caplog
):
    (kept,) = take_in(daemon.store, a_report())
    boosted = counted(kept, boosted_at=NOON)
    daemon.store.change(boosted, kept, "anna", "boost", NOON)
    erasures.add(marks=[kept.mark], authors=[kept.author])
    take_in(daemon.store, opt_outs=[kept.author])

    forgetter.again(NOON)
    forgetter.look()

    said = [line.message for line in caplog.records]
    assert [line.split(":")[0] for line in said] == ["forget", "forget"]
    assert all("reports unboost 1" in line for line in said)
    assert not any(word in line for word in THEIRS for line in said)
    assert daemon.store.report(kept.id) == replace(boosted)
