"""What is wrong with something a person wrote, said so that they can mend it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem stops."""

    ERROR = "error"  # the post, or the setting, is not used until it is mended
    WARNING = "warning"  # used as it stands, but probably not as meant
    NOTICE = "notice"  # worth knowing, nothing to mend


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file and line something was read from."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a file something stands; lines and columns count from 1, 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0
    excerpt: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One sentence about one place, and the way to mend it."""

    place: Place
    message: str
    fix: str = ""
    severity: Severity = Severity.ERROR
    post: str = ""

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.severity}: {self.message}"]
        if self.place.excerpt:
            lines.append(f"    {self.place.excerpt}")
        if "\n" in self.fix:
            lines += ["    to mend, write:", *(f"        {line}" for line in self.fix.splitlines())]
        elif self.fix:
            lines.append(f"    to mend: {self.fix}")
        return "\n".join(lines)
