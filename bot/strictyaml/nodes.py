"""Values with their places, and one file while it is read."""

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import yaml

from bot.domain.problem import Place, Problem, Severity
from bot.strictyaml.explain import as_block

MOST_PROBLEMS = 100  # shown of one file

_UNPRINTABLE = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"


class Mark(Protocol):
    """A place in a file, counted from 0."""

    @property
    def line(self) -> int:
        """The line."""

    @property
    def column(self) -> int:
        """The column, in characters."""


class Spot(NamedTuple):
    """A place of our own making."""

    line: int
    column: int


Node = tuple[Any, Any, Any]
"""A value (dict[str, Node], list[Node] or str), the event it began with, and that of its key or None.

A plain tuple, because there is one for every word of a file; the functions below say what it knows.
"""


def place_of(node: Node) -> Mark:
    """Where a value begins."""
    mark: Mark = node[1].start_mark
    return mark


def key_place_of(node: Node) -> Mark:
    """Where the key of a value begins; the value itself, where it has none."""
    mark: Mark = (node[2] or node[1]).start_mark
    return mark


def is_plain(node: Node) -> bool:
    """Whether a value is a text that stands bare: not quoted, no block."""
    return type(node[1]) is yaml.ScalarEvent and not node[1].style


class Reading:
    """One file while it is read: its lines, for excerpts, and the problems found so far.

    `cut` says that the file could not be read to its end, so that what it lacks proves nothing.
    """

    def __init__(self, file: str, mask: Callable[[str], str] = str) -> None:
        self.file = file
        self.mask = mask  # what of a line may be shown
        self.text = ""
        self.problems: list[Problem] = []
        self.errors = 0  # found so far, shown or not
        self.cut = False
        self.beside: list[str] = []  # the paths of other files that it names
        self.turned = False  # whether something changes the direction of reading

    @cached_property
    def lines(self) -> Sequence[str]:
        """The lines of the file, without what must not be printed."""
        return [re.sub(_UNPRINTABLE, "\ufffd", line) for line in self.text.split("\n")]

    def line(self, number: int) -> str:
        """A line, counted from 0; nothing beyond the ends."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def block(self, first: int, last: int | None = None) -> str:
        """The lines to paste for a text that stands bare on these; empty where none does or may be shown."""
        rows = [self.line(number) for number in range(first, (first if last is None else last) + 1)]
        return as_block(rows) if all(self.mask(row) == row for row in rows) else ""

    def add(self, at: Mark | None, message: str, fix: str = "", severity: Severity = Severity.ERROR) -> None:
        """Write down a problem at a place, or (None) of the whole file."""
        self.errors += severity is Severity.ERROR
        if self.full:
            return
        if len(self.problems) == MOST_PROBLEMS:
            at, message, fix = None, "more is wrong with this file", "mend what stands above first"
        place = Place(file=self.file)
        if at is not None:
            excerpt = self.mask(self.line(at.line)).strip()[:120]
            place = Place(file=self.file, line=at.line + 1, column=at.column + 1, excerpt=excerpt)
        self.problems.append(Problem(place=place, message=message, fix=fix, severity=severity))

    def add_once(self, at: Mark, message: str, fix: str = "") -> None:
        """Write down an error, unless one of the same line explains it already."""
        there = (found for found in self.problems if found.place.line == at.line + 1)
        if any(found.severity is Severity.ERROR for found in there):
            self.errors += 1
        else:
            self.add(at, message, fix)

    def find(self, word: str, node: Node) -> Mark:
        """Where a word stands in a text; where the text begins if escapes or folds hide it."""
        start, end = node[1].start_mark, node[1].end_mark
        for number in range(start.line, min(end.line + 1, len(self.lines))):
            column = self.lines[number].find(word, start.column if number == start.line else 0)
            if column >= 0:
                return Spot(number, column)
        return place_of(node)

    @property
    def full(self) -> bool:
        """Whether no further problem of this file is shown, so that there is no use in explaining one."""
        return len(self.problems) > MOST_PROBLEMS

    @property
    def failed(self) -> bool:
        """Whether anything found so far is an error."""
        return self.errors > 0
