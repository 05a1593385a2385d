"""import: a spreadsheet becomes posts, all of them or none."""

import contextlib
import csv
import errno
import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import click

from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.setting import load_or_default
from bot.domain.errors import BotError

if TYPE_CHECKING:
    from bot.config import Config
    from bot.domain.post import PostId
    from bot.files.spreadsheet import Imported, NewFile


@click.command("import")
@click.argument(
    "file", metavar="FILE.csv", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False
)
@click.option("--to", "folder", metavar="FOLDER", type=click.Path(path_type=Path), help="Default: the queue.")
@click.option("--dry-run", is_flag=True, help="Show the posts, and write nothing.")
@click.option(
    "--template", is_flag=True, help="Print the columns, with an example: import --template > posts.csv"
)
@click.pass_context
def import_command(
    ctx: click.Context, file: Path | None, folder: Path | None, dry_run: bool, template: bool
) -> int:
    """Make posts of a spreadsheet that was saved as CSV: one row, one post, all of them drafts.

    Where anything is wrong, every fault is shown and nothing is written. Files that are there are never
    overwritten.
    """
    if template:
        _print_template()
        return DONE
    if file is None:
        raise click.UsageError("name the file: import posts.csv (or see `import --template`)", ctx)
    config = load_or_default(ctx)
    target = folder or config.queue
    if not target.is_dir():
        raise click.ClickException(f"there is no folder {target}; make it, or name another with --to FOLDER")
    found = _imported(file, target, config)
    for problem in found.problems:
        show.problem(problem)
    if not found.sound:
        show.say("Nothing was written: mend the sheet and import it again.", bold=True)
        return PERSON_NEEDED
    new = [one for one in found.files if not _same(one)]
    if dry_run:
        _show(new)
        show.say(f"{_drafts(len(new))} would be written into {target}. Nothing was written.", bold=True)
        return DONE
    write(new)
    _sum_up(new, len(found.files) - len(new), target)
    return DONE


def _imported(file: Path, target: Path, config: "Config") -> "Imported":
    from bot.app import queue_settings
    from bot.files.sheet import MOST_BYTES
    from bot.files.spreadsheet import Surroundings, imported

    def lies_there(name: str) -> bool:
        try:
            return (target / name).is_file()
        except OSError:  # a name too long for any file
            return False

    around = Surroundings(
        folder=PurePath(target),
        settings=queue_settings(config),
        lies_there=lies_there,
        taken=_taken(target, config),
    )
    with file.open("rb") as opened:
        data = opened.read(MOST_BYTES + 1)
    found = imported(data, str(file), around)
    return _without_overwriting(found)


def _taken(target: Path, config: "Config") -> dict["PostId", str]:
    """The ids of the queue, and where they stand; files that this very import would write are no rivals."""
    from bot.app import queue_settings
    from bot.files.queue import read_queue

    taken: dict[PostId, str] = {}
    for folder in {target.resolve(): target, config.queue.resolve(): config.queue}.values():
        if folder.is_dir():
            posts = read_queue(folder, queue_settings(config)).posts
            taken |= {
                post.id: str(post.source)
                for post in posts
                if Path(post.source.file).resolve() != (target / f"{post.id}.yaml").resolve()
            }
    return taken


def _same(one: "NewFile") -> bool:
    """Whether this very file is there: an import that was broken off can be begun again."""
    path = Path(one.path)
    return path.is_file() and path.read_bytes() == one.text.encode()


def _without_overwriting(found: "Imported") -> "Imported":
    from dataclasses import replace

    from bot.domain.problem import Place, Problem

    if not found.sound:
        return found
    in_the_way = [
        Problem(
            place=Place(file=str(one.path)),
            message="this file is there already, with other words in it; it is never overwritten",
            fix=f"give the post another id than {one.id}, or change the file by hand",
            post=one.id,
        )
        for one in found.files
        if os.path.lexists(one.path) and not _same(one)
    ]
    return replace(found, problems=(*found.problems, *in_the_way))


def write(files: Sequence["NewFile"]) -> None:
    """Write files that are not there yet: all of them, or (where the disk says no) none."""
    # Hidden, so that a running daemon does not take them for posts.
    temporary = [Path(one.path).with_name(f".{one.id}.{os.getpid()}.tmp") for one in files]
    made: list[Path] = []
    try:
        for one, whole in zip(files, temporary, strict=True):
            _write_whole(whole, one.text.encode())
        for one, whole in zip(files, temporary, strict=True):
            place(whole, Path(one.path))
            made.append(Path(one.path))
        _settle({path.parent for path in made})
    except OSError as error:
        _remove(made)
        raise BotError(
            f"nothing was written: {error.strerror}: {error.filename2 or error.filename}"
        ) from error
    finally:
        _remove(temporary)


def _write_whole(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())
    if path.read_bytes() != data:
        raise OSError(errno.EIO, "the disk gives back something else than was written", str(path))


def place(whole: Path, path: Path, link: Callable[[Path, Path], None] = os.link) -> None:
    """Give a whole file its name. A file of that name is never replaced: FileExistsError."""
    try:
        link(whole, path)  # unlike a rename, this refuses a name that is taken
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}:
            raise
        # A disk that knows no second names for a file, such as a memory stick's.
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
        whole.rename(path)


def _settle(folders: Iterable[Path]) -> None:
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def _show(files: Sequence["NewFile"]) -> None:
    for one in files:
        show.say(str(one.path), bold=True)
        for line in one.text.splitlines():
            show.say(f"    {line}".rstrip())
        show.say()


def _drafts(count: int) -> str:
    return show.count(count, "draft")


def _sum_up(new: Sequence["NewFile"], before: int, target: Path) -> None:
    there = f" {show.count(before, 'post')} had been imported before." if before else ""
    show.say(f"{_drafts(len(new))} written into {target}.{there}", bold=True)
    show.say("Next: `check`, look at each with `preview`, then `approve ID --as NAME`.")


def _print_template() -> None:
    from bot.files.columns import TEMPLATE

    table = io.StringIO(newline="")
    csv.writer(table).writerows(TEMPLATE)
    # Spreadsheets take a file for UTF-8 only where it begins with this mark; a terminal need not see it.
    mark = "" if sys.stdout.isatty() else "\ufeff"
    click.echo(f"{mark}{table.getvalue()}".encode(), nl=False)
