"""status: how it stands, and whether a person is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from bot.app import last_backup, queue_settings, store_file
from bot.cli import DONE, IN_DOUBT, PERSON_NEEDED, show
from bot.cli.outlook import LATE, LONG_AGO, delivery_json, why
from bot.cli.setting import load, reading_store
from bot.config import Config
from bot.domain.account import Account
from bot.domain.delivery import Delivery, State
from bot.domain.problem import Severity
from bot.files.queue import read_queue
from bot.ports import Store

ALIVE = timedelta(minutes=2)  # a daemon beats every few seconds; one that has not for so long is gone
SOON = timedelta(days=7)
BACKUP_WITHIN = timedelta(days=2)


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
        show.say("Nothing has run here yet; `run` begins.")
        return PERSON_NEEDED
    standing = stand(config, store, now)
    if as_json:
        show.say_json(standing.as_json())
    else:
        standing.say(config.timezone or "UTC", now)
    if standing.needs:
        return PERSON_NEEDED
    return IN_DOUBT if standing.in_doubt else DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
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
        show.say(numbers or "Nothing is planned.")
        for one in self.in_doubt:
            show.say(f"{one.key[:8]} {one.post} on {one.account}:{why(one, now)}", colour="yellow")
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


def stand(config: Config, store: Store, now: datetime) -> Standing:
    """Work out how things stand."""
    beat = store.last_beat()
    alive = beat is not None and now - beat < ALIVE
    accounts = [account for account in store.accounts() if account.label in config.labels]
    attention = store.needing_attention()
    waiting = store.deliveries(since=LONG_AGO, until=now + SOON, states={State.SCHEDULED, State.IN_DOUBT})
    in_doubt = [one for one in waiting if one.state is State.IN_DOUBT and not one.attention]
    late = [one for one in waiting if _is_late(one, now)]
    held = [one for one in waiting if one.state is State.SCHEDULED and one.held and one.part == 1]
    problems = read_queue(config.queue, queue_settings(config)).problems
    needs = [
        *_needs_of_daemon(store, alive=alive),
        *_needs_of_backup(config, store, now),
        *(_paused(account) for account in accounts if account.pause),
        *(f"{one.key[:8]} {one.post} on {one.account}: {one.attention}" for one in attention),
        *(
            f"{one.key[:8]} {one.post} on {one.account} is {show.span(now - one.planned_at)} late"
            for one in late
            if not one.attention
        ),
        *(
            f"{one.key[:8]} {one.post} on {one.account} is held ({one.held}); its hour is in "
            f"{show.span(one.planned_at - now)}"
            for one in held
        ),
    ]
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if errors:
        needs.append(f"the posts have {show.count(errors, 'error')}: see `check`")
    return Standing(
        alive=alive,
        last_beat=beat,
        started=store.started(),
        accounts=accounts,
        counts=dict(store.counts()),
        in_doubt=in_doubt,
        attention=attention,
        needs=needs,
    )


def _is_late(one: Delivery, now: datetime) -> bool:
    return one.state is State.SCHEDULED and not one.held and one.part == 1 and now - one.planned_at > LATE


def _needs_of_daemon(store: Store, *, alive: bool) -> list[str]:
    needs = []
    if not alive:
        needs.append("the program is not running: `run` starts it")
    if not store.started():
        needs.append("publishing was never started: look at `queue`, then `start`")
    if reason := store.paused():
        needs.append(f"everything is paused ({reason}): `resume` goes on")
    return needs


def _needs_of_backup(config: Config, store: Store, now: datetime) -> list[str]:
    """What a person must do about backups; a store that was just made has none yet, and needs none."""
    if store_file(config) is None:
        return []
    last = last_backup(config)
    since = last or min((account.enrolled_at for account in store.accounts()), default=now)
    if now - since <= BACKUP_WITHIN:
        return []
    words = f"the last backup is {show.span(now - last)} old" if last else "there is no backup"
    return [f"{words} in {config.backup.folder}: `backup` makes one, or says why it cannot"]


def _paused(account: Account) -> str:
    assert account.pause is not None  # noqa: S101  # the caller has looked
    return f"{account.label} is paused ({account.pause.reason}): `resume {account.label}` goes on"


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
