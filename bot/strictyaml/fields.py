"""The table of fields: what a file may hold, checked all at once, and published for editors.

One table drives reading, "did you mean" and the JSON Schema. A field's `read` gives a value or INVALID, and
then has said why; nothing is raised, so that every problem of a file is found in one go.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.strictyaml.explain import ODD_SPACE, odd_space
from bot.strictyaml.nodes import Node, Reading, is_plain, key_place_of, place_of

_MOST_DIGITS = 9
_MEANT = {"yes": "true", "on": "true", "no": "false", "off": "false"}


class _Invalid:
    def __repr__(self) -> str:
        return "INVALID"


INVALID: Any = _Invalid()
"""Stands for a value that could not be used; the reading holds the problem."""


class Wrong(Exception):  # noqa: N818  # not an error of the program: one sentence about one value
    """A value cannot be used: one sentence, and the way to mend it."""

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


def kind_of(node: Node) -> str:
    """What a value is, in words."""
    value = node[0]
    if isinstance(value, dict):
        return "a group of keys"
    if isinstance(value, list):
        return "a list"
    return f"`{shortened(value)}`" if value.strip() else "empty"


def shortened(text: str) -> str:
    """A text on one line, as long as a sentence can quote."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"  # noqa: PLR2004  # what a sentence can quote


def did_you_mean(word: str, known: Iterable[str], name: str) -> str:
    """The nearest known word, and all of them."""
    from difflib import get_close_matches  # the price of an error, not of every start

    words = list(known)
    near = get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    listed = f"{name} {', '.join(words)}"
    return f"did you mean `{near[0]}`? {listed[0].upper()}{listed[1:]}" if near else listed


def in_capitals(word: str, keys: Iterable[str]) -> bool:
    """Whether a word stands among keys with a capital in it, which is an error of its own."""
    return any(key != word and key.lower() == word for key in keys)


# Neither frozen nor with slots: making such classes takes far longer, and every command would pay for it.
@dataclass(kw_only=True, eq=False, repr=False)
class Word:
    """A text that `parse` turns into a value, raising Wrong where it cannot; `says` completes "must be"."""

    says: str
    parse: Callable[[str], Any] = str.strip
    examples: tuple[str, ...] = ()

    def read(self, node: Node, reading: Reading) -> Any:
        """The parsed value."""
        value = node[0]
        if type(value) is not str:
            said = f"this must be {self.says}, not {kind_of(node)}"
            reading.add(place_of(node), said, self._example())
            return INVALID
        try:
            if value:
                return self.parse(value)
        except Wrong as wrong:
            if value.strip():
                reading.add(place_of(node), wrong.message, wrong.fix)
                return INVALID
        reading.add_once(key_place_of(node), f"this is empty, and must be {self.says}", self._example())
        return INVALID

    def _example(self) -> str:
        return f"for example {self.examples[0]}" if self.examples else "fill it in, or delete it"

    def schema(self) -> dict[str, Any]:
        """A string, described."""
        described: dict[str, Any] = {"type": "string", "description": self.says}
        return described | ({"examples": list(self.examples)} if self.examples else {})


@dataclass(kw_only=True, eq=False, repr=False)
class OneOf:
    """One of some words."""

    words: Mapping[str, Any]
    name: str

    def read(self, node: Node, reading: Reading) -> Any:
        """What the word stands for."""
        word = node[0].strip() if type(node[0]) is str else ""
        if word in self.words:
            return self.words[word]
        if not word and type(node[0]) is str:
            said = f"this is empty, and must be a {self.name}"
            reading.add_once(key_place_of(node), said, self._known(word))
        else:
            reading.add(place_of(node), f"{kind_of(node)} is not a {self.name}", self._known(word))
        return INVALID

    def _known(self, word: str) -> str:
        return did_you_mean(word, self.words, "known are")

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.words)}


@dataclass(kw_only=True, eq=False, repr=False)
class Flag:
    """true or false."""

    def read(self, node: Node, reading: Reading) -> Any:
        """A bool."""
        if is_plain(node) and node[0] in {"true", "false"}:
            return node[0] == "true"
        word = node[0].strip().lower() if type(node[0]) is str else ""
        meant = _MEANT.get(word, word if word in {"true", "false"} else "")
        fix = f"write {meant}, without quotes" if meant else "write true or false"
        reading.add(place_of(node), f"this must be true or false, not {kind_of(node)}", fix)
        return INVALID

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(kw_only=True, eq=False, repr=False)
class Whole:
    """A whole number between two others."""

    least: int
    most: int

    def read(self, node: Node, reading: Reading) -> Any:
        """An int."""
        digits = node[0] if is_plain(node) else ""
        if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS:
            number = int(digits)
            # 010 may have been meant as eight: who wrote it is asked.
            if self.least <= number <= self.most and str(number) == digits:
                return number
        message = f"this must be a whole number from {self.least} to {self.most}, not {kind_of(node)}"
        plain = digits.isascii() and digits.isdigit() and digits[0] != "0"
        fix = "write a number in between" if plain else "write it in digits alone, without quotes"
        reading.add(place_of(node), message, fix)
        return INVALID

    def schema(self) -> dict[str, Any]:
        """An integer."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(kw_only=True, eq=False, repr=False)
class ListOf:
    """A list; one value alone stands for a list of one."""

    each: Field
    name: str = "values"

    def read(self, node: Node, reading: Reading) -> Any:
        """A tuple of what each item reads as, or INVALID where one cannot be used."""
        nodes = node[0] if type(node[0]) is list else [node]
        if not nodes:
            reading.add(place_of(node), f"this list of {self.name} is empty", "leave the key out")
            return INVALID
        read = self.each.read
        values = [read(one, reading) for one in nodes]
        return INVALID if INVALID in values else tuple(values)

    def schema(self) -> dict[str, Any]:
        """An array, or one item."""
        item = self.each.schema()
        return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


@dataclass(kw_only=True, eq=False, repr=False)
class MapOf:
    """Keys of one's own choosing, each checked by `key`, with values of one kind."""

    key: Callable[[str], Any]
    each: Field
    name: str
    example: str = ""

    def read(self, node: Node, reading: Reading) -> Any:
        """A dict, or INVALID where a key or value cannot be used."""
        value = node[0]
        if type(value) is not dict or not value:
            said = f"this must be {self.name}, not {kind_of(node)}"
            reading.add_once(key_place_of(node), said, self.example)
            return INVALID
        found, sound, read, key = {}, True, self.each.read, self.key
        for word, one in value.items():
            each = read(one, reading)
            sound = sound and each is not INVALID
            try:
                found[key(word)] = each
            except Wrong as wrong:
                reading.add(key_place_of(one), wrong.message, wrong.fix)
                sound = False
        return found if sound else INVALID

    def schema(self) -> dict[str, Any]:
        """An object."""
        return {"type": "object", "additionalProperties": self.each.schema(), "minProperties": 1}


@dataclass(kw_only=True, eq=False, repr=False)
class Later:
    """A value that can only be understood beside others: it stays a Node until they are read."""

    field: Field

    def read(self, node: Node, reading: Reading) -> Any:
        """The node itself."""
        return node

    def schema(self) -> dict[str, Any]:
        """What it will be read as."""
        return self.field.schema()


@dataclass(kw_only=True, eq=False, repr=False)
class NotYet:
    """A key that is known and cannot be used in this version; not part of the schema."""

    why: str

    def read(self, node: Node, reading: Reading) -> Any:
        """INVALID: what it says would be lost."""
        word = node[2].value if node[2] else ""
        reading.add(key_place_of(node), f"`{word}` is not supported yet: {self.why}", "leave it out")
        return INVALID

    def schema(self) -> dict[str, Any]:
        """Nothing fits."""
        return {"not": {}}


@dataclass(kw_only=True, eq=False, repr=False)
class Row:
    """One row of a table: a field, whether it must be there, and a line that shows how."""

    field: Field
    required: bool = False
    example: str = ""


class Table:
    """A group of known keys. `name` completes "is not a key of"; `example` is a line that shows one."""

    def __init__(
        self,
        *,
        name: str,
        rows: Mapping[str, Row],
        hints: Mapping[str, str] | None = None,
        hint: Callable[[str], str] = lambda _: "",
        example: str = "",
    ) -> None:
        self.name = name
        self.example = example
        self.rows = rows
        self.hints = hints or {}  # words people try, and what is meant
        self.hint = hint  # the same for words that are too many to list
        self._reads = {word: row.field.read for word, row in rows.items()}
        self._required = tuple(word for word, row in rows.items() if row.required)

    def read(self, node: Node, reading: Reading) -> Any:
        """A dict of the keys that are there, INVALID values included, or INVALID for no group at all."""
        value = node[0]
        if type(value) is not dict:
            fix = (
                f"write it like `{self.example}`" if self.example else f"its keys are {', '.join(self.rows)}"
            )
            reading.add(place_of(node), f"{self.name} must be a group of keys, not {kind_of(node)}", fix)
            return INVALID
        reads = self._reads
        found: dict[str, Any] = {}
        for word, one in value.items():
            read = reads.get(word)
            if read is None:
                self._unknown(word, one, reading)
            else:
                found[word] = read(one, reading)
        for word in self._required:
            if word not in found:
                if not in_capitals(word, value):
                    self._missing(word, node, reading)
                found[word] = INVALID
        return found

    def _unknown(self, word: str, one: Node, reading: Reading) -> None:
        if odd_space(word) >= 0:
            reading.add(key_place_of(one), ODD_SPACE, "type an ordinary one")
            return
        fix = self.hints.get(word, "") or self.hint(word)
        if not fix and word.lower() in self.rows:
            fix = f"write `{word.lower()}:`, in small letters"
        if not fix and not reading.full:
            fix = did_you_mean(word, self._usable(), "the keys are")
        reading.add(key_place_of(one), f"`{shortened(word)}` is not a key of {self.name}", fix)

    def _missing(self, word: str, node: Node, reading: Reading) -> None:
        fix = self.rows[word].example or f"add `{word}:`"
        reading.add(key_place_of(node), f"{self.name} has no `{word}`", fix)

    def _usable(self) -> dict[str, Row]:
        return {word: row for word, row in self.rows.items() if not isinstance(row.field, NotYet)}

    def schema(self) -> dict[str, Any]:
        """An object with nothing else in it."""
        usable = self._usable()
        return {
            "type": "object",
            "properties": {word: row.field.schema() for word, row in usable.items()},
            "required": [word for word, row in usable.items() if row.required],
            "additionalProperties": False,
        }
