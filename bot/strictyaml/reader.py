"""A strict subset of YAML: mappings, lists and texts, each with its place.

Built from PyYAML's C events, which costs half of yaml.load and keeps the places. There are no anchors,
aliases, tags, merge keys or second documents; no key comes twice; every scalar stays text until a field says
what it is, so `no` is Norwegian and 18:30 is half past six.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import yaml
from yaml._yaml import CParser

from bot.strictyaml.characters import decode, may_not_stand, unbalanced, without_blanks
from bot.strictyaml.explain import LOST_TAG, explained
from bot.strictyaml.nodes import Mark, Node, Reading, Spot, is_plain, key_place_of

MOST_NODES = 50_000
MOST_DEPTH = 20
LONGEST_TEXT = 1 << 16  # characters

_LOST_TAG = re.compile(r"[ \t]+#\w")

# Any, because what an event has depends on its type, and the checker asks each time.
_SCALAR: Any = yaml.ScalarEvent
_ALIAS: Any = yaml.AliasEvent
_MAPPING, _MAPPING_END = yaml.MappingStartEvent, yaml.MappingEndEvent
_SEQUENCE, _SEQUENCE_END = yaml.SequenceStartEvent, yaml.SequenceEndEvent
_DOCUMENT, _STREAM_END = yaml.DocumentStartEvent, yaml.StreamEndEvent


def parse(data: bytes, file: str, *, mask: Callable[[str], str] = str) -> tuple[Node | None, Reading]:
    """Read a file's bytes. None where it holds nothing or cannot be read; the problems say why.

    `mask` says what of a line may be shown with a problem: configurations may hold secrets by mistake.
    """
    reading = Reading(file, mask)
    found = list(_nodes(data, reading, one_by_one=False))
    return (found[0] if found else None), reading


def items(data: bytes, reading: Reading) -> Iterator[Node]:
    """Read a file's bytes item by item: those of its list, or the one thing it holds.

    What has been given out is only as good as the whole: look at `cut` at the end. One item at a time stays
    in memory, which makes a file of a thousand twice as fast.
    """
    return _nodes(data, reading, one_by_one=True)


def _nodes(data: bytes, reading: Reading, *, one_by_one: bool) -> Iterator[Node]:
    if not decode(data, reading):
        reading.cut = True
        return
    given = taken = 0
    try:
        for node in _Builder(reading).build(one_by_one=one_by_one):
            given = len(reading.problems)
            yield node
            taken = len(reading.problems)
    except yaml.YAMLError as error:
        reading.cut = True
        # What was given out last may be half of what was meant: what was said of it would mislead.
        del reading.problems[given:taken]
        line, column, message, fix = explained(error, reading)
        reading.add_once(Spot(line, column), message, fix)


def _hash_lines(text: str) -> Collection[int]:
    """The lines, from 0, on which a tag could have been swallowed as a remark."""
    found: set[int] = set()
    line = seen = 0
    at = text.find("#")
    while at != -1:
        if _LOST_TAG.match(text, at - 1):
            line, seen = line + text.count("\n", seen, at), at
            found.add(line)
        at = text.find("#", at + 1)
    return found


def _too_much(words: str, event: Any) -> yaml.MarkedYAMLError:
    """A file that is beyond what anybody would write by hand."""
    return yaml.MarkedYAMLError(problem=words, problem_mark=event.start_mark)


class _Builder:
    """Builds nodes from events; one for each file."""

    def __init__(self, reading: Reading) -> None:
        text = reading.text
        self.reading = reading
        self.next: Callable[[], Any] = CParser(text).get_event
        self.room = MOST_NODES
        self.hashes: Collection[int] = _hash_lines(text) if "#" in text else ()
        # Most files have nothing in them for which a scalar could be refused: then none is looked at.
        self.marked = "&" in text or "!" in text
        self.escaped = "\\" in text
        self.long = len(text) > LONGEST_TEXT
        self.turned = self.escaped or reading.turned
        self.careful = self.marked or self.escaped or self.turned

    def build(self, *, one_by_one: bool) -> Iterator[Node]:
        """The one document of the file, or (`one_by_one`) the items of its list."""
        get = self.next
        get()  # the stream begins
        document = get()
        if type(document) is not _DOCUMENT:
            return
        if document.version or document.tags:
            self.reading.add(document.start_mark, "a line that begins with % is not used here", "delete it")
        event = get()
        if one_by_one and type(event) is _SEQUENCE:
            self._check_marker(event)
            while type(event := get()) is not _SEQUENCE_END:
                yield self._value(event, None, 1)
            self._end()
        else:
            root = self._value(event, None, 0)
            self._end()
            if root[0] or not is_plain(root):
                yield root

    def _end(self) -> None:
        self.next()  # the document ends
        event = self.next()
        if type(event) is not _STREAM_END:
            self.reading.cut = True
            fix = "delete the line `---`; several posts in one file are a list"
            self.reading.add(event.start_mark, "a second document begins here", fix)

    def _value(self, event: Any, key: Any, depth: int) -> Node:
        kind = type(event)
        if kind is _SCALAR:
            return (self._checked(event) if self.careful or self.hashes else event.value, event, key)
        if kind is _ALIAS:
            self._refuse_marker(event, "*", "a reference")
            return ("", event, key)
        if self.marked:
            self._check_marker(event)
        if depth >= MOST_DEPTH:
            raise _too_much(f"values are nested more than {MOST_DEPTH} deep", event)
        found, end = self._mapping(depth + 1) if kind is _MAPPING else self._sequence(depth + 1)
        if self.long and end.start_mark.index - event.start_mark.index > LONGEST_TEXT:
            self._check_lengths(found)
        self.room -= len(found) + 1
        if self.room < 0:
            raise _too_much(f"more values than {MOST_NODES}", event)
        return (found, event, key)

    def _mapping(self, depth: int) -> tuple[dict[str, Node], Any]:
        get, value, careful, hashes = self.next, self._value, self.careful, self.hashes
        found: dict[str, Node] = {}
        while type(key := get()) is not _MAPPING_END:
            if type(key) is not _SCALAR:
                self._refuse_key(key, depth)
                continue
            name = key.value
            event = get()
            if careful or type(event) is not _SCALAR or (hashes and event.end_mark.line in hashes):
                node = value(event, key, depth)
            else:  # most values are: a call less
                node = (event.value, event, key)
            if name in found or name == "<<" or self.marked:
                self._check_key(key, found)
            if name != "<<":
                found[name] = node
        return found, key

    def _check_key(self, key: Any, found: dict[str, Node]) -> None:
        self._check_marker(key)
        if key.value in found:
            line = key_place_of(found[key.value]).line + 1
            message = f"`{key.value}` stands here a second time (first on line {line})"
            self.reading.add(key.start_mark, message, "delete one of them")
        elif key.value == "<<":
            self.reading.add(key.start_mark, "`<<` is not used here", "write the keys out")

    def _sequence(self, depth: int) -> tuple[list[Node], Any]:
        get, value = self.next, self._value
        found = []
        while type(event := get()) is not _SEQUENCE_END:
            found.append(value(event, None, depth))
        return found, event

    def _check_lengths(self, found: dict[str, Node] | list[Node]) -> None:
        for value, event, _ in found.values() if isinstance(found, dict) else found:
            if isinstance(value, str) and len(value) > LONGEST_TEXT:
                said = f"this text is longer than {LONGEST_TEXT:,} characters"
                self.reading.add(event.start_mark, said, "shorten it")

    def _refuse_key(self, event: Any, depth: int) -> None:
        self._value(event, None, depth)
        self._value(self.next(), None, depth)
        fix = self.reading.block(event.start_mark.line) or "write `key: value`, or put a text under `en: |`"
        self.reading.add(event.start_mark, "a key must be one word", fix)

    def _checked(self, event: Any) -> str:
        """The text of a scalar, without invisible characters; says what else is wrong with it."""
        value: str = event.value
        mark = event.start_mark
        if self.marked:
            self._check_marker(event)
        if not event.style and event.end_mark.line in self.hashes:
            self._check_lost_tag(mark, event.end_mark)
        if self.escaped and event.style == '"':
            # Escapes such as "\u2028" bring in what the file itself may not hold.
            if may_not_stand(value):
                self.reading.add(mark, "this text holds a character that cannot be published", "leave it out")
            value = without_blanks(value)
        if self.turned and unbalanced(value):
            said = "this text turns the direction of reading and does not turn it back"
            self.reading.add(mark, said, "type it anew instead of copying it")
        return value

    def _check_lost_tag(self, start: Mark, end: Mark) -> None:
        if _LOST_TAG.match(self.reading.lines[end.line][end.column :]):
            self.reading.add(
                Spot(end.line, end.column + 1),
                LOST_TAG,
                self.reading.block(start.line, end.line) or 'put the whole text in "quotes"',
            )

    def _check_marker(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse_marker(event, "&", "an anchor")
        elif event.tag is not None:
            self._refuse_marker(event, "!", "the mark of a type")

    def _refuse_marker(self, event: Any, sign: str, name: str) -> None:
        self.reading.add(
            event.start_mark,
            f"YAML takes the {sign} here for {name}, which is not used here",
            self.reading.block(event.start_mark.line) or 'put the text in "quotes"',
        )
