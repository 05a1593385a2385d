"""Backups: whole or not there at all, for the owner only, and no more of them than were asked for."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta

import pytest

from bot.domain.errors import StoreBusyError, StoreError, StoreLostError
from bot.store import open_store
from bot.store.backup import COPYING, back_up, backups
from bot.store.migrate import REVISIONS
from bot.store.restore import look_at, restore
from tests.builders import DAY, NOON, SECOND, planned
from tests.contracts.steps import claim, of_may_day, owe, send
from tests.store.conftest import MOST_STEPS, killed_before, whole


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backups"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def opened(path):
    copy = shutil.copy(path, path.with_name("opened.sqlite"))
    return open_store(copy)


def test_a_backup_of_a_store_in_use_holds_all_that_was_committed(store, path, folder):
    owe(store)
    with store.hold(NOON, {}):
        send(store)
        made = back_up(path, folder, NOON)

    copy = opened(made)
    assert of_may_day(copy) == of_may_day(store)
    assert copy.last_beat() == NOON
    copy.close()


def test_a_backup_is_named_by_its_time_and_for_the_owners_eyes_only(path, folder):
    previous = os.umask(0)
    try:
        made = back_up(path, folder, NOON)
    finally:
        os.umask(previous)

    assert made == folder / "bot-20270501T120000Z.sqlite"
    assert (mode(folder), mode(made)) == (0o700, 0o600)
    assert [one.name for one in folder.iterdir()] == [made.name]


def test_the_newest_backups_are_kept_and_older_ones_removed(path, folder):
    made = [back_up(path, folder, NOON + number * DAY, keep=3) for number in range(5)]

    assert [one.path for one in backups(folder)] == made[:1:-1]
    assert [one.at for one in backups(folder)] == [NOON + number * DAY for number in (4, 3, 2)]


def test_files_that_are_no_backups_are_left_alone(path, folder):
    folder.mkdir()
    for name in ("notes.txt", "bot-99999999T999999Z.sqlite", "old-bot-20270501T120000Z.sqlite"):
        (folder / name).write_text("ours")

    back_up(path, folder, NOON, keep=1)

    assert len(list(folder.iterdir())) == 4
    assert len(backups(folder)) == 1


@pytest.mark.parametrize("tenth", range(10))
def test_a_damaged_store_makes_no_backup_and_the_last_good_one_stays(store, path, folder, tenth):
    store.plan([planned(occurrence=str(number)) for number in range(300)], [], NOON)
    good = back_up(path, folder, NOON, keep=1)
    store.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size * tenth // 10 // 4096 * 4096)
        file.write(b"\xa5" * 4096)

    with pytest.raises(StoreLostError, match="damaged"):
        back_up(path, folder, NOON + DAY, keep=1)

    assert [one.name for one in folder.iterdir()] == [good.name]


def test_a_backup_for_which_there_is_no_room_is_not_begun(path, folder):
    with pytest.raises(StoreError, match=r"has 1 MB free and 17 MB are needed: make room"):
        back_up(path, folder, NOON, free=lambda _: 1_000_000)

    assert list(folder.iterdir()) == []


def test_a_store_that_is_not_there_is_not_backed_up(tmp_path, folder):
    with pytest.raises(StoreError, match="no store at"):
        back_up(tmp_path / "none.sqlite", folder, NOON)

    assert not (tmp_path / "none.sqlite").exists()


def test_a_folder_that_is_a_file_is_said_so(path, folder):
    folder.write_text("in the way")

    with pytest.raises(StoreError, match=r"no backup was made in .*backups: File exists"):
        back_up(path, folder, NOON)


def test_two_backups_at_once_do_not_get_in_each_others_way(path, folder):
    folder.mkdir()

    def at_once(_):
        with pytest.raises(StoreBusyError, match="just being made"):
            back_up(path, folder, NOON)
        return 10**9

    back_up(path, folder, NOON + SECOND, free=at_once)

    assert [one.at for one in backups(folder)] == [NOON + SECOND]


def test_what_a_killed_backup_left_is_no_backup_and_is_cleared_away(store, path, folder):
    owe(store)
    first = back_up(path, folder, NOON)
    for name in ("bot-20270502T120000Z.sqlite.half", "bot-20270502T120000Z.sqlite.half-journal"):
        (folder / name).write_bytes(b"half")

    assert [one.path for one in backups(folder)] == [first]
    second = back_up(path, folder, NOON + DAY)

    assert sorted(folder.iterdir()) == [first, second]


def test_whenever_a_backup_is_killed_there_is_a_whole_one_or_none(store, path, folder):
    owe(store)
    store.close()
    outcomes = []
    with killed_before("backup", path, folder) as outcome:
        for step in range(1, MOST_STEPS):
            outcomes.append(outcome(step))
            for one in backups(folder):
                assert whole(one.path)
            if outcomes[-1] == "done":
                break

    assert (set(outcomes[:-1]), outcomes[-1]) == ({"killed"}, "done")
    assert len(outcomes) > 20
    assert len(list(folder.iterdir())) == len(backups(folder)) == 1
    assert list(path.parent.glob(f"{path.name}{COPYING}*")) == []


def test_a_claimed_delivery_in_a_backup_is_in_doubt_when_it_is_used(store, path, folder):
    owe(store)
    with store.hold(NOON, {}):
        claim(store)
        made = back_up(path, folder, NOON)

    copy = opened(made)
    with copy.hold(NOON + timedelta(hours=1), {}):
        assert of_may_day(copy)[0].state == "in_doubt"
    copy.close()


def revision_of(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def test_a_store_is_backed_up_before_it_is_brought_up_to_date(older, folder):
    open_store(older, before_migration=lambda path: back_up(path, folder, NOON)).close()

    (made,) = backups(folder)
    assert (revision_of(made.path), revision_of(older)) == (REVISIONS[0], REVISIONS[-1])


def test_a_store_that_cannot_be_backed_up_is_not_brought_up_to_date(older, folder):
    def fail(path):
        back_up(path, folder, NOON, free=lambda _: 0)

    with pytest.raises(StoreError, match="make room"):
        open_store(older, before_migration=fail)

    assert revision_of(older) == REVISIONS[0]


def test_a_store_that_is_new_or_up_to_date_needs_no_backup_first(path, tmp_path):
    called = []

    open_store(path, before_migration=called.append).close()
    open_store(tmp_path / "new.sqlite", before_migration=called.append).close()

    assert called == []


def test_a_backup_of_an_older_version_is_put_back_up_to_date(older, path):
    restore(path, look_at(older), "anna", NOON)

    assert revision_of(path) == REVISIONS[-1]
    assert revision_of(older) == REVISIONS[0]
