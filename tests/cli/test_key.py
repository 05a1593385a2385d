"""Where the copy of the key lies: never beside the backups, and never nowhere without a word."""

from contextlib import closing

import pytest

from bot.cli import DONE, PERSON_NEEDED
from bot.store.backup import backups
from bot.store.hasher import ERASED_NAME, KEY_NAME, ErasedFile, open_hashes
from bot.store.memory import MemoryStore

COLLECTS = (
    "privacy: {controller: Union, contact: privacy@example.org, notice_url: https://example.org/p}\n"
    "collect: {since: now}\n"
)
ELSEWHERE = "backup: {key_folder: elsewhere}\n"


@pytest.fixture
def state(shell):
    return shell.folder / "state"


@pytest.fixture
def keyed(store, state):
    """A store in which something was collected, and the key of its hashes."""
    open_hashes(state, store)
    return store


def key_in(folder):
    path = folder / KEY_NAME
    return path.read_bytes() if path.exists() else None


def of_key(shell):
    return [need for need in shell.json("status")[1]["needs"] if "key" in need]


@pytest.mark.usefixtures("keyed")
def test_a_backup_has_the_erasures_beside_it_and_never_the_key(shell, state):
    ErasedFile(state).add(marks=["1" * 32])

    assert shell.call("backup")[0] == DONE

    assert ErasedFile(state / "backups").marks() == {"1" * 32}
    assert (state / "backups" / ERASED_NAME).stat().st_mode & 0o777 == 0o600
    assert [path for path in shell.folder.rglob("mentions.key*") if path.parent != state] == []


@pytest.mark.usefixtures("keyed")
def test_the_keys_copy_goes_to_a_folder_of_its_own_for_its_owner_only(shell, state):
    shell.configure(ELSEWHERE)

    assert shell.call("backup")[0] == DONE

    assert key_in(shell.folder / "elsewhere") == key_in(state)
    assert key_in(state / "backups") is None
    assert (shell.folder / "elsewhere").stat().st_mode & 0o777 == 0o700
    assert (shell.folder / "elsewhere" / KEY_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("inside", ["state/backups", "state/backups/keys", "link/keys"])
@pytest.mark.usefixtures("store")
def test_a_folder_for_the_key_that_is_copied_with_the_backups_is_refused(shell, state, inside):
    (state / "backups").mkdir(exist_ok=True)
    (shell.folder / "link").symlink_to(state / "backups")
    shell.configure(f"backup: {{key_folder: {inside}}}\n")

    code, said = shell.call("backup")

    assert (code, "whoever gets the backups would get the key as well" in said) == (PERSON_NEEDED, True)


@pytest.mark.usefixtures("store")
def test_the_folder_where_the_key_lies_already_is_no_place_for_its_copy(shell):
    shell.configure("backup: {key_folder: state}\n")

    code, said = shell.call("backup")

    assert (code, "the key lies in this folder already" in said) == (PERSON_NEEDED, True)


@pytest.mark.usefixtures("keyed")
def test_no_backup_is_sent_to_where_the_keys_copy_lies(shell):
    shell.configure(ELSEWHERE)

    code, said = shell.call("backup", "--to", "elsewhere")

    assert (code, "no backup is put beside it" in said) == (PERSON_NEEDED, True)
    assert backups(shell.folder / "elsewhere") == []


@pytest.mark.usefixtures("keyed")
def test_a_key_that_an_earlier_version_put_beside_the_backups_goes_once_it_lies_elsewhere(shell, state):
    (state / "backups").mkdir()
    (state / "backups" / KEY_NAME).touch(mode=0o600)
    (state / "backups" / KEY_NAME).write_bytes(key_in(state))

    shell.configure(COLLECTS)
    shell.call("backup")
    assert key_in(state / "backups") == key_in(state)  # the only copy is not taken away

    shell.configure(COLLECTS + ELSEWHERE)
    assert ["lies beside the backups" in need for need in of_key(shell)] == [True]
    shell.call("backup")
    assert (key_in(state / "backups"), key_in(shell.folder / "elsewhere")) == (None, key_in(state))
    assert of_key(shell) == []


@pytest.mark.usefixtures("keyed")
def test_another_stores_key_beside_the_backups_is_not_taken_away(shell, state):
    (state / "backups").mkdir()
    open_hashes(state / "backups", MemoryStore())
    there = key_in(state / "backups")
    shell.configure(ELSEWHERE)

    shell.call("backup")

    assert key_in(state / "backups") == there


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (COLLECTS, "has no second copy, and without it nobody who opted out is recognised: name a folder"),
        (COLLECTS + ELSEWHERE, "there is no copy of the key in elsewhere: `backup` makes one"),
        (COLLECTS + "backup: {key_folder: by hand}\n", None),
        ("", None),
    ],
)
@pytest.mark.usefixtures("keyed")
def test_once_something_is_collected_a_person_hears_that_the_key_has_no_copy(shell, more, said):
    shell.configure(more)

    needs = of_key(shell)

    assert len(needs) == (said is not None)
    assert all(said in need for need in needs)


@pytest.mark.usefixtures("store")
def test_before_anything_was_collected_no_copy_of_a_key_is_asked_for(shell):
    shell.configure(COLLECTS)

    assert of_key(shell) == []


def lost(shell, store, state):
    """A backup is made and the machine is lost: only what lies elsewhere is left."""
    shell.call("backup", "--to", "backups")
    store.close()
    for path in state.glob("*"):
        if path.is_file():
            path.unlink()
    return str(backups(shell.folder / "backups")[0].path)


def test_a_restore_brings_the_key_back_from_its_folder(shell, keyed, state):
    shell.configure(ELSEWHERE)
    key = key_in(state)

    assert shell.call("restore", lost(shell, keyed, state), "--yes")[0] == DONE

    assert key_in(state) == key


def test_a_restore_without_the_key_asks_for_it_in_one_sentence_and_is_done_all_the_same(shell, keyed, state):
    code, said = shell.call("restore", lost(shell, keyed, state), "--yes")

    assert code == PERSON_NEEDED
    (line,) = (line for line in said.splitlines() if "key" in line)
    assert line.endswith("put its copy at state/mentions.key; until then nothing is collected.")
    assert "The backup is in place." in said
    assert key_in(state) is None


def test_a_restore_of_what_never_had_a_key_asks_for_none(shell, store, state):
    code, said = shell.call("restore", lost(shell, store, state), "--yes")

    assert (code, "key" in said) == (DONE, False)


def test_what_was_erased_is_erased_again_even_where_the_key_cannot_be_brought_back(shell, keyed, state):
    from bot.app import open_store
    from bot.config import load_config
    from bot.domain.report import Standing
    from tests.reports import a_report, counted, take_in

    shell.configure(ELSEWHERE)
    (kept,) = take_in(keyed, a_report())
    keyed.change(counted(kept), kept, "anna", "approve", kept.taken_at)
    ErasedFile(state).add(marks=[kept.mark])
    made = lost(shell, keyed, state)
    (shell.folder / "elsewhere" / KEY_NAME).chmod(0o644)

    code, said = shell.call("restore", made, "--yes")

    assert (code, "The key was not brought back: " in said) == (PERSON_NEEDED, True)
    with closing(open_store(load_config(shell.folder / "config.yaml"))) as store:
        assert store.report(kept.id).standing is Standing.ERASED


def test_a_restore_still_finds_a_key_that_an_earlier_version_put_beside_the_backup(shell, keyed, state):
    key = key_in(state)
    made = lost(shell, keyed, state)
    (shell.folder / "backups" / KEY_NAME).touch(mode=0o600)
    (shell.folder / "backups" / KEY_NAME).write_bytes(key)
    shell.configure(ELSEWHERE)

    assert (shell.call("restore", made, "--yes")[0], key_in(state)) == (DONE, key)
