"""A strict subset of YAML: mappings, lists and texts, each with its line and column.

Read from PyYAML's C events, which costs half of yaml.load and keeps the places. There are no anchors,
aliases, tags, merge keys or second documents; no key comes twice; every scalar stays text until a field says
what it is, so `no` is Norwegian and 18:30 is half past six.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import yaml

from bot.domain.problem import Place, Problem, Severity

MOST_BYTES = 1 << 20
MOST_NODES = 50_000
MOST_DEPTH = 20
LONGEST_TEXT = 1 << 16

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_LOST_TAG = re.compile(r"\s+#\w")
_KEY_ALONE = re.compile(r"\s*(?:- +)?[\w-]+$")
_KEY_AND_TEXT = re.compile(r"^(\s*(?:- +)?)([\w-]+):[ \t]+(.*)$")


# The C library's events; the pure Python ones are the same, only slower.
_Events = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Node(NamedTuple):
    """A value and where it stands; lines and columns count from 0, `plain` means not quoted."""

    value: Any  # dict[str, Node], list[Node] or str
    line: int
    column: int
    plain: bool
    key_line: int
    key_column: int


class Reading:
    """One file while it is read: its lines, for excerpts, and the problems found so far."""

    def __init__(self, file: str, mask: Callable[[str], str] = str) -> None:
        self.file = file
        self.mask = mask  # what of a line may be shown
        self.lines: Sequence[str] = ()
        self.problems: list[Problem] = []

    def place(self, line: int, column: int) -> Place:
        """A place in this file, from a line and column counted from 0."""
        excerpt = self.lines[line].strip() if 0 <= line < len(self.lines) else ""
        return Place(file=self.file, line=line + 1, column=column + 1, excerpt=self.mask(excerpt)[:120])

    def add(
        self, at: tuple[int, int] | None, message: str, fix: str = "", severity: Severity = Severity.ERROR
    ) -> None:
        """Write down a problem at a line and column, or (None) of the whole file."""
        place = self.place(*at) if at else Place(file=self.file)
        self.problems.append(Problem(place=place, message=message, fix=fix, severity=severity))

    @property
    def failed(self) -> bool:
        """Whether anything found so far is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def parse(data: bytes, file: str, *, mask: Callable[[str], str] = str) -> tuple[Node | None, Reading]:
    """Read a file's bytes. None where it holds nothing or cannot be read; the problems say why.

    `mask` says what of a line may be shown with a problem: configurations may hold secrets by mistake.
    """
    reading = Reading(file, mask)
    text = _decode(data, reading)
    if text is None:
        return None, reading
    reading.lines = text.splitlines()
    builder = _Builder(text, reading)
    try:
        return builder.build(), reading
    except yaml.MarkedYAMLError as error:
        _explain(error, reading)
    except yaml.YAMLError as error:
        reading.add(None, f"this cannot be read as YAML: {error}")
    return None, reading


def _decode(data: bytes, reading: Reading) -> str | None:
    if len(data) > MOST_BYTES:
        reading.add(None, f"the file is larger than {MOST_BYTES // 1024} KiB", "split it into several files")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n")
        reading.add((line, 0), "this is not UTF-8 text", "save the file with the encoding UTF-8")
        return None
    text = text.replace("\r\n", "\n")
    found = _FORBIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start())
        reading.lines = [_FORBIDDEN.sub("\ufffd", row) for row in text.split("\n")]
        reading.add(
            (line, found.start() - text.rfind("\n", 0, found.start()) - 1),
            f"there is an invisible character here (U+{ord(found.group()):04X})",
            "delete it, or type the line anew",
        )
        return None
    if text and not text.endswith("\n"):
        reading.lines = text.splitlines()
        reading.add(
            (len(reading.lines) - 1, len(reading.lines[-1])),
            "the file ends in the middle of a line, so perhaps it was not saved whole",
            "end the last line with Enter and save again",
        )
        return None
    return text


class _Builder:
    """Builds nodes from events; one for each file."""

    def __init__(self, text: str, reading: Reading) -> None:
        self.reading = reading
        self.parser = _Events(text)
        self.nodes = 0
        # Only a line with " #" in it can have swallowed a tag.
        self.hashes = frozenset(
            number for number, line in enumerate(reading.lines) if " #" in line or "\t#" in line
        )

    def build(self) -> Node | None:
        """The one document of the file."""
        get = self.parser.get_event
        root: Node | None = None
        documents = 0
        while (event := get()) is not None:
            kind = type(event)
            if kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    mark = event.start_mark
                    self.reading.add(
                        (mark.line, mark.column), "a second document starts here", "delete the line `---`"
                    )
                    return None
            elif kind not in _FRAME:
                root = self._node(event, 0, None)
            if kind is yaml.StreamEndEvent:
                break
        return root if root is None or root.value != "" or not root.plain else None

    def _node(self, event: Any, depth: int, key: tuple[int, int] | None) -> Node:
        mark = event.start_mark
        line, column = mark.line, mark.column
        key_line, key_column = key or (line, column)
        kind = type(event)
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _TooMuch(f"the file holds more than {MOST_NODES} values", mark)
        if kind is yaml.ScalarEvent:
            plain = not event.style
            self._check_scalar(event, plain, mark)
            if event.anchor is not None or event.tag is not None:
                self._refuse_marker(event)
            return Node(event.value, line, column, plain, key_line, key_column)
        if kind is yaml.AliasEvent:
            self._refuse_marker(event)
            return Node("", line, column, False, key_line, key_column)
        if event.anchor is not None or event.tag is not None:
            self._refuse_marker(event)
        if depth >= MOST_DEPTH:
            raise _TooMuch(f"the values are nested more than {MOST_DEPTH} deep", mark)
        value = self._mapping(depth) if kind is yaml.MappingStartEvent else self._sequence(depth)
        return Node(value, line, column, False, key_line, key_column)

    def _mapping(self, depth: int) -> dict[str, Node]:
        get = self.parser.get_event
        found: dict[str, Node] = {}
        while type(event := get()) is not yaml.MappingEndEvent:
            mark = event.start_mark
            at = (mark.line, mark.column)
            if type(event) is not yaml.ScalarEvent:
                self._node(event, depth + 1, None)
                self.reading.add(at, "a key must be one word", "write `key: value`")
                self._node(get(), depth + 1, at)
                continue
            name = event.value
            if event.anchor is not None or event.tag is not None:
                self._refuse_marker(event)
            node = self._node(get(), depth + 1, at)
            if name == "<<":
                self.reading.add(at, "`<<` is not used here", "write the keys out")
            elif name in found:
                self.reading.add(
                    at, f"`{name}` stands here twice (first on line {found[name].key_line + 1})", "delete one"
                )
            else:
                found[name] = node
        return found

    def _sequence(self, depth: int) -> list[Node]:
        get = self.parser.get_event
        found = []
        while type(event := get()) is not yaml.SequenceEndEvent:
            found.append(self._node(event, depth + 1, None))
        return found

    def _check_scalar(self, event: Any, plain: bool, mark: Any) -> None:
        if len(event.value) > LONGEST_TEXT:
            self.reading.add((mark.line, mark.column), f"this text is longer than {LONGEST_TEXT} characters")
        if plain:
            end = event.end_mark
            if end.line in self.hashes and event.value:
                rest = self.reading.lines[end.line][end.column :]
                if _LOST_TAG.match(rest):
                    self.reading.add(
                        (end.line, end.column + 1),
                        "everything from the # on would be lost: YAML takes it for a remark",
                        as_block(self.reading.mask(self.reading.lines[end.line]))
                        or 'put the whole text in "quotes"',
                    )
        elif event.style == '"' and _FORBIDDEN.search(event.value):
            self.reading.add(
                (mark.line, mark.column),
                "this text holds a character that cannot be published",
                "leave it out",
            )

    def _refuse_marker(self, event: Any) -> None:
        mark = event.start_mark
        if type(event) is yaml.AliasEvent:
            sign, name = "*", "a reference"
        elif event.anchor is not None:
            sign, name = "&", "an anchor"
        else:
            sign, name = "!", "a type mark"
        line = self.reading.lines[mark.line] if mark.line < len(self.reading.lines) else ""
        self.reading.add(
            (mark.line, mark.column),
            f"YAML takes the {sign} here for {name}, and there are none in this program",
            as_block(self.reading.mask(line)) or 'put the text in "quotes"',
        )


_FRAME = frozenset(
    {yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent}
)


class _TooMuch(yaml.MarkedYAMLError):
    """A file that is beyond what anybody would write by hand."""

    def __init__(self, words: str, mark: Any) -> None:
        super().__init__(problem=words, problem_mark=mark)


def as_block(line: str) -> str:
    """The lines to paste where a text stands bare behind its key; empty where it does not."""
    found = _KEY_AND_TEXT.match(line)
    if not found:
        return ""
    indent, key, text = found.groups()
    if not text or text[0] in "|>{[\"'":
        return ""
    return f"{indent}{key}: |\n{' ' * len(indent)}  {text}"


_EXPLANATIONS: tuple[tuple[str, str], ...] = (
    ("mapping values are not allowed", "YAML takes the `: ` in this text for a key and its value"),
    ("that cannot start any token", "YAML does not allow a text to begin with this character"),
    ("did not find expected alphabetic", "YAML gives this character at the start of a text another meaning"),
    ("could not find expected ':'", "this line is neither `key: value` nor the continuation of a text"),
    ("did not find expected key", "this line is indented differently from the lines before it"),
    ("found unexpected end of stream", "a quote is opened and never closed"),
    ("did not find expected ',' or", "a bracket is opened and never closed"),
    ("found unknown escape character", "inside double quotes a \\ has a meaning of its own"),
    ("block sequence entries are not allowed", "a list cannot begin here"),
    ("did not find expected '-'", "this line does not belong to the list above it"),
    ("invalid Unicode character escape", "this text holds a character that cannot be published"),
)


def _explain(error: yaml.MarkedYAMLError, reading: Reading) -> None:
    """Say in an organiser's words where YAML gave up; the rest of the file is not read."""
    words = error.problem or str(error)
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    line = min(line, max(0, len(reading.lines) - 1))
    row = reading.lines[line] if reading.lines else ""
    if "\t" in row[: len(row) - len(row.lstrip())] or "tab" in words:
        reading.add((line, column), "there is a tab here, and YAML wants spaces", "put two spaces instead")
        return
    if "mapping values" in words and _KEY_ALONE.match(row[:column]):
        words = "did not find expected key"
    message = next((said for sign, said in _EXPLANATIONS if sign in words), "")
    if not message:
        message = words if isinstance(error, _TooMuch) else f"this cannot be read as YAML: {words}"
    reading.add((line, column), message, _fix(words, reading.mask(row)))


def _fix(words: str, row: str) -> str:
    if "expected key" not in words and (block := as_block(row)):
        return block
    if "expected key" in words or "expected ':'" in words:
        return "line it up with the line above, or write the text under `en: |`, indented"
    if "end of stream" in words:
        return "close the quote, or write the text under `en: |` without quotes"
    return ""
