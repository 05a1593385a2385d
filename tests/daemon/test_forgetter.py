"""Forgetting while the program runs."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.app import open_store
from bot.config import default_config
from bot.daemon.forgetter import Forgetter
from bot.domain.erasure import erased
from bot.domain.errors import DecisionError
from bot.domain.report import RAW_FOR, Standing
from bot.store.hasher import KEY_NAME, ErasedFile
from tests.builders import NOON, SECOND
from tests.daemon.conftest import RehearsedApp
from tests.flows.conftest import TurnedClock
from tests.reports import a_report, counted, take_in

THEIRS = ("zebrafish", "someone", "example.org", "remote-", "mark-", "author-")


@pytest.fixture
def forgetter(daemon):
    return Forgetter(daemon.app, lambda: True)


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


def old_copies(folder, at):
    """A key, and a backup and a store put aside that are older than they may get."""
    (folder / KEY_NAME).touch(mode=0o600)
    (folder / KEY_NAME).write_bytes(b"k" * 32)
    (folder / "backups").mkdir()
    backup = folder / "backups" / f"bot-{at:%Y%m%dT%H%M%S}Z.sqlite"
    aside = folder / f"bot.sqlite.before-restore-{at:%Y%m%dT%H%M%S}Z"
    for path in (backup, aside):
        path.touch()
    return backup, aside


@pytest.mark.parametrize("sure", [True, False])
def test_what_the_clock_ends_waits_until_a_platform_has_borne_it_out(daemon, sure):
    (kept,) = take_in(daemon.store, a_report(), at_risk=["m"])
    state = daemon.app.config.state
    daemon.app.config = replace(daemon.app.config, store_at=str(state / "bot.sqlite"))
    copies = old_copies(state, NOON)
    daemon.clock.at = NOON + 400 * RAW_FOR

    assert Forgetter(daemon.app, lambda: sure).look() is sure

    assert (daemon.store.report(kept.id) == kept) is not sure
    assert (daemon.store.known(["m"]) == {"m"}) is not sure
    assert [path.exists() for path in copies] == [not sure, not sure]


def test_after_a_day_of_running_nothing_waits_for_a_clock_that_nobody_bears_out(daemon, monkeypatch):
    (kept,) = take_in(daemon.store, a_report())
    forgetter = Forgetter(daemon.app, lambda: False)
    daemon.clock.at = NOON + RAW_FOR
    begun = forgetter._begun

    monkeypatch.setattr(daemon.clock, "monotonic", lambda: begun + 24 * 3600 - 1, raising=False)
    assert not forgetter.look()
    assert daemon.store.report(kept.id) == kept
    monkeypatch.setattr(daemon.clock, "monotonic", lambda: begun + 24 * 3600, raising=False)
    assert forgetter.look()
    assert daemon.store.report(kept.id).standing is Standing.LAPSED


def test_the_running_program_asks_its_platforms_before_it_forgets_by_the_clock(daemon, monkeypatch):
    monkeypatch.setattr(daemon.clock, "monotonic", lambda: 0.0, raising=False)
    (kept,) = take_in(daemon.store, a_report())
    daemon._arrange_forgetting()
    daemon.clock.at = NOON + RAW_FOR
    look = daemon._scheduler.get_job("forget").func

    look()
    assert daemon.store.report(kept.id) == kept
    assert daemon._scheduler.get_job("forget").next_run_time > datetime.now(UTC)
    daemon.lanes[0].round()
    look()

    assert daemon.store.report(kept.id).standing is Standing.LAPSED


def test_a_copy_of_the_key_is_made_within_the_hour(daemon):
    config = daemon.app.config
    old_copies(config.state, NOON)
    key_folder = config.state / "elsewhere"
    daemon.app.config = replace(config, backup=replace(config.backup, key_folder=key_folder))

    Forgetter(daemon.app, lambda: False).look()

    assert (key_folder / KEY_NAME).read_bytes() == b"k" * 32


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

    def refuse(report, *_):
        raise DecisionError(f"its address is erased; `reports unboost {report.id}` on the platform itself")

    forgetter._what = replace(forgetter._what, unboost=refuse)
    forgetter.again(NOON)
    forgetter.look()

    said = [line.message for line in caplog.records]
    assert [line.split(":")[0] for line in said] == ["forget", "forget"]
    assert all("reports unboost 1" in line for line in said)
    assert not any(word in line for word in THEIRS for line in said)
    assert daemon.store.report(kept.id) == replace(boosted)


@pytest.mark.parametrize("when", ["start", "hour"])
def test_what_a_decision_erased_is_out_of_the_log_by_the_next_hour_or_start(tmp_path, when):
    config = replace(default_config(tmp_path), campaign="test", store_at=str(tmp_path / "bot.sqlite"))
    with closing(open_store(config)) as store:
        app = RehearsedApp(config, store, TurnedClock(NOON))
        (kept,) = take_in(store, a_report())
        store.change(erased(kept), kept, "anna", "erase", NOON)
        log = tmp_path / "bot.sqlite-wal"
        assert b"zebrafish" in log.read_bytes()

        forgetter = Forgetter(app, lambda: True)
        if when == "start":
            forgetter.again(NOON)
        else:
            forgetter.look()

        assert b"zebrafish" not in log.read_bytes() + (tmp_path / "bot.sqlite").read_bytes()
