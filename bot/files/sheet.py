"""What a spreadsheet saves, as rows of cells: whichever encoding, separator and line ends it chose."""

import codecs
import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.problem import Place, Problem, Severity
from bot.strictyaml.fields import shortened

MOST_BYTES = 8 << 20
MOST_ROWS = 1000
_SEPARATORS = ",;\t"
_SAYS_SEPARATOR = re.compile(r'"?sep=([,;\t])"?\r?\n', re.IGNORECASE)  # what one spreadsheet begins with
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row, by the names of its columns; `row` as the spreadsheet counts, the names being row 1."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole table, and what is wrong with it as a table."""

    columns: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    problems: tuple[Problem, ...] = ()


def at_cell(
    name: str,
    row: int,
    column: str,
    message: str,
    fix: str = "",
    *,
    cell: str = "",
    severity: Severity = Severity.ERROR,
    post: str = "",
) -> Problem:
    """A problem whose place is a row and a column, as a spreadsheet shows them."""
    where = f"{name}, row {row}" + (f", column {column}" if column else "")
    place = Place(file=where, excerpt=shortened(cell))
    return Problem(place=place, message=message, fix=fix, severity=severity, post=post)


def read_sheet(data: bytes, name: str) -> Sheet:
    """Make rows of bytes. Nothing is raised: what is wrong stands in `problems`."""
    if len(data) > MOST_BYTES:
        return _unread(name, f"the file is larger than {MOST_BYTES >> 20} MiB", "split it into several files")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        fix = "in the spreadsheet choose `save as`, and there `CSV UTF-8`"
        return _unread(name, "this is a workbook, not a CSV file", fix)
    text, problems = _decoded(data, name)
    if text is None:
        return Sheet(problems=tuple(problems))
    rows: list[list[str]] = []
    try:
        _read_rows(text, rows)
    except csv.Error as error:
        problems.append(_broken(name, rows, error))
        return Sheet(problems=tuple(problems))
    return _with_names(rows, name, problems)


def _separator(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=header.count)


def _read_rows(text: str, rows: list[list[str]], *, strict: bool = True) -> None:
    """Add the rows of a text to a list; csv.Error where it ends too soon, with the rows before it added."""
    said = _SAYS_SEPARATOR.match(text)
    text = text[said.end() :] if said else text
    separator = said[1] if said else _separator(text)
    # Quotes may hold whole texts; the library's own limit of a cell is that of the file.
    before = csv.field_size_limit(MOST_BYTES)
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict))
    finally:
        csv.field_size_limit(before)


def _broken(name: str, rows: list[list[str]], error: csv.Error) -> Problem:
    """What ends a table too soon, with the row in which it begins."""
    row = len(rows) + 1
    if "end of data" in str(error):
        fix = "close it; inside a cell in quotes, a quote is written twice"
        return at_cell(name, row, "", "a quote opens in this row and is never closed", fix)
    if "expected after" in str(error):
        fix = "inside a cell in quotes, write a quote twice"
        return at_cell(name, row, "", "there is more after a quote that closes in this row", fix)
    return at_cell(name, row, "", f"this is not a table: {error}", "save it again as `CSV UTF-8`")


def _with_names(rows: list[list[str]], name: str, problems: list[Problem]) -> Sheet:
    if not rows or not any(cell.strip() for cell in rows[0]):
        fix = "write the names of the columns in the first row; `import --template` shows them"
        problems.append(at_cell(name, 1, "", "the first row holds no names of columns", fix))
        return Sheet(problems=tuple(problems))
    columns = tuple(cell.strip().lower() for cell in rows[0])
    fix = "delete one of them, or give it another name"
    problems += [
        at_cell(name, 1, column, f"the column `{shortened(column)}` stands there twice", fix)
        for column in sorted({one for one in columns if one and columns.count(one) > 1})
    ]
    if len(rows) > MOST_ROWS + 1:
        problems.append(_whole(name, f"there are more than {MOST_ROWS} rows", "split it into several files"))
        return Sheet(columns=columns, problems=tuple(problems))
    records = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[len(columns) :]) or any(
            cell.strip() and not column for cell, column in zip(row, columns, strict=False)
        ):
            said = "there is a cell beyond the columns that have a name"
            fix = "name its column in row 1, or empty the cell; a text with a comma in it needs quotes"
            problems.append(at_cell(name, number, "", said, fix, cell=row[-1]))
        records.append(Record(row=number, cells=dict(zip(columns, row, strict=False))))
    return Sheet(columns=columns, records=tuple(records), problems=tuple(problems))


def _decoded(data: bytes, name: str) -> tuple[str | None, list[Problem]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding), []
            except UnicodeDecodeError:
                said = f"this file begins as {encoding[:6].upper().rstrip('-')} text and does not go on so"
                return None, [_whole(name, said, "save it again as `CSV UTF-8`")]
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _guessed(data, error.start, name)
    if "\0" in text:
        return None, [_whole(name, "this is not text", "save it again as `CSV UTF-8`")]
    return text, []


def _guessed(data: bytes, first: int, name: str) -> tuple[str | None, list[Problem]]:
    """What an older Western spreadsheet writes; its first doubtful line is shown to whoever can judge it."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None, [_whole(name, "this is not UTF-8 text", "save it again as `CSV UTF-8`")]
    if "\0" in text:
        return None, [_whole(name, "this is not text", "save it again as `CSV UTF-8`")]
    start = max(text.rfind(sign, 0, first) for sign in "\r\n") + 1
    line = text[start:].splitlines()[0]
    begin = max(0, first - start - 40)
    rows: list[list[str]] = []
    _read_rows(text[: first + 1], rows, strict=False)
    place = Place(file=f"{name}, row {len(rows)}", excerpt=line[begin : begin + 100].strip())
    said = "this is not UTF-8; it was read as Windows-1252, so letters may be wrong"
    fix = "look at this row: if a letter is wrong, save the file again as `CSV UTF-8`"
    return text, [Problem(place=place, message=said, fix=fix, severity=Severity.WARNING)]


def _whole(name: str, message: str, fix: str) -> Problem:
    return Problem(place=Place(file=name), message=message, fix=fix)


def _unread(name: str, message: str, fix: str) -> Sheet:
    return Sheet(problems=(_whole(name, message, fix),))
