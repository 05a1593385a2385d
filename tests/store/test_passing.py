"""The keys by which what was passed over is known again for a while, and by nobody after that."""

import sqlite3
from contextlib import closing
from threading import Thread

import pytest

from bot.domain.errors import StoreError
from bot.domain.report import MARKS_FOR
from bot.flows.collect import SWEEP_BACK
from bot.store.backup import back_up
from bot.store.passing import PASSING_NAME, PassingKeys
from tests.builders import DAY, HOUR, NOON


@pytest.fixture
def keys(tmp_path):
    return PassingKeys(tmp_path)


def mark(keys, now):
    return keys.hashes(now)[0]("message", "7")


def is_known(keys, found, now):
    return found in {key("message", "7") for key in keys.hashes(now)}


@pytest.mark.parametrize("begun", range(MARKS_FOR.days))
def test_a_mark_is_known_as_long_as_the_sweep_may_meet_it_again(keys, begun):
    keys.hashes(NOON)
    made = NOON + begun * DAY
    found = mark(keys, made)

    for days in range(SWEEP_BACK.days + 1):
        assert is_known(keys, found, made + days * DAY)


def test_nobody_can_test_a_mark_any_more_once_two_keys_have_come_after(keys, tmp_path):
    found = mark(keys, NOON)
    first = (tmp_path / PASSING_NAME).read_text().split()[1]

    keys.hashes(NOON + MARKS_FOR)
    assert is_known(keys, found, NOON + MARKS_FOR)
    assert not is_known(keys, found, NOON + 2 * MARKS_FOR)

    assert first not in (tmp_path / PASSING_NAME).read_text()


def test_a_key_that_is_gone_is_overwritten_where_it_stood(keys, tmp_path):
    path = tmp_path / PASSING_NAME
    keys.hashes(NOON)
    there, length = path.stat().st_ino, path.stat().st_size
    with path.open("rb") as still_open:
        keys.hashes(NOON + MARKS_FOR)
        keys.hashes(NOON + 2 * MARKS_FOR)

        assert still_open.read() == path.read_bytes()
    assert (path.stat().st_ino, path.stat().st_size) == (there, length)


def test_the_keys_are_the_owners_only_and_the_same_for_all_who_ask_on_a_day(keys, tmp_path):
    found = mark(keys, NOON)

    assert mark(PassingKeys(tmp_path), NOON + 11 * HOUR) == found
    assert (tmp_path / PASSING_NAME).stat().st_mode & 0o777 == 0o600
    assert len({key("a") for key in keys.hashes(NOON)}) == 2


def test_a_key_that_a_wrong_clock_made_does_not_stay_until_that_day(keys):
    wrong = mark(keys, NOON + 5_000 * DAY)

    assert mark(keys, NOON) != wrong
    assert is_known(keys, wrong, NOON)
    assert not is_known(keys, wrong, NOON + MARKS_FOR)


@pytest.mark.parametrize("length", [0, 1, 70, 76, 100, 151])
def test_a_file_that_a_crash_cut_off_is_begun_anew(keys, tmp_path, length):
    keys.hashes(NOON)
    path = tmp_path / PASSING_NAME
    path.write_bytes(path.read_bytes()[:length])

    found = mark(keys, NOON)

    assert is_known(keys, found, NOON)
    assert len(path.read_text().splitlines()) == 2


def test_threads_that_ask_at_once_get_the_same_keys(keys):
    found = []
    threads = [Thread(target=lambda: found.append(mark(keys, NOON))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(StoreError, match=r"passing\.keys cannot be written"):
        PassingKeys(tmp_path / "absent").hashes(NOON)


def test_no_hour_at_which_somebody_was_passed_over_is_in_the_store(store, path):
    store.take_in(
        "mastodon",
        "mentions",
        [],
        cursor="7",
        at_risk=["m"],
        opt_outs=[],
        counts={},
        now=NOON + HOUR,
    )

    with closing(sqlite3.connect(path)) as raw:
        ((seen,),) = raw.execute("SELECT seen_at FROM at_risk_mark").fetchall()
    assert seen % (24 * 3600 * 1_000_000) == 0


def test_the_keys_are_never_beside_a_backup(keys, path, tmp_path):
    keys.hashes(NOON)

    back_up(path, tmp_path / "backups", NOON)

    assert [one.parent for one in tmp_path.rglob(f"{PASSING_NAME}*")] == [tmp_path]
