import os
import stat
import subprocess
import sys
import textwrap
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.delivery import State
from bot.domain.errors import StoreError
from bot.store import open_store
from bot.store.outbox import _NEXT
from bot.store.sending import _DUE, _LEFT_LATE
from tests.builders import DAY, NOON, SECOND, planned
from tests.contracts.steps import of_may_day, owe

SOON = timedelta(milliseconds=20)
SECRET = "s3cr3t-w0rds"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def pragma(connection, name):
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", 5000),
    ],
)
def test_the_writer_is_set_so_that_what_it_commits_lasts(store, name, value):
    with store._database.writing() as connection:
        assert pragma(connection, name) == value


def test_a_reader_cannot_write(store):
    with pytest.raises(StoreError, match="read-only"), store._database.reading() as connection:
        connection.exec_driver_sql("DELETE FROM switch")

    assert store.started()


def test_a_store_opened_for_reading_reads_and_refuses_to_write(store, open_file):
    owe(store)
    reader = open_file(read_only=True)

    assert of_may_day(reader) == of_may_day(store)
    with pytest.raises(StoreError, match="opened for reading only"):
        reader.start("anna", NOON)
    with pytest.raises(StoreError, match="opened for reading only"), reader.hold(NOON, {}):
        pass


def test_reading_waits_for_nobody(store, raw):
    owe(store)
    raw.execute("BEGIN EXCLUSIVE")

    assert len(of_may_day(store)) == 1


def test_everything_is_for_the_owners_eyes_only(tmp_path):
    previous = os.umask(0)
    try:
        store = open_store(tmp_path / "state" / "bot.sqlite")
        with store.hold(NOON, {}):
            files = {path.name: mode(path) for path in (tmp_path / "state").iterdir()}
        store.close()
    finally:
        os.umask(previous)

    names = ("bot.sqlite", "bot.sqlite-wal", "bot.sqlite-shm", "bot.sqlite.lock", "bot.sqlite.epoch")
    assert files == dict.fromkeys(names, 0o600)
    assert mode(tmp_path / "state") == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(path, open_file):
    path.chmod(0o644)

    open_file()

    assert mode(path) == 0o600


def test_a_locked_store_is_an_error_and_not_a_hang(open_file, raw):
    store = open_file(wait=SOON)
    raw.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match=r"locked by another program for more than 0\.02 s"):
        store.start("anna", NOON)

    raw.execute("ROLLBACK")
    store.start("anna", NOON)
    assert store.started()


def test_a_full_disk_is_an_error_that_loses_nothing(store):
    owe(store)
    full_at(store, 0)

    with pytest.raises(StoreError, match="the disk is full"):
        store.plan([planned(occurrence=str(number)) for number in range(500)], [], NOON)

    assert len(of_may_day(store)) == 1
    full_at(store, 100)
    store.plan([planned(occurrence="2")], [], NOON)
    assert len(of_may_day(store)) == 2


def test_a_disk_that_is_full_at_any_page_leaves_all_or_nothing(store):
    many = [planned(occurrence=str(number)) for number in range(100)]
    room = full_at(store, 0)

    for pages in range(1, 100):
        try:
            store.plan(many, [], NOON)
            break
        except StoreError:
            assert of_may_day(store) == []
            full_at(store, pages)

    assert len(of_may_day(store)) == 100
    assert full_at(store, 0) > room


def full_at(store, pages):
    """Leave room for so many pages; how many there are now."""
    with store._database.writing() as connection:
        now = pragma(connection, "page_count")
        pragma(connection, f"max_page_count = {now + pages}")
    return now


def test_a_store_that_was_deleted_under_its_holder_is_noticed(store, path):
    with store.hold(NOON, {}):
        path.unlink()

        with pytest.raises(StoreError, match="deleted or replaced"):
            store.beat(NOON)


def test_a_store_that_was_replaced_under_its_holder_is_noticed(store, path, template):
    with store.hold(NOON, {}):
        copy = path.with_name("copy")
        copy.write_bytes(template.read_bytes())
        copy.rename(path)

        with pytest.raises(StoreError, match="deleted or replaced"):
            store.beat(NOON)


def test_what_is_no_store_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("call the union " * 1_000)

    with pytest.raises(StoreError, match=r"damaged, or not a store.*keep the file.*last backup"):
        open_store(path)
    assert path.read_text() == "call the union " * 1_000


@pytest.mark.parametrize("tenth", range(1, 10))
def test_nothing_is_sent_from_a_damaged_store(store, path, tenth):
    store.plan([planned(occurrence=str(number)) for number in range(300)], [], NOON)
    store.close()
    damage(path, tenth)

    with pytest.raises(StoreError, match="damaged"):
        hold(path)


def damage(path, tenth):
    with path.open("r+b") as file:
        file.seek(path.stat().st_size * tenth // 10 // 4096 * 4096)
        file.write(b"\xa5" * 4096)


def hold(path):
    store = open_store(path)
    try:
        with store.hold(NOON, {}):
            pass
    finally:
        store.close()


def test_a_missing_folder_is_made(tmp_path):
    open_store(tmp_path / "a" / "b" / "bot.sqlite").close()

    assert mode(tmp_path / "a" / "b") == 0o700


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("", "has no name"),
        ("  ", "has no name"),
        ("mysql://host/name", "not mysql://"),
        ("http://host/name", "not http://"),
        ("sqlite://", "in memory would forget"),
        ("sqlite:///:memory:", "in memory would forget"),
        ("postgresql://host:port/name", "cannot be read"),
        (Path("/"), "cannot be opened for writing"),
        (Path("/dev/null/bot.sqlite"), "/dev/null is not a folder"),
        ("postgresql://bot:s3cr3t-w0rds@127.0.0.1:1/bot", "cannot be reached"),
    ],
)
def test_where_no_store_can_be_says_so_and_tells_no_secret(where, reason):
    with pytest.raises(StoreError, match=reason) as refusal:
        open_store(where)

    assert SECRET not in "".join(traceback.format_exception(refusal.value))


def test_a_reader_makes_no_store(tmp_path):
    with pytest.raises(StoreError, match=r"no store at .* yet"):
        open_store(tmp_path / "bot.sqlite", read_only=True)

    assert list(tmp_path.iterdir()) == []


def test_a_store_may_be_named_by_a_url_or_have_an_odd_name(tmp_path):
    path = tmp_path / "100% #1 ?.sqlite"
    open_store(path).close()

    store = open_store(f"sqlite:///{tmp_path}/plain.sqlite")
    store.close()

    assert {one.name for one in tmp_path.iterdir()} == {path.name, "plain.sqlite"}


def test_a_file_that_cannot_be_written_says_so(path):
    path.chmod(0o444)
    script = """
        import os, sys
        from bot.store import open_store, sql, sqlite
        if os.getuid() == 0:
            os.setuid(65534)
        open_store(sys.argv[1])
    """

    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), path], capture_output=True, text=True, check=False
    )

    assert "cannot be opened for writing: Permission denied" in run.stderr


def test_an_error_never_shows_a_value(store):
    with pytest.raises(StoreError) as refusal, store._database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO switch VALUES (?, 1, 'anna', ?)", (SECRET, SECRET))

    assert SECRET not in "".join(traceback.format_exception(refusal.value))


def test_a_failed_write_leaves_the_store_usable(store):
    with pytest.raises(StoreError), store._database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM no_table")

    store.pause(None, "a funeral", "anna", NOON)
    assert store.paused() == "a funeral"


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (_DUE, {"ix_delivery_waiting"}),
        (_NEXT, {"ix_delivery_waiting", "ix_delivery_in_doubt", "ix_delivery_fresh"}),
        (_LEFT_LATE, {"ix_delivery_late"}),
    ],
    ids=["what is due", "the next instant", "what went out late"],
)
def test_asking_costs_what_is_due_and_no_more(store, query, index):
    owe(store)
    statement = str(query.compile(dialect=store._database._engine.dialect))

    with store._database.reading() as connection:
        compiled = query.compile(dialect=connection.dialect)
        names = compiled.positiontup
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (None,) * len(names)).all()

    steps = [row.detail for row in plan if "delivery" in row.detail]
    assert index <= {word for step in steps for word in step.split()}
    assert not [step for step in steps if step.startswith("SCAN")]


def test_a_closed_store_lets_go_of_its_files(store, path):
    owe(store)
    with ThreadPoolExecutor(2) as readers:
        list(readers.map(lambda _: of_may_day(store), range(4)))

    store.close()

    assert [name for name in open_files() if name.startswith(str(path))] == []


def open_files():
    return [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]


def test_without_its_library_postgresql_is_refused_with_what_to_install():
    script = """
        import sys
        sys.modules["psycopg"] = None
        from bot.store import open_store
        open_store("postgresql://127.0.0.1/bot")
    """

    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False
    )

    assert "pip install 'solidarity-bot[postgres]'" in run.stderr.splitlines()[-1]


def test_loading_the_store_does_not_load_the_database_library():
    script = "import sys, bot.store, bot.store.memory; sys.exit('sqlalchemy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_opening_a_store_that_is_up_to_date_does_not_load_alembic(path):
    script = "import sys, bot.store as s; s.open_store(sys.argv[1]); sys.exit('alembic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script, path], check=False).returncode == 0


def test_a_hundred_thousand_renditions_are_planned_in_bulk(store):
    many = [planned(occurrence=str(number), planned_at=NOON + number * SECOND) for number in range(100_000)]

    first = store.plan(many, [], NOON - DAY)
    again = store.plan(many, [], NOON - DAY)

    assert (first.added, again.unchanged) == (100_000, 100_000)
    assert store.counts()[State.SCHEDULED] == 100_000
