"""reports boost and unboost: pass on what a supporter said, after a second look, and take that back."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from bot.cli import show
from bot.cli.decide import see_to_it
from bot.cli.setting import load, writing_store
from bot.domain.errors import DecisionError
from bot.domain.report import Report, ReportId, Standing

if TYPE_CHECKING:
    from bot.app import App
    from bot.domain.consent import Ground, SecondLook

DANGER = "Could this person be in Belarus or Russia, or family of a prisoner?"
EXILE = "Is anybody in it from Belarus or Russia, and lives abroad?"
FACES = "Do faces show?"
AGREED = "Did they agree to be passed on, all of them?"

number_argument = click.argument("number", metavar="NUMBER", type=int)
name_option = click.option("--as", "name", required=True, metavar="NAME", help="Who decides.")


@click.command("boost")
@number_argument
@name_option
@click.pass_context
def boost_command(ctx: click.Context, number: int, name: str) -> int:
    """Boost the message of report NUMBER on its own platform, after a second look at it.

    What it is asked is answered by a person, each time: there is no way around it.
    """
    from bot.app import App
    from bot.flows.acknowledge import Passing, boost

    config = load(ctx)
    store = writing_store(config)
    app, report = App(config, store), store.report(ReportId(number))
    today = _today(app, report)
    report = store.report(report.id)  # as that look has left it
    passing = Passing(report=report, today=today, look=_second_look(report, today))
    boost(store, passing, _ground(app), campaign=config.campaign, by=name, now=datetime.now(UTC))
    show.say(f"Report {number} is boosted; `reports unboost {number} --as NAME` takes that back.")
    return see_to_it(config, store)


@click.command("unboost")
@number_argument
@name_option
@click.pass_context
def unboost_command(ctx: click.Context, number: int, name: str) -> int:
    """Take back the boost of report NUMBER, wherever it stands by now."""
    from bot.flows.acknowledge import unboost

    config = load(ctx)
    store = writing_store(config)
    report = store.report(ReportId(number))
    unboost(store, report, campaign=config.campaign, by=name, now=datetime.now(UTC))
    show.say(f"The boost of report {number} is taken back.")
    return see_to_it(config, store)


def _today(app: "App", report: Report) -> str:
    """What the message says today: what was true of it when it came may not be so any more."""
    if report.remote_id is None:
        raise DecisionError(f"report {report.id} cannot be boosted: its address is erased already")
    today = app.looked_at(report)
    if today is None:
        raise DecisionError(f"report {report.id} is not boosted: its message is gone, or no longer public")
    if app.store.report(report.id).standing is Standing.UNDECIDED:
        raise DecisionError(f"report {report.id} is not boosted: its message was changed; review it again")
    return today


def _second_look(report: Report, today: str) -> "SecondLook":
    from bot.domain.consent import SecondLook

    show.say(report.url or "", colour="blue")
    for line in today.splitlines():
        show.say(f"  | {line}")
    show.say("Look at it there once more, at its pictures and at who says it.")
    danger = click.confirm(DANGER, default=None)
    exile = click.confirm(EXILE, default=None)
    faces = click.confirm(FACES, default=None)
    agreed = click.confirm(AGREED, default=None) if faces or exile else False
    return SecondLook(may_be_in_danger=danger, shows_faces=faces, in_exile=exile, they_agreed=agreed)


def _ground(app: "App") -> "Ground":
    from bot.app import queue_settings, read_vocabulary
    from bot.domain.consent import Ground
    from bot.domain.naming import Names
    from bot.files.queue import read_queue
    from bot.flows.truth import guard_of

    config = app.config
    queue = read_queue(config.queue, queue_settings(config))
    cleared = config.collect is not None and config.collect.cleared is not None
    return Ground(
        names=Names(queue.cases),
        vocabulary=read_vocabulary(),
        guard=guard_of(app.store, config.case_age, app.clock.now()),
        x_cleared=cleared,
    )
