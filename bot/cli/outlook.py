"""queue: what goes out, and when."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bot.app import planner_of, queue_settings, read_tlds, voice_of
from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.guarded import HeldBack, held_back
from bot.cli.hints import hints
from bot.cli.setting import load_or_default, reading_store
from bot.config import Config
from bot.domain.account import Identity, Voice
from bot.domain.calendar import Fixed
from bot.domain.case import Guard
from bot.domain.delivery import LATE_AFTER, Delivery, DeliveryKind, State
from bot.domain.draft import is_approved, read
from bot.domain.post import Post
from bot.domain.problem import Problem, Severity
from bot.files.queue import Queue, read_queue
from bot.flows.plan import Planner, plan
from bot.flows.truth import guard_of
from bot.ports import Store

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
FOR_EVER = datetime.max.replace(tzinfo=UTC)
OVER = frozenset({State.SENT, State.CANCELLED, State.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a queue would come to, worked out in memory; `waiting` once drafts and translations are done."""

    posts: tuple[Post, ...]
    problems: tuple[Problem, ...]
    deliveries: tuple[Delivery, ...]
    waiting: tuple[Delivery, ...] = ()
    guard: Guard = field(default_factory=Guard)
    held_back: tuple[HeldBack, ...] = ()  # by the guard


def rehearsed(
    config: Config,
    path: Path,
    now: datetime,
    store: Store | None,
    *,
    ahead: timedelta | None = None,
    warned: bool = False,
) -> Outlook:
    """Read a queue and plan it in memory, drafts included: what comes of it, and what stands in the way."""
    queue = read_queue(path, queue_settings(config))
    return outlook_of(queue, config, now, store, ahead=ahead, warned=warned)


def outlook_of(
    queue: Queue,
    config: Config,
    now: datetime,
    store: Store | None,
    *,
    ahead: timedelta | None = None,
    warned: bool = False,
) -> Outlook:
    """Plan a queue in memory, drafts included."""
    from bot.store.memory import MemoryStore

    memory = MemoryStore()
    voices = _voices(config, memory, store, now)
    # A post that was planned in time is not an error now that its hour has passed.
    memory.meet([post.id for post in queue.posts if _was_planned(post, store, now)], LONG_AGO)
    planner = planner_of(config, keeps_pictures=False)
    if ahead:
        planner = replace(planner, ahead=ahead)
    learn(memory, queue, store, now)
    undrafted = [replace(post, draft=False) for post in queue.posts]
    planning = plan(undrafted, voices, memory, planner, now)
    approvals = memory.approvals()
    posts = tuple(
        replace(read(post, approvals), draft=post.draft and not is_approved(post, approvals))
        for post in queue.posts
    )
    drafts = {post.id for post in posts if post.draft}
    found = memory.deliveries(since=LONG_AGO, until=FOR_EVER)
    warnings = hints(posts, voices, found, store, now) if warned else []
    guard = guard_of(memory, config.case_age, now)
    held = tuple(held_back(posts, found, guard, config.timezone or "UTC", now))
    more, unread = _unread(undrafted, voices, memory, planner, now)
    return Outlook(
        posts=posts,
        problems=(
            *queue.problems,
            *planning.problems,
            *(one for one in more if one not in planning.problems),
            *(one.notice for one in held),
            *warnings,
        ),
        deliveries=tuple(one for one in found if one.post not in drafts),
        waiting=(*(one for one in found if one.post in drafts), *unread),
        guard=guard,
        held_back=held,
    )


def _voices(config: Config, memory: Store, store: Store | None, now: datetime) -> list[Voice]:
    """How we speak on each account of the configuration, all of them known to a store in memory."""
    accounts = {account.label: account for account in store.accounts()} if store else {}
    tlds = read_tlds()
    voices = []
    for account in config.accounts:
        memory.enroll(account.label, account.platform, LONG_AGO)
        identity = Identity(own_id=account.label, handle=account.handle, url="")
        memory.identified(account.label, identity, now)
        voices.append(voice_of(account, accounts.get(account.label), tlds))
    return voices


def learn(memory: Store, queue: Queue, store: Store | None, now: datetime) -> None:
    """Tell a store in memory what the files say, and what the real one has of checks and approvals."""
    memory.know(queue.findings, now)
    if store is None:
        return
    for _, checks in store.findings().values():
        for finding in checks:
            memory.find_out(finding, now)
    memory.approve(store.approvals(), "", now)
    if (reason := store.people_paused()) is not None:
        memory.pause_people(reason, "", now)


def _unread(
    posts: Sequence[Post], voices: Sequence[Voice], memory: Store, planner: Planner, now: datetime
) -> tuple[tuple[Problem, ...], list[Delivery]]:
    """What would come of the translations that nobody has read: their lengths are checked like all others."""
    unread = {post.id: post.unread for post in posts if post.unread}
    if not unread:
        return (), []
    planning = plan([replace(post, unread=frozenset()) for post in posts], voices, memory, planner, now)
    found = memory.deliveries(since=LONG_AGO, until=FOR_EVER)
    return planning.problems, [one for one in found if one.language in unread.get(one.post, ())]


def _was_planned(post: Post, store: Store | None, now: datetime) -> bool:
    past = isinstance(post.when, Fixed) and post.when.at <= now
    return past and store is not None and bool(store.of_post(post.id))


@click.command("queue")
@click.option("--days", type=click.IntRange(1, 3660), default=7, show_default=True, help="How far ahead.")
@click.option("--past", is_flag=True, help="What went out instead, with its links, and what did not.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def queue_command(ctx: click.Context, days: int, past: bool, as_json: bool) -> int:
    """List what goes out in the next days, on which account and in which language.

    The eight letters at the start of each line name a delivery to `retry` and `cancel`.
    """
    config = load_or_default(ctx)
    now = datetime.now(UTC)
    store = reading_store(config)
    if past:
        return _past(store, now - timedelta(days=days), now, config.timezone or "UTC", as_json)
    outlook = rehearsed(config, config.queue, now, store, ahead=timedelta(days=days))
    rows = _merged(outlook.deliveries, store, now, timedelta(days=days))
    errors = [problem for problem in outlook.problems if problem.severity is Severity.ERROR]
    drafts = sum(post.draft for post in outlook.posts)
    if as_json:
        deliveries = [delivery_json(one) for one in rows]
        show.say_json({"deliveries": deliveries, "drafts": drafts, "errors": len(errors)})
        return PERSON_NEEDED if errors else DONE
    zone = config.timezone or "UTC"
    if rows:
        show.table(_row(one, zone, now) for one in rows)
    else:
        show.say(f"Nothing goes out in the next {show.count(days, 'day')}.")
    if drafts:
        show.say(f"{show.count(drafts, 'draft')} will not go out until somebody says `approve ID --as NAME`.")
    if unread := sum(len(post.unread) for post in outlook.posts):
        them = "it" if unread == 1 else "them"
        show.say(f"{show.count(unread, 'translation')} will not go out until somebody has read {them}.")
    if errors:
        show.say(f"{show.count(len(errors), 'error')} in the posts: see `check`.", colour="red")
    return PERSON_NEEDED if errors else DONE


def _past(store: Store | None, since: datetime, now: datetime, zone: str, as_json: bool) -> int:
    """What has become of the last days' deliveries."""
    over = OVER | {State.FAILED}
    found = store.deliveries(since=since, until=now, states=over) if store else []
    gone = {one.text for one in found if one.kind is DeliveryKind.WITHDRAWAL and one.state is State.SENT}
    posts = [one for one in found if one.kind is DeliveryKind.POST]
    if as_json:
        show.say_json({"deliveries": [delivery_json(one) for one in posts], "withdrawn": sorted(gone)})
        return DONE
    if not posts:
        show.say("Nothing has gone out in these days.")
    show.table(_past_row(one, zone, gone) for one in posts)
    return DONE


def _past_row(one: Delivery, zone: str, gone: AbstractSet[str]) -> tuple[str, ...]:
    words = show.state_of(one)
    if one.receipt:
        words = "withdrawn" if one.receipt.remote_id in gone else one.receipt.url
    elif one.attention:
        words = f"{words}: {one.attention}"
    at = one.claimed_at if one.receipt and one.claimed_at else one.planned_at
    return (one.key[:8], show.local(at, zone), one.account, one.language, one.post, _part(one), words)


def _part(one: Delivery) -> str:
    return f"part {one.part} of {one.parts}" if one.parts > 1 else ""


def _merged(
    rehearsed_ones: Iterable[Delivery], store: Store | None, now: datetime, ahead: timedelta
) -> list[Delivery]:
    """What is owed as the store has it, and for accounts it does not know yet, as it would be."""
    real: list[Delivery] = []
    known: set[str] = set()
    if store:
        waiting = set(State) - OVER
        real = store.deliveries(since=LONG_AGO, until=now + ahead, states=waiting)
        known = {account.label for account in store.accounts() if account.own_id}
    would_be = [
        one for one in rehearsed_ones if one.account not in known and now <= one.planned_at <= now + ahead
    ]
    return sorted([*real, *would_be], key=lambda one: (one.planned_at, one.post, one.account, one.part))


def _row(one: Delivery, zone: str, now: datetime) -> tuple[str, ...]:
    return (
        one.key[:8],
        show.local(one.planned_at, zone),
        one.account,
        one.language,
        one.post,
        _part(one),
        f"{show.state_of(one)}{why(one, now)}",
    )


def why(one: Delivery, now: datetime) -> str:
    if one.state is State.IN_DOUBT and not one.attention:
        after = f"; next look in {show.span(one.next_at - now)}" if one.next_at else ""
        return (
            f" We sent it, {one.account} did not answer clearly. Looking at our own timeline{after}. "
            "Please do not post it by hand."
        )
    if one.held and one.state is State.SCHEDULED:
        return f": {one.held}"
    if one.attention:
        return f": {one.attention}"
    if one.state is State.SCHEDULED and now - one.planned_at > LATE_AFTER:
        return f", {show.span(now - one.planned_at)} late"
    return ""


def delivery_json(one: Delivery) -> dict[str, Any]:
    """A delivery as a value for programs."""
    return {
        "key": one.key,
        "post": one.post,
        "account": one.account,
        "language": one.language,
        "occurrence": one.occurrence,
        "part": one.part,
        "parts": one.parts,
        "state": one.state,
        "planned_at": one.planned_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "held": one.held,
        "attention": one.attention,
        "url": one.receipt.url if one.receipt else None,
        "attempts": one.attempts,
    }
