"""about and forget at the terminal, and what becomes of a backup that still holds somebody."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from bot.cli import DONE, PERSON_NEEDED
from bot.cli.forget import ON_X
from bot.domain.lengths import PlatformName
from bot.domain.marks import alias_of, author_of
from bot.domain.report import RAW_FOR, Standing
from bot.store.backup import backups
from bot.store.hasher import KEY_NAME, ErasedFile, open_hashes
from bot.store.keeping import ASIDE_FOR
from tests.reports import a_report, counted, take_in

HANDLE = "@someone1@example.org"
THEIRS = ("zebrafish 1", "someone1", "remote-1")


@pytest.fixture
def state(shell):
    return shell.folder / "state"


@pytest.fixture
def held(store, state):
    """A report of somebody's that waits, and one of somebody else's."""
    hashes = open_hashes(state, store)
    reports = [
        a_report(
            number,
            author=author_of(hashes, PlatformName.MASTODON, f"4{number}"),
            alias=alias_of(hashes, PlatformName.MASTODON, f"@someone{number}@example.org"),
            taken_at=datetime.now(UTC),
            day=datetime.now(UTC),
        )
        for number in (1, 2)
    ]
    return take_in(store, *reports)[0]


def everything(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def names_nobody(said):
    return not any(word in said for word in ("zebrafish", "example.org/@someone", "remote-"))


@pytest.mark.usefixtures("held")
def test_about_says_what_is_held_without_showing_it(shell):
    code, said = shell.call("about", HANDLE)

    assert code == DONE
    assert "waits for a decision, letter, photo, FR, 12 people; held: handle, words, address" in said
    assert said.count("Report ") == 1
    assert names_nobody(said)


@pytest.mark.usefixtures("held")
def test_about_shows_their_words_to_who_asks_for_them(shell):
    assert "zebrafish 1: nous avons" in shell.call("about", HANDLE, "--words")[1]
    assert shell.json("about", HANDLE, "--words")[1]["reports"][0]["text"].startswith("zebrafish 1")


@pytest.mark.usefixtures("held")
def test_about_answers_programs(shell):
    code, said = shell.json("about", HANDLE)

    (report,) = said["reports"]
    assert (code, said["opted_out"]) == (DONE, False)
    assert (report["standing"], report["held"]) == ("undecided", ["handle", "words", "address"])
    assert names_nobody(json.dumps(said))


@pytest.mark.usefixtures("held")
def test_a_handle_may_be_read_from_standard_input(shell):
    assert "waits for a decision" in shell.call("about", "-", answer=f"{HANDLE}\n")[1]


def test_about_still_finds_what_is_counted_and_holds_nothing_but_hashes(shell, store, held):
    store.change(counted(held, url=None, remote_id=None), held, "anna", "approve", datetime.now(UTC))

    assert "counted, letter, FR, 12 people; held: a keyed hash." in shell.call("about", HANDLE)[1]


@pytest.mark.usefixtures("held")
def test_about_somebody_unknown_says_so(shell):
    assert shell.call("about", "@nobody@example.org") == (
        DONE,
        f"No report is held that can be told to be theirs. {ON_X}\n",
    )


@pytest.mark.parametrize("command", [("about", HANDLE), ("forget", HANDLE, "--yes")])
@pytest.mark.usefixtures("store")
def test_where_nothing_was_ever_collected_nothing_is_held(shell, command):
    assert shell.call(*command) == (DONE, "Nothing was ever collected here, so nothing is held of anybody.\n")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("name", [HANDLE, "https://example.org/@someone1/1"])
def test_forget_takes_it_out_of_every_byte_and_says_where_it_searched(shell, state, name):
    assert all(word.encode() in everything(state) for word in THEIRS)

    code, said = shell.call("forget", name, "--yes", "--as", "anna")

    assert code == DONE
    assert "Taken out: 1 report.\n" in said
    assert "/bot.sqlite: nothing" in said
    assert "/bot.sqlite-wal: nothing" in said
    assert not any(word.encode() in everything(state) for word in THEIRS)
    assert b"zebrafish 2" in everything(state)
    assert "No report is held" in shell.call("about", HANDLE)[1]


def test_forget_asks_first(shell, store, held):
    code, said = shell.call("forget", HANDLE, answer="n\n")

    assert "Take all of it out?" in said
    assert code != DONE
    assert store.report(held.id) == held


@pytest.mark.usefixtures("held")
def test_forget_finds_what_was_exported_and_says_so(shell, state):
    (state / "exports").mkdir()
    (state / "exports" / "all.csv").write_text("1;@Someone1@example.org\n")

    code, said = shell.call("forget", HANDLE, "--yes")

    assert code == PERSON_NEEDED
    assert "exports/all.csv: STILL THERE" in said
    assert "delete those files" in said


@pytest.mark.usefixtures("held")
def test_exports_may_lie_elsewhere(shell):
    (shell.folder / "mine").mkdir()
    (shell.folder / "mine" / "all.json").write_text('["zebrafish 1: nous avons \\u00e9crit une"]')

    code, said = shell.call("forget", HANDLE, "--yes", "--exports", "mine")

    assert (code, "mine/all.json: STILL THERE" in said) == (PERSON_NEEDED, True)


def test_whoever_opts_out_is_never_taken_in_again(shell, store, held):
    code, said = shell.call("forget", HANDLE, "--and-opt-out", "--yes")

    assert (code, "They opted out" in said) == (DONE, True)
    assert store.opted_out([held.author, held.alias]) == {held.author, held.alias}
    assert "They opted out" in shell.call("about", HANDLE)[1]


@pytest.mark.usefixtures("held")
def test_without_its_key_nothing_is_said_of_anybody(shell, state):
    (state / KEY_NAME).unlink()

    code, said = shell.call("about", HANDLE)

    assert code == PERSON_NEEDED
    assert "mentions.key is gone" in said
    assert "put its copy back" in said


@pytest.mark.usefixtures("held")
def test_a_backup_holds_nothing_of_anybody_so_forgetting_finds_nothing_in_it(shell, state):
    shell.call("backup")
    assert len(backups(state / "backups")) == 1

    _, said = shell.call("forget", HANDLE, "--yes")

    assert "older cop" not in said
    assert not any(word.encode() in everything(state) for word in THEIRS)


@pytest.mark.usefixtures("held")
def test_an_old_copy_that_holds_somebody_is_told_of(shell, state):
    (state / "backups").mkdir()
    (state / "backups" / f"bot-{datetime.now(UTC):%Y%m%dT%H%M%S}Z.sqlite").write_text(HANDLE)

    _, said = shell.call("forget", HANDLE, "--yes")

    assert "1 older copy of the store still hold" in said


@pytest.mark.usefixtures("held")
def test_what_a_killed_backup_left_is_the_programs_own_and_said_to_be(shell, state):
    (state / "bot.sqlite.copying").write_text(HANDLE)

    code, said = shell.call("forget", HANDLE, "--yes")

    assert (code, "bot.sqlite.copying is a copy that was just being made" in said) == (PERSON_NEEDED, True)
    assert "delete those files" not in said


def test_a_backup_put_back_erases_again_what_was_erased_since(shell, store, held, state):
    shell.call("backup")
    (made,) = backups(state / "backups")
    shell.call("forget", HANDLE, "--yes")
    store.close()

    code, said = shell.call("restore", str(made.path), "--yes")

    assert code == DONE
    assert "1 report that had been erased since then" in said
    with closing(sqlite3.connect(state / "bot.sqlite")) as raw:
        standing, handle = raw.execute(
            "SELECT standing, handle FROM report WHERE id = ?", (held.id,)
        ).fetchone()
    assert (standing, handle) == ("erased", None)


def test_a_copy_put_back_by_other_means_erases_them_again_when_told(shell, store, held, state):
    ErasedFile(state).add(marks=[held.mark])

    code, said = shell.call("restore", "--since", "2020-01-01T00:00", "--yes")

    assert code == DONE
    assert "1 report that had been erased since then" in said
    assert store.report(held.id).standing is Standing.ERASED


def old_backup(state, days):
    path = state / "backups" / f"bot-{datetime.now(UTC) - timedelta(days=days):%Y%m%dT%H%M%S}Z.sqlite"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return {path}


def put_aside(state, days):
    path = state / f"bot.sqlite.before-restore-{datetime.now(UTC) - timedelta(days=days):%Y%m%dT%H%M%S}Z"
    found = {path, path.with_name(f"{path.name}-wal")}
    for one in found:
        one.touch()
    return found


@pytest.mark.usefixtures("held")
def test_copies_that_may_hold_somebody_live_as_long_as_their_words_and_no_longer(shell, state):
    old = old_backup(state, RAW_FOR.days + 1) | put_aside(state, ASIDE_FOR.days + 1)
    young = old_backup(state, RAW_FOR.days - 1) | put_aside(state, ASIDE_FOR.days - 1)

    assert shell.call("backup")[0] == DONE

    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in young)


@pytest.mark.usefixtures("store")
def test_copies_are_kept_longer_where_nothing_was_ever_collected(shell, state):
    old = old_backup(state, RAW_FOR.days + 1) | put_aside(state, RAW_FOR.days + 1)

    assert shell.call("backup")[0] == DONE

    assert all(path.exists() for path in old)
