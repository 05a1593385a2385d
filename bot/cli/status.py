"""status: how it stands, and whether a person is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from bot.app import queue_settings
from bot.cli import DONE, IN_DOUBT, PERSON_NEEDED, show
from bot.cli.outlook import delivery_json, outlook_of, why
from bot.cli.setting import load, reading_store
from bot.config import Config
from bot.copies import need_of_backup, need_of_key
from bot.domain.account import Account
from bot.domain.delivery import Delivery, State
from bot.domain.problem import Severity
from bot.files.queue import Queue, read_queue
from bot.flows.needs import AHEAD, needs_of, sentences, situation
from bot.ports import Store

ALIVE = timedelta(minutes=2)  # a daemon beats every few seconds; one that has not for so long is gone


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def status_command(ctx: click.Context, as_json: bool) -> int:
    """Say how it stands.

    Leaves with 1 when a person is needed, else with 3 while something is in doubt, else with 0.
    """
    config = load(ctx)
    store = reading_store(config)
    now = datetime.now(UTC)
    if store is None:
        show.say("Nothing has run here yet, so nothing is planned: see `queue`. `run` begins.")
        return PERSON_NEEDED
    summary = summary_of(config, store, now)
    if as_json:
        show.say_json(summary.as_json())
    else:
        summary.say(config.timezone or "UTC", now)
    if summary.needs:
        return PERSON_NEEDED
    return IN_DOUBT if summary.in_doubt else DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How things stand: `needs` are sentences about what a person must do."""

    alive: bool
    last_beat: datetime | None
    started: bool
    accounts: Sequence[Account]
    counts: dict[State, int]
    in_doubt: Sequence[Delivery]
    attention: Sequence[Delivery]
    needs: Sequence[str]

    def say(self, zone: str, now: datetime) -> None:
        """Print it for people."""
        show.say(_alive_words(self.alive, self.last_beat, now), colour="green" if self.alive else "yellow")
        show.table(_account_row(account, now) for account in self.accounts)
        numbers = ", ".join(
            f"{number} {show.STATE_WORDS[state]}" for state, number in self.counts.items() if number
        )
        show.say(numbers or "Nothing is planned yet: see `queue`.")
        pages = {account.label: account.url for account in self.accounts}
        for one in self.in_doubt:
            page = f" Our page there: {pages[one.account]}" if pages.get(one.account) else ""
            show.say(f"{one.key[:8]} {one.post} on {one.account}:{why(one, now)}{page}", colour="yellow")
        if not self.needs:
            show.say("Nobody is needed.", colour="green", bold=True)
            return
        show.say("You are needed:", colour="red", bold=True)
        for need in self.needs:
            show.say(f"  - {need}")

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "alive": self.alive,
            "last_beat": self.last_beat.isoformat() if self.last_beat else None,
            "started": self.started,
            "accounts": [
                {
                    "label": account.label,
                    "platform": account.platform,
                    "own_id": account.own_id,
                    "handle": account.handle,
                    "paused": account.pause.reason if account.pause else None,
                    "busy_until": account.busy_until.isoformat() if account.busy_until else None,
                }
                for account in self.accounts
            ],
            "deliveries": {state.value: number for state, number in self.counts.items()},
            "in_doubt": [delivery_json(one) for one in self.in_doubt],
            "attention": [delivery_json(one) for one in self.attention],
            "needs": list(self.needs),
        }


def summary_of(config: Config, store: Store, now: datetime) -> Summary:
    """Work out how things stand."""
    beat = store.last_beat()
    alive = beat is not None and now - beat < ALIVE
    queue = read_queue(config.queue, queue_settings(config))
    found = situation(store, config.labels, now, config.case_age, queue.posts)
    errors = _errors(queue, config, store, now)
    needs = needs_of(found, now, alive=alive, errors=errors)
    needs += [need for need in (need_of_backup(config, store, now), need_of_key(config)) if need]
    return Summary(
        alive=alive,
        last_beat=beat,
        started=found.started,
        accounts=found.accounts,
        counts=dict(store.counts()),
        in_doubt=[one for one in found.waiting if one.state is State.IN_DOUBT and not one.attention],
        attention=found.attention,
        needs=sentences(needs),
    )


def _errors(queue: Queue, config: Config, store: Store, now: datetime) -> int:
    """How many things are wrong with the posts: in the files, and in planning those that are no drafts."""
    outlook = outlook_of(queue, config, now, store, ahead=AHEAD)
    drafts = {post.id for post in outlook.posts if post.draft}
    wrong = [one for one in outlook.problems if one.severity is Severity.ERROR]
    return sum(one in queue.problems or one.post not in drafts for one in wrong)


def _alive_words(alive: bool, beat: datetime | None, now: datetime) -> str:
    if alive:
        return "The program is running."
    if beat is None:
        return "The program has never run."
    return f"The program is not running; it was last alive {show.span(now - beat)} ago."


def _account_row(account: Account, now: datetime) -> tuple[str, ...]:
    if account.own_id is None:
        words = "not reached yet"
    elif account.pause:
        words = f"paused: {account.pause.reason}"
    elif account.busy_until and account.busy_until > now:
        words = f"asked to wait {show.span(account.busy_until - now)}"
    else:
        words = "publishes"
    return (account.label, account.platform.shown, account.handle or "", words)
