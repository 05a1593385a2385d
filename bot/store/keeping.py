"""What backups need once they hold something of supporters: erasures beside them, the key apart, an end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.errors import StoreError
from bot.domain.report import RAW_FOR
from bot.store.backup import SIDES, backups
from bot.store.hasher import KEY_NAME, has_same_key, take_erasures_along, take_key_along
from bot.store.paths import FOLDER_OWNER_ONLY, beside

ASIDE_FOR = timedelta(days=3)
"""How long a store lives that `restore` put aside: unlike a backup, it holds words."""

_KEPT = ".before-restore-"  # how restore.py names the store that it puts aside
_KEPT_STAMP = "%Y%m%dT%H%M%SZ"


def keep_beside(state: Path, folder: Path, key_folder: Path | None) -> None:
    """Where mentions were ever collected: put the erasures beside the backups, and a copy of the key apart.

    StoreError where that cannot be done; the backup itself is made by then.
    """
    if not (state / KEY_NAME).exists():
        return
    take_erasures_along(state, folder)
    if key_folder is None:
        return
    keep_key(state, key_folder)
    stray = folder / KEY_NAME
    if not stray.exists() or folder.samefile(key_folder) or not has_same_key(state, folder):
        return
    try:
        stray.unlink()  # earlier versions put it there, where it opens what it lies beside
    except OSError as error:
        raise StoreError(f"the key {stray} cannot be deleted: {error.strerror}") from error


def keep_key(state: Path, key_folder: Path) -> None:
    """Put a copy of the key into a folder, once there is one. StoreError where that cannot be done."""
    if not (state / KEY_NAME).exists():
        return
    try:
        key_folder.mkdir(mode=FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder {key_folder} cannot be made: {error.strerror}") from error
    take_key_along(state, key_folder)


def trouble_with_key(state: Path, folder: Path, key_folder: Path | None, *, by_hand: bool) -> str | None:
    """What a person must do about the key and its copy, None where all is well or there is no key yet."""
    if not (state / KEY_NAME).exists():
        return None
    mended = "name a folder elsewhere in the configuration, `backup: {key_folder: PATH}`"
    if key_folder is None and not by_hand:
        return (
            f"the key {state / KEY_NAME} has no second copy, and without it nobody who opted out is "
            f"recognised: {mended}, or copy it yourself and write `key_folder: by hand`"
        )
    if (folder / KEY_NAME).exists():
        how = f"delete {folder / KEY_NAME}" if key_folder is None else "`backup` takes it away"
        return f"the key lies beside the backups, where it tells whose reports they hold: {how}"
    if key_folder and not (key_folder / KEY_NAME).exists():
        return f"there is no copy of the key in {key_folder}: `backup` makes one, or says why it cannot"
    return None


def end_old(store: Path, state: Path, folder: Path, now: datetime) -> None:
    """Delete copies of a store that may hold more of supporters than may be held by now.

    StoreError where that cannot be done.
    """
    if not (state / KEY_NAME).exists():
        return
    try:
        for path in outlived(store, folder, now):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"an old copy of the store cannot be deleted: {error.strerror}") from error


def outlived(store: Path, folder: Path, now: datetime) -> list[Path]:
    """Copies of a store that are older than anything of a supporter may get."""
    old = [backup.path for backup in backups(folder) if now - backup.at > RAW_FOR]
    for path, at in put_aside(store):
        if now - at > ASIDE_FOR:
            old += [path, *(beside(path, side) for side in SIDES)]
    return old


def put_aside(store: Path) -> list[tuple[Path, datetime]]:
    """The stores in whose place a backup was put, and when."""
    found = []
    for path in sorted(store.parent.glob(f"{store.name}{_KEPT}*")):
        stamp = path.name.removeprefix(f"{store.name}{_KEPT}")[:16]
        if path.name.endswith(SIDES):
            continue
        try:
            found.append((path, datetime.strptime(stamp, _KEPT_STAMP).replace(tzinfo=UTC)))
        except ValueError:
            continue  # not a name that `restore` gives
    return found
