"""The table of fields: what a file may hold, checked all at once, and published for editors.

One table drives reading, "did you mean" and the JSON Schema. A field's `read` gives a value or INVALID, and
then has said why; nothing is raised, so that every problem of a file is found in one go.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.domain.problem import Severity
from bot.strictyaml.reader import Node, Reading


class _Invalid:
    def __repr__(self) -> str:
        return "INVALID"


INVALID: Any = _Invalid()
"""Stands for a value that could not be used; the reading holds the problem."""


class Wrong(Exception):  # noqa: N818  # not an error of the program: one sentence about one value
    """A value cannot be used: one sentence, the way to mend it, and whether that is only a warning."""

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class Field(Protocol):
    """What one place in a file may hold."""

    def read(self, node: Node, reading: Reading) -> Any:
        """The value, or INVALID once the reading has been told why."""

    def schema(self) -> dict[str, Any]:
        """The same in JSON Schema, for editors."""


def at(node: Node) -> tuple[int, int]:
    """Where a value stands."""
    return node.line, node.column


def at_key(node: Node) -> tuple[int, int]:
    """Where the key of a value stands."""
    return node.key_line, node.key_column


def kind_of(node: Node) -> str:
    """What a value is, in words."""
    if isinstance(node.value, dict):
        return "a group of keys"
    if isinstance(node.value, list):
        return "a list"
    return "empty" if node.value == "" and node.plain else f"`{node.value.strip()[:40]}`"


def did_you_mean(word: str, known: Iterable[str], name: str) -> str:
    """The nearest known word, and all of them."""
    known = sorted(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    listed = f"{name}: {', '.join(known)}"
    return f"did you mean `{near[0]}`? {listed}" if near else listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A scalar that `parse` turns into a value, raising Wrong where it cannot; `says` completes "must be"."""

    says: str
    parse: Callable[[str], Any] = str
    examples: tuple[str, ...] = ()
    empty: bool = False

    def read(self, node: Node, reading: Reading) -> Any:
        """The parsed value."""
        value = node.value
        if not isinstance(value, str):
            reading.add(at(node), f"this must be {self.says}, not {kind_of(node)}")
            return INVALID
        if not value.strip() and not self.empty:
            reading.add(at_key(node), f"this is empty; it must be {self.says}")
            return INVALID
        try:
            return self.parse(value)
        except Wrong as wrong:
            reading.add(at(node), wrong.message, wrong.fix)
            return INVALID

    def schema(self) -> dict[str, Any]:
        """A string, described."""
        described: dict[str, Any] = {"type": "string", "description": self.says}
        return described | ({"examples": list(self.examples)} if self.examples else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """One of some words."""

    words: Mapping[str, Any]
    name: str

    def read(self, node: Node, reading: Reading) -> Any:
        """What the word stands for."""
        word = node.value.strip() if isinstance(node.value, str) else ""
        if word in self.words:
            return self.words[word]
        reading.add(
            at(node),
            f"{kind_of(node)} is not a {self.name}",
            did_you_mean(word, self.words, "these are known"),
        )
        return INVALID

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """true or false."""

    def read(self, node: Node, reading: Reading) -> Any:
        """A bool."""
        if node.plain and node.value in {"true", "false"}:
            return node.value == "true"
        reading.add(at(node), f"this must be true or false, not {kind_of(node)}")
        return INVALID

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole number between two others."""

    least: int
    most: int

    def read(self, node: Node, reading: Reading) -> Any:
        """An int."""
        text = node.value if isinstance(node.value, str) and node.plain else ""
        digits = text.removeprefix("-")
        if digits.isascii() and digits.isdigit() and (digits == "0" or digits[0] != "0"):
            number = int(text)
            if self.least <= number <= self.most:
                return number
        reading.add(
            at(node), f"this must be a whole number from {self.least} to {self.most}, not {kind_of(node)}"
        )
        return INVALID

    def schema(self) -> dict[str, Any]:
        """An integer."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list; one value alone stands for a list of one."""

    each: Field
    name: str = "values"

    def read(self, node: Node, reading: Reading) -> Any:
        """A tuple of what each item reads as, or INVALID where one cannot be used."""
        nodes = node.value if isinstance(node.value, list) else [node]
        if not nodes:
            reading.add(at(node), f"this list of {self.name} is empty", "leave the key out")
            return INVALID
        values = [self.each.read(one, reading) for one in nodes]
        return INVALID if any(value is INVALID for value in values) else tuple(values)

    def schema(self) -> dict[str, Any]:
        """An array, or one item."""
        item = self.each.schema()
        return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """Keys of one's own choosing, each checked by `key`, with values of one kind."""

    key: Callable[[str], Any]
    each: Field
    name: str

    def read(self, node: Node, reading: Reading) -> Any:
        """A dict, or INVALID where a key or value cannot be used."""
        if not isinstance(node.value, dict) or not node.value:
            reading.add(at(node), f"this must be {self.name}, not {kind_of(node)}")
            return INVALID
        found, sound = {}, True
        for word, one in node.value.items():
            value = self.each.read(one, reading)
            try:
                found[self.key(word)] = value
            except Wrong as wrong:
                reading.add(at_key(one), wrong.message, wrong.fix)
                sound = False
            sound = sound and value is not INVALID
        return found if sound else INVALID

    def schema(self) -> dict[str, Any]:
        """An object."""
        return {"type": "object", "additionalProperties": self.each.schema(), "minProperties": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A value that can only be understood beside others: it stays a Node until they are read."""

    field: Field

    def read(self, node: Node, reading: Reading) -> Any:
        """The node itself."""
        return node

    def schema(self) -> dict[str, Any]:
        """What it will be read as."""
        return self.field.schema()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table: a field, whether it must be there, and why it may not be used yet."""

    field: Field
    required: bool = False
    not_yet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A group of known keys. `name` completes "is not a key of"."""

    name: str
    rows: Mapping[str, Row]
    hints: Mapping[str, str] = field(default_factory=dict)  # words people try, and what is meant

    def read(self, node: Node, reading: Reading) -> Any:
        """A dict of the keys that are there, INVALID values included, or INVALID for no group at all."""
        if not isinstance(node.value, dict):
            reading.add(at(node), f"{self.name} must be a group of keys, not {kind_of(node)}")
            return INVALID
        found: dict[str, Any] = {}
        for word, one in node.value.items():
            row = self.rows.get(word)
            if row is None:
                self._unknown(word, one, reading)
            elif row.not_yet:
                reading.add(at_key(one), f"`{word}` is not supported yet: {row.not_yet}", "leave it out")
                found[word] = INVALID
            else:
                found[word] = row.field.read(one, reading)
        for word, row in self.rows.items():
            if row.required and word not in node.value:
                reading.add(at_key(node), f"{self.name} has no `{word}`", f"add `{word}:`")
                found[word] = INVALID
        return found

    def _unknown(self, word: str, one: Node, reading: Reading) -> None:
        fix = self.hints.get(word) or did_you_mean(word, self.rows, "the keys are")
        reading.add(at_key(one), f"`{word}` is not a key of {self.name}", fix)

    def schema(self) -> dict[str, Any]:
        """An object with nothing else in it."""
        usable = {word: row for word, row in self.rows.items() if not row.not_yet}
        return {
            "type": "object",
            "properties": {word: row.field.schema() for word, row in usable.items()},
            "required": [word for word, row in usable.items() if row.required],
            "additionalProperties": False,
        }


def warn(reading: Reading, node: Node, message: str, fix: str = "") -> None:
    """Say something that does not stop the value from being used."""
    reading.add(at(node), message, fix, Severity.WARNING)
