"""Rows of a spreadsheet become posts that our own reader reads, or sentences about a row and a column."""

import csv
import io
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.files.emit import lines_of, scalar
from bot.files.posts import QueueSettings
from bot.files.queue import read_bytes
from bot.files.scripts import is_cyrillic
from bot.files.spreadsheet import Surroundings, imported
from bot.strictyaml.nodes import Reading
from bot.strictyaml.reader import items

SETTINGS = QueueSettings(timezone="Europe/Brussels", labels=frozenset({"mastodon", "bluesky", "x"}))
HERE = Surroundings(
    folder=PurePath("posts"),
    settings=SETTINGS,
    lies_there=lambda name: name.endswith(".jpg"),
    taken={"taken": "posts/taken.yaml:1"},
)


def sheet(*rows):
    table = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    csv.DictWriter(table, names).writeheader()
    csv.DictWriter(table, names).writerows(rows)
    return table.getvalue().encode()


def a_row(**changes):
    return {"id": "may-day", "when": "2027-05-01 09:00", "text_en": "March with us.", **changes}


def told(*rows):
    """Where each problem is, and what it says."""
    found = imported(sheet(*rows), "posts.csv", HERE)
    assert not found.sound
    return {(problem.place.file.removeprefix("posts.csv, "), problem.message) for problem in found.problems}


def plain(node):
    """A node as simple values."""
    if isinstance(node[0], dict):
        return {key: plain(value) for key, value in node[0].items()}
    return [plain(one) for one in node[0]] if isinstance(node[0], list) else node[0]


def values(file):
    reading = Reading(file.path.name)
    [post] = [plain(node) for node in items(file.text.encode(), reading)]
    assert reading.problems == []
    return post


def test_a_row_becomes_a_draft_that_our_reader_reads():
    found = imported(sheet(a_row(kind="call", link="https://example.org/act")), "posts.csv", HERE)

    [file] = found.files
    [post] = read_bytes(file.text.encode(), str(file.path), SETTINGS).posts
    assert (found.problems, str(file.path)) == ((), "posts/may-day.yaml")
    assert (post.id, post.draft, post.kind, post.words.link) == (
        "may-day",
        True,
        "call",
        "https://example.org/act",
    )
    assert post.words.text == {"en": "March with us.\n"}


def test_the_file_is_one_that_an_organiser_could_have_written():
    found = imported(
        sheet(a_row(where="mastodon; x", held="wait: a lawyer", expires="2027-05-02")), "p", HERE
    )

    assert found.problems == ()
    assert found.files[0].text == (
        "id: may-day\n"
        "when: 2027-05-01 09:00\n"
        "draft: true\n"
        "expires: 2027-05-02\n"
        'held: "wait: a lawyer"\n'
        "where:\n  - mastodon\n  - x\n"
        "text:\n  en: |\n    March with us.\n"
    )


def full_row(number):
    """A post in five languages with two pictures."""
    row = a_row(id=f"post-{number}", when=f"2027-06-{number:02} 09:00 Europe/Brussels")
    row |= {
        f"text_{code}": f'Nr. {number}: «{code}»\n\n# {code}: "x"' for code in ("en", "fr", "de", "es", "it")
    }
    for picture in (1, 2):
        row[f"image{picture}"] = f"post-{number}-{picture}.jpg"
        row[f"people{picture}"] = "none" if picture == 1 else "consent: the press office, 3 May 2027"
        for code in ("en", "fr", "de", "es", "it"):
            row[f"alt{picture}_{code}"] = f"Picture {picture}: {code}"
    return row | {"cases": "areshka: jailed; yarashuk: history", "facts": "raids-2022, dissolved-2022"}


def test_twenty_posts_in_five_languages_with_two_pictures_are_written_out_whole():
    rows = [full_row(number) for number in range(1, 21)]

    found = imported(sheet(*rows), "posts.csv", HERE)

    assert len(found.files) == 20
    for row, file in zip(rows, found.files, strict=True):
        post = values(file)
        languages = ["en", "fr", "de", "es", "it"]
        assert (post["id"], post["when"], post["draft"]) == (row["id"], row["when"], "true")
        assert post["text"] == {code: row[f"text_{code}"] + "\n" for code in languages}
        assert [picture["file"] for picture in post["media"]] == [row["image1"], row["image2"]]
        assert post["media"][0]["people"] == "none"
        assert post["media"][1]["consent"] == "the press office, 3 May 2027"
        assert post["media"][1]["alt"] == {code: f"Picture 2: {code}" for code in languages}
        assert post["cases"] == {"areshka": "jailed", "yarashuk": "history"}
        assert post["facts"] == ["raids-2022", "dissolved-2022"]
        assert post["reviewed_by"] == dict.fromkeys(languages[1:], "nobody")


def test_a_translation_is_read_back_as_one_that_nobody_has_read_yet():
    found = imported(sheet(a_row(text_fr="Défilez.")), "posts.csv", HERE)

    assert found.problems == ()
    [post] = read_bytes(found.files[0].text.encode(), "posts/may-day.yaml", SETTINGS).posts
    assert post.unread == {"fr"}


def test_each_fault_is_told_with_its_row_and_column_all_at_once():
    assert told(
        a_row(when="1 May 2027 9:00", link="example.org/act"),
        a_row(id="Two!", kind="cal"),
        a_row(id="three", text_en="tag {acount}"),
        a_row(id="three", when=""),
        a_row(id="taken"),
        a_row(id="", text_en=""),
    ) == {
        ("row 2, column when", "`1 May 2027 9:00` is not a date and time"),
        ("row 2, column link", "`example.org/act` is not an address"),
        ("row 3, column id", "`Two!` may hold only small letters, digits and hyphens, at most 64"),
        ("row 3, column kind", "`cal` is not a kind of post"),
        ("row 4, column text_en", "`{acount}` would be published as it stands"),
        ("row 5, column id", "the id stands in row 4 too"),
        ("row 5, column when", "nothing says when the post goes out"),
        ("row 6, column id", "the post at posts/taken.yaml:1 has this id already"),
        ("row 7, column id", "the post has no id"),
        ("row 7, column text_en", "the post has no text"),
    }


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        ("01.05.2027 09:00", "write `2027-05-01 09:00`"),
        ("46143.375", "write 2026-05-01 09:00, and give the column the format `text`"),
        ("2027-05-01", "write `2027-05-01 09:00 Europe/Brussels`"),
    ],
)
def test_a_date_as_spreadsheets_like_it_is_answered_with_the_one_that_is_meant(when, meant):
    [problem] = imported(sheet(a_row(when=when)), "posts.csv", HERE).problems

    assert problem.fix == meant


@pytest.mark.parametrize("when", ["2027-05-01 09:00", "2027-05-01 09:00:00", "2027-05-01T09:00", "next-slot"])
def test_dates_that_spreadsheets_and_people_write_are_taken(when):
    assert imported(sheet(a_row(when=when)), "posts.csv", HERE).problems == ()


@pytest.mark.parametrize(
    ("column", "fix"),
    [
        ("txt_en", "did you mean `text_en`?"),
        ("text", "did you mean `text_en`?"),
        ("Image", "did you mean `image1`?"),
        ("text en", "write `text_en`"),
        ("text_english", "did you mean `en`?"),
        ("image5", "make another post of the others"),
        ("colour", "there are id, when"),
    ],
)
def test_a_column_without_a_use_is_told_with_the_one_that_was_meant(column, fix):
    found = imported(sheet(a_row(**{column: "x"})), "posts.csv", HERE)

    [problem] = [one for one in found.problems if one.place.file.startswith("posts.csv, row 1,")]
    assert fix.lower() in problem.fix.lower()


def test_names_of_columns_may_have_capitals():
    assert imported(b"ID,When,Text_EN\na,next-slot,March.\n", "posts.csv", HERE).problems == ()


def test_a_sheet_without_the_columns_that_must_be_there_says_which():
    found = imported(b"text_en\nMarch.\n", "posts.csv", HERE)

    assert [problem.message for problem in found.problems] == [
        "there is no column `id`",
        "there is no column `when`",
    ]


def test_a_fault_shows_the_cell_or_the_line_of_a_long_one():
    found = imported(sheet(a_row(id="A b", text_en="One.\nTag {acount}.\nThree.")), "posts.csv", HERE)

    assert [problem.place.excerpt for problem in found.problems] == ["A b", "Tag {acount}."]


def test_what_is_wrong_with_a_picture_is_told_where_it_stands():
    said = told(
        a_row(image1="missing.png", people1="none", alt1_en="A march"),
        a_row(id="b", image1="../a.jpg", people1="consent", alt1_en=""),
        a_row(id="c", alt1_en="A march", people1="perhaps"),
    )

    assert said >= {
        ("row 2, column image1", "there is no such picture in posts"),
        ("row 3, column image1", "this is not the name of a file in the folder of the post"),
        ("row 3, column alt1_en", "picture 1 is not described in `en`, for those who cannot see it"),
        ("row 3, column people1", "it is not said who asked them, and when"),
        ("row 4, column alt1_en", "this is about a picture that is not named"),
        ("row 4, column people1", "this is about a picture that is not named"),
    }


def test_a_case_without_what_is_said_of_it_is_told():
    said = told(a_row(cases="areshka"))

    assert ("row 2, column cases", "`areshka` does not say what the post says of whom") in said


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=10, max_size=10), st.binary(max_size=80))
def test_no_cell_and_no_bytes_raise(cells, junk):
    names = ("id", "when", "text_en", "text_fr", "link", "image1", "alt1_en", "people1", "cases", "held")

    imported(sheet(dict(zip(names, cells, strict=True))), "posts.csv", HERE)
    imported(junk, "posts.csv", HERE)
    imported(b"id,when,text_en\n" + junk, "posts.csv", HERE)


def test_a_block_begins_with_its_first_words():
    assert lines_of("\n \n  One \r\n  two\r\rthree\t\n\n") == ["One", "  two", "", "three"]


WRITTEN = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cn", "Co", "Zl", "Zp"]) | st.just("\n")
)


@settings(max_examples=300, deadline=None)
@given(WRITTEN.filter(lambda text: lines_of(text) and "{" not in text and not is_cyrillic(text)))
def test_every_text_comes_back_as_it_was_written(text):
    found = imported(sheet(a_row(text_en=text)), "posts.csv", HERE)

    wanted = "\n".join(lines_of(text.strip()))
    if wanted:
        assert found.problems == ()
        assert values(found.files[0])["text"]["en"].rstrip("\n") == wanted


@settings(max_examples=300, deadline=None)
@given(WRITTEN)
def test_every_value_comes_back_as_it_was_written(text):
    reading = Reading("a.yaml")

    [node] = items(f"held: {scalar(text)}\n".encode(), reading)

    assert plain(node)["held"] == " ".join(text.split())
    assert reading.problems == []
