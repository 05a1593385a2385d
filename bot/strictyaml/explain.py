"""What YAML's own complaints mean in an organiser's words, and the lines to paste instead."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import yaml

Explained = tuple[int, int, str, str]
"""Line and column, counted from 0, the sentence and the way to mend it."""

# Patterns stay text until somebody makes a mistake: compiling them would slow every start.
_KEY_ALONE = r"\s*(?:- +)?[\w-]+$"
_KEY_AND_TEXT = r"(\s*(?:- +)*)([\w-]+):[ \t]+(.*\S)\s*$"
_KEY_GLUED = r"\s*(?:- +)*([\w-]+):(?=[^\s:/])"
_LANGUAGE_INSIDE = r"\{?\s*([a-z]{2,3}): +(.*?)\s*\}?$"
_BAR_GLUED = r"\s*(?:- +)*([\w-]+):[|>]"
_ODD_SPACE = "(?: *|[ -]*[\\w-]+: *)[\u00a0\u2000-\u200a\u202f\u3000]"  # before a key, or behind its colon
_LOST_TAG = r"[ \t]#\w"
ODD_SPACE = "a no-break space stands here"
LOST_TAG = "everything from the # on would be lost: YAML takes it for a remark"
_ALIGN = "line it up with the line above; or, if it belongs to a text, write that under `en: |`, indented"


def as_block(rows: Sequence[str]) -> str:
    """The lines to paste where a text stands bare behind its key; empty where none does."""
    found = re.match(_KEY_AND_TEXT, rows[0])
    if not found:
        return ""
    indent, key, text = found.groups()
    texts = [_unquoted(text).lstrip("|>").strip(), *(row.strip() for row in rows[1:])]
    deeper = " " * len(indent)
    if key == "text":
        language = "en"
        if inside := re.match(_LANGUAGE_INSIDE, text):
            language, texts[0] = inside.groups()
        head, deeper = [f"{indent}text:", f"{deeper}  {language}: |"], f"{deeper}    "
    elif len(rows) == 1 and not any(sign in text for sign in ' "\\'):
        return f'{key}: "{text}"'
    else:
        head, deeper = [f"{indent}{key}: |"], f"{deeper}  "
    return "\n".join([*head, *(f"{deeper}{one}" for one in texts if one)])


def _unquoted(text: str) -> str:
    """A text without the quotes around all of it; those around its first and last word are its own."""
    sign = text[0]
    if sign not in "\"'" or len(text) == 1 or text[-1] != sign:
        return text
    second = text.index(sign, 1)
    around_all = second == len(text) - 1 or text[second - 1] == " " or text[second + 1].isalnum()
    return text[1:-1].replace(sign * 2 if sign == "'" else '\\"', sign) if around_all else text


def odd_space(text: str) -> int:
    """Where in the structure of a line a space stands that YAML takes for a letter; -1 for nowhere."""
    found = re.match(_ODD_SPACE, text)
    return found.end() - 1 if found else -1


class Page(Protocol):
    """The file that YAML gave up on."""

    mask: Callable[[str], str]

    def line(self, number: int) -> str:
        """A line, counted from 0; nothing beyond the ends."""

    def block(self, first: int) -> str:
        """The lines to paste for a text that stands bare on a line; empty where none does."""


class _Where(NamedTuple):
    """The line on which YAML gave up, where on it, the line above, and the lines to paste for it, if any."""

    row: str
    column: int
    above: str
    block: str
    mask: Callable[[str], str]
    key: str  # the line to which this one belongs, being indented less


def explained(error: yaml.YAMLError, page: Page) -> Explained:
    """Say where YAML gave up, why, and how to mend it."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return 0, 0, f"this cannot be read as YAML: {error}", ""
    words = error.problem or ""
    mark = _mark(error)
    line, column = (mark.line, mark.column) if mark else (0, 0)
    row = page.line(line)
    if "\t" in row[: len(row) - len(row.lstrip())] or "found a tab" in words:
        return line, column, "a tab stands here, where YAML wants spaces", "put two spaces in its place"
    if (odd := odd_space(row)) >= 0:
        return line, odd, ODD_SPACE, "type an ordinary one"
    if "expected <document start>" in words and (first := _indented_first(page, line)) is not None:
        return (
            first,
            0,
            "this line is indented, and the lines below are not",
            "take the spaces before it away",
        )
    for sign, explain in _MEANINGS:
        if sign in words:
            message, fix = explain(
                _Where(row, column, page.line(line - 1), page.block(line), page.mask, _key_of(page, line))
            )
            return line, column, message, fix
    return line, column, f"this cannot be read as YAML: {words}", page.block(line)


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip(" "))


def _indented_first(page: Page, line: int) -> int | None:
    """The first line of the file that is neither empty nor a remark, where it is indented."""
    for number in range(line):
        row = page.line(number)
        if row.strip() and not row.lstrip().startswith("#"):
            return number if _indent(row) else None
    return None


def _key_of(page: Page, line: int) -> str:
    inner = _indent(page.line(line))
    above = (page.line(number) for number in range(line - 1, -1, -1))
    return next((row for row in above if row.strip() and _indent(row) < inner), "")


def _mark(error: yaml.MarkedYAMLError) -> Any:
    """Where a person has to look: where something was opened, not where its end was missed."""
    words = error.problem or ""
    missed = ("end of stream", "expected ',' or", "expected ':'", "document indicator")
    if error.context_mark and any(sign in words for sign in missed):
        return error.context_mark
    return error.problem_mark or error.context_mark


def _always(message: str, fix: str) -> Callable[[_Where], tuple[str, str]]:
    return lambda _: (message, fix)


def _bare(message: str) -> Callable[[_Where], tuple[str, str]]:
    """A text that YAML misreads where it stands: as a block it would be read."""
    return lambda where: (message, where.block or _ALIGN)


_STARRED = _bare("a text that stands bare cannot begin with `*` or `&`")
_INDENTED = _always("this line is indented differently from the lines above", _ALIGN)
_OPEN = _always("the bracket that opens here is never closed, or a comma is missing behind it", "close it")


def _colon(where: _Where) -> tuple[str, str]:
    if glued := re.match(_BAR_GLUED, where.key):
        line = where.mask(where.key.strip())
        return f"the line `{line}` has no space after its `:`", _unglued(where.key, glued.end() - 1, where)
    if not re.match(_KEY_ALONE, where.row[: where.column]):
        return _bare("YAML takes the `:` in this text for the end of a key")(where)
    if glued := re.match(_KEY_GLUED, where.above):
        return "the line above has no space after its `:`", _unglued(where.above, glued.end(), where)
    return _INDENTED(where)


def _beginning(where: _Where) -> tuple[str, str]:
    if where.column >= len(where.row.rstrip()):
        return "a bracket opens above and is never closed", "close it"
    return _bare(f"a text that stands bare cannot begin with `{where.row[where.column]}`")(where)


def _after(where: _Where) -> tuple[str, str]:
    found = re.match(_KEY_AND_TEXT, where.row)
    if not found or where.column <= found.start(3):
        return _INDENTED(where)
    sign = found[3][0]
    if sign in "\"'":
        return _bare("there is more after the quote that closes")(where)
    if sign in "[{":
        return _bare(f"YAML takes the `{sign}` at the beginning of this text for a list or group")(where)
    return _STARRED(where)


def _no_key(where: _Where) -> tuple[str, str]:
    if glued := re.match(_KEY_GLUED, where.row):
        return "there is no space after the `:`", _unglued(where.row, glued.end(), where)
    return "this line is neither `key: value` nor part of a text", _ALIGN


def _unglued(row: str, end: int, where: _Where) -> str:
    return f"write `{where.mask(f'{row[:end].strip()} {row[end:].strip()}')}`"


def _bracket(where: _Where) -> tuple[str, str]:
    lost = re.search(_LOST_TAG, where.row[where.column :])
    return _bare(LOST_TAG)(where) if lost else _OPEN(where)


_MEANINGS: tuple[tuple[str, Callable[[_Where], tuple[str, str]]], ...] = (
    ("mapping values are not allowed", _colon),
    ("cannot start any token", _beginning),
    ("expected node content", _beginning),
    ("expected alphabetic", _STARRED),
    ("expected key", _after),
    ("expected ':'", _no_key),
    ("end of stream", _bare("the quote that opens here is never closed")),
    ("document indicator", _bare("the quote that opens here is never closed")),
    ("expected ',' or", _bracket),
    ("unknown escape", _bare("inside double quotes a \\ has a meaning of its own")),
    ("entries are not allowed", _bare("a text that stands bare cannot begin with `- `")),
    ("keys are not allowed", _bare("a text that stands bare cannot begin with `? `")),
    ("comment or line break", _bare("behind the bar the line must end; the text begins on the next")),
    (
        "expected '-'",
        _always(
            "this line does not belong to the list above it",
            "begin it with `- `, or line it up with the keys",
        ),
    ),
    (
        "expected <document start>",
        _always("there is more text after the end of the document", "delete the line `...`"),
    ),
    ("invalid Unicode", _always("this text holds a character that cannot be published", "leave it out")),
    ("values are nested", _always("values are nested too deeply here", "write it in fewer levels")),
    ("more values", _always("the file holds too much", "split it into several files")),
)
