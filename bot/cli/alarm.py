"""alarm test: whether a person would be reached."""

import click

from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.setting import load

WORDS = "A test of the alarm.\nNothing is wrong: somebody wants to know whether this arrives."


@click.group("alarm")
def alarm_command() -> None:
    """Find out whether an alarm reaches you."""


@alarm_command.command("test")
@click.pass_context
def test(ctx: click.Context) -> int:
    """Send a test alarm on every way that the configuration names.

    Leaves with 1 where one of them fails, or none is configured.
    """
    from bot.app import pulse_of, ways_of
    from bot.clock import SystemClock
    from bot.domain.errors import AlarmError

    config = load(ctx)
    tries = [(way.name, lambda way=way: way.tell(WORDS)) for way in ways_of(config, SystemClock())]
    pulse = pulse_of(config)
    if not tries:
        show.complain("No way to reach anybody is configured: see `alarm:` in config.example.yaml.")
    arrived = bool(tries)
    for name, send in [*tries, *([("heartbeat_url", pulse.beat)] if pulse else [])]:
        try:
            send()
        except AlarmError as error:
            show.say(f"{name}: failed: {error}", colour="red")
            arrived = False
        else:
            show.say(f"{name}: arrived", colour="green")
    return DONE if arrived else PERSON_NEEDED
