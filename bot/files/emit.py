"""Posts as YAML that an organiser could have written: texts as blocks, quotes only where they are needed."""

import json
import re
from collections.abc import Iterable

_BARE = re.compile(r"[A-Za-z0-9/](?:[\w /.,()@+-]|:(?! |$))*(?<! )")
_SURPRISES = frozenset({"true", "false", "null", "yes", "no", "on", "off", "none", "y", "n"})


class Page:
    """The lines of one post, each with the name of what it came from."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.origins: list[str] = []

    def add(self, line: str, origin: str = "") -> None:
        """Write one line."""
        self.lines.append(line)
        self.origins.append(origin)

    def value(self, key: str, value: str, origin: str, indent: str = "") -> None:
        """Write a key and its value on one line."""
        self.add(f"{indent}{key}: {scalar(value)}", origin)

    def block(self, key: str, text: str, origin: str, indent: str = "") -> None:
        """Write a key and a text of any length below it."""
        self.add(f"{indent}{key}: |", origin)
        for line in lines_of(text):
            self.add(f"{indent}  {line}".rstrip(" \t"), origin)

    def words(self, key: str, values: Iterable[str], origin: str) -> None:
        """Write a key and a list, one item a line."""
        self.add(f"{key}:", origin)
        for value in values:
            self.add(f"  - {scalar(value)}", origin)

    def origin(self, line: int) -> str:
        """What a line, counted from 1, came from."""
        return self.origins[line - 1] if 0 < line <= len(self.origins) else ""

    def __str__(self) -> str:
        return "\n".join([*self.lines, ""])


def lines_of(text: str) -> list[str]:
    """A text's lines, without what no reader sees at its ends and theirs."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.rstrip(" \t") for line in plain.split("\n")]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        lines.pop()
    if lines:
        lines[0] = lines[0].lstrip(" \t")  # a block takes its indentation from its first line
    return lines


def scalar(value: str) -> str:
    """A value for one line: bare where nobody can mistake it, else quoted."""
    one_line = " ".join(value.split())
    if _BARE.fullmatch(one_line) and one_line.lower() not in _SURPRISES:
        return one_line
    return json.dumps(one_line, ensure_ascii=False)
