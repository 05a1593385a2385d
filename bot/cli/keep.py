"""backup and restore: the store is copied, and a copy is put in its place."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.setting import load, who, writing_store
from bot.config import Config
from bot.domain.errors import StoreError


@click.command("backup")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="Another folder than usual."
)
@click.pass_context
def backup_command(ctx: click.Context, folder: Path | None) -> int:
    """Copy the store into the folder of backups, also while the program runs.

    Only the newest copies are kept there. Secrets are not in it: they are files of their own.
    """
    from bot.copies import back_up, end_old_copies

    config, now = load(ctx), datetime.now(UTC)
    made = back_up(config, now, folder)
    end_old_copies(config, now, folder)
    show.say(f"The store was copied to {made}. `restore` puts it back.")
    return DONE


@click.command("restore")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--since",
    metavar="TIME",
    help="Instead of FILE, where you put the store back yourself: when its copy was made, 2027-05-01T09:00.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def restore_command(
    ctx: click.Context, file: Path | None, since: str | None, yes: bool, name: str | None
) -> int:
    """Put the backup FILE in place of the store. The program must not run.

    The old store is kept beside it. What was published since the backup is not in it: before anything is sent
    again, the program looks for it on the platforms.
    """
    if (file is None) == (since is None):
        raise click.UsageError(
            "name the backup FILE, or with --since when the copy that you put back was made"
        )
    config = load(ctx)
    if file is not None:
        return _put_back(config, file, yes, who(name))
    return _mark(config, since or "", yes, who(name))


def _put_back(config: Config, file: Path, yes: bool, by: str) -> int:
    from bot.app import own_file
    from bot.store.beside import locked
    from bot.store.restore import look_at, restore

    store = own_file(config)
    found = look_at(file)
    if store.parent.exists():
        with locked(store):
            pass  # nobody needs to be asked where it cannot be done
    zone = config.timezone or "UTC"
    show.say(f"The backup was made {show.local(found.made, zone)} ({zone}).")
    _warn(found.since, zone)
    if not yes:
        click.confirm(f"Put it in place of {store}?", abort=True)
    whole = _bring_erasures(file.absolute().parent, config.state)
    kept = restore(store, found, by, datetime.now(UTC))
    _forget_again(config)
    whole &= _bring_key(config, file.absolute().parent)
    if kept:
        show.say(f"The old store is kept as {kept}.")
    show.say("The backup is in place. `status` says how it stands, `run` goes on.")
    return DONE if whole else PERSON_NEEDED


def _bring_erasures(folder: Path, state: Path) -> bool:
    """Add what was erased, by what lies beside the backup, to what is known here.

    Before the backup is put in place: whatever fails after that, it is erased again. Whether it was done.
    """
    from bot.store.hasher import take_erasures_along
    from bot.store.paths import FOLDER_OWNER_ONLY

    try:
        state.mkdir(mode=FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
        take_erasures_along(folder, state)
    except (StoreError, OSError) as error:
        show.complain(f"What was erased, as it is known beside the backup, was not brought: {error}")
        return False
    return True


def _bring_key(config: Config, folder: Path) -> bool:
    """Bring the key back where it is missing and needed; whether nobody has to do that by hand."""
    from bot.store.hasher import KEY_NAME, bring_key

    places = [place for place in (config.backup.key_folder, folder) if place]
    with closing(writing_store(config)) as store:
        missing = store.keyed_by() is not None and not (config.state / KEY_NAME).exists()
    try:
        if not missing or bring_key(places, config.state):
            return True
        said = f"put its copy at {config.state / KEY_NAME}; until then nothing is collected"
        show.complain(f"The key is not here, nor in {' or '.join(map(str, places))}: {said}.")
    except StoreError as error:
        show.complain(f"The key was not brought back: {error}")
    return False


def _mark(config: Config, since: str, yes: bool, by: str) -> int:
    """Tell a store that was put back by other means, such as pg_restore, what it is."""
    zone = config.timezone or "UTC"
    try:
        at = datetime.fromisoformat(since)
    except ValueError:
        raise click.UsageError(f"{since} is not a time: write it like 2027-05-01T09:00") from None
    at = (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    now = datetime.now(UTC)
    if at > now:
        raise click.UsageError(f"{since} is still to come: write when the copy was made")
    _warn(at, zone)
    if not yes:
        click.confirm("Is the store that is there now this copy?", abort=True)
    store = writing_store(config)
    with store.hold(now, {account.label: account.patience for account in config.accounts}):
        store.put_back(at, by, now)
    _forget_again(config)
    show.say("The store knows that it is a backup. `status` says how it stands, `run` goes on.")
    return DONE


def _forget_again(config: Config) -> None:
    from bot.app import forgetting_of
    from bot.flows.forget import reapply

    with closing(writing_store(config)) as store:
        number = reapply(forgetting_of(config, store), datetime.now(UTC))
    if number:
        show.say(f"{show.count(number, 'report')} that had been erased since then were erased again.")


def _warn(since: datetime, zone: str) -> None:
    show.say(
        f"What was published since {show.local(since, zone)} may be missing in it; how much that is, "
        "nobody knows. Before anything is sent again, the program looks for it on the platforms."
    )
    show.say("Decisions made since then (pause, cancel, retry) are forgotten: make them again.")
