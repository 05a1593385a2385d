"""The folder of posts, read whole: every post that is sound, and every problem at once."""

import gc
import os
import stat
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.domain.calendar import Fixed
from bot.domain.case import Case, Fact, Finding, Subject
from bot.domain.post import Post, PostId
from bot.domain.problem import Place, Problem, Severity, Source
from bot.files.posts import QueueSettings, read_post
from bot.files.records import kind_of_records, read_records
from bot.files.truth import Truth
from bot.strictyaml.characters import MOST_BYTES
from bot.strictyaml.fields import Wrong, kind_of
from bot.strictyaml.nodes import Node, Reading, place_of
from bot.strictyaml.reader import items
from bot.strictyaml.words import slug

Name = TypeVar("Name", bound=str)
_PIECE = 1 << 13
MOST_POSTS = 1000  # in one file
_DEEPEST = 20  # folders within folders
_ENDINGS = (".yaml", ".yml", ".YAML", ".YML")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """What one file holds. `whole` is False where it may hold posts that we do not know of."""

    posts: tuple[Post, ...] = ()
    cases: tuple[Case, ...] = ()
    facts: tuple[Fact, ...] = ()
    problems: tuple[Problem, ...] = ()
    unsound: Mapping[PostId, Source] = field(default_factory=dict)  # must be mended first; "" for no name
    whole: bool = True
    beside: tuple[str, ...] = ()  # the paths of the files that it names


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The posts of a folder, and what is wrong with it.

    `standing` are the posts that are meant to go out, sound or not; drafts are not. What the store has
    beyond these was taken back, but only where the queue is `complete`: else it may merely be unreadable.
    `changed` are the posts that are new, other than before or gone since a watch last looked; `gone` also
    tells of a queue that is not complete.
    """

    posts: tuple[Post, ...] = ()
    cases: tuple[Case, ...] = ()
    facts: tuple[Fact, ...] = ()
    problems: tuple[Problem, ...] = ()
    standing: frozenset[PostId] = frozenset()
    complete: bool = True
    twice: frozenset[PostId] = frozenset()  # ids of more than one post
    contested: frozenset[Subject] = frozenset()  # cases and facts with more than one record
    changed: frozenset[PostId] = frozenset()
    gone: frozenset[PostId] = frozenset()  # of what has changed, what no file has now

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the files say of people and facts; of what stands twice, nothing."""
        found = (*(case.finding for case in self.cases), *(fact.finding for fact in self.facts))
        return tuple(one for one in found if one.subject not in self.contested)


def read_queue(
    path: Path,
    settings: QueueSettings,
    *,
    now: datetime | None = None,
    known: Container[PostId] | None = None,
) -> Queue:
    """Read a folder of posts, or one file. Nothing is raised: what is wrong stands in `problems`.

    With `now`, and `known` for the posts that were read before, a new post whose time is past is refused.
    """
    if problem := unusable(path):
        return Queue(problems=(problem,), complete=False)
    problems: list[Problem] = []
    single = path.is_file()
    names = [os.fspath(path)] if single else list(files_in(os.fspath(path), problems))
    if not names and not problems:
        return Queue(problems=(empty(path),), complete=False)
    if single:
        names += _records_beside(path)
    queue = joined({name: read_file(name, settings) for name in names}, problems)
    if settings.vocabulary:
        queue = Truth(settings.vocabulary).checked(queue)
    if single:
        said = tuple(one for one in queue.problems if one.place.file == os.fspath(path))
        queue = replace(queue, problems=said)
    return queue if now is None or known is None else without_late(queue, now, known)


def _records_beside(file: Path) -> list[str]:
    """The records that a single file's posts rest on: those of its folder."""
    found = files_in(os.fspath(file.parent), [])
    return [name for name in found if kind_of_records(name) and Path(name) != file]


def unusable(path: Path) -> Problem | None:
    """Why there is nothing to be read at a path, None where there is something."""
    place = Place(file=os.fspath(path))
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return Problem(
            place=place, message="there is no such folder or file", fix="correct the path, or make it"
        )
    except OSError as error:
        return Problem(
            place=place, message=f"this cannot be read: {error.strerror}", fix="check its permissions"
        )
    if stat.S_ISREG(mode) and not path.name.endswith(_ENDINGS):
        return Problem(
            place=place,
            message="this is not a file of posts",
            fix="name the folder of posts, or a .yaml file",
        )
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        return Problem(place=place, message="this is neither a folder nor a file", fix="correct the path")
    return None


def empty(folder: Path) -> Problem:
    """That there is nothing to publish."""
    return Problem(
        place=Place(file=os.fspath(folder)),
        message="there are no posts in this folder yet",
        fix="add a file whose name ends in .yaml",
        severity=Severity.WARNING,
    )


def entries_in(folder: str, problems: list[Problem], deep: int = 0) -> Iterator[os.DirEntry[str]]:
    """The files of posts in a folder and below it, by name.

    What editors leave behind is hidden or has another ending (`.a.yaml.swp`, `a.yaml~`, `#a.yaml#`). Links to
    folders are not followed, so that none is walked twice.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        message = f"this folder cannot be read: {error.strerror}"
        problems.append(Problem(place=Place(file=folder), message=message, fix="check its permissions"))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.name.endswith(_ENDINGS) and entry.is_file():
            if entry.name.isprintable():
                yield entry
            else:
                problems.append(_unshowable(entry))
        elif entry.is_dir(follow_symlinks=False):
            if deep < _DEEPEST:
                yield from entries_in(entry.path, problems, deep + 1)
            else:
                problems.append(_too_deep(entry))


def _unshowable(entry: os.DirEntry[str]) -> Problem:
    # Its name would stand in logs and on terminals, where it could pretend to be something else.
    return Problem(
        place=Place(file=ascii(entry.path)[1:-1]),
        message="the name of this file holds a character that cannot be shown",
        fix="give it another name",
    )


def _too_deep(entry: os.DirEntry[str]) -> Problem:
    return Problem(
        place=Place(file=entry.path),
        message="folders are nested too deeply here",
        fix="put the posts into fewer folders",
    )


def files_in(folder: str, problems: list[Problem]) -> Iterator[str]:
    """The paths of the files of posts in a folder and below it."""
    return (entry.path for entry in entries_in(folder, problems))


def _bytes_of(name: str) -> bytes:
    """What a file holds, or as much as shows that it is too large."""
    # A file object for each would cost as much again as reading it.
    handle = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(handle, _PIECE)
        while len(data) <= MOST_BYTES and (more := os.read(handle, _PIECE)):
            data += more
    finally:
        os.close(handle)
    return data


def read_file(name: str, settings: QueueSettings) -> FileRead:
    """Read one file: a post, or a list of posts."""
    try:
        data = _bytes_of(name)
    except OSError as error:
        problem = Problem(
            place=Place(file=name),
            message=f"this file cannot be read: {error.strerror}",
            fix="check its permissions",
        )
        return FileRead(problems=(problem,), whole=False)
    if kind := kind_of_records(name):
        found = read_records(data, name, kind)
        return FileRead(cases=found.cases, facts=found.facts, problems=found.problems, whole=found.whole)
    with _uncollected():
        return read_bytes(data, name, settings)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for unused cycles: reading makes none, and each search would look at the whole queue."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_bytes(data: bytes, name: str, settings: QueueSettings) -> FileRead:
    """Read the bytes of one file."""
    reading = Reading(name)
    posts: list[Post] = []
    unsound: dict[PostId, Source] = {}
    errors = said = count = 0
    for node in items(data, reading):
        count += 1
        if count > MOST_POSTS:
            reading.cut = True
            reading.add(
                place_of(node), f"the file holds more than {MOST_POSTS} posts", "split it into several"
            )
            break
        post = _read_node(node, reading, settings, errors)
        if post is not None:
            posts.append(post)
        else:
            _remember(node, unsound, reading)
        if len(reading.problems) > said:
            _name(reading, said, _id_of(node))
        errors, said = reading.errors, len(reading.problems)
    if not count and not reading.problems:
        reading.add(None, "there is no post in this file", "write one, or delete the file", Severity.WARNING)
    return FileRead(
        posts=() if reading.cut else tuple(posts),
        problems=tuple(reading.problems),
        unsound=unsound,
        whole=not reading.cut and PostId("") not in unsound,
        beside=tuple(reading.beside),
    )


def _read_node(node: Node, reading: Reading, settings: QueueSettings, errors: int) -> Post | None:
    if type(node[0]) is dict:
        return read_post(node, reading, settings, errors)
    fix = "begin it with `id: may-day-2027`, and write each key on a line of its own"
    reading.add(place_of(node), f"a post is a group of keys, not {kind_of(node)}", fix)
    return None


def _remember(node: Node, unsound: dict[PostId, Source], reading: Reading) -> None:
    unsound[_id_of(node)] = Source(file=reading.file, line=place_of(node).line + 1)


def _id_of(node: Node) -> PostId:
    """What a post calls itself, sound or not; "" where it has no name that could be one."""
    said = node[0].get("id") if isinstance(node[0], dict) else None
    try:
        return PostId(slug(said[0])) if said and isinstance(said[0], str) else PostId("")
    except Wrong:
        return PostId("")


def _name(reading: Reading, since: int, post: PostId) -> None:
    """Write into problems which post they are about."""
    reading.problems[since:] = [replace(problem, post=post) for problem in reading.problems[since:]]


def joined(files: Mapping[str, FileRead], folder: Sequence[Problem] = ()) -> Queue:
    """All files as one queue: an id that stands twice is refused in both places.

    `folder` is what is wrong with the folder itself: then not all of it was seen.
    """
    posts = [post for file in files.values() for post in file.posts]
    unsound = [(name, source) for file in files.values() for name, source in file.unsound.items() if name]
    names = {post.id for post in posts}
    names.update(name for name, _ in unsound)
    twice = {}
    if len(names) < len(posts) + len(unsound):
        twice = _twice([*((post.id, post.source) for post in posts), *unsound])
    problems = [*folder, *(problem for file in files.values() for problem in file.problems)]
    for name, found in twice.items():
        problems += _said_twice(name, found)
    cases = [case for file in files.values() for case in file.cases]
    facts = [fact for file in files.values() for fact in file.facts]
    kept: list[Case | Fact] = [*cases, *facts]
    records = _twice((one.finding.subject, one.source) for one in kept)
    for subject, places in records.items():
        problems += _said_twice(subject, places, "that of the record", "none of them counts")
    if problems:
        problems.sort(key=lambda problem: (problem.place.file, problem.place.line, problem.place.column))
    drafts = {post.id for post in posts if post.draft and post.id not in twice}
    return Queue(
        posts=tuple(post for post in posts if post.id not in twice) if twice else tuple(posts),
        cases=tuple(cases),
        facts=tuple(facts),
        contested=frozenset(records),
        problems=tuple(problems),
        standing=frozenset(names - drafts),
        complete=not folder and all(file.whole for file in files.values()),
        twice=frozenset(twice),
    )


def _twice(sources: Iterable[tuple[Name, Source]]) -> dict[Name, list[Source]]:
    first: dict[Name, Source] = {}
    twice: dict[Name, list[Source]] = {}
    for name, source in sources:
        before = first.setdefault(name, source)
        if before is not source:
            twice.setdefault(name, [before]).append(source)
    return twice


def _said_twice(
    name: str,
    found: list[Source],
    whose: str = "that of the post",
    outcome: str = "none of them is published",
) -> Iterator[Problem]:
    for source in found:
        others = " and ".join(str(other) for other in found if other is not source)
        yield Problem(
            place=Place(file=source.file, line=source.line, column=1),
            message=f"the id `{name.rpartition(' ')[2]}` is also {whose} at {others}; {outcome}",
            fix="give one of them another id",
            post=name,
        )


def without_late(queue: Queue, now: datetime, known: Container[PostId]) -> Queue:
    """A queue without the posts whose only hour had passed before they were first read."""
    late = {post.id: post for post in queue.posts if _is_late(post, now) and post.id not in known}
    problems = (
        Problem(
            place=Place(file=post.source.file, line=post.source.line, column=1),
            message=f"{post.id}: {post.when.written} is already past, and this post is new",
            fix="give it a new time, or delete it",
            post=post.id,
        )
        for post in late.values()
        if isinstance(post.when, Fixed)
    )
    return replace(
        queue,
        posts=tuple(post for post in queue.posts if post.id not in late),
        problems=(*queue.problems, *problems),
    )


def _is_late(post: Post, now: datetime) -> bool:
    return isinstance(post.when, Fixed) and post.when.at <= now and not post.draft
