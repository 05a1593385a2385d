"""Names that a post says are none: `not_a_name`."""

from collections.abc import Iterable, Iterator

from bot.domain.naming import Named, Names
from bot.domain.problem import Severity
from bot.domain.slip import Slip
from bot.domain.spelling import bare

_WHERE = "not_a_name"


class Lifting:
    """Takes away the names that a post says are none, and tells what became of each word of its list."""

    def __init__(self, words: Iterable[str], names: Names) -> None:
        self._names = names
        self._words = {bare(word): word for word in words}
        self._found: dict[str, Named] = {}
        self._refused: dict[str, Named] = {}

    def left(self, found: list[Named]) -> list[Named]:
        """The names that remain; one that can only be a person's is never taken away."""
        if not self._words:
            return found
        left = []
        for named in found:
            word = bare(named.written)
            if word not in self._words:
                left.append(named)
            elif self._names.may_be_lifted(named):
                self._found[word] = named
            else:
                self._refused[word] = named
                left.append(named)
        return left

    def slips(self) -> Iterator[Slip]:
        """What is wrong with, or worth knowing of, each word of the list."""
        for key, word in self._words.items():
            if key in self._refused:
                yield self._may_not(word, self._refused[key])
            elif key in self._found:
                yield Slip(
                    where=_WHERE,
                    written=word,
                    message=f"`not_a_name` lifts {word}: nobody checks what is said of them",
                    fix=f"if it is {self._names.shown[self._found[key].case]} after all, take {word} out and "
                    "declare them in `cases`",
                    severity=Severity.NOTICE,
                )
            else:
                yield Slip(
                    where=_WHERE,
                    written=word,
                    message=f"`not_a_name` holds {word}, and no text would take it for a name",
                    fix=f"take {word} out, or write it as it stands in the text",
                    severity=Severity.WARNING,
                )

    def _may_not(self, word: str, named: Named) -> Slip:
        shown = self._names.shown[named.case]
        return Slip(
            where=_WHERE,
            written=word,
            message=f"`not_a_name` holds {word}, which is the name of {shown} and no ordinary word",
            fix=f"take {word} out, and declare in `cases` what the post says of {shown}",
        )
