"""The folder of posts, read whole: every post that is sound, and every problem at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.domain.post import Post, PostId
from bot.domain.problem import Place, Problem, Severity
from bot.files.posts import QueueSettings, read_post
from bot.strictyaml.fields import at, kind_of
from bot.strictyaml.reader import MOST_BYTES, Node, Reading, parse

MOST_POSTS = 1000  # in one file
ENDINGS = (".yaml", ".yml")
_LEFT_BY_EDITORS = ("~", ".swp", ".tmp", ".part")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """What one file holds. `whole` is False where it could not be read to its end."""

    posts: tuple[Post, ...] = ()
    problems: tuple[Problem, ...] = ()
    unsound: frozenset[str] = frozenset()  # ids of posts that must be mended first
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The posts of a folder. `complete` is False where what is missing must not be taken for deleted."""

    posts: tuple[Post, ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: bool = True


def read_queue(path: Path, settings: QueueSettings) -> Queue:
    """Read a folder of posts, or one file. Nothing is raised: what is wrong stands in `problems`."""
    if path.is_file():
        return joined({str(path): read_file(path, settings)})
    problem = unusable(path)
    if problem:
        return Queue(problems=(problem,), complete=False)
    files = {str(file): read_file(file, settings) for file in files_in(path)}
    if not files:
        return Queue(problems=(empty(path),), complete=False)
    return joined(files)


def unusable(folder: Path) -> Problem | None:
    """Why a folder cannot be read, None where it can."""
    place = Place(file=str(folder))
    try:
        if not folder.exists():
            return Problem(
                place=place, message="there is no such folder or file", fix="make it, or correct `queue:`"
            )
        if not folder.is_dir():
            return Problem(place=place, message="this is neither a folder nor a file of posts")
        next(folder.iterdir(), None)
    except OSError as error:
        return Problem(place=place, message=f"this folder cannot be read: {error.strerror}")
    return None


def empty(folder: Path) -> Problem:
    """That there is nothing to publish."""
    return Problem(
        place=Place(file=str(folder)),
        message="there are no posts in this folder yet",
        fix="add a file that ends in .yaml; posts/README.md shows how",
        severity=Severity.WARNING,
    )


def files_in(folder: Path) -> Iterator[Path]:
    """The files of posts in a folder and below it, by name, without what editors leave behind."""
    for entry in sorted(folder.iterdir()):
        if is_left_behind(entry.name):
            continue
        if entry.is_dir():
            yield from files_in(entry)
        elif entry.suffix in ENDINGS:
            yield entry


def is_left_behind(name: str) -> bool:
    """Whether a name is that of an editor's temporary file, or hidden."""
    return name.startswith((".", "#")) or name.endswith(_LEFT_BY_EDITORS)


def read_file(path: Path, settings: QueueSettings) -> FileRead:
    """Read one file: a post, or a list of posts."""
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        problem = Problem(
            place=Place(file=name),
            message=f"this file cannot be read: {error.strerror}",
            fix="check its permissions",
        )
        return FileRead(problems=(problem,), whole=False)
    return read_bytes(data, name, settings)


def read_bytes(data: bytes, name: str, settings: QueueSettings) -> FileRead:
    """Read the bytes of one file."""
    root, reading = parse(data, name)
    if root is None and not reading.problems:
        reading.add(None, "there is no post in this file", "write one, or delete the file")
    nodes = [] if root is None else root.value if isinstance(root.value, list) else [root]
    if len(nodes) > MOST_POSTS:
        reading.add(None, f"the file holds more than {MOST_POSTS} posts", "split it into several files")
        nodes = []
    posts, unsound = [], set()
    for node in nodes:
        before = len(reading.problems)
        post = _read_node(node, reading, settings)
        if post:
            posts.append(post)
        if said := _id_of(node):
            _name(reading, before, said)
            if post is None:
                unsound.add(said)
    return FileRead(
        posts=tuple(posts),
        problems=tuple(reading.problems),
        unsound=frozenset(unsound),
        whole=bool(nodes),
    )


def _read_node(node: Node, reading: Reading, settings: QueueSettings) -> Post | None:
    if isinstance(node.value, dict):
        return read_post(node, reading, settings)
    reading.add(at(node), f"a post is a group of keys, not {kind_of(node)}", "begin with `id: …`")
    return None


def _id_of(node: Node) -> str:
    """What a post calls itself, sound or not."""
    said = node.value.get("id") if isinstance(node.value, dict) else None
    return said.value.strip() if said and isinstance(said.value, str) else ""


def _name(reading: Reading, since: int, post: str) -> None:
    """Write into problems which post they are about."""
    for number, found in enumerate(reading.problems[since:], start=since):
        reading.problems[number] = Problem(
            place=found.place, message=found.message, fix=found.fix, severity=found.severity, post=post
        )


def joined(files: Mapping[str, FileRead]) -> Queue:
    """All files as one queue: an id that stands twice is refused in both places."""
    posts = [post for file in files.values() for post in file.posts]
    problems = [problem for file in files.values() for problem in file.problems]
    places: dict[PostId, list[Post]] = {}
    for post in posts:
        places.setdefault(post.id, []).append(post)
    twice = {name: found for name, found in places.items() if len(found) > 1}
    for name, found in twice.items():
        problems += _said_twice(name, found)
    problems.sort(key=lambda problem: (problem.place.file, problem.place.line, problem.place.column))
    return Queue(
        posts=tuple(post for post in posts if post.id not in twice),
        problems=tuple(problems),
        complete=all(file.whole for file in files.values()),
    )


def _said_twice(name: PostId, found: Iterable[Post]) -> Iterator[Problem]:
    for post in found:
        others = ", ".join(str(other.source) for other in found if other is not post)
        yield Problem(
            place=Place(file=post.source.file, line=post.source.line, column=1),
            message=f"the id `{name}` stands also at {others}; none of them is published",
            fix="give one of them another id",
            post=name,
        )
