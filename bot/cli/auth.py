"""auth check: who we are on each platform. Publishes nothing."""

from concurrent.futures import ThreadPoolExecutor

import click

from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.setting import load
from bot.domain.account import Account
from bot.flows.identify import AuthCheck, identify


@click.group("auth")
def auth_command() -> None:
    """Find out who we are on each platform."""


@auth_command.command("check")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> int:
    """Ask each platform who we are, whether we may write, and whether the bot label is there.

    Publishes nothing. An account that a platform had shut out is let in again when its check passes.
    Leaves with 1 where an account cannot publish.
    """
    from bot.app import App, open_store

    config = load(ctx)
    unusable = {account.label: account.problems() for account in config.accounts}
    app = App(config, open_store(config))
    labels = [label for label in app.labels if not unusable[label]]

    def ask(label: str) -> AuthCheck:
        return identify(app.speaker(label), app.voice(label))

    with ThreadPoolExecutor(max_workers=max(1, len(labels))) as threads:
        checks = list(threads.map(ask, labels))
    checks += [AuthCheck(label=label, stops=tuple(found)) for label, found in unusable.items() if found]
    accounts = {account.label: account for account in app.store.accounts()}
    if as_json:
        show.say_json([_as_json(one, accounts[one.label]) for one in checks])
    else:
        for one in checks:
            _say(one, accounts[one.label], app.voice(one.label).mention)
    return DONE if all(one.passed for one in checks) else PERSON_NEEDED


def _say(one: AuthCheck, account: Account, configured: str) -> None:
    show.say(f"{one.label}: {'may publish' if one.passed else 'publishes nothing'}", bold=True)
    for stop in one.stops:
        show.say(f"  ✗ {stop}", colour="red")
    for warning in one.warnings:
        show.say(f"  ! {warning}", colour="yellow")
    identity = one.identity
    if identity is None:
        return
    show.say(f"  the platform calls us {identity.handle}, the configuration {configured}")
    show.say(f"  account {identity.own_id}, first seen here as {account.own_id or 'none yet'}")
    show.say(f"  may write: {_yes(identity.may_write)}   bot label: {_yes(identity.bot_label)}")
    if identity.clock_ahead is not None:
        show.say(f"  clock difference: {identity.clock_ahead.total_seconds():+.1f} s")
    if identity.length:
        show.say(f"  longest post here: {identity.length}")


def _yes(known: bool | None) -> str:
    return "unknown" if known is None else "yes" if known else "no"


def _as_json(one: AuthCheck, account: Account) -> dict[str, object]:
    identity = one.identity
    found: dict[str, object] = {
        "label": one.label,
        "passed": one.passed,
        "stops": list(one.stops),
        "warnings": list(one.warnings),
        "first_seen_id": account.own_id,
    }
    if identity:
        ahead = identity.clock_ahead
        found |= {
            "own_id": identity.own_id,
            "handle": identity.handle,
            "may_write": identity.may_write,
            "bot_label": identity.bot_label,
            "scopes_missing": list(identity.scopes_missing),
            "scopes_excess": list(identity.scopes_excess),
            "clock_ahead_seconds": None if ahead is None else ahead.total_seconds(),
        }
    return found
