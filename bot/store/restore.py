"""Put a backup in place of a store, so that a kill at any step leaves the old store or the restored one."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, update

from bot.domain.errors import StoreError
from bot.store.backup import SIDES, check_whole, copy_whole, reading, time_in
from bot.store.beside import Mark, locked, read_mark, write_mark
from bot.store.migrate import REVISIONS
from bot.store.paths import FOLDER_OWNER_ONLY, OWNER_ONLY, beside, sync_file, sync_folder, uri
from bot.store.register import put_back
from bot.store.sql import mark_in
from bot.store.sqlite import SqliteDatabase
from bot.store.tables import instance
from bot.store.types import EPOCH, MICROSECOND

_NEW = ".restoring"
_KEPT = ".before-restore-"
_STAMP = "%Y%m%dT%H%M%SZ"
_WAIT = timedelta(seconds=5)  # for a program that is just writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A backup that may be put back: when it was made, and since when what was sent may be missing in it."""

    path: Path
    made: datetime
    since: datetime


def look_at(backup: Path) -> Found:
    """Read a backup whole. StoreError where it is damaged, no store of ours, or newer than this program."""
    if not backup.is_file():
        raise StoreError(f"there is no backup at {backup}")
    check_whole(backup)
    made = time_in(backup) or datetime.fromtimestamp(backup.stat().st_mtime, UTC)
    with reading(backup, still=True) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        if not {"alembic_version", "delivery", "instance"} <= tables:
            raise StoreError(f"{backup} is not a backup of this program")
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("none",)
        beats = connection.execute("SELECT heartbeat FROM instance").fetchall()
    if revision not in REVISIONS:
        raise StoreError(
            f"{backup} was written by a newer version of this program (its revision is {revision}): "
            "update the program first"
        )
    return Found(
        path=backup, made=made, since=min([made, *(EPOCH + beat * MICROSECOND for (beat,) in beats)])
    )


def restore(store: Path, found: Found, by: str, now: datetime) -> Path | None:
    """Put a backup in place of a store, marked as such; the file under which the old store is kept.

    None where there was no old one. StoreBusyError where a daemon holds the store.
    """
    try:
        store.parent.mkdir(mode=FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
        with locked(store):
            new, mark = _prepared(store, found, by, now)
            kept = _name_for_old(store, now)
            sides = _saved(store, kept) if kept else []
            with _shut(store) as whole:
                if kept:
                    os.link(store, kept)
                for path in sides if whole else ():
                    path.unlink()  # what it held is in the old store's one file now
                for side in (*SIDES, "-shm"):
                    # SQLite would write them into the restored store.
                    beside(store, side).unlink(missing_ok=True)
                sync_folder(store.parent)
                new.replace(store)
                sync_folder(store.parent)
            if mark:
                write_mark(store, mark)
    except OSError as error:
        raise StoreError(f"{found.path} was not put back: {error.strerror}") from error
    return kept


def _prepared(store: Path, found: Found, by: str, now: datetime) -> tuple[Path, Mark | None]:
    """A copy beside the store, up to date and marked as put back, that needs nothing but its name."""
    new = beside(store, _NEW)
    for left in (new, *(beside(new, side) for side in (*SIDES, "-shm"))):
        left.unlink(missing_ok=True)
    copy_whole(found.path, new, still=True)
    database = SqliteDatabase(new, read_only=False, wait=_WAIT)
    try:
        with database.writing() as connection:
            put_back(connection, found.since, by, now)
            mark = _moved_on(connection, store)
    finally:
        database.close()
    if any(beside(new, side).exists() for side in SIDES):
        raise StoreError(f"{new} is open in another program: close that one first")
    sync_file(new)
    return new, mark


def _moved_on(connection: Connection, store: Path) -> Mark | None:
    """Bring a copy further than the mark beside the store: what that would tell is written down already."""
    inside = mark_in(connection)
    if inside is None:
        return None
    with suppress(StoreError):  # a damaged mark tells nothing, and is written anew
        outside = read_mark(store)
        inside = replace(inside, epoch=max(outside.epoch if outside else 0, inside.epoch) + 1)
    connection.execute(update(instance).values(epoch=inside.epoch))
    return inside


def _name_for_old(store: Path, now: datetime) -> Path | None:
    """The name under which the old store is kept; None where there is no old store."""
    if not store.exists():
        return None
    for left in store.parent.glob(f"{store.name}{_KEPT}*"):
        if left.samefile(store):
            left.unlink()  # a second name that a killed run gave to the store in use
    name = beside(store, _KEPT + now.astimezone(UTC).strftime(_STAMP))
    path, number = name, 1
    while any(beside(path, side).exists() for side in ("", *SIDES)):
        number += 1
        path = beside(name, f"-{number}")
    return path


@contextmanager
def _shut(store: Path) -> Iterator[bool]:
    """The old store written into its one file, and shut to every program; False where it is too damaged."""
    if not store.exists():
        yield False
        return
    wait = _WAIT.total_seconds()
    with closing(sqlite3.connect(f"{uri(store)}?mode=rw", uri=True, timeout=wait)) as old:
        old.isolation_level = None
        if _is_shut(old, store):
            yield True
            return
    yield False


def _is_shut(old: sqlite3.Connection, store: Path) -> bool:
    # Whoever still had it open would go on writing beside the restored store, and into it.
    try:
        old.execute("PRAGMA journal_mode = DELETE")
        old.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            raise StoreError(f"the store {store} is open in another program: close that one first") from None
        return False
    return True


def _saved(store: Path, kept: Path) -> list[Path]:
    """Copies of what SQLite keeps beside the old store: opening a damaged one may do away with it."""
    saved = []
    for side in SIDES:
        if beside(store, side).exists():
            saved.append(shutil.copyfile(beside(store, side), beside(kept, side)))
            saved[-1].chmod(OWNER_ONLY)
    return saved
