"""What backups need once they hold something of supporters: the key beside them, and an end."""

from datetime import UTC, datetime
from pathlib import Path

from bot.domain.errors import StoreError
from bot.domain.report import RAW_FOR
from bot.store.backup import SIDES, backups
from bot.store.hasher import KEY_NAME, take_along
from bot.store.paths import beside

_KEPT = ".before-restore-"  # how restore.py names the store that it puts aside
_KEPT_STAMP = "%Y%m%dT%H%M%SZ"


def keep_beside(store: Path, state: Path, folder: Path, now: datetime) -> None:
    """Where mentions were ever collected: put key and erasures beside the backups, and end the old ones.

    StoreError where that cannot be done; the backup itself is made by then.
    """
    if not (state / KEY_NAME).exists():
        return
    take_along(state, folder)
    try:
        for path in outlived(store, folder, now):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"an old copy of the store cannot be deleted: {error.strerror}") from error


def outlived(store: Path, folder: Path, now: datetime) -> list[Path]:
    """Copies of a store that are older than anything of a supporter may get."""
    old = [backup.path for backup in backups(folder) if now - backup.at > RAW_FOR]
    for path, at in put_aside(store):
        if now - at > RAW_FOR:
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
