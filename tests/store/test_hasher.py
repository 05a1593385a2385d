"""The key, what it makes, and the file of what was erased."""

import pytest

from bot.domain.errors import StoreError
from bot.store.hasher import (
    ERASED_NAME,
    KEY_NAME,
    ErasedFile,
    KeyedHashes,
    open_hashes,
    read_hashes,
    take_erasures_along,
    take_key_along,
)
from bot.store.memory import MemoryStore

ONE, TWO, THREE = ("1" * 32, "2" * 32, "3" * 32)


@pytest.fixture
def inbox():
    return MemoryStore()


def test_a_hash_is_the_same_for_the_same_parts_and_key_and_for_no_others():
    hashes = KeyedHashes(b"k" * 32)

    assert hashes("a", "bc") == KeyedHashes(b"k" * 32)("a", "bc")
    assert len({hashes("a", "bc"), hashes("ab", "c"), hashes("abc"), KeyedHashes(b"l" * 32)("a", "bc")}) == 4
    assert len(hashes("a")) == 32


def test_a_hash_can_be_made_of_any_text():
    assert KeyedHashes(b"k" * 32)("\ud800") != KeyedHashes(b"k" * 32)("\ud801")


def test_a_key_never_shows_itself():
    assert "kkk" not in repr(KeyedHashes(b"k" * 32))


def test_the_key_is_made_once_for_its_owner_only(tmp_path, inbox):
    first = open_hashes(tmp_path, inbox)
    key = (tmp_path / KEY_NAME).read_bytes()

    assert open_hashes(tmp_path, inbox)("a") == first("a")
    assert (tmp_path / KEY_NAME).read_bytes() == key
    assert (len(key), (tmp_path / KEY_NAME).stat().st_mode & 0o777) == (32, 0o600)
    assert sorted(path.name for path in tmp_path.iterdir()) == [KEY_NAME]


def test_two_machines_have_two_keys(tmp_path, inbox):
    (tmp_path / "other").mkdir()

    assert open_hashes(tmp_path, inbox)("a") != open_hashes(tmp_path / "other", MemoryStore())("a")


def test_a_key_that_others_can_read_is_refused(tmp_path, inbox):
    open_hashes(tmp_path, inbox)
    (tmp_path / KEY_NAME).chmod(0o640)

    with pytest.raises(StoreError, match=r"can be read by others: `chmod 600 .*mentions\.key` ends that"):
        open_hashes(tmp_path, inbox)


def test_an_inbox_without_its_key_refuses_to_collect(tmp_path, inbox):
    open_hashes(tmp_path, inbox)
    (tmp_path / KEY_NAME).unlink()

    for ask in (open_hashes, read_hashes):
        with pytest.raises(StoreError, match=r"is gone.*put its copy back there; until then nothing"):
            ask(tmp_path, inbox)
    assert not (tmp_path / KEY_NAME).exists()


def test_erasures_without_a_key_are_not_given_a_new_one(tmp_path, inbox):
    ErasedFile(tmp_path).add(marks=[ONE])

    with pytest.raises(StoreError, match="is gone"):
        open_hashes(tmp_path, inbox)


def test_another_inboxs_key_is_refused(tmp_path, inbox):
    open_hashes(tmp_path, inbox)
    (tmp_path / KEY_NAME).write_bytes(b"z" * 32)

    for ask in (open_hashes, read_hashes):
        with pytest.raises(StoreError, match="is not the one that this inbox was begun with"):
            ask(tmp_path, inbox)


def test_a_damaged_key_is_refused(tmp_path, inbox):
    open_hashes(tmp_path, inbox)
    (tmp_path / KEY_NAME).write_bytes(b"short")

    with pytest.raises(StoreError, match="is damaged"):
        open_hashes(tmp_path, inbox)


def test_asking_makes_no_key(tmp_path, inbox):
    assert read_hashes(tmp_path, inbox) is None
    assert list(tmp_path.iterdir()) == []


def test_what_was_erased_is_remembered_once_each_for_its_owner_only(tmp_path):
    erased = ErasedFile(tmp_path)
    assert (erased.marks(), erased.authors()) == (frozenset(), frozenset())

    erased.add(marks=[ONE, ONE], authors=[TWO, ""])
    erased.add(marks=[ONE], authors=[ONE])

    assert (erased.marks(), erased.authors()) == ({ONE}, {TWO, ONE})
    assert (tmp_path / ERASED_NAME).read_text().count("\n") == 3
    assert (tmp_path / ERASED_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("length", range(1, len(f"message {ONE} .\n")))
def test_a_line_that_a_crash_cut_off_harms_none_of_the_others(tmp_path, length):
    erased = ErasedFile(tmp_path)
    erased.add(marks=[ONE])
    with (tmp_path / ERASED_NAME).open("a") as file:
        file.write(f"message {TWO} .\n"[:length])

    erased.add(marks=[THREE])

    whole = length == len(f"message {TWO} .")  # only its end was cut off
    assert erased.marks() == ({ONE, TWO, THREE} if whole else {ONE, THREE})


def test_erasures_are_taken_along_and_added_to_those_that_are_there(tmp_path):
    source, target = tmp_path / "state", tmp_path / "backups"
    source.mkdir()
    target.mkdir()
    take_erasures_along(source, target)
    assert list(target.iterdir()) == []
    ErasedFile(source).add(marks=[ONE])
    take_erasures_along(source, target)
    ErasedFile(source).add(authors=[TWO])

    take_erasures_along(source, target)

    assert (ErasedFile(target).marks(), ErasedFile(target).authors()) == ({ONE}, {TWO})
    assert [(path.name, path.stat().st_mode & 0o777) for path in target.iterdir()] == [(ERASED_NAME, 0o600)]


def test_a_key_is_taken_along_for_its_owner_only(tmp_path, inbox):
    source, target = tmp_path / "state", tmp_path / "keys"
    source.mkdir()
    target.mkdir()
    open_hashes(source, inbox)

    take_key_along(source, target)
    take_key_along(source, target)

    assert (target / KEY_NAME).read_bytes() == (source / KEY_NAME).read_bytes()
    assert (target / KEY_NAME).stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_put_in_place_of_another(tmp_path):
    source, target = tmp_path / "state", tmp_path / "backups"
    for folder in (source, target):
        folder.mkdir()
        open_hashes(folder, MemoryStore())
    there = (target / KEY_NAME).read_bytes()

    with pytest.raises(StoreError, match="is another key than"):
        take_key_along(source, target)

    assert (target / KEY_NAME).read_bytes() == there


def test_a_folder_that_is_not_there_is_said(tmp_path, inbox):
    with pytest.raises(StoreError, match=r"the key .* cannot be made"):
        open_hashes(tmp_path / "absent", inbox)
    with pytest.raises(StoreError, match=r"the file .* cannot be written"):
        ErasedFile(tmp_path / "absent").add(marks=[ONE])
