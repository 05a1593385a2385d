"""Watch the folder of posts: changed files are read again, unchanged ones cost a stat.

A file is taken when two looks at least two seconds apart have seen it the same, so that none is read half
written. One with a post that is due within five minutes rests for a minute: somebody may still be at it.
Time is passed in; nothing here waits.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.calendar import Every, Fixed, occurrences
from bot.domain.post import Post
from bot.domain.problem import Place, Problem
from bot.files.posts import QueueSettings
from bot.files.queue import ENDINGS, FileRead, Queue, empty, is_left_behind, joined, read_file, unusable

SETTLED = 2.0  # seconds between two equal looks
QUIET = 60.0  # seconds a file rests that holds a post due soon
SOON = timedelta(minutes=5)

Look = tuple[int, int, int]
"""Size, time of change and inode: when these are the same, so is the file."""


@dataclass(slots=True)
class _Pending:
    look: Look | None  # None: gone
    since: float  # when it was first seen so


class Watch:
    """One folder of posts, as last read."""

    def __init__(self, folder: Path, settings: QueueSettings) -> None:
        self._folder = folder
        self._settings = settings
        self._looks: dict[str, Look] = {}
        self._files: dict[str, FileRead] = {}
        self._pending: dict[str, _Pending] = {}
        self._first = True
        self._unusable: Problem | None = None

    @property
    def unsettled(self) -> bool:
        """Whether something has changed that has not been taken yet."""
        return bool(self._pending)

    def look(self, monotonic: float, now: datetime) -> Queue | None:
        """The queue where something has changed since the last look, else None."""
        problem = unusable(self._folder)
        if problem:
            changed = problem != self._unusable
            self._unusable, self._first = problem, False
            return self._queue() if changed else None
        seen = dict(_looks(self._folder))
        changed = self._first or self._unusable is not None
        self._unusable = None
        for name in {*seen, *self._looks, *self._pending}:
            changed |= self._consider(name, seen.get(name), monotonic, now)
        self._first = False
        return self._queue() if changed else None

    def _consider(self, name: str, look: Look | None, monotonic: float, now: datetime) -> bool:
        """Take a file that has changed and come to rest; whether it was taken."""
        if self._looks.get(name) == look:
            self._pending.pop(name, None)
            return False
        pending = self._pending.get(name)
        if pending is None or pending.look != look:
            # At the first look a file may have been at rest for long: its time of change tells.
            rested = now.timestamp() - look[1] / 1e9 if self._first and look else 0.0
            pending = self._pending[name] = _Pending(look, monotonic - max(0.0, rested))
        rested = monotonic - pending.since
        if rested < SETTLED:
            return False
        if look is None:
            self._forget(name)
            return True
        read = read_file(Path(name), self._settings)
        if rested < QUIET and any(_due_soon(post, now) for post in read.posts):
            return False
        if dict(_looks_of(Path(name))).get(name) != look:
            return False  # it changed while we read it
        self._take(name, look, read)
        return True

    def _take(self, name: str, look: Look, read: FileRead) -> None:
        self._looks[name] = look
        self._files[name] = _with_last_good(read, self._files.get(name))
        del self._pending[name]

    def _forget(self, name: str) -> None:
        self._looks.pop(name, None)
        self._files.pop(name, None)
        del self._pending[name]

    def _queue(self) -> Queue:
        queue = joined(dict(sorted(self._files.items())))
        if self._unusable:
            return replace(queue, problems=(self._unusable, *queue.problems), complete=False)
        if not self._files:
            return replace(queue, problems=(empty(self._folder),), complete=False)
        # A file that is at rest but was never read may hold what seems to be missing.
        return replace(queue, complete=queue.complete and not self._pending)


def _looks(folder: Path) -> Iterator[tuple[str, Look]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_left_behind(entry.name):
                continue
            if entry.is_dir():
                yield from _looks(Path(entry.path))
            elif entry.name.endswith(ENDINGS):
                yield from _looks_of(entry)


def _looks_of(entry: Path | os.DirEntry[str]) -> Iterator[tuple[str, Look]]:
    try:
        stat = entry.stat()
    except OSError:
        return  # it has just gone
    yield os.fspath(entry), (stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _due_soon(post: Post, now: datetime) -> bool:
    match post.when:
        case Fixed(at=at):
            return now - SOON <= at <= now + SOON
        case Every() as every:
            return any(occurrences(every, now - SOON, now + SOON))
    return False


def _with_last_good(read: FileRead, before: FileRead | None) -> FileRead:
    """A file as read, with the last good version of what can no longer be read."""
    if before is None:
        return read
    kept = tuple(post for post in before.posts if not read.whole or post.id in read.unsound)
    flagged = tuple(
        Problem(
            place=Place(file=post.source.file, line=post.source.line),
            message=f"{post.id}: the version from before the last change stays in force",
            fix="mend the file",
            post=post.id,
        )
        for post in kept
    )
    return replace(read, posts=(*read.posts, *kept), problems=(*read.problems, *flagged))
