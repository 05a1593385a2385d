"""backup and restore at the terminal, and what `status` says of backups."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from bot.cli import DONE, INTERRUPTED, PERSON_NEEDED, WRONG_USE
from bot.store.backup import backups


@pytest.fixture
def made(shell, store):
    """A backup made at the terminal, from which a pause is missing."""
    assert shell.call("backup")[0] == DONE
    store.pause(None, "a strike", "anna", datetime.now(UTC))
    store.close()
    return backups(shell.folder / "state" / "backups")[0].path


def paused(shell):
    from bot.app import open_store
    from bot.config import load_config

    with closing(open_store(load_config(shell.folder / "config.yaml"))) as store:
        return store.paused()


def days_old(folder, days):
    (only,) = backups(folder)
    at = datetime.now(UTC) - timedelta(days=days)
    only.path.rename(folder / f"bot-{at:%Y%m%dT%H%M%S}Z.sqlite")


def test_a_backup_goes_beside_the_store_also_while_it_is_held(shell, store):
    with store.hold(datetime.now(UTC), {}):
        code, said = shell.call("backup")

    (made,) = backups(shell.folder / "state" / "backups")
    assert code == DONE
    assert said == f"The store was copied to {made.path.relative_to(shell.folder)}. `restore` puts it back.\n"


@pytest.mark.usefixtures("store")
def test_a_backup_goes_where_it_is_sent(shell):
    code, _ = shell.call("backup", "--to", "elsewhere")

    assert (code, len(backups(shell.folder / "elsewhere"))) == (DONE, 1)
    assert backups(shell.folder / "state" / "backups") == []


@pytest.mark.usefixtures("store")
def test_no_secret_is_in_a_backup(shell):
    shell.call("backup")

    (made,) = backups(shell.folder / "state" / "backups")
    assert b"secret-token" not in made.path.read_bytes()


@pytest.mark.usefixtures("store")
def test_the_configuration_names_the_folder_and_how_many_are_kept(shell):
    shell.configure("backup: {folder: kept/here, keep: 1}\n")
    folder = shell.folder / "kept" / "here"
    shell.call("backup")
    days_old(folder, 1)
    shell.call("backup")

    (made,) = backups(folder)
    assert datetime.now(UTC) - made.at < timedelta(minutes=5)


def test_a_store_on_a_server_is_left_to_the_server(shell):
    shell.configure('store: "postgresql://127.0.0.1:9/bot"\n')

    for command in (["backup"], ["restore", "some.dump"]):
        code, said = shell.call(*command)
        assert (code, "pg_dump makes one, pg_restore puts it back, and" in said) == (PERSON_NEEDED, True)


def test_a_backup_is_put_back_after_one_question(shell, made):
    code, said = shell.call("restore", str(made), answer="y\n")

    assert code == DONE
    assert "The backup was made" in said
    assert "Before anything is sent again, the program looks for it on the platforms." in said
    assert "The old store is kept as state/bot.sqlite.before-restore-" in said
    assert paused(shell) is None


def test_a_backup_is_not_put_back_by_who_says_no(shell, made):
    code, _ = shell.call("restore", str(made), answer="n\n")

    assert (code, paused(shell)) == (INTERRUPTED, "a strike")


def test_nobody_is_asked_what_cannot_be_done(shell, made):
    from bot.app import open_store
    from bot.config import load_config

    with (
        closing(open_store(load_config(shell.folder / "config.yaml"))) as held,
        held.hold(datetime.now(UTC), {}),
    ):
        code, said = shell.call("restore", str(made))

    assert (code, said.count("\n")) == (PERSON_NEEDED, 1)
    assert f"process {os.getpid()} already publishes" in said


@pytest.mark.usefixtures("store")
def test_a_backup_that_is_not_there_is_one_sentence(shell):
    assert shell.call("restore", "none.sqlite") == (PERSON_NEEDED, "there is no backup at none.sqlite\n")


def of_backups(shell):
    return [need for need in shell.json("status")[1]["needs"] if "backup" in need]


@pytest.mark.usefixtures("store")
def test_a_store_that_was_just_made_needs_no_backup_yet(shell):
    assert of_backups(shell) == []


def test_a_store_that_was_never_backed_up_for_two_days_needs_a_person(shell, store):
    from bot.domain.lengths import PlatformName

    store.enroll("bluesky", PlatformName.BLUESKY, datetime.now(UTC) - timedelta(days=3))

    assert of_backups(shell) == [
        "there is no backup in state/backups: `backup` makes one, or says why it cannot"
    ]


@pytest.mark.parametrize(("days", "said"), [(1, 0), (3, 1)])
@pytest.mark.usefixtures("store")
def test_a_backup_that_is_older_than_two_days_needs_a_person(shell, days, said):
    shell.call("backup")
    days_old(shell.folder / "state" / "backups", days)

    assert len(of_backups(shell)) == said
    assert all(need.startswith("the last backup is 3 d") for need in of_backups(shell))


def test_the_store_of_an_earlier_version_is_backed_up_before_it_is_brought_up_to_date(shell, store):
    store.close()
    with closing(sqlite3.connect(shell.folder / "state" / "bot.sqlite", isolation_level=None)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0001'")

    # Its tables are newer than its number says, so bringing it up to date fails; the copy is there by then.
    shell.call("pause")

    assert len(backups(shell.folder / "state" / "backups")) == 1


def test_a_store_that_was_put_back_by_other_means_is_told_since_when(shell, store):
    code, said = shell.call("restore", "--since", "2026-05-01T09:00", answer="y\n")

    assert (code, "may be missing in it" in said) == (DONE, True)
    assert store.restored() == datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name the backup FILE"),
        (["some.sqlite", "--since", "2026-05-01T09:00"], "name the backup FILE"),
        (["--since", "last night"], "last night is not a time: write it like 2027-05-01T09:00"),
        (["--since", "2999-05-01T09:00"], "is still to come"),
    ],
)
def test_restore_says_how_it_is_called(shell, arguments, said):
    code, words = shell.call("restore", *arguments)

    assert (code, said in words) == (WRONG_USE, True)


def test_a_store_that_is_held_is_not_told_that_it_is_a_backup(shell, store):
    with store.hold(datetime.now(UTC), {}):
        code, said = shell.call("restore", "--since", "2026-05-01T09:00", "--yes")

    assert (code, "already publishes" in said, store.restored()) == (PERSON_NEEDED, True, None)
