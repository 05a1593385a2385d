"""collect --once: take in what was said to us, and say how much of it there was."""

from dataclasses import fields
from typing import TYPE_CHECKING

import click

from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.setting import load, writing_store
from bot.domain.report import Intake

if TYPE_CHECKING:
    from bot.app import App

WORDS = {
    "stored": "stored, and waiting for a person",
    "known": "known before",
    "refused": "beyond understanding",
}
NOT_KEPT = "dealt with, and not kept"  # and not why: an hour and a number may be enough to find somebody


@click.command("collect")
@click.option(
    "--once",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Read what is there, and end; `run` goes on reading.",
)
@click.pass_context
def collect_command(ctx: click.Context) -> int:
    """Take in what was said to us, and print how much there was; never a word of it.

    The program must not run: it collects by itself.
    """
    from bot.app import App

    config = load(ctx)
    if config.collect is None:
        show.complain("Nothing is collected: config.example.yaml shows `privacy:` and `collect:`.")
        return PERSON_NEEDED
    app = App(config, writing_store(config))
    with app.store.hold(app.clock.now(), app.patience):
        return taken_in(app)


def taken_in(app: "App") -> int:
    """Collect on every account that hears; the exit code."""
    from bot.daemon.collector import since_of
    from bot.domain.errors import TryLaterError
    from bot.flows.collect import collect

    code = DONE
    for label in app.hears:
        listener = app.listener(label)
        if listener is None:
            show.complain(f"{label}: nobody has asked yet who we are there: `auth check` does")
            code = PERSON_NEEDED
            continue
        try:
            intake = collect(listener, since_of(app, listener))
        except TryLaterError as error:
            show.complain(f"{label}: {error}")
            code = PERSON_NEEDED
            continue
        show.say(f"{label}:")
        for line in lines_of(intake):
            show.say(f"  {line}")
    return code


def lines_of(intake: Intake) -> list[str]:
    """An intake in numbers."""
    numbers = {words: getattr(intake, name) for name, words in WORDS.items()}
    numbers[NOT_KEPT] = sum(getattr(intake, field.name) for field in fields(Intake)) - sum(numbers.values())
    return [f"{number} {words}" for words, number in numbers.items() if number] or ["nothing new"]
