"""Backups of a store in a file: made whole or not at all, and found again by their names alone."""

import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.errors import StoreBusyError, StoreError, StoreLostError
from bot.store.baring import write_bare
from bot.store.paths import FOLDER_OWNER_ONLY, OWNER_ONLY, beside, sync_file, sync_folder, uri

KEEP = 14
SIDES = ("-wal", "-journal")  # what SQLite keeps beside a file and would write into it
SPARE = 16 * 1024 * 1024  # bytes that must stay free beside a copy: the store itself grows on
_NAME = re.compile(r"bot-(\d{8}T\d{6})Z\.sqlite")
_STAMP = "%Y%m%dT%H%M%S"
_HALF = ".half"
COPYING = ".copying"  # beside the store: a copy that still holds all that the store does
_WAIT = 30.0  # seconds for a program that is just writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One backup, and when it was made."""

    path: Path
    at: datetime


def free_in(folder: Path) -> int:
    """Free bytes where a folder is."""
    return shutil.disk_usage(folder).free


def back_up(
    store: Path, folder: Path, now: datetime, keep: int = KEEP, free: Callable[[Path], int] = free_in
) -> Path:
    """Copy a store that may be in use into a folder, and remove all but the newest backups.

    The copy holds no words of supporters; it is read whole and lies on the disk before it bears a backup's
    name. StoreError where it cannot be made; the backups that are there stay then.
    """
    if not store.is_file():
        raise StoreError(f"there is no store at {store}, so there is nothing to back up")
    try:
        with _turn(folder), _turn(store.parent, besides=folder):
            _sweep(folder, store)
            for place in {folder, store.parent}:
                _check_room(store, place, free)
            path = folder / f"bot-{now.astimezone(UTC).strftime(_STAMP)}Z.sqlite"
            half = beside(path, _HALF)
            _copy_bare(store, half)
            half.replace(path)
            sync_folder(folder)
            for old in backups(folder)[keep:]:
                old.path.unlink()
    except OSError as error:
        raise StoreError(f"no backup was made in {folder}: {error.strerror}") from error
    return path


def backups(folder: Path) -> list[Backup]:
    """The backups in a folder, newest first; none where the folder cannot be read."""
    found: list[Backup] = []
    with suppress(OSError):
        found = [
            Backup(path=path, at=at)
            for path in folder.iterdir()
            if (at := time_in(path)) is not None and path.is_file()
        ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def time_in(path: Path) -> datetime | None:
    """When a backup was made, by its name; None for what is not named like one."""
    if not (name := _NAME.fullmatch(path.name)):
        return None
    with suppress(ValueError):
        return datetime.strptime(name[1], _STAMP).replace(tzinfo=UTC)
    return None


def copy_whole(source: Path, target: Path, *, still: bool) -> None:
    """Copy a database that may be in use, or is `still`; the copy has been read whole and lies on the disk.

    StoreLostError where the source is damaged, StoreError where the copy cannot be written; nothing is left
    of the copy then.
    """
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY))
        with reading(source, still=still) as connection:
            _check_source(connection, source)
            connection.execute("VACUUM INTO ?", (str(target.absolute()),))
        check_whole(target)
        sync_file(target)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        if _is_damage(error):
            raise _damaged(source) from None
        raise StoreError(f"{source} cannot be copied to {target.parent}: {_meaning(error)}") from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _copy_bare(source: Path, target: Path) -> None:
    """As copy_whole, without what supporters said: the copy with it never leaves the store's own folder."""
    copy = beside(source, COPYING)
    try:
        copy_whole(source, copy, still=False)
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY))
        write_bare(copy, target)
        check_whole(target)
        sync_file(target)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise StoreError(f"{source} cannot be copied to {target.parent}: {_meaning(error)}") from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        copy.unlink(missing_ok=True)


def check_whole(path: Path) -> None:
    """Read every page of a database; StoreError where it is damaged or is none."""
    try:
        with reading(path, still=True) as connection:
            whole = _is_whole(connection)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be used: {_meaning(error)}") from None
    if not whole:
        raise StoreError(f"{path} cannot be used: it is damaged")


def _is_whole(connection: sqlite3.Connection) -> bool:
    found: tuple[str] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return found == ("ok",)


def _check_source(connection: sqlite3.Connection, source: Path) -> None:
    # A copy heals what it need not read, such as an index: that must not hide the damage.
    if not _is_whole(connection):
        raise _damaged(source)


def _damaged(store: Path) -> StoreLostError:
    return StoreLostError(
        f"{store} is damaged: publish nothing from it, keep the file, and put back the last backup with "
        "`restore`"
    )


def _is_damage(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


@contextmanager
def reading(path: Path, *, still: bool) -> Iterator[sqlite3.Connection]:
    """A database opened so that nothing in it is written.

    Of one that nobody uses not even a side file is made, so that it can be read where nothing may be written.
    """
    alone = still and not any(beside(path, side).exists() for side in SIDES)
    how = "mode=ro&immutable=1" if alone else "mode=ro"
    with closing(sqlite3.connect(f"{uri(path)}?{how}", uri=True, timeout=_WAIT)) as connection:
        yield connection


@contextmanager
def _turn(folder: Path, besides: Path | None = None) -> Iterator[None]:
    """One backup at a time: what lies there half made is nobody's any more. Nothing where it is `besides`."""
    folder.mkdir(mode=FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
    if besides and besides.samefile(folder):
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise StoreBusyError(f"another backup is just being made in {folder}: wait for it") from None
    finally:
        os.close(descriptor)


def _sweep(folder: Path, store: Path) -> None:
    # SQLite's own side files bear the names as well.
    for path in (*folder.glob(f"bot-*.sqlite{_HALF}*"), *store.parent.glob(f"{store.name}{COPYING}*")):
        path.unlink()


def _check_room(store: Path, folder: Path, free: Callable[[Path], int]) -> None:
    parts = (store, beside(store, "-wal"))
    # Twice: a copy with what supporters said comes first, and both may lie on one disk.
    needed = 2 * sum(path.stat().st_size for path in parts if path.exists()) + SPARE
    if (there := free(folder)) < needed:
        raise StoreError(
            f"no backup was made: the disk of {folder} has {_megabytes(there)} free and "
            f"{_megabytes(needed)} are needed: make room, or name a folder elsewhere"
        )


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.0f} MB"


def _meaning(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorname", "")
    if _is_damage(error):
        return "it is damaged, or not a store"
    if code.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return "the disk is full or failing"
    if code.startswith("SQLITE_BUSY"):
        return f"another program has locked it for more than {_WAIT:g} s"
    return str(error)
