"""backup and restore: the store is copied, and a copy is put in its place."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from bot.cli import DONE, show
from bot.cli.setting import load, who, writing_store
from bot.config import Config


@click.command("backup")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="Another folder than usual."
)
@click.pass_context
def backup_command(ctx: click.Context, folder: Path | None) -> int:
    """Copy the store into the folder of backups, also while the program runs.

    Only the newest copies are kept there. Secrets are not in it: they are files of their own.
    """
    from bot.app import back_up

    made = back_up(load(ctx), datetime.now(UTC), folder)
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
    from bot.store.hasher import take_along
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
    kept = restore(store, found, by, datetime.now(UTC))
    take_along(file.absolute().parent, config.state)
    _forget_again(config)
    if kept:
        show.say(f"The old store is kept as {kept}.")
    show.say("The backup is in place. `status` says how it stands, `run` goes on.")
    return DONE


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
