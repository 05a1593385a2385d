"""A spreadsheet of posts as files of posts: each row as YAML, read back with our own reader."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePath

from bot.domain.post import PostId
from bot.domain.problem import Problem, Severity
from bot.files.columns import Columns, wrong_columns
from bot.files.emit import Page, lines_of
from bot.files.posts import QueueSettings
from bot.files.queue import read_bytes
from bot.files.sheet import Record, at_cell, read_sheet
from bot.strictyaml.fields import shortened

_SERIAL = re.compile(r"([3-9]\d{4})(?:[.,](\d{1,12}))?")  # days since the end of 1899: what a sheet counts in
_DAY_ONE = datetime(1899, 12, 30)  # noqa: DTZ001  # a spreadsheet's days have no zone
_SEPARATOR = re.compile(r"[;,\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a row is checked against: the folder its post goes to, the files there, and the ids in use."""

    folder: PurePath
    settings: QueueSettings
    lies_there: Callable[[str], bool]
    taken: Mapping[PostId, str]  # an id, and where the post that has it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file to be written."""

    id: PostId
    path: PurePath
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a spreadsheet comes to: files, and everything that is wrong, at once."""

    files: tuple[NewFile, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing stands in the way of writing."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


def imported(data: bytes, name: str, around: Surroundings) -> Imported:
    """Make files of the bytes of a spreadsheet. Nothing is raised: what is wrong stands in `problems`."""
    sheet = read_sheet(data, name)
    problems = list(sheet.problems)
    if not sheet.columns:
        return Imported(problems=tuple(problems))
    problems += wrong_columns(sheet.columns, name)
    columns = Columns.of(sheet.columns)
    if not sheet.records:
        problems.append(at_cell(name, 2, "", "there is no post below the names of the columns", "add one"))
    files = []
    first: dict[str, int] = {}
    for record in sheet.records:
        row = _Row(record, columns, name, around)
        files.append(row.file(first))
        problems += row.problems
    return Imported(files=tuple(files), problems=tuple(problems))


class _Row:
    """One row while it becomes a post."""

    def __init__(self, record: Record, columns: Columns, name: str, around: Surroundings) -> None:
        self.record = record
        self.columns = columns
        self.name = name
        self.around = around
        self.page = Page()
        self.problems: list[Problem] = []
        self.languages = tuple(code for code in columns.texts if lines_of(self._cell(f"text_{code}")))

    def _cell(self, column: str) -> str:
        return self.record.cells.get(column, "").strip()

    def _lacks(self, column: str, message: str, fix: str) -> None:
        """An empty cell, told only where its column is there: that it is not is told once, in row 1."""
        if column in self.columns.names:
            self._wrong(column, message, fix)

    def _wrong(self, column: str, message: str, fix: str = "") -> None:
        self.problems.append(
            at_cell(self.name, self.record.row, column, message, fix, cell=self._cell(column))
        )

    def file(self, first: dict[str, int]) -> NewFile:
        """The post of this row, what is wrong with it being in `problems`."""
        name = self._name(first)
        self._write(name)
        path = self.around.folder / f"{name}.yaml"
        self._read_back(path)
        said = [replace(problem, post=problem.post or name) for problem in self.problems]
        self.problems = said
        return NewFile(id=PostId(name), path=path, text=str(self.page))

    def _name(self, first: dict[str, int]) -> str:
        name = self._cell("id")
        if not name:
            self._lacks("id", "the post has no id", "give it a name of its own, such as may-day-2027")
            return f"row-{self.record.row}"
        if before := first.get(name):
            self._wrong("id", f"the id stands in row {before} too", "give one of them another id")
        elif where := self.around.taken.get(PostId(name)):
            self._wrong("id", f"the post at {where} has this id already", "give this one another id")
        first.setdefault(name, self.record.row)
        return name

    def _write(self, name: str) -> None:
        page = self.page
        page.value("id", name, "id")
        page.value("when", self._when(), "when")
        page.add("draft: true")
        for column in ("kind", "expires", "held", "link"):
            if cell := self._cell(column):
                page.value(column, cell, column)
        self._list("where")
        self._texts()
        self._pictures()
        self._cases()
        self._list("facts")
        if self.languages[1:]:
            page.add("reviewed_by:", f"text_{self.languages[1]}")
            for code in self.languages[1:]:
                page.value(code, "nobody", f"text_{code}", "  ")

    def _when(self) -> str:
        cell = self._cell("when")
        if not cell:
            fix = "write 2027-05-01 09:00 Europe/Brussels, or next-slot"
            self._lacks("when", "nothing says when the post goes out", fix)
            return "next-slot"
        if found := _SERIAL.fullmatch(cell):
            days = timedelta(days=float(f"{found[1]}.{found[2] or 0}"))
            meant = _DAY_ONE + timedelta(minutes=round(days / timedelta(minutes=1)))
            fix = f"write {meant:%Y-%m-%d %H:%M}, and give the column the format `text`"
            self._wrong("when", f"`{cell}` is a spreadsheet's number for a day", fix)
            return "next-slot"
        return cell

    def _list(self, column: str) -> None:
        if words := [word.strip() for word in _SEPARATOR.split(self._cell(column)) if word.strip()]:
            self.page.words(column, words, column)

    def _texts(self) -> None:
        self.page.add("text:")
        for code in self.languages:
            self.page.block(code, self._cell(f"text_{code}"), f"text_{code}", "  ")
        if not self.languages:
            column = f"text_{self.columns.texts[0]}" if self.columns.texts else ""
            self._lacks(column, "the post has no text", "write one, or empty the whole row")
            self.page.block("en", "-", column, "  ")

    def _pictures(self) -> None:
        numbers = [number for number in self.columns.alts if self._has_picture(number)]
        if numbers:
            self.page.add("media:")
        for number in numbers:
            self._picture(number)

    def _has_picture(self, number: int) -> bool:
        if self._cell(f"image{number}"):
            return True
        for column in (*(f"alt{number}_{code}" for code in self.columns.alts[number]), f"people{number}"):
            if self._cell(column):
                fix = f"write its file into image{number}, or empty this cell"
                self._wrong(column, "this is about a picture that is not named", fix)
        return False

    def _picture(self, number: int) -> None:
        column = f"image{number}"
        file = self._cell(column)
        if {"..", ""} & set(file.split("/")) or "\\" in file or "\0" in file:
            self._wrong(column, "this is not the name of a file in the folder of the post",
                        f"put the picture into {self.around.folder} and write its name alone")  # fmt: skip
        elif not self.around.lies_there(file):
            fix = f"put {shortened(file)} into {self.around.folder}, or correct the name"
            self._wrong(column, f"there is no such picture in {self.around.folder}", fix)
        self.page.value("  - file", file, column)
        self._alt(number)
        self._people(number)

    def _alt(self, number: int) -> None:
        there = [code for code in self.columns.alts[number] if self._cell(f"alt{number}_{code}")]
        for code in self.languages:
            if code not in there:
                said = f"picture {number} is not described in `{code}`, for those who cannot see it"
                self._wrong(f"alt{number}_{code}", said, "say in a sentence what is to be seen")
        if there:
            self.page.add("    alt:", f"alt{number}_{there[0]}")
        for code in there:
            self.page.value(code, self._cell(f"alt{number}_{code}"), f"alt{number}_{code}", "      ")

    def _people(self, number: int) -> None:
        column = f"people{number}"
        cell = self._cell(column)
        word, _, rest = (part.strip() for part in cell.partition(":"))
        if word.lower() in {"none", "blurred"} and not rest:
            self.page.add(f"    people: {word.lower()}", column)
        elif word.lower() == "consent" and rest:
            self.page.value("consent", rest, column, "    ")
        else:
            said = "it is not said whether people are to be seen" if not cell else "this is not understood"
            if word.lower() == "consent":
                said = "it is not said who asked them, and when"
            self._wrong(column, said, "write none, or blurred, or `consent: who asked, when`")

    def _cases(self) -> None:
        pairs = [pair.strip() for pair in _SEPARATOR.split(self._cell("cases")) if pair.strip()]
        if not pairs:
            return
        self.page.add("cases:", "cases")
        for pair in pairs:
            case, colon, claim = (part.strip() for part in pair.partition(":"))
            if not (case and colon and claim):
                fix = "write `areshka: jailed; yarashuk: history`"
                self._wrong("cases", f"`{shortened(pair)}` does not say what the post says of whom", fix)
            else:
                self.page.value(case, claim, "cases", "  ")

    def _read_back(self, path: PurePath) -> None:
        """Ask our own reader what it thinks of the page; it answers by lines, and we by columns."""
        wrong = {problem.place.file for problem in self.problems}
        found = read_bytes(str(self.page).encode(errors="replace"), str(path), self.around.settings)
        for problem in found.problems:
            column = self.page.origin(problem.place.line)
            said = at_cell(
                self.name,
                self.record.row,
                column,
                problem.message,
                problem.fix,
                cell=problem.place.excerpt if "_" in column or not column else self._cell(column),
                severity=problem.severity,
            )
            if said.place.file not in wrong:
                self.problems.append(said)
