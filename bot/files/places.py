"""Where in its file a word of a post stands, looked up only for what is shown."""

from pathlib import Path

from bot.domain.problem import Place, Source
from bot.strictyaml.characters import MOST_BYTES


class Places:
    """The lines of files, read once."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def of(self, source: Source, word: str = "") -> Place:
        """The place of a word in a post, or of the post where its words are written in another way."""
        lines = self._lines_of(source.file)
        first = source.line - 1
        if word:
            for number in range(first, len(lines)):
                column = lines[number].find(word)
                if column >= 0:
                    return _place(source.file, lines, number, column)
        return _place(source.file, lines, first, 0)

    def _lines_of(self, file: str) -> list[str]:
        if file not in self._lines:
            try:
                with Path(file).open("rb") as opened:
                    text = opened.read(MOST_BYTES).decode(errors="replace")
            except OSError:  # it was taken away since it was read: then there is no line to show
                text = ""
            self._lines[file] = text.removeprefix("\ufeff").split("\n")
        return self._lines[file]


def _place(file: str, lines: list[str], number: int, column: int) -> Place:
    excerpt = lines[number].strip()[:120] if number < len(lines) else ""
    return Place(file=file, line=number + 1, column=column + 1, excerpt=excerpt)
