"""run, start, pause and resume: the daemon, and the switches it obeys."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from bot.cli import DONE, IN_DOUBT, PERSON_NEEDED, logs, show
from bot.cli.setting import load, who, writing_store

if TYPE_CHECKING:
    from bot.app import App
    from bot.config import Config
    from bot.daemon.lane import Lane
    from bot.domain.problem import Problem
    from bot.ports import Store

FIRST_LOOK = timedelta(hours=24)


@click.command("run")
@click.option("--once", is_flag=True, help="Publish what is due, look for what is in doubt, and leave.")
@click.pass_context
def run_command(ctx: click.Context, once: bool) -> int:
    """Publish, until stopped.

    The first time on real accounts it publishes nothing: it lists what it would, and waits for `start`.
    """
    from bot.app import App, open_store

    config = load(ctx)
    for problem in config.problems():
        show.complain(problem)
    if all(account.problems() for account in config.accounts):
        show.complain("no account can be used")
        return PERSON_NEEDED
    logs.begin(config.log_level)
    store = open_store(config)
    try:
        app = App(config, store)
        if not store.started():
            _first_look(config, store)
        return _once(app) if once else _daemon(app)
    finally:
        store.close()


def _daemon(app: "App") -> int:
    from bot.daemon import Daemon

    return Daemon(app).run()


def _first_look(config: "Config", store: "Store") -> None:
    """Say what would go out, before anything ever has."""
    from bot.cli.outlook import rehearsed

    now = datetime.now(UTC)
    outlook = rehearsed(config, config.queue, now, store, ahead=FIRST_LOOK)
    rows = [one for one in outlook.deliveries if now <= one.planned_at <= now + FIRST_LOOK]
    zone = config.timezone or "UTC"
    show.say("Nothing has been published from here yet. In the next 24 hours this would go out:", bold=True)
    show.table((show.local(one.planned_at, zone), one.account, one.language, one.post) for one in rows)
    if not rows:
        show.say("  nothing")
    show.say("Nothing goes out until you say `start` (in another window, with the same configuration).")


def _once(app: "App") -> int:
    """Identify, plan, publish what is due, look for what is in doubt: each account on a thread of its own."""
    from bot.app import queue_settings
    from bot.daemon.intake import Intake
    from bot.domain.delivery import LONG_AGO, State
    from bot.files.queue import read_queue

    with app.store.hold(app.clock.now(), app.patience):
        queue = read_queue(app.config.queue, queue_settings(app.config))
        lanes = _lanes(app)
        _all_rounds(lanes)  # who we are; nothing is sent before the queue was compared with what is owed
        sure = any(lane.passed for lane in lanes)
        Intake(app, _show_problems).take_whole(queue, app.clock.now(), sure=sure)
        for lane in lanes:
            lane.planned()
        if sure:
            app.store.expire(app.clock.now())
        _all_rounds(lanes)
    silent = [lane.label for lane in lanes if not lane.passed]
    if silent:
        show.complain(f"published nothing on {', '.join(silent)}: see the lines above")
    in_doubt = app.store.deliveries(
        since=LONG_AGO, until=app.clock.now(), states={State.IN_DOUBT, State.SENDING}
    )
    if silent or not app.store.started() or app.store.needing_attention():
        return PERSON_NEEDED
    return IN_DOUBT if in_doubt else DONE


def _show_problems(problems: "Sequence[Problem]") -> None:
    for problem in problems:
        show.problem(problem)


def _lanes(app: "App") -> list["Lane"]:
    from functools import partial

    from bot.daemon.lane import Lane

    return [
        Lane(
            label,
            partial(app.voice, label),
            partial(app.speaker, label),
            app.store,
            app.clock,
            patience=app.patience,
            planned_first=True,
        )
        for label in app.labels
    ]


def _all_rounds(lanes: Sequence["Lane"]) -> None:
    with ThreadPoolExecutor(max_workers=max(1, len(lanes))) as threads:
        list(threads.map(lambda lane: lane.round(), lanes))


@click.command("start")
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def start_command(ctx: click.Context, name: str | None) -> int:
    """Allow publishing for the first time. A program that is running begins within a second."""
    store = writing_store(load(ctx))
    store.start(who(name), datetime.now(UTC))
    show.say("Publishing is allowed.")
    return DONE


@click.command("pause")
@click.argument("account", required=False)
@click.option("--reason", default="paused by hand", show_default=True)
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def pause_command(ctx: click.Context, account: str | None, reason: str, name: str | None) -> int:
    """Stop publishing on ACCOUNT, or on all. Only what is already on the wire still ends."""
    config = load(ctx)
    _must_know(account, config.labels)
    writing_store(config).pause(account, reason, who(name), datetime.now(UTC))
    show.say(f"{account or 'Everything'} is paused. `resume {account or ''}".rstrip() + "` goes on.")
    return DONE


@click.command("resume")
@click.argument("account", required=False)
@click.option("--as", "name", help="Who says so.")
@click.pass_context
def resume_command(ctx: click.Context, account: str | None, name: str | None) -> int:
    """Go on publishing on ACCOUNT, or on all."""
    config = load(ctx)
    _must_know(account, config.labels)
    store = writing_store(config)
    store.resume(account, who(name), datetime.now(UTC))
    show.say(f"{account or 'Everything'} goes on.")
    if account and store.paused():
        show.say("But everything is paused as well: `resume` without a name goes on.")
    return DONE


def _must_know(account: str | None, labels: Iterable[str]) -> None:
    known = sorted(labels)
    if account is not None and account not in known:
        raise click.UsageError(f"there is no account {account}; there are: {', '.join(known)}")
