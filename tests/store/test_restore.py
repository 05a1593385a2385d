"""A backup is put in place of the store whole, marked, and without losing the store that was there."""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from bot.domain.errors import StoreBusyError, StoreError
from bot.store import open_store
from bot.store.backup import back_up
from bot.store.restore import _shut, look_at, restore
from tests.builders import DAY, HOUR, NOON
from tests.contracts.steps import of_may_day, owe, send
from tests.store.conftest import MOST_STEPS, killed_before, whole


@pytest.fixture
def backup(store, path, tmp_path):
    """A backup made an hour before the store's only post was sent; the store is closed again."""
    owe(store)
    with store.hold(NOON, {}):
        pass
    made = back_up(path, tmp_path / "backups", NOON + HOUR)
    with store.hold(NOON + HOUR, {}):
        send(store, now=NOON + HOUR)
    store.close()
    return made


def put_back(path, backup):
    return restore(path, look_at(backup), "anna", NOON + DAY)


def state_and_mark(path):
    store = open_store(path)
    try:
        return [one.state.value for one in of_may_day(store)], store.restored()
    finally:
        store.close()


def names(path):
    return sorted(one.name for one in path.parent.iterdir() if one.name.startswith("bot.sqlite"))


def test_a_backup_that_was_put_back_knows_since_when_something_may_be_missing(path, backup):
    put_back(path, backup)

    # The program was last alive in it at noon, an hour before it was made.
    assert state_and_mark(path) == (["scheduled"], NOON)


def test_who_put_a_backup_back_is_in_the_ledger_once(path, backup):
    put_back(path, backup)

    store = open_store(path)
    with store.hold(NOON + 2 * DAY, {}):
        lines = [(line.by, line.at) for line in store.decisions("everything") if line.what == "restore"]
    store.close()
    assert lines == [("anna", NOON + DAY)]


def test_the_store_that_was_there_is_kept_with_all_that_was_committed(path, backup):
    kept = put_back(path, backup)

    assert kept.name == "bot.sqlite.before-restore-20270502T120000Z"
    assert state_and_mark(kept) == (["sent"], None)
    assert not path.samefile(kept)


def test_nothing_else_is_left_lying(path, backup):
    put_back(path, backup)

    assert names(path) == [
        "bot.sqlite",
        "bot.sqlite.before-restore-20270502T120000Z",
        "bot.sqlite.epoch",
        "bot.sqlite.lock",
    ]


def test_a_store_kept_by_a_restore_can_be_put_back_itself(path, backup):
    kept = put_back(path, backup)
    last = (NOON + DAY).timestamp()
    os.utime(kept, (last, last))

    again = put_back(path, kept)

    assert state_and_mark(path) == (["sent"], NOON + HOUR)
    assert again.name.endswith("Z-2")


def test_a_backup_is_put_back_where_there_is_no_store_any_more(path, backup):
    path.unlink()

    assert put_back(path, backup) is None
    assert state_and_mark(path) == (["scheduled"], NOON)


def test_a_backup_is_put_back_on_a_new_machine(tmp_path, backup):
    path = tmp_path / "new" / "state" / "bot.sqlite"

    assert put_back(path, backup) is None
    assert state_and_mark(path) == (["scheduled"], NOON)
    assert oct(path.parent.stat().st_mode)[-3:] == "700"


def test_a_damaged_store_is_kept_as_it_is_and_replaced(path, backup):
    with path.open("r+b") as file:
        file.write(b"\xa5" * 4096)
    damaged = path.read_bytes()
    path.with_name("bot.sqlite-wal").write_bytes(b"what was written last")

    kept = put_back(path, backup)

    assert kept.read_bytes() == damaged
    assert kept.with_name(kept.name + "-wal").read_bytes() == b"what was written last"
    assert state_and_mark(path) == (["scheduled"], NOON)


def test_a_damaged_mark_does_not_stand_in_the_way(path, backup):
    path.with_name("bot.sqlite.epoch").write_text("what is this")

    put_back(path, backup)

    store = open_store(path)
    with store.hold(NOON + 2 * DAY, {}):
        assert store.restored() == NOON
    store.close()


def test_what_a_lost_store_left_behind_is_not_written_into_the_restored_one(path, backup):
    wal = path.with_name("bot.sqlite-wal")
    store = open_store(path)
    store.pause(None, "of the lost store", "anna", NOON)
    left = wal.read_bytes()
    store.close()
    path.unlink()
    wal.write_bytes(left)

    put_back(path, backup)

    restored = open_store(path)
    assert (len(left) > 4096, restored.paused(), restored.restored()) == (True, None, NOON)
    restored.close()
    assert whole(path)


@pytest.mark.usefixtures("backup")
def test_nobody_can_write_into_a_store_that_is_about_to_be_replaced(path):
    with _shut(path) as shut, closing(sqlite3.connect(path, timeout=0.01)) as other:
        assert shut
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("DELETE FROM switch")


def test_nothing_is_put_back_while_a_daemon_holds_the_store(path, backup):
    store = open_store(path)
    with store.hold(NOON + DAY, {}), pytest.raises(StoreBusyError, match="already publishes"):
        put_back(path, backup)
    store.close()

    assert state_and_mark(path) == (["sent"], None)


def test_nothing_is_put_back_while_another_program_has_the_store_open(path, backup):
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT * FROM switch").fetchall()

        with pytest.raises(StoreError, match="open in another program: close that one first"):
            put_back(path, backup)

    assert state_and_mark(path) == (["sent"], None)


def test_a_damaged_backup_is_refused(path, backup):
    with backup.open("r+b") as file:
        file.seek(backup.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xa5" * 4096)

    with pytest.raises(StoreError, match="cannot be used"):
        put_back(path, backup)

    assert state_and_mark(path) == (["sent"], None)


def test_what_is_no_backup_of_ours_is_refused(path, tmp_path):
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE songs (name)")

    with pytest.raises(StoreError, match="not a backup of this program"):
        put_back(path, other)


def test_an_empty_file_is_no_backup(path, tmp_path):
    (tmp_path / "empty").touch()

    with pytest.raises(StoreError, match="not a backup of this program"):
        put_back(path, tmp_path / "empty")


def test_a_backup_of_a_newer_program_is_refused(path, backup):
    with closing(sqlite3.connect(backup, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match=r"newer version of this program .* update the program first"):
        put_back(path, backup)


def test_whenever_putting_back_is_killed_the_store_is_the_old_one_or_the_marked_one(path, backup, tmp_path):
    before = tmp_path / "before"
    shutil.copytree(path.parent, before, ignore=shutil.ignore_patterns("before", "backups"))
    outcomes, found = [], set()
    with killed_before("restore", path, backup) as outcome:
        for step in range(1, MOST_STEPS):
            outcomes.append(outcome(step))
            found.add(str(state_and_mark(path)))
            assert whole(path)
            put_back_as_it_was(path, before)
            if outcomes[-1] == "done":
                break

    assert (set(outcomes[:-1]), outcomes[-1]) == ({"killed"}, "done")
    assert found == {str((["sent"], None)), str((["scheduled"], NOON))}


def put_back_as_it_was(path, before):
    for one in path.parent.glob("bot.sqlite*"):
        one.unlink()
    for one in before.glob("bot.sqlite*"):
        shutil.copy(one, path.parent / one.name)


def test_a_killed_restore_is_done_again_and_leaves_nothing(path, backup):
    with killed_before("restore", path, backup) as outcome:
        steps = next(step for step in range(1, MOST_STEPS, 7) if outcome(step) == "done")

    assert steps > 50
    assert state_and_mark(path) == (["scheduled"], NOON)
    assert not path.with_name("bot.sqlite.restoring").exists()
