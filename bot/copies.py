"""Copies of what we must not lose: backups of the store, and the key apart from them."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.app import copy_store, own_file, store_file
from bot.config import Config, lies_in
from bot.domain.errors import StoreError
from bot.domain.spoken import span
from bot.flows.needs import Need
from bot.ports import Store

BACKUP_WITHIN = timedelta(days=2)


def back_up(config: Config, now: datetime, folder: Path | None = None) -> Path:
    """Copy the store into the folder of backups, or another. StoreError where a server keeps the store."""
    from bot.store.keeping import keep_beside

    where = config.backup if folder is None else replace(config.backup, folder=folder)
    if where.key_folder and lies_in(where.key_folder, where.folder):
        raise StoreError(f"the copy of the key lies in {where.folder}: no backup is put beside it")
    made = copy_store(own_file(config), where, now)
    keep_beside(config.state, where.folder, where.key_folder)
    return made


def end_old_copies(config: Config, now: datetime, folder: Path | None = None) -> None:
    """Delete copies of the store that are too old for what they hold. StoreError where that fails."""
    from bot.store.keeping import end_old

    if store := store_file(config):
        end_old(store, config.state, folder or config.backup.folder, now)


def keep_key(config: Config) -> None:
    """Put a copy of the key where the configuration wants it. StoreError where that cannot be done."""
    from bot.store.keeping import keep_key as keep

    if config.backup.key_folder:
        keep(config.state, config.backup.key_folder)


def last_backup(config: Config) -> datetime | None:
    """When the newest backup in its folder was made, None where there is none."""
    from bot.store.backup import backups

    made = backups(config.backup.folder)
    return made[0].at if made else None


def need_of_backup(config: Config, store: Store, now: datetime) -> Need | None:
    """What a person must do about backups; a store that was just made has none yet, and needs none."""
    if store_file(config) is None:
        return None
    last = last_backup(config)
    since = last or min((account.enrolled_at for account in store.accounts()), default=now)
    if now - since <= BACKUP_WITHIN:
        return None
    said = f"the last backup is {span(now - last)} old" if last else "there is no backup"
    words = f"{said} in {config.backup.folder}: `backup` makes one, or says why it cannot"
    return Need(problem="backup", words=words, alarm=said)


def need_of_key(config: Config) -> Need | None:
    """What a person must do about the key of hashes, once anything is collected."""
    from bot.store.keeping import trouble_with_key

    where = config.backup
    if not (config.collect and config.privacy):
        return None
    said = trouble_with_key(config.state, where.folder, where.key_folder, by_hand=where.key_by_hand)
    return Need(problem="key", words=said, alarm="the key needs its copy elsewhere") if said else None
