"""What the daemon does at night, and what waits by a clock that jumps: its store is a file here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import open_store
from bot.config import default_config
from bot.daemon import Daemon
from tests.builders import NOON
from tests.daemon.conftest import RehearsedApp
from tests.flows.conftest import TurnedClock


@pytest.fixture
def kept(tmp_path):
    """A daemon whose store is a file; its parts are not started."""
    config = replace(default_config(tmp_path), campaign="test", timezone="Europe/Brussels")
    config = replace(config, store_at=str(tmp_path / "bot.sqlite"))
    store = open_store(config)
    daemon = Daemon(RehearsedApp(config, store, TurnedClock(NOON)))
    yield daemon
    store.close()


def nightly(daemon):
    return daemon._scheduler.get_job("backup")


def test_the_store_is_backed_up_every_night_at_the_campaigns_hour(kept):
    kept.back_up()
    kept._arrange_backups()
    kept._scheduler.start(paused=True)

    at = nightly(kept).next_run_time
    kept._scheduler.shutdown()
    assert (f"{at:%H:%M}", str(at.tzinfo)) == ("03:30", "Europe/Brussels")


def test_a_night_that_was_missed_is_made_up_for_at_the_start(kept):
    kept.back_up()
    kept.clock.at += timedelta(hours=25)
    kept._arrange_backups()
    kept._scheduler.start(paused=True)

    at = nightly(kept).next_run_time
    kept._scheduler.shutdown()
    assert at <= datetime.now(UTC)


def test_a_backup_that_cannot_be_made_is_an_error_that_stops_nothing(kept, caplog):
    kept.app.config.backup.folder.write_text("in the way")

    kept.back_up()

    assert [(line.levelname, line.message) for line in caplog.records] == [
        ("ERROR", f"backup: no backup was made in {kept.app.config.backup.folder}: File exists")
    ]


def test_damage_that_the_nightly_copy_finds_ends_the_program_with_1(kept, caplog):
    kept.store.close()
    with Path(kept.app.config.store).open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 4096)

    kept.back_up()

    assert kept.failed
    assert "put back the last backup with `restore`" in caplog.text


def test_a_store_that_is_no_file_has_no_nightly_backup(daemon):
    daemon._arrange_backups()

    assert nightly(daemon) is None


@pytest.mark.parametrize(("job", "within"), [("files", timedelta(seconds=5)), ("backup", timedelta(days=1))])
def test_what_waits_by_the_old_clock_is_set_anew_after_a_jump(kept, job, within):
    kept._arrange_backups()
    kept._scheduler.start(paused=True)
    now = datetime.now(UTC)
    kept._scheduler.modify_job(job, next_run_time=now + timedelta(days=9))
    kept.clock.set_wrong = -timedelta(days=9)

    with kept.store.hold(kept.clock.now(), {}):
        kept.tick(kept.clock.now())

    due = kept._scheduler.get_job(job).next_run_time
    kept._scheduler.shutdown()
    assert due <= now + within
