"""What a person decides: publish, retry, cancel, decide, withdraw. A daemon acts on it within a second."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from bot.app import queue_settings
from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.guarded import guard_with, in_the_way, no_such_post
from bot.cli.setting import load, who, writing_store
from bot.config import Config
from bot.domain.delivery import Delivery, DeliveryKind, Receipt
from bot.domain.errors import DecisionError, StoreBusyError
from bot.domain.post import PostId
from bot.files.queue import read_queue
from bot.flows import decide
from bot.flows.missing import confirm_missing
from bot.flows.withdraw import look_up, withdraw
from bot.ports import Store
from bot.ports.records import Decision, Own


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
    now = datetime.now(UTC)
    queue = read_queue(config.queue, queue_settings(config))
    guard = guard_with(queue, store, config.case_age, now)
    if words := in_the_way(PostId(post), queue, store, guard, now):
        raise DecisionError(words)
    if not yes:
        click.confirm(f"Publish {post} now, on every account it goes to?", abort=True)
    moved = decide.publish_now(store, PostId(post), who(name), datetime.now(UTC))
    _say("goes out now", moved)
    return see_to_it(config, store)


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
@click.argument("key", required=False)
@click.option("--missing", is_flag=True, help="All that is held because its post is gone from the queue.")
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def cancel_command(ctx: click.Context, key: str | None, missing: bool, name: str | None) -> int:
    """Take back what has not gone out. KEY is the start of a line in `queue`."""
    if missing == bool(key):
        raise click.UsageError("give the start of a KEY, or --missing")
    store, now = writing_store(load(ctx)), datetime.now(UTC)
    if key:
        _say("is cancelled", decide.cancel(store, key, who(name), now))
        return DONE
    number = confirm_missing(store, now)
    if not number:
        raise DecisionError("nothing is held because its post is gone")
    store.decide(Decision(at=now, by=who(name), what="confirm missing", about="everything"))
    show.say(f"{show.count(number, 'delivery', 'deliveries')} cancelled.")
    return DONE


@click.command("decide")
@click.argument("key")
@click.option("--sent", "url", metavar="URL", help="It is there, at this address.")
@click.option("--absent", is_flag=True, help="It is not there: send it.")
@click.option("--leave", is_flag=True, help="Leave it as it is, and ask no more.")
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def decide_command(
    ctx: click.Context, key: str, *, url: str | None, absent: bool, leave: bool, name: str | None
) -> int:
    """Answer for the program whether something went out. KEY is the start of a line in `status`."""
    if [bool(url), absent, leave].count(True) != 1:
        raise click.UsageError("say one of: --sent URL, --absent, --leave")
    config = load(ctx)
    store, by, now = writing_store(config), who(name), datetime.now(UTC)
    if leave:
        _say("is left as it is", decide.leave(store, store.find(key), by, now))
        return DONE
    doubtful = decide.in_doubt(store, key)
    if absent:
        _say("is sent again", [decide.told_not_sent(store, doubtful, by, now)])
        return DONE
    if doubtful.kind is DeliveryKind.WITHDRAWAL:
        raise DecisionError("this deletes a post, so nothing is to be found: --absent deletes it once more")
    if doubtful.kind is not DeliveryKind.POST:
        raise DecisionError("a boost has no address of its own: --absent asks the platform for it once more")
    receipt = _found_at(url or "", doubtful, config, store)
    _say("is published", [decide.told_sent(store, doubtful, receipt, by, now)])
    return DONE


def _found_at(url: str, doubtful: Delivery, config: Config, store: Store) -> Receipt:
    """What is at the address that a person gives: it is looked at before it is believed."""
    from bot.app import App

    speaker = App(config, store).speaker(doubtful.account)
    own = store.account(doubtful.account)
    receipt = speaker.platform.receipt_at(url, Own(own_id=own.own_id or "", handle=own.handle))
    if store.bound(doubtful.account, [receipt.remote_id]):
        raise DecisionError(f"the post at {url} is another one of ours, and known")
    return receipt


def _is_shut_out(label: str, store: Store) -> bool:
    pause = store.account(label).pause
    return pause is not None and pause.blocked


@click.command("withdraw")
@click.argument("post", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def withdraw_command(ctx: click.Context, post: str, yes: bool, name: str | None) -> int:
    """Delete post ID wherever it was published, and take back what of it has not gone out."""
    config = load(ctx)
    store = writing_store(config)
    if not store.of_post(PostId(post)):
        queue = read_queue(config.queue, queue_settings(config))
        known = any(one.id == post for one in queue.posts)
        raise DecisionError(f"nothing of {post} was published" if known else no_such_post(post, queue))
    found = look_up(store, PostId(post))
    for one in found.standing:
        show.say(f"  {one.account} ({one.language}): {one.receipt.url if one.receipt else ''}")
    if found.waiting:
        show.say(f"{show.count(len(found.waiting), 'part')} still waiting will not go out.")
    for one in found.unclear:
        show.say(f"  {one.account} ({one.language}): not clear yet whether it went out; withdraw again later")
    if not found.standing:
        return PERSON_NEEDED
    show.say("Copies on other servers, pictures of it and what people quoted cannot be recalled.")
    if not yes:
        click.confirm(f"Delete {post} there?", abort=True)
    done = withdraw(store, PostId(post), config.campaign, who(name), datetime.now(UTC))
    for label in sorted({one.account for one in done.standing if _is_shut_out(one.account, store)}):
        show.say(
            f"{label} is shut out: it is deleted there once `auth check {label}` passes.", colour="yellow"
        )
    show.say(
        "Delete the post from the queue as well, or mark it `draft: true`: else its next date is planned."
    )
    code = see_to_it(config, store)
    return PERSON_NEEDED if done.unclear else code


def _say(what: str, deliveries: Sequence[Delivery]) -> None:
    for one in deliveries:
        part = f", part {one.part}" if one.parts > 1 else ""
        show.say(f"{one.key[:8]} {one.post} on {one.account} ({one.language}{part}) {what}.")


def see_to_it(config: Config, store: Store) -> int:
    """Publish at once where no daemon is there to do it."""
    from bot.app import App
    from bot.cli.run import _once

    try:
        return _once(App(config, store))
    except StoreBusyError:
        show.say("The program that is running does it.")
        return DONE
