"""import: all rows become files, or nothing is written."""

import errno
import os
from pathlib import PurePath

import pytest

from bot.cli.import_posts import place, write
from bot.domain.errors import BotError
from bot.files.spreadsheet import NewFile

ROWS = "id,when,text_en\nmay-day,2027-05-01 09:00 UTC,March with us.\njune,next-slot,Write to them.\n"


@pytest.fixture
def sheet(shell):
    def save(rows=ROWS, encoding="utf-8"):
        (shell.folder / "posts.csv").write_bytes(rows.encode(encoding))
        return "posts.csv"

    return save


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_each_row_becomes_a_draft_that_check_finds_well(shell, sheet):
    shell.configure('slots:\n  - {days: [monday], at: "09:00"}\n')

    code, said = shell.call("import", sheet())

    assert code == 0
    assert said.startswith("2 drafts written into posts.\n")
    assert names(shell.posts) == ["june.yaml", "may-day.yaml"]
    assert "`approve ID --as NAME`" in said
    shell.record()
    assert shell.call("check") == (0, "2 posts, 2 of them drafts, 0 errors, 0 warnings. All is well.\n")


def test_a_dry_run_shows_the_files_and_writes_none(shell, sheet):
    code, said = shell.call("import", sheet(), "--dry-run")

    assert code == 0
    assert "posts/may-day.yaml\n    id: may-day\n    when: 2027-05-01 09:00 UTC\n    draft: true\n" in said
    assert said.endswith("2 drafts would be written into posts. Nothing was written.\n")
    assert names(shell.posts) == []


def test_one_wrong_row_keeps_every_row_from_being_written(shell, sheet):
    code, said = shell.call("import", sheet(ROWS + "Third,tomorrow,March.\n"))

    assert code == 1
    assert "posts.csv, row 4, column id: error: `Third` may hold only small letters" in said
    assert "posts.csv, row 4, column when: error: `tomorrow` is not a date and time" in said
    assert said.endswith("Nothing was written: mend the sheet and import it again.\n")
    assert names(shell.posts) == []


def test_a_file_that_is_there_is_never_overwritten(shell, sheet):
    path = shell.posts / "may-day.yaml"
    path.write_text("# mine\n", encoding="utf-8")

    code, said = shell.call("import", sheet())

    assert code == 1
    assert "posts/may-day.yaml: error: this file is there already" in said
    assert (names(shell.posts), path.read_text(encoding="utf-8")) == (["may-day.yaml"], "# mine\n")


def test_an_id_of_the_queue_is_not_given_twice(shell, sheet):
    shell.write("other").write_text(shell.write("may-day").read_text(encoding="utf-8"), encoding="utf-8")
    (shell.posts / "may-day.yaml").unlink()

    code, said = shell.call("import", sheet())

    assert code == 1
    assert "row 2, column id: error: the post at posts/other.yaml:1 has this id already" in said


def test_an_import_that_was_broken_off_can_be_begun_again(shell, sheet):
    shell.call("import", sheet())
    (shell.posts / "june.yaml").unlink()

    code, said = shell.call("import", sheet())

    assert code == 0
    assert "1 draft written into posts. 1 post had been imported before." in said
    assert names(shell.posts) == ["june.yaml", "may-day.yaml"]


def test_another_folder_can_be_named_and_must_be_there(shell, sheet):
    assert "there is no folder elsewhere; make it" in shell.call("import", sheet(), "--to", "elsewhere")[1]

    (shell.folder / "elsewhere").mkdir()

    assert shell.call("import", sheet(), "--to", "elsewhere")[0] == 0
    assert names(shell.folder / "elsewhere") == ["june.yaml", "may-day.yaml"]
    assert names(shell.posts) == []


def test_what_is_no_utf8_is_imported_with_a_warning(shell, sheet):
    code, said = shell.call("import", sheet("id;when;text_fr\na;next-slot;Défilez\n", "cp1252"))

    assert code == 0
    assert "posts.csv, row 2: warning: this is not UTF-8; it was read as Windows-1252" in said
    assert "    a;next-slot;Défilez\n" in said
    assert "Défilez" in (shell.posts / "a.yaml").read_text(encoding="utf-8")


def test_a_picture_must_lie_beside_the_posts(shell, sheet):
    rows = "id,when,text_en,image1,alt1_en,people1\na,next-slot,March.,a.jpg,A march,none\n"

    code, said = shell.call("import", sheet(rows))

    assert code == 1
    assert "row 2, column image1: error: there is no such picture in posts" in said
    assert "put a.jpg into posts" in said


def test_the_template_is_itself_a_sheet_that_can_be_imported(shell, sheet):
    code, template = shell.call("import", "--template")
    assert code == 0

    code, said = shell.call("import", sheet(template))

    assert (code, names(shell.posts)) == (0, ["may-day-2027.yaml"]), said


def test_the_template_is_marked_as_utf8_for_spreadsheets(shell):
    assert shell.call("import", "--template")[1].startswith("\ufeffid,when,text_en,text_fr,")


def test_import_without_a_file_is_wrong_use(shell):
    code, said = shell.call("import")

    assert code == 2
    assert "name the file" in said


def test_a_disk_that_refuses_one_file_is_left_without_any(tmp_path):
    folder = PurePath(tmp_path)
    (tmp_path / "two.yaml").touch()
    files = [NewFile(id=name, path=folder / f"{name}.yaml", text="id: x\n") for name in ("one", "two")]

    with pytest.raises(BotError, match="nothing was written: File exists"):
        write(files)

    assert names(tmp_path) == ["two.yaml"]


@pytest.mark.parametrize("there", [False, True])
def test_a_disk_without_second_names_for_files_replaces_nothing_either(tmp_path, there):
    whole, path = tmp_path / ".new", tmp_path / "one.yaml"
    whole.write_text("new", encoding="utf-8")
    if there:
        path.write_text("old", encoding="utf-8")

    def refuse(source, _):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM), str(source))

    if there:
        with pytest.raises(FileExistsError):
            place(whole, path, link=refuse)
    else:
        place(whole, path, link=refuse)

    assert path.read_text(encoding="utf-8") == ("old" if there else "new")
