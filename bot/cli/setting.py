"""What every command starts from: the configuration, or what stands in for it."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot.config import Config, default_config, load_config
from bot.domain.errors import StoreError
from bot.ports import Store

DEFAULT_FOLDER = Path("posts")


def load(ctx: click.Context) -> Config:
    """The configuration; ConfigError where there is none."""
    path: Path = ctx.obj["path"]
    if not path.exists() and not ctx.obj["given"]:
        raise click.ClickException(
            f"there is no {path} here; make one with `init`, or name one with --config PATH"
        )
    return load_config(path)


def load_or_default(ctx: click.Context) -> Config:
    """The configuration, or where none was named and none is there, what the published limits say."""
    if not ctx.obj["given"] and not ctx.obj["path"].exists():
        return default_config(DEFAULT_FOLDER)
    return load(ctx)


def reading_store(config: Config) -> Store | None:
    """The store, for reading; None where nothing has run yet."""
    from bot.app import open_store

    if not config.store or ("://" not in config.store and not Path(config.store).exists()):
        return None
    return open_store(config, read_only=True)


def writing_store(config: Config) -> Store:
    """The store, for decisions. Whoever makes one may ask a platform as well: what is logged then is ours."""
    from bot.app import open_store
    from bot.cli import logs

    logs.begin("warning")

    if "://" not in config.store and not Path(config.store).exists():
        raise StoreError("nothing has run here yet, so there is nothing to decide; `run` begins")
    return open_store(config)


class Day(click.ParamType[date]):
    """A day, written 2027-05-01."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date of a word."""
        from bot.strictyaml.fields import Wrong
        from bot.strictyaml.words import day

        if isinstance(value, date):
            return value
        try:
            return day(str(value))
        except Wrong as wrong:
            self.fail(f"{wrong.message}; {wrong.fix}", param, ctx)


def meant(word: str, known: Iterable[str]) -> str:
    """Which known name a word nearly is, as the end of a sentence; nothing where it is like none."""
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def who(name: str | None) -> str:
    """Who decides: as named, or whoever is logged in."""
    import getpass

    return name or getpass.getuser()
