"""schema: what a post may hold, for editors that show mistakes while one is typing."""

import click

from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.setting import load_or_default


@click.command("schema")
@click.option("--check", is_flag=True, help="Only say whether the file is what it must be.")
@click.pass_context
def schema_command(ctx: click.Context, check: bool) -> int:
    """Write schema.json into the folder of posts, for editors. docs/queue.md says how they find it."""
    from bot.files.schema import NAME, schema_text

    folder = load_or_default(ctx).queue
    if not folder.is_dir():
        raise click.ClickException(f"there is no folder {folder}; make it first")
    path = folder / NAME
    wanted = schema_text()
    there = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
    if check:
        if there == wanted:
            show.say(f"{path} is what it must be.")
            return DONE
        said = "is not there" if there is None else "is not what the program reads"
        show.complain(f"{path} {said}; write it with `schema`")
        return PERSON_NEEDED
    if there != wanted:
        path.write_text(wanted, encoding="utf-8")
    show.say(f"{path} {'was up to date' if there == wanted else 'was written'}.")
    return DONE
