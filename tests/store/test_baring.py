"""What a backup holds of supporters: nothing to be read, and all that whoever puts it back must know."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.erasure import set_aside
from bot.domain.report import Risk, Standing
from bot.domain.sealed import opened
from bot.flows.collect import collect
from bot.ports.inbox import MENTIONS, SWEEP
from bot.store import open_store
from bot.store.backup import back_up
from bot.store.restore import look_at, restore
from tests.builders import DAY, HOUR, NOON
from tests.flows.conftest import TurnedClock
from tests.hearing import ToldEar, a_listener, a_mention, hashes, two_hundred
from tests.reports import LETTER, a_report, counted, take_in

THEIRS = (b"zebrafish", b"@someone", b"example.org", b"remote-", b"passed-by-", b"author-")


@pytest.fixture
def made(path, tmp_path):
    """Makes a backup of the store."""

    def make(at=NOON):
        return back_up(path, tmp_path / "backups", at)

    return make


def rows(path):
    with closing(open_store(path)) as copy:
        return {report.id: report for report in copy.reports()}


def filled(store):
    """Reports of every kind, of all lengths."""
    take_in(store, at_risk=[f"passed-by-{number}" for number in range(40)])
    for number in range(60):
        risk = Risk.UNSURE if number % 5 == 0 else Risk.NONE
        more = {"text": "zebrafish " * (number * 30 + 1), "suggestion": replace(LETTER, why=("zebrafish",))}
        (kept,) = take_in(store, a_report(number, risk=risk, **more))
        if number % 3 == 0:
            store.change(counted(kept, author="a", alias="b"), kept, "anna", "approve", NOON)


def test_no_byte_of_a_backup_tells_a_word_a_name_an_address_or_a_mark_of_who_waits_or_was_passed_over(
    store, path, made, tmp_path
):
    filled(store)
    assert all(word in path.read_bytes() + (tmp_path / "bot.sqlite-wal").read_bytes() for word in THEIRS)

    backup = made()

    assert [word for word in THEIRS if word in backup.read_bytes()] == []
    assert list(backup.parent.iterdir()) == [backup]
    assert sorted(one.name for one in tmp_path.glob("bot.sqlite*")) == [
        "bot.sqlite",
        "bot.sqlite-shm",
        "bot.sqlite-wal",
    ]


def test_a_backup_has_of_every_report_what_is_said_of_one(store, made):
    filled(store)
    (boosted,) = take_in(store, a_report(70))
    store.change(counted(boosted, boosted_at=NOON), boosted, "anna", "boost", NOON)
    (waits,) = take_in(store, a_report(71))
    store.change(replace(waits, boosted_at=NOON), waits, "anna", "boost", NOON)

    assert rows(made()) == {report.id: set_aside(report) for report in store.reports()}


def test_making_a_backup_changes_nothing_in_the_store(store, made):
    filled(store)
    before = store.reports()

    made()

    assert store.reports() == before
    assert "passed-by-1" in store.known(["passed-by-1"])


def test_numbers_and_wishes_are_in_a_backup(store, made):
    take_in(store, counts={"at risk 2027-05": 3}, opt_outs=["somebody"])

    with closing(open_store(made())) as copy:
        assert copy.numbers() == {"at risk 2027-05": 3}
        assert copy.opted_out(["somebody"]) == {"somebody"}


def test_a_backup_can_be_made_of_a_damaged_copy_of_nothing(path, tmp_path, monkeypatch):
    from bot.domain.errors import StoreError

    def broken(*_):
        raise sqlite3.OperationalError("no such thing")

    monkeypatch.setattr("bot.store.backup.write_bare", broken)
    with pytest.raises(StoreError, match="cannot be copied to"):
        back_up(path, tmp_path / "backups", NOON)

    assert list((tmp_path / "backups").iterdir()) == []
    assert list(tmp_path.glob("*copying*")) == []


def hear(store, ear, now):
    return collect(a_listener(ear, store, TurnedClock(now)), NOON - DAY)


def put_back(path, backup, now):
    restore(path, look_at(backup), "anna", now)


@pytest.mark.parametrize("later", [HOUR, 3 * DAY])
def test_of_two_hundred_all_are_accounted_for_after_a_backup_was_put_back(store, path, made, later):
    ear = ToldEar(two_hundred(), page=20)
    hear(store, ear, NOON)
    before = {one.mark: one for one in store.reports()}
    backup = made()
    ear.mentions += [a_mention(number, text=f"We wrote a letter {number}") for number in range(200, 220)]
    hear(store, ear, NOON + HOUR)
    store.close()

    put_back(path, backup, NOON + later)
    with closing(open_store(path)) as again:
        assert Counter(one.standing for one in again.reports()) == {Standing.LAPSED: 100}
        intake = hear(again, ear, NOON + later)
        found = {one.mark: one for one in again.reports()}

    assert (intake.stored, intake.at_risk, intake.opted_out) == (120, 50, 50)
    assert {one.standing for one in found.values()} == {Standing.UNDECIDED}
    assert len(found) == 120
    for mark, one in before.items():
        assert replace(found[mark], taken_at=one.taken_at) == one  # under the same number, too


def test_what_can_be_heard_no_more_after_a_backup_was_put_back_stays_a_number(store, path, made):
    ear = ToldEar(two_hundred())
    hear(store, ear, NOON)
    backup = made()
    store.close()

    put_back(path, backup, NOON + HOUR)
    ear.mentions = []
    with closing(open_store(path)) as again:
        hear(again, ear, NOON + HOUR)

        assert Counter(one.standing for one in again.reports()) == {Standing.LAPSED: 100}


def test_what_was_decided_before_the_backup_is_not_taken_in_again(store, path, made):
    ear = ToldEar([a_mention(1)])
    hear(store, ear, NOON)
    (kept,) = store.reports()
    store.change(counted(kept), kept, "anna", "approve", NOON)
    backup = made()
    store.close()

    put_back(path, backup, NOON + HOUR)
    with closing(open_store(path)) as again:
        assert hear(again, ear, NOON + HOUR).known == 1
        assert [one.standing for one in again.reports()] == [Standing.COUNTED]


def test_whoever_puts_a_backup_back_sweeps_at_once(store, path, made):
    ear = ToldEar([a_mention(1)])
    hear(store, ear, NOON)
    assert store.cursor("mastodon", SWEEP).startswith("done")
    ear.asked = []
    hear(store, ear, NOON + timedelta(minutes=1))
    assert SWEEP not in [stream for stream, *_ in ear.asked]
    backup = made()
    store.close()

    put_back(path, backup, NOON + HOUR)
    with closing(open_store(path)) as again:
        assert opened(hashes, again.cursor("mastodon", MENTIONS)) == "1"
        hear(again, ear, NOON + HOUR)

    assert (SWEEP, None) in [(stream, cursor) for stream, cursor, _ in ear.asked]
