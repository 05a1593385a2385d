"""backup and restore: the store is copied, and a copy is put in its place."""

from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli import DONE, show
from bot.cli.setting import load, who


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
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def restore_command(ctx: click.Context, file: Path, yes: bool, name: str | None) -> int:
    """Put the backup FILE in place of the store. The program must not run.

    The old store is kept beside it. What was published since the backup is not in it: before anything is sent
    again, the program looks for it on the platforms.
    """
    from bot.app import own_file
    from bot.store.beside import locked
    from bot.store.restore import look_at, restore

    config = load(ctx)
    store = own_file(config)
    found = look_at(file)
    if store.parent.exists():
        with locked(store):
            pass  # nobody needs to be asked where it cannot be done
    zone = config.timezone or "UTC"
    show.say(f"The backup was made {show.local(found.made, zone)} ({zone}).")
    show.say(
        f"What was published since {show.local(found.since, zone)} may be missing in it; how much that is, "
        "nobody knows. Before anything is sent again, the program looks for it on the platforms."
    )
    show.say("Decisions made since then (pause, cancel, retry) are forgotten: make them again.")
    if not yes:
        click.confirm(f"Put it in place of {store}?", abort=True)
    kept = restore(store, found, who(name), datetime.now(UTC))
    if kept:
        show.say(f"The old store is kept as {kept}.")
    show.say("The backup is in place. `status` says how it stands, `run` goes on.")
    return DONE
