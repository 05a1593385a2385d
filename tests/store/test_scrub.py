"""What was erased stands in no byte of the database, its log or its backups' successors."""

import random
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from bot.domain.erasure import aged, erased
from bot.domain.errors import StoreError
from bot.domain.report import RAW_FOR, Standing
from bot.store import open_store
from bot.store.proof import SHORTEST, files_holding, telling
from tests.builders import NOON
from tests.reports import LETTER, a_report, counted, take_in

WORD = b"zebrafish"


def occurrences(path, word=WORD):
    files = [path, *path.parent.glob(f"{path.name}-*")]
    return {file.name: number for file in files if (number := file.read_bytes().count(word))}


def test_what_is_held_is_in_the_bytes_that_are_searched(store, path):
    take_in(store, a_report())

    assert occurrences(path)
    assert occurrences(path, b"remote-1")


@pytest.mark.parametrize("leave", [erased, lambda kept: aged(kept, NOON + RAW_FOR)], ids=["erased", "lapsed"])
def test_what_was_erased_is_in_no_byte_of_file_and_log(store, path, leave):
    (kept,) = take_in(store, a_report())
    store.change(leave(kept), kept, "anna", "erase", NOON)

    store.scrub()

    for word in (WORD, "écrit".encode(), b"@someone1", b"example.org", b"remote-1"):
        assert occurrences(path, word) == {}


def test_without_scrubbing_the_log_would_still_tell(store, path):
    (kept,) = take_in(store, a_report())

    store.change(erased(kept), kept, "anna", "erase", NOON)

    assert "bot.sqlite-wal" in occurrences(path)


@pytest.mark.parametrize("seed", range(3))
def test_of_many_reports_erased_in_any_order_exactly_the_held_ones_can_be_read(store, path, seed):
    chance = random.Random(seed)
    for start in range(0, 300, 60):
        page = [
            a_report(
                start + number,
                text=f"zebrafish {'long ' * chance.choice([1, 60, 1_900])}",
                suggestion=replace(LETTER, why=("zebrafish",) * chance.randint(0, 3)),
            )
            for number in range(60)
        ]
        take_in(store, *page)
        waiting = store.reports(standings={Standing.UNDECIDED})
        for kept in chance.sample(waiting, len(waiting) // 2):
            left = chance.choice([erased, counted])(kept)
            store.change(left, kept, "anna", "decide", NOON)
    store.scrub()

    held = sum(1 + len(kept.suggestion.why) for kept in store.reports(standings={Standing.UNDECIDED}))
    assert occurrences(path) == {"bot.sqlite": held}


def test_a_cursor_that_was_passed_is_in_no_byte(store, path):
    take_in(store, cursor="cursor-of-somebody")
    assert occurrences(path, b"cursor-of-somebody")

    take_in(store, cursor="8")
    store.scrub()

    assert occurrences(path, b"cursor-of-somebody") == {}


def test_a_mark_at_risk_that_was_forgotten_is_in_no_byte(store, path):
    take_in(store, at_risk=["mark-of-somebody"])
    assert occurrences(path, b"mark-of-somebody")

    store.forget_marks(NOON + RAW_FOR)
    store.scrub()

    assert occurrences(path, b"mark-of-somebody") == {}


def test_the_ledger_never_holds_a_word(store, raw):
    (kept,) = take_in(store, a_report())
    store.change(counted(kept), kept, "anna", "approve", NOON)
    take_in(store, opt_outs=["author-1"])

    lines = str(raw.execute("SELECT * FROM decision").fetchall())
    assert "approve" in lines
    assert "opted out" in lines
    theirs = ("zebrafish", "someone", "example.org", "remote", "mark-", "author-")
    assert not any(word in lines for word in theirs)


def test_scrubbing_says_so_where_another_program_keeps_the_log_from_it(path):
    with closing(open_store(path)) as store, closing(sqlite3.connect(path)) as other:
        store._database._writer.exec_driver_sql("PRAGMA busy_timeout = 50")
        store._database._writer.rollback()
        (kept,) = take_in(store, a_report())
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM report").fetchall()
        store.change(erased(kept), kept, "anna", "erase", NOON)

        with pytest.raises(StoreError, match="another program is reading it: close that one, and try again"):
            store.scrub()

        other.rollback()
        store.scrub()
    assert occurrences(path) == {}


def test_a_store_opened_for_reading_is_not_scrubbed(path):
    with closing(open_store(path, read_only=True)) as store, pytest.raises(StoreError, match="reading only"):
        store.scrub()


GONE = "handle = NULL, text = NULL, url = NULL, remote_id = NULL, why = ''"
CHANGES = {
    "risk = 'at_risk'": "ck_report_never_at_risk",
    "standing = 'lapsed'": "ck_report_gone",
    "standing = 'erased'": "ck_report_gone",
    f"standing = 'erased', {GONE}": "ck_report_erased",
    "standing = 'counted'": "ck_report_decided",
    "standing = 'liked'": "ck_report_standing",
    "audience = 'everybody'": "ck_report_audience",
    "platform = 'elsewhere'": "ck_report_platform",
    "no_boost = 2": "ck_report_flags",
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_schema_refuses_what_the_code_must_not_keep(store, raw, change):
    take_in(store, a_report())

    with pytest.raises(sqlite3.IntegrityError, match=CHANGES[change]):
        raw.execute(f"UPDATE report SET {change}")  # noqa: S608  # our own words


def test_words_are_found_whether_as_they_are_or_as_json_and_across_blocks(tmp_path):
    plain, escaped, other = (tmp_path / name for name in ("plain", "escaped", "other"))
    plain.write_bytes(b"x" * ((1 << 20) - 4) + "@Someone@example.org écrit".encode())
    escaped.write_text('{"said": "nous avons \\u00e9crit une lettre"}')
    other.write_text("nothing of theirs")

    assert files_holding([plain, escaped, other], {"@someone@example.org"}) == [plain]
    assert files_holding([plain, escaped, other], {"avons écrit"}) == [escaped]
    assert files_holding([plain, escaped, other], {"nothing"[: SHORTEST - 1]}) == []


def test_a_long_text_is_recognised_by_each_of_its_pieces():
    found = telling(a_report(text="a" * 32 + "b" * 32 + "c" * 5))

    assert {"a" * 32, "b" * 32} <= found
    assert {a_report().handle, a_report().url, a_report().remote_id} <= found
    assert telling(a_report(text="short")) >= {"short"}
