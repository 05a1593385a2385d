"""The records that posts rest on, as organisers write them: people, and dated facts.

They lie in the queue's own folders `cases` and `facts` (or in files of these names), one record a file or a
short list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from bot.domain.case import Case, CaseId, Fact, FactId, Status
from bot.domain.problem import Problem, Severity, Source
from bot.strictyaml.fields import INVALID, ListOf, OneOf, Row, Table, Word
from bot.strictyaml.nodes import Node, Reading, place_of
from bot.strictyaml.reader import items
from bot.strictyaml.words import day, slug

CASES, FACTS = "cases", "facts"


def _said(text: str) -> str:
    return " ".join(text.split())


def _id(text: str) -> str:
    return slug(text)


_NAME = Word(says="a name", parse=_said, examples=("Areshka",))
_DAY = Word(says="a date", parse=day, examples=("2027-05-01",))
_EVIDENCE = Word(says="where it is said: a page and who publishes it", parse=_said)
_WORDS = Word(says="a few words", parse=_said)
_DATED = {
    "source": Row(field=_EVIDENCE, required=True, example="add `source:`, the page that says so"),
    "verified_on": Row(
        field=_DAY, required=True, example="add `verified_on: 2027-05-01`, the day you looked"
    ),
    "check_by": Row(field=_DAY),
}

CASE = Table(
    name="a case",
    example="id: areshka",
    rows={
        "id": Row(field=Word(says="a name", parse=_id, examples=("areshka",)), required=True),
        "name": Row(field=_NAME, required=True, example="add `name:`, as we write it"),
        "spellings": Row(
            field=ListOf(each=_NAME, name="spellings"),
            required=True,
            example="add `spellings: [Areshka, Арэшка]`, the surname in every script",
        ),
        "first_names": Row(field=ListOf(each=_NAME, name="first names")),
        "status": Row(
            field=OneOf(words={one.value: one for one in Status}, name="status"),
            required=True,
            example="add `status:` with one of jailed, free, died, unknown",
        ),
        "since": Row(field=_WORDS),
        "sentence": Row(field=_WORDS),
        "place": Row(field=_WORDS),
        **_DATED,
    },
    hints={
        "surname": "write `spellings:`",
        "checked": "write `verified_on:`",
        "expires": "write `check_by:`",
    },
)

FACT = Table(
    name="a fact",
    example="id: dissolution-2022",
    rows={
        "id": Row(field=Word(says="a name", parse=_id, examples=("dissolution-2022",)), required=True),
        "statement": Row(
            field=Word(says="one sentence with its date", parse=_said),
            required=True,
            example="add `statement: |`, and the sentence below it",
        ),
        **_DATED,
    },
    hints={"text": "write `statement:`", "expires": "write `check_by:`", "as_of": "write `verified_on:`"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What one file of records holds; `whole` is False where it may hold records that we do not know of."""

    cases: tuple[Case, ...] = ()
    facts: tuple[Fact, ...] = ()
    problems: tuple[Problem, ...] = ()
    whole: bool = True


def kind_of_records(file: str) -> str | None:
    """Whether a file of the queue holds cases or facts, None where it holds posts."""
    path = PurePath(file)
    return next((kind for kind in (CASES, FACTS) if kind in (path.parent.name, path.stem)), None)


def read_records(data: bytes, file: str, kind: str) -> Records:
    """Read the bytes of one file of cases or facts."""
    reading = Reading(file)
    cases: list[Case] = []
    facts: list[Fact] = []
    count = 0
    for node in items(data, reading):
        count += 1
        before = reading.errors
        found = (CASE if kind == CASES else FACT).read(node, reading)
        source = Source(file=file, line=place_of(node).line + 1)
        if found is INVALID or reading.errors > before or INVALID in found.values():
            if kind == CASES and found is not INVALID and (unsound := _unsound(found, source)):
                cases.append(unsound)
            continue
        if kind == CASES:
            cases.append(_case(found, source))
        else:
            facts.append(_fact(found, source))
        _check_days(node, found, reading)
    if not count and not reading.problems:
        said, fix = "there is no record in this file", "write one, or delete the file"
        reading.add(None, said, fix, Severity.WARNING)
    return Records(
        cases=tuple(cases),
        facts=tuple(facts),
        problems=tuple(reading.problems),
        whole=not reading.cut,
    )


def _unsound(found: Mapping[str, Any], source: Source) -> Case | None:
    """What can be used of a case with an error: its names. Nobody says more until it is mended."""
    name, spellings = found.get("id", INVALID), found.get("spellings", INVALID)
    if INVALID in (name, spellings):
        return None
    shown = found.get("name", name)
    return Case(
        id=CaseId(name),
        name=name if shown is INVALID else shown,
        spellings=spellings,
        status=Status.UNKNOWN,
        evidence="",
        verified_on=date.min,
        source=source,
    )


def _check_days(node: Node, found: Mapping[str, Any], reading: Reading) -> None:
    last = found.get("check_by")
    if last is not None and last < found["verified_on"]:
        said = "`check_by:` is before `verified_on:`"
        reading.add(place_of(node[0]["check_by"]), said, "correct one of them", Severity.WARNING)


def _case(found: Mapping[str, Any], source: Source) -> Case:
    return Case(
        id=CaseId(found["id"]),
        name=found["name"],
        spellings=found["spellings"],
        first_names=found.get("first_names", ()),
        status=found["status"],
        since=found.get("since", ""),
        sentence=found.get("sentence", ""),
        place=found.get("place", ""),
        evidence=found["source"],
        verified_on=found["verified_on"],
        check_by=found.get("check_by"),
        source=source,
    )


def _fact(found: Mapping[str, Any], source: Source) -> Fact:
    return Fact(
        id=FactId(found["id"]),
        statement=found["statement"],
        evidence=found["source"],
        verified_on=found["verified_on"],
        check_by=found.get("check_by"),
        source=source,
    )
