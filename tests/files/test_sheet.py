"""What spreadsheets save, read as rows, whatever they chose."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.files.sheet import read_sheet

TABLE = 'id,when,text_en\r\nmay-day,next-slot,"March, and ""sing"".\r\n\r\nWith us."\r\n'


def cells(data):
    sheet = read_sheet(data, "posts.csv")
    return [(record.row, *record.cells.values()) for record in sheet.records], [
        problem.message for problem in sheet.problems
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_every_way_of_saving_gives_the_same_rows(separator, encoding, end):
    table = (
        f'id{separator}text_fr{end}may-day{separator}"Défilez, {end}chantez; «ici»\tпрофсоюз"{end}'
    ).encode(encoding)

    rows, problems = cells(table)

    assert problems == []
    assert rows == [(2, "may-day", f"Défilez, {end}chantez; «ici»\tпрофсоюз")]


def test_quotes_and_lines_inside_a_cell_stay():
    rows, _ = cells(TABLE.encode())

    assert rows == [(2, "may-day", "next-slot", 'March, and "sing".\r\n\r\nWith us.')]


def test_rows_are_counted_as_the_spreadsheet_shows_them():
    rows, _ = cells(b'id,text_en\na,"one\ntwo"\n,\n\nb,three\n')

    assert [row[:2] for row in rows] == [(2, "a"), (5, "b")]


def test_windows_1252_is_read_with_a_warning_that_shows_a_line_to_judge_it_by():
    sheet = read_sheet("id;text_fr\na;Défilez\n".encode("cp1252"), "posts.csv")

    [warning] = sheet.problems
    assert sheet.records[0].cells["text_fr"] == "Défilez"
    assert (warning.severity, warning.place.excerpt) == ("warning", "a;Défilez")
    assert warning.place.file == "posts.csv, row 2"


def test_rows_are_counted_as_the_spreadsheet_does_whatever_lines_a_cell_has():
    sheet = read_sheet('id,text_fr\na,"one\ntwo\nthree"\nb,"Défilez"\n'.encode("cp1252"), "posts.csv")

    assert [problem.place.file for problem in sheet.problems] == ["posts.csv, row 3"]


def test_a_first_line_that_names_the_separator_is_no_row():
    assert cells(b"sep=;\r\nid;when\na;b,c\n") == ([(2, "a", "b,c")], [])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'id,when\na,b\n\nc,"d\ne,f\n', "a quote opens in this row and is never closed"),
        (b'id,when\na,b\n\nc,"d"d\n', "there is more after a quote that closes in this row"),
    ],
)
def test_a_quote_that_went_wrong_names_its_row(data, said):
    [problem] = read_sheet(data, "posts.csv").problems

    assert (problem.place.file, problem.message) == ("posts.csv, row 4", said)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04 a workbook", "this is a workbook, not a CSV file"),
        (b"\xff\xfea", "this file begins as UTF-16 text and does not go on so"),
        (b"id\0,when\n", "this is not text"),
        (b"\x81\x8d", "this is not UTF-8 text"),
        (b"", "the first row holds no names of columns"),
        (b"\n\nid\n", "the first row holds no names of columns"),
        (b"id,id\na,b\n", "the column `id` stands there twice"),
        (b"id,when\na,b,c\n", "there is a cell beyond the columns that have a name"),
        (b'id,when\na,"b\n', "a quote opens in this row and is never closed"),
        (b"id\n" + b"a\n" * 1001, "there are more than 1000 rows"),
    ],
)
def test_what_is_no_table_is_told_in_a_sentence(data, said):
    assert said in cells(data)[1]


def test_a_cell_that_begins_with_an_apostrophe_keeps_it():
    assert cells(b"id,text_en\na,'quoted'\n")[0] == [(2, "a", "'quoted'")]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='ab,;\t"\n\r\0é\u2028', max_size=60).map(str.encode))
def test_no_bytes_raise(data):
    read_sheet(data, "posts.csv")
