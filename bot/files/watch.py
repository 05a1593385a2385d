"""Watch the folder of posts: changed files are read again, unchanged ones cost a stat.

A file is taken when two looks two seconds apart have seen it the same, so that none is read half written.
One with a post that is due within five minutes rests for a minute: somebody may still be at it. Time is
passed in; nothing here waits.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.calendar import Every, Fixed, occurrences
from bot.domain.case import Status
from bot.domain.post import Post, PostId
from bot.domain.problem import Place, Problem, Severity
from bot.files.posts import QueueSettings
from bot.files.queue import FileRead, Queue, empty, entries_in, joined, read_file, unusable
from bot.files.truth import MEND_FIRST, Truth

SETTLED = 1.9  # seconds between two equal looks: two, less what a timer may be early
FILE_HAS_ERROR = "its file has an error: see `check`"
QUIET = 60.0  # seconds a file rests that holds a post due soon
SOON = timedelta(minutes=5)

SIZE_OF_LOOK = 4  # numbers
Look = tuple[int, ...]
"""Size, time of change, inode and permissions: when these are the same, so is the file.

Behind them stand those of the files that it names, its pictures.
"""


@dataclass(slots=True)
class _Pending:
    """A change that is not taken yet."""

    look: Look | None  # None: the file is gone
    since: float  # when it was first seen so
    read: FileRead | None = None  # what it holds, once it has settled
    beside: Look = ()  # the files it names, when it was read
    at_start: bool = False  # whether it was there at the first look


class Watch:
    """One folder of posts, as last read."""

    def __init__(self, folder: Path, settings: QueueSettings) -> None:
        self._folder = folder
        self._settings = settings
        self._looks: dict[str, Look] = {}
        self._files: dict[str, FileRead] = {}
        self._pending: dict[str, _Pending] = {}
        self._problems: list[Problem] = []  # of the folder itself
        self._changed: set[PostId] = set()  # since the last look that told of it
        self._twice: frozenset[PostId] = frozenset()
        self._truth = Truth(settings.vocabulary) if settings.vocabulary else None
        self._held: set[PostId] = set()  # for what they say
        self._whole = False  # whether every file that was taken was read to its end
        self._first = True

    @property
    def unsettled(self) -> bool:
        """Whether something has changed that has not been taken yet."""
        return bool(self._pending)

    @property
    def resting(self) -> frozenset[PostId] | None:
        """The posts of files that were read at the start and rest before they are taken.

        None where not all was read, or something has changed since that is not taken yet.
        """
        waiting = self._pending.values()
        if not self._whole or not all(one.at_start and one.read and one.read.whole for one in waiting):
            return None
        return self._of_resting()

    def _of_resting(self) -> frozenset[PostId]:
        reads = [one.read for one in self._pending.values() if one.read]
        return frozenset(name for read in reads for name in (*(p.id for p in read.posts), *read.unsound))

    def look(self, monotonic: float, now: datetime) -> Queue | None:
        """The queue where something has changed since the last look, else None."""
        problems: list[Problem] = []
        seen = self._see(problems)
        changed = self._first or problems != self._problems
        waited = bool(self._pending)
        self._problems = problems
        names = {*seen, *self._looks, *self._pending}
        for name in sorted(names):
            # What cannot be seen in a folder that cannot be read is not gone.
            if name in seen or not problems:
                changed |= self._consider(name, seen.get(name), monotonic, now)
        self._first = False
        # Even a change that was undone ends the waiting, and with it the queue is complete.
        return self._queue() if changed or (waited and not self._pending) else None

    def _see(self, problems: list[Problem]) -> dict[str, Look]:
        if problem := unusable(self._folder):
            problems.append(problem)
            return {}
        found = ((entry.path, _look_at(entry)) for entry in entries_in(os.fspath(self._folder), problems))
        return {path: look for path, look in found if look is not None}

    def _consider(self, name: str, look: Look | None, monotonic: float, now: datetime) -> bool:
        """Take a file that has changed and come to rest; whether it was taken."""
        before = self._files.get(name)
        full = look if look is None or before is None else (*look, *_look_beside(before))
        if self._looks.get(name) == full:
            self._pending.pop(name, None)
            return False
        pending = self._pending.get(name)
        if pending is None or pending.look != full:
            pending = self._pending[name] = _Pending(
                full, monotonic - self._rested(look, now), at_start=self._first
            )
        rested = monotonic - pending.since
        if rested < SETTLED:
            return False
        if look is None:
            self._forget(name)
            return True
        if pending.read is None:
            pending.read = read_file(name, self._settings)
            pending.beside = _look_beside(pending.read)
        if rested < QUIET and any(_due_soon(post, now) for post in pending.read.posts):
            return False
        if _look_at(Path(name)) != look:
            return False  # it is being changed just now
        self._take(name, (*look, *pending.beside), pending.read)
        return True

    def _rested(self, look: Look | None, now: datetime) -> float:
        """How long a file has been as it is when it is seen so for the first time; at the start it tells."""
        return max(0.0, now.timestamp() - look[1] / 1e9) if self._first and look else 0.0

    def _take(self, name: str, look: Look, read: FileRead) -> None:
        before = self._files.get(name)
        after = self._files[name] = _with_last_good(read, before)
        if self._looks.get(name, ())[SIZE_OF_LOOK:] != look[SIZE_OF_LOOK:]:
            # Another file under the same name changes nothing in what the post itself says.
            self._changed |= {post.id for post in after.posts if post.media}
        self._looks[name] = look
        self._changed |= _differing(before.posts if before else (), after.posts)
        del self._pending[name]

    def _forget(self, name: str) -> None:
        self._looks.pop(name, None)
        if before := self._files.pop(name, None):
            self._changed |= _differing(before.posts, ())
        del self._pending[name]

    def _queue(self) -> Queue:
        queue = joined(dict(sorted(self._files.items())), self._problems)
        if self._truth:
            queue = self._truth.checked(queue)
            held = {post.id for post in queue.posts if post.held == MEND_FIRST}
            self._changed |= held ^ self._held  # a record alone may have made the difference
            self._held = held
        # One of two posts of the same name may have changed in nothing, and yet be published from now on.
        queue = replace(queue, changed=frozenset(self._changed | (queue.twice ^ self._twice)))
        self._changed, self._twice, self._whole = set(), queue.twice, queue.complete
        if not self._files and not self._pending and not self._problems:
            # A folder that lies empty is a mistake more often than a wish: nothing is taken back for it.
            self._whole = False
            return replace(queue, problems=(empty(self._folder),), complete=False)
        there = {post.id for post in queue.posts} | queue.standing | self._of_resting()
        queue = replace(queue, gone=queue.changed - there)
        # A file that is not taken yet may hold what seems to be missing.
        return replace(queue, complete=queue.complete and not self._pending)


def _look_beside(read: FileRead) -> Look:
    looks = (_look_at(Path(name)) or (0,) for name in read.beside)
    return tuple(number for look in looks for number in look)


def _look_at(entry: Path | os.DirEntry[str]) -> Look | None:
    try:
        stat = entry.stat()
    except OSError:
        return None  # it has just gone
    return stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_mode


def _due_soon(post: Post, now: datetime) -> bool:
    match post.when:
        case Fixed(at=at):
            return now - SOON <= at <= now + SOON
        case Every() as every:
            return any(occurrences(every, now - SOON, now + SOON))
    return False


def _differing(before: Iterable[Post], after: Iterable[Post]) -> set[PostId]:
    """The posts of a file that are not the same as before; a post that has only moved is the same."""
    old, new = ({post.id: post for post in posts} for posts in (before, after))
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def _with_last_good(read: FileRead, before: FileRead | None) -> FileRead:
    """A file as read, with the last good version of what can no longer be read."""
    if before is None:
        return read
    there = {post.id for post in read.posts}
    kept = tuple(
        replace(post, held=post.held or FILE_HAS_ERROR) if post.reliance else post
        for post in before.posts
        if post.id in read.unsound or (not read.whole and post.id not in there)
    )
    read = _with_last_records(read, before)
    if not kept:
        return read
    flagged = (
        Problem(
            place=Place(file=post.source.file, line=post.source.line, column=1),
            message=f"{post.id}: until this is mended, {_meanwhile(post)}",
            severity=Severity.WARNING,
            post=post.id,
        )
        for post in kept
    )
    return replace(
        read,
        posts=(*read.posts, *kept),
        problems=(*read.problems, *flagged),
        unsound={name: source for name, source in read.unsound.items() if name not in {p.id for p in kept}},
    )


def _meanwhile(post: Post) -> str:
    if post.reliance:
        # Whoever mends a post that speaks of a person may be mending just what it says of them.
        return "it is held, because it rests on cases or facts"
    return "the version from before the change stays in force"


def _with_last_records(read: FileRead, before: FileRead) -> FileRead:
    """A file as read, with the names of those whose record cannot be read now; what it said counts not."""
    if not any(problem.severity is Severity.ERROR for problem in read.problems):
        return read
    there = {case.id for case in read.cases}
    lost = (replace(case, status=Status.UNKNOWN) for case in before.cases if case.id not in there)
    return replace(read, cases=(*read.cases, *lost))
