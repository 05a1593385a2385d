"""publish, retry and cancel: what a person decides. A program that is running acts on it within a second."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from bot.cli import DONE, show
from bot.cli.setting import load, who, writing_store
from bot.config import Config
from bot.domain.delivery import Delivery
from bot.domain.errors import StoreBusyError
from bot.domain.post import PostId
from bot.flows import decide
from bot.ports import Store


@click.command("publish")
@click.argument("post", metavar="ID")
@click.option("--now", is_flag=True, required=True, expose_value=False, help="Instead of at its hour.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def publish_command(ctx: click.Context, post: str, yes: bool, name: str | None) -> int:
    """Publish post ID now instead of at its hour, on every account it goes to.

    Of a recurring post, the next date is moved here; it will not go out a second time.
    """
    config = load(ctx)
    store = writing_store(config)
    if not yes:
        click.confirm(f"Publish {post} now, on every account it goes to?", abort=True)
    moved = decide.publish_now(store, PostId(post), who(name), datetime.now(UTC))
    _say("goes out now", moved)
    return _see_to_it(config, store)


@click.command("retry")
@click.argument("key")
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def retry_command(ctx: click.Context, key: str, name: str | None) -> int:
    """Try again what was refused, too late or cancelled. KEY is the start of a line in `queue`."""
    store = writing_store(load(ctx))
    _say("is tried again", decide.retry(store, key, who(name), datetime.now(UTC)))
    return DONE


@click.command("cancel")
@click.argument("key")
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def cancel_command(ctx: click.Context, key: str, name: str | None) -> int:
    """Take back what has not gone out. KEY is the start of a line in `queue`."""
    store = writing_store(load(ctx))
    _say("is cancelled", decide.cancel(store, key, who(name), datetime.now(UTC)))
    return DONE


def _say(what: str, deliveries: Sequence[Delivery]) -> None:
    for one in deliveries:
        part = f", part {one.part}" if one.parts > 1 else ""
        show.say(f"{one.key[:8]} {one.post} on {one.account} ({one.language}{part}) {what}.")


def _see_to_it(config: Config, store: Store) -> int:
    """Publish at once where no daemon is there to do it."""
    from bot.app import App
    from bot.cli.run import _once

    try:
        return _once(App(config, store))
    except StoreBusyError:
        show.say("The program that is running publishes it.")
        return DONE
