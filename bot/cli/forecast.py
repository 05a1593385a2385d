"""forecast: what goes out in the next weeks, what stands in its way, and what it costs."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot.app import planner_of, queue_settings, read_tlds
from bot.cli import DONE, PERSON_NEEDED, show
from bot.cli.outlook import Outlook, outlook_of
from bot.cli.setting import load_or_default, reading_store
from bot.config import Config
from bot.domain.delivery import LEFT, LONG_AGO, Delivery, DeliveryKind, State
from bot.domain.lengths import Limits, PlatformName, published_limits, x_links
from bot.domain.picture import described
from bot.domain.post import Post
from bot.domain.price import Prices, cost_of_post, dollars
from bot.domain.problem import Severity
from bot.domain.recheck import Recheck, rechecks
from bot.files.queue import Queue, read_queue
from bot.flows.needs import recheck_words
from bot.ports import Store

COLUMNS = 100
NOT_READ = "not read yet"
STILL_TO_GO = frozenset({State.SCHEDULED, State.SENDING, State.IN_DOUBT})
SHOWN = STILL_TO_GO | {State.FAILED}

Name = tuple[str, str, str, str]
"""A version of one date of a post: account, post, occurrence, language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One date of a post on one account in one language. Costs are in millionths of a dollar."""

    parts: tuple[Delivery, ...]
    platform: PlatformName | None
    draft: bool
    unread: bool
    cost: int
    without_links: int
    links: tuple[str, ...]  # as X sees them

    @property
    def goes_out(self) -> bool:
        """Whether it goes out unless somebody steps in; what is held still counts."""
        waits = any(part.state in STILL_TO_GO for part in self.parts)
        return waits and not self.draft and not self.unread

    @property
    def first(self) -> Delivery:
        """Its first part."""
        return self.parts[0]


@click.command("forecast")
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="How far ahead.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def forecast_command(ctx: click.Context, days: int, as_json: bool) -> int:
    """Show what goes out in the next weeks, what is held, and what X will charge for it.

    Drafts and translations that nobody has read are listed too, marked, and not counted in the cost.
    """
    config = load_or_default(ctx)
    queue = read_queue(config.queue, queue_settings(config))
    found = forecast(queue, config, reading_store(config), datetime.now(UTC), timedelta(days=days))
    if as_json:
        show.say_json(forecast_json(found))
    else:
        for line in forecast_lines(found):
            show.say(line)
        if found.errors:
            show.say(f"{show.count(found.errors, 'error')} in the posts: see `check`.", colour="red")
    return PERSON_NEEDED if found.errors else DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What goes out between two instants; `on_x` are our accounts there, each with its monthly budget."""

    since: datetime
    until: datetime
    zone: str
    on_x: Mapping[str, int | None]
    versions: tuple[Version, ...]
    rechecks: tuple[Recheck, ...]
    errors: int


def forecast(queue: Queue, config: Config, store: Store | None, now: datetime, ahead: timedelta) -> Forecast:
    """Work out what goes out in a time to come."""
    outlook = outlook_of(queue, config, now, store, ahead=ahead)
    versions = tuple(versions_of(outlook, store, config, now, ahead))
    due = [part for one in versions if one.goes_out for part in one.parts]
    return Forecast(
        versions=versions,
        rechecks=tuple(rechecks(due, outlook.guard)),
        since=now,
        until=now + ahead,
        zone=config.timezone or "UTC",
        on_x={one.label: one.budget for one in config.accounts if one.platform is PlatformName.X},
        errors=sum(problem.severity is Severity.ERROR for problem in outlook.problems),
    )


def versions_of(
    outlook: Outlook, store: Store | None, config: Config, now: datetime, ahead: timedelta
) -> list[Version]:
    """What is owed in the coming days: as the queue has it, or as the store does, which knows better."""
    # Only the store knows whether what is past is still owed.
    would_be = _by_name(one for one in outlook.deliveries if one.planned_at >= now)
    waiting = _by_name(one for one in outlook.waiting if one.planned_at >= now)
    real = _by_name(_remembered(store, now + ahead))
    made = _Maker(config, outlook.posts)
    found = [made(parts) for parts in {**would_be, **real, **waiting}.values()]
    return sorted(
        (one for one in found if _is_shown(one, now, ahead)),
        key=lambda one: (one.first.planned_at, one.first.post, one.first.account, one.first.language),
    )


def _remembered(store: Store | None, until: datetime) -> list[Delivery]:
    """What the store has of posts, over or not: what has gone out is not owed again."""
    found = store.deliveries(since=LONG_AGO, until=until) if store else []
    return [one for one in found if one.kind is DeliveryKind.POST]


def _by_name(deliveries: Iterable[Delivery]) -> dict[Name, tuple[Delivery, ...]]:
    def name(one: Delivery) -> Name:
        return one.account, one.post, one.occurrence, one.language

    ordered = sorted(deliveries, key=lambda one: (*name(one), one.part))
    return {key: tuple(parts) for key, parts in groupby(ordered, key=name)}


def _is_shown(one: Version, now: datetime, ahead: timedelta) -> bool:
    """Whether a version belongs to the days ahead: its hour is there, or it is late and still goes out."""
    states = {part.state for part in one.parts}
    if one.first.planned_at >= now:
        return bool(states & SHOWN) and one.first.planned_at <= now + ahead
    # What nobody has sent in time is too late, unless its thread has begun.
    return one.goes_out and (one.first.expires_at > now or bool(states & LEFT))


class _Maker:
    """Makes versions of their parts, with what the configuration says of the account."""

    def __init__(self, config: Config, posts: Iterable[Post]) -> None:
        self._platforms = {account.label: account.platform for account in config.accounts}
        self._posts = {post.id: post for post in posts}
        self._prices: Prices = planner_of(config).prices
        self._limits: Limits = published_limits(PlatformName.X, read_tlds())

    def __call__(self, parts: tuple[Delivery, ...]) -> Version:
        first = parts[0]
        platform, post = self._platforms.get(first.account), self._posts.get(first.post)
        to_go = [part for part in parts if part.state is not State.SENT]
        texts = [part.text for part in to_go]
        pictures = sum(described(part.media) for part in to_go) * self._prices.described_picture
        on_x = platform is PlatformName.X
        return Version(
            parts=parts,
            platform=platform,
            draft=post is not None and post.draft,
            unread=post is not None and first.language in post.unread,
            cost=sum(map(self._cost, texts)) + pictures if on_x else 0,
            without_links=len(texts) * self._prices.post + pictures if on_x else 0,
            links=tuple(self._links(texts)) if on_x else (),
        )

    def _cost(self, text: str) -> int:
        return cost_of_post(text, self._limits, self._prices)

    def _links(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            for start, end in x_links(text, self._limits.tlds):
                yield text[start:end]


def costs_of(versions: Sequence[Version], zone: str) -> list[tuple[str, str, list[Version]]]:
    """What goes out on X, by account and by month as the campaign's clocks have it (2027-05)."""
    counted = [one for one in versions if one.platform is PlatformName.X and one.goes_out]

    def name(one: Version) -> tuple[str, str]:
        return one.first.account, f"{one.first.planned_at.astimezone(ZoneInfo(zone)):%Y-%m}"

    return [(*key, list(found)) for key, found in groupby(sorted(counted, key=name), key=name)]


def forecast_lines(found: Forecast) -> Iterator[str]:
    """A forecast as people read it; what is wider than a terminal goes on below, indented."""
    for line in _lines(found):
        wrapped = textwrap.wrap(
            line, COLUMNS, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False
        )
        yield from wrapped or [""]


def _lines(found: Forecast) -> Iterator[str]:
    place, versions = ZoneInfo(found.zone), found.versions
    since, until = (f"{at.astimezone(place):%a %d %b %Y}" for at in (found.since, found.until))
    yield f"From {since} to {until}, {found.zone}."
    if not versions:
        yield "Nothing goes out in these days."
    accounts = max((len(one.first.account) for one in versions), default=0)
    posts = min(34, max((len(one.first.post) for one in versions), default=0))
    for day, those in groupby(versions, key=lambda one: one.first.planned_at.astimezone(place).date()):
        yield ""
        yield f"{day:%a %d %b %Y}"
        for one in those:
            yield f"  {_row(one, place, accounts, posts)}"
    yield from _recheck_lines(found)
    yield from _cost_lines(found)


def _recheck_lines(forecast: Forecast) -> Iterator[str]:
    if not forecast.rechecks:
        return
    yield ""
    yield "Who and what must be checked again, or posts will not go out"
    for one in forecast.rechecks:
        yield f"  {recheck_words(one)}"


def _row(one: Version, place: ZoneInfo, accounts: int, posts: int) -> str:
    first = one.first
    cells = (
        f"{first.planned_at.astimezone(place):%H:%M %Z}",
        first.account.ljust(accounts),
        first.language.ljust(2),
        first.post.ljust(posts),
        ", ".join(_notes(one)),
    )
    return "  ".join(cells).rstrip()


def _notes(one: Version) -> Iterator[str]:
    """What there is to say of a version, what stands in its way first."""
    if one.draft:
        yield "draft"
    if one.unread:
        yield NOT_READ
    held = next((part.held for part in one.parts if part.held), None)
    attention = next((part.attention for part in one.parts if part.attention), None)
    if held:
        yield f"held: {held}"
    elif attention:
        yield f"{show.state_of(one.first)}: {attention}"
    elif one.first.state is not State.SCHEDULED:
        yield show.state_of(one.first)
    if len(one.parts) > 1:
        yield show.count(len(one.parts), "part")
    if one.cost:
        yield dollars(one.cost)


def _cost_lines(forecast: Forecast) -> Iterator[str]:
    if not forecast.on_x:
        return
    costs = costs_of(forecast.versions, forecast.zone)
    yield ""
    yield "What X charges for it (what is held is counted; drafts and what is not read yet are not)"
    for account, budget in forecast.on_x.items():
        months = [(month, found) for label, month, found in costs if label == account]
        if not months:
            yield f"  {account}: nothing"
        for month, found in months:
            as_it_is, without = _sums(found)
            yield (
                f"  {account}, {datetime.strptime(month, '%Y-%m').replace(tzinfo=UTC):%B %Y}: "
                f"{dollars(as_it_is)} as it is, {dollars(without)} without links{_against(budget, as_it_is)}"
            )
            linked = Counter(one.first.post for one in found if one.links)
            if linked:
                yield f"    with a link: {', '.join(_times(post, times) for post, times in linked.items())}"


def _against(budget: int | None, cost: int) -> str:
    if budget is None:
        return ""
    return f"; more than the budget of {dollars(budget)}" if cost > budget else f" (budget {dollars(budget)})"


def _times(post: str, times: int) -> str:
    return post if times == 1 else f"{post} ({times} times)"


def _sums(found: Iterable[Version]) -> tuple[int, int]:
    found = list(found)
    return sum(one.cost for one in found), sum(one.without_links for one in found)


def forecast_json(found: Forecast) -> dict[str, Any]:
    """A forecast as a value for programs."""
    return {
        "from": found.since.isoformat(),
        "until": found.until.isoformat(),
        "timezone": found.zone,
        "versions": [_version_json(one, found.zone) for one in found.versions],
        "rechecks": [
            {"subject": one.subject, "by": one.first_at.isoformat(), "posts": list(one.posts)}
            for one in found.rechecks
        ],
        "costs": [_cost_json(*one) for one in costs_of(found.versions, found.zone)],
        "errors": found.errors,
    }


def _version_json(one: Version, zone: str) -> dict[str, Any]:
    first = one.first
    return {
        "at": first.planned_at.isoformat(),
        "local": first.planned_at.astimezone(ZoneInfo(zone)).isoformat(),
        "account": first.account,
        "platform": one.platform,
        "language": first.language,
        "post": first.post,
        "occurrence": first.occurrence,
        "parts": len(one.parts),
        "state": first.state,
        "held": next((part.held for part in one.parts if part.held), None),
        "attention": next((part.attention for part in one.parts if part.attention), None),
        "draft": one.draft,
        "unread": one.unread,
        "cost_millionths": one.cost,
        "links": list(one.links),
    }


def _cost_json(account: str, month: str, found: Sequence[Version]) -> dict[str, Any]:
    as_it_is, without = _sums(found)
    return {
        "account": account,
        "month": month,
        "cost_millionths": as_it_is,
        "without_links_millionths": without,
        "with_links": sorted({one.first.post for one in found if one.links}),
    }
