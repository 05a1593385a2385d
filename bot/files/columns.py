"""The columns a spreadsheet of posts may have, what each is for, and the one that was meant."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.picture import MOST_PICTURES
from bot.domain.post import Language
from bot.domain.problem import Problem
from bot.files.sheet import at_cell
from bot.strictyaml.fields import Wrong, did_you_mean, shortened
from bot.strictyaml.words import language

PLAIN = ("id", "when", "link", "where", "kind", "cases", "facts", "held", "expires")
_WITH_LANGUAGE = re.compile(r"(text|alt([1-9]))[_ -]([a-z-]+)")
_OF_PICTURE = re.compile(r"(image|people)([1-9])")
_MEANT = {
    "text": "text_en",
    "image": "image1",
    "picture": "image1",
    "photo": "image1",
    "alt": "alt1_en",
    "alt1": "alt1_en",
    "people": "people1",
    "date": "when",
    "time": "when",
    "url": "link",
    "platforms": "where",
    "accounts": "where",
}

TEMPLATE = (
    (
        "id", "when", "text_en", "text_fr", "link", "image1", "alt1_en", "alt1_fr", "people1",
        "where", "kind", "cases", "facts", "held", "expires",
    ),
    (
        "may-day-2027", "2027-05-01 09:00 Europe/Brussels",
        "On May Day we march with those who cannot.\n\nTell us what you did: tag {account}.",
        "Le 1er mai, nous défilons avec celles et ceux qui ne le peuvent pas.\n\n"
        "Racontez-nous : mentionnez {account}.",
        "", "", "", "", "", "", "call", "", "", "", "2027-05-02",
    ),
)  # fmt: skip
"""The names of the columns, and one post as an example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which languages and pictures a sheet has, in the order of its columns."""

    names: frozenset[str]
    texts: tuple[Language, ...]
    alts: dict[int, tuple[Language, ...]]

    @classmethod
    def of(cls, names: Sequence[str]) -> "Columns":
        """Sort the names of columns; what is wrong with one is said by `wrong_columns`."""
        texts: list[Language] = []
        alts: dict[int, list[Language]] = {number: [] for number in range(1, MOST_PICTURES + 1)}
        for name in names:
            if (found := _WITH_LANGUAGE.fullmatch(name)) and not _refusal(name):
                (texts if not found[2] else alts[int(found[2])]).append(Language(found[3]))
        return cls(
            names=frozenset(names),
            texts=tuple(texts),
            alts={number: tuple(codes) for number, codes in alts.items()},
        )


def wrong_columns(names: Sequence[str], file: str) -> list[Problem]:
    """Every column that has no use, and the one that was meant; every one that must be there and is not."""
    problems = [
        at_cell(file, 1, shortened(name), wrong.message, wrong.fix)
        for name in names
        if name and (wrong := _refusal(name))
    ]
    for needed in ("id", "when"):
        if needed not in names:
            said = f"there is no column `{needed}`"
            problems.append(at_cell(file, 1, "", said, f"add a column with the name `{needed}` in row 1"))
    if not any(name.startswith("text_") for name in names):
        fix = "name the column of the English texts `text_en`, and so on"
        problems.append(at_cell(file, 1, "", "there is no column of texts", fix))
    return problems


def _refusal(name: str) -> Wrong | None:
    if name in PLAIN:
        return None
    if found := _WITH_LANGUAGE.fullmatch(name):
        if found[0] != f"{found[1]}_{found[3]}":
            return Wrong(f"`{name}` is not a column", f"write `{found[1]}_{found[3]}`")
        try:
            language(found[3])
        except Wrong as wrong:
            return wrong
    elif not (found := _OF_PICTURE.fullmatch(name)):
        fix = (
            f"did you mean `{_MEANT[name]}`?" if name in _MEANT else did_you_mean(name, _known(), "there are")
        )
        return Wrong(f"`{shortened(name)}` is not a column", fix)
    if found[2] and int(found[2]) > MOST_PICTURES:
        return Wrong(f"a post has at most {MOST_PICTURES} pictures", "make another post of the others")
    return None


def _known() -> tuple[str, ...]:
    return (*PLAIN, "text_en", "text_fr", "image1", "alt1_en", "alt1_fr", "people1")
