"""backup and restore: the store is copied, and a copy is put in its place."""

from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli import DONE, show
from bot.cli.setting import load


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
