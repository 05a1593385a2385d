"""Mentions become reports, page by page: of whoever may be in danger nothing stays, and nobody is missed."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from bot.domain.errors import Concern, TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.marks import alias_of, author_of, author_of_day, mark_of, refused_mark
from bot.domain.mention import Audience, Mention, Page
from bot.domain.price import cost_of_reading, dollars
from bot.domain.report import SWEEP_BACK, Intake, Report, ReportId, Risk, Suggestion, days_of_words
from bot.domain.sealed import opened, sealed
from bot.domain.terms import month_of
from bot.ports import Clock
from bot.ports.inbox import SWEEP, Ear, Erasures, Hasher, Inbox
from bot.ports.judging import Judge, Sparing, Wish

log = logging.getLogger(__name__)

MOST_OF_AN_AUTHOR = 10  # reports of one day; what is beyond is counted
SWEEP_EVERY = timedelta(days=1)
BEGUN = "begun"  # no stream of any ear: its cursor is when an account was first listened to
DONE = "done "  # before the time of a sweep that is over
KNOWN_PAGES = 2  # of a walk down, one after the other, that held nothing new: below is nothing new either
PAGE_AT_MOST = 100  # mentions that a platform gives, and charges for, at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One account with all it takes to hear on it; made and used by one thread."""

    label: str
    own_id: str
    ear: Ear
    inbox: Inbox
    hasher: Hasher
    passing: Callable[[datetime], Sequence[Hasher]]  # of the keys for what is passed over, the newest first
    erasures: Erasures
    judge: Judge
    sparing: Sparing
    clock: Clock
    budget: int | None = None  # of a calendar month, in millionths of a dollar
    spent: Callable[[datetime], int] = lambda _: 0  # on publishing, since then


@dataclass(slots=True)
class _Sorted:
    """What a page came to, before it is taken in."""

    reports: list[Report] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)  # marks of what nothing is kept of
    opt_outs: list[str] = field(default_factory=list)
    endangered: list[str] = field(default_factory=list)
    unwilling: list[str] = field(default_factory=list)
    known: int = 0
    at_risk: int = 0
    opted_out: int = 0
    too_many: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fresh:
    """A mention that we did not know, and the hashes under which it is known from now on."""

    mention: Mention
    mark: str
    passing: str  # its mark where it is passed over: its key is soon gone
    author: str  # for ever: opt-outs are kept under it
    alias: str  # the handle; empty where there is none
    kept_as: str
    day: datetime


def collect(
    listener: Listener,
    since: datetime,
    goes_on: Callable[[], bool] = lambda: True,
    taken: Callable[[Intake], None] = lambda _: None,
) -> Intake:
    """Take in what was said to us since then, until nothing is left; what became of all of it.

    Each page and its cursor are one transaction: whatever happens between two of them, nothing is lost and
    nothing comes twice. `taken` hears of each page. TryLaterError where the platform does not answer.
    """
    whole = Intake()
    for stream in listener.ear.streams:
        known_pages = 0
        while goes_on():
            turn = _next(listener, stream, since)
            if turn is None:
                break
            page, cursor = turn
            intake, more = _take(listener, stream, page, cursor, known_pages)
            known_pages = known_pages + 1 if _all_known(intake) else 0
            whole = added(whole, intake)
            taken(intake)
            if not more:
                break
    return whole


def begun(listener: Listener) -> datetime:
    """When this account was first listened to: now, where it never was. What is older is left alone."""
    inbox, now = listener.inbox, listener.clock.now()
    if found := inbox.cursor(listener.label, BEGUN):
        return datetime.fromisoformat(found)
    inbox.take_in(
        listener.label, BEGUN, (), cursor=now.isoformat(), at_risk=(), opt_outs=(), counts={}, now=now
    )
    return now


def added(one: Intake, other: Intake) -> Intake:
    """Both together."""
    return Intake(**{f.name: getattr(one, f.name) + getattr(other, f.name) for f in fields(Intake)})


def dealt_with(intake: Intake) -> int:
    """How many mentions an intake speaks of that were not known before."""
    numbers: list[int] = [getattr(intake, f.name) for f in fields(Intake)]
    return sum(numbers) - intake.known


def _next(listener: Listener, stream: str, since: datetime) -> tuple[Page, str | None] | None:
    """The next page of a stream and the cursor in the store before it; None where it is not its hour."""
    now = listener.clock.now()
    cursor = listener.inbox.cursor(listener.label, stream)
    if stream == SWEEP:
        since = max(since, now - SWEEP_BACK)
        if cursor and cursor.startswith(DONE):
            if now - datetime.fromisoformat(cursor.removeprefix(DONE)) < SWEEP_EVERY:
                return None
            cursor = None
    must_afford(listener, now)
    at = opened(listener.hasher, cursor) if cursor else None
    return listener.ear.read(stream, at, since), cursor


def _take(
    listener: Listener, stream: str, page: Page, before: str | None, known_pages: int
) -> tuple[Intake, bool]:
    """Sort a page, and store what it came to; and whether there is more to read."""
    now = listener.clock.now()
    found = _sorted(listener, page, now)
    intake = Intake(
        stored=len(found.reports),
        known=found.known,
        at_risk=found.at_risk,
        opted_out=found.opted_out,
        too_many=found.too_many,
        refused=found.refused,
    )
    cursor, more = page.cursor, page.more
    if page.enough is not None and stream != SWEEP and _all_known(intake) and known_pages + 1 >= KNOWN_PAGES:
        cursor, more = page.enough, False
    if stream == SWEEP and not more:
        cursor = f"{DONE}{now.isoformat()}"
    elif cursor is not None:
        cursor = sealed(listener.hasher, cursor)
    if found.opt_outs:
        listener.erasures.add(
            authors=found.opt_outs
        )  # before the store is told: a copy put back is told again
    # Before the page is known to have been read: killed in between, it comes again.
    if found.endangered:
        listener.sparing.erase(found.endangered)
    if found.unwilling:
        listener.sparing.hush(found.unwilling)
    # A page that brought nothing and moves nothing is no transaction.
    if dealt_with(intake) or cursor != before:
        listener.inbox.take_in(
            listener.label,
            stream,
            found.reports,
            cursor=cursor,
            at_risk=found.passed_over,
            opt_outs=found.opt_outs,
            counts=_counts(listener, intake, now),
            now=now,
        )
    return intake, more


def _sorted(listener: Listener, page: Page, now: datetime) -> _Sorted:
    """What becomes of each mention. Danger is looked for before anything else, and leaves nothing behind."""
    found = _Sorted()
    _refuse(listener, page.refused, found)
    judged = _judged(listener, _fresh(listener, page.mentions, found), found)
    stopping = {one.author for one, _, wish in judged if wish.stop}
    endangered = {one.author for one, risk, _ in judged if risk is Risk.AT_RISK}
    # Who opted out through an organiser is known by the handle that they gave.
    gone = listener.inbox.opted_out({name for one, _, _ in judged for name in (one.author, one.alias)})
    written = _written(listener, [one for one, _, _ in judged])
    for one, risk, wish in judged:
        if one.author in endangered:
            found.at_risk += 1
        elif one.author in stopping or {one.author, one.alias} & gone:
            found.opted_out += 1
        elif written[one.day, one.kept_as] >= MOST_OF_AN_AUTHOR:
            found.too_many += 1
        else:
            written[one.day, one.kept_as] += 1
            found.reports.append(_report(listener, one, risk, wish, now))
            continue
        found.passed_over.append(one.passing)
    unwilling = {one.author for one, _, wish in judged if wish.no_boost}
    ids = {one.author: one.mention.author for one, _, _ in judged}
    for authors, names in (
        (stopping, found.opt_outs),
        (endangered, found.endangered),
        (unwilling, found.unwilling),
    ):
        names += [name for author in sorted(authors) for name in _names_of(listener, ids[author], now)]
    return found


def _refuse(listener: Listener, names: Sequence[str], found: _Sorted) -> None:
    """Count what could not be understood, each once: a walk meets it again as long as it overlaps."""
    if not names:
        return
    keys, platform = listener.passing(listener.clock.now()), listener.ear.platform
    marks = {name: [refused_mark(key, platform, name) for key in keys] for name in names}
    seen = listener.inbox.known({*chain.from_iterable(marks.values())})
    new = {of_it[0] for of_it in marks.values() if seen.isdisjoint(of_it)}
    found.refused, found.known = len(new), len(names) - len(new)
    found.passed_over += sorted(new)


def _fresh(listener: Listener, mentions: Sequence[Mention], found: _Sorted) -> list[_Fresh]:
    """Those of others that we do not know yet, each once."""
    hasher, platform = listener.hasher, listener.ear.platform
    others = [one for one in mentions if one.author_id != listener.own_id]
    by_mark = {mark_of(hasher, platform, one.name): one for one in others}
    now = listener.clock.now()
    keys = listener.passing(now)
    passing = {mark: [mark_of(key, platform, one.name) for key in keys] for mark, one in by_mark.items()}
    seen = listener.inbox.known({*by_mark, *chain.from_iterable(passing.values())})
    fresh = {mark: one for mark, one in by_mark.items() if seen.isdisjoint([mark, *passing[mark]])}
    found.known += len(others) - len(fresh)
    return [
        _Fresh(
            mention=one,
            mark=mark,
            passing=passing[mark][0],
            author=author_of(hasher, platform, one.author),
            alias=alias_of(hasher, platform, one.handle) if one.handle else "",
            day=(day := _day_of(one, now)),
            kept_as=_name_of(listener, one.author, day),
        )
        for mark, one in fresh.items()
    ]


def _judged(listener: Listener, fresh: Sequence[_Fresh], found: _Sorted) -> list[tuple[_Fresh, Risk, Wish]]:
    """Whether each writer may be in danger, and what they ask; a text that breaks the judge is refused."""
    judged = []
    for one in fresh:
        try:
            risk, wish = listener.judge.risk_of(one.mention), listener.judge.opt_out(one.mention.text)
        except Exception as error:  # noqa: BLE001  # one text must not make us deaf to all others for ever
            log.error("a mention is refused: %s broke in judging it", type(error).__name__)  # noqa: TRY400  # no words
            found.refused += 1
            found.passed_over.append(one.passing)
            continue
        judged.append((one, risk, wish))
    return judged


def _written(listener: Listener, fresh: Sequence[_Fresh]) -> Counter[tuple[datetime, str]]:
    """How many reports of these authors there are of each of these days."""
    written: Counter[tuple[datetime, str]] = Counter()
    for day in {one.day for one in fresh}:
        names = {one.kept_as for one in fresh if one.day == day}
        for name, number in listener.inbox.written_on(names, day).items():
            written[day, name] = number
    return written


def _report(listener: Listener, one: _Fresh, risk: Risk, wish: Wish, now: datetime) -> Report:
    """What is kept of a mention."""
    mention = one.mention
    words = words_of(listener, mention)
    sparing = mention.platform is PlatformName.X
    named = mention.handle and not sparing
    return Report(
        id=ReportId(0),
        account=listener.label,
        platform=mention.platform,
        mark=one.mark,
        author=one.kept_as,
        alias=one.alias if named else "",
        group=words.group,
        day=one.day,
        taken_at=now,
        language=mention.language,
        audience=mention.audience,
        risk=risk,
        no_boost=wish.no_boost or mention.audience is not Audience.PUBLIC,
        suggestion=words.suggestion,
        handle=mention.handle if named else None,
        text=words.text,
        url=mention.url or None,
        remote_id=mention.remote_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is kept of a message's words; equal ones have the same `group`."""

    text: str | None
    group: str
    suggestion: Suggestion


def words_of(listener: Listener, mention: Mention) -> Words:
    """What is kept of what a message says; on X, whose rules let nothing be kept of a person, no word."""
    suggestion = listener.judge.classify(mention.text, mention.language)
    sparing = mention.platform is PlatformName.X
    if sparing:
        suggestion = replace(suggestion, country=None, participants=None, why=())
    return Words(
        text=None if sparing else listener.judge.masked(mention.text),
        group=listener.hasher("words", " ".join(mention.text.casefold().split())),
        suggestion=suggestion,
    )


def _day_of(mention: Mention, now: datetime) -> datetime:
    """The day of a mention; of one that claims to be from another age, today."""
    at = mention.created_at if timedelta() <= now - mention.created_at <= SWEEP_BACK else now
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _name_of(listener: Listener, author_id: str, day: datetime) -> str:
    """Under what a report stands. On X it changes every day, so that no one's history can be put together."""
    hasher, platform = listener.hasher, listener.ear.platform
    if platform is PlatformName.X:
        return author_of_day(hasher, author_id, day)
    return author_of(hasher, platform, author_id)


def _names_of(listener: Listener, author_id: str, now: datetime) -> list[str]:
    """All under which something of a writer may wait."""
    kept = (_name_of(listener, author_id, day) for day in days_of_words(now))
    return list(dict.fromkeys((author_of(listener.hasher, listener.ear.platform, author_id), *kept)))


def _all_known(intake: Intake) -> bool:
    return intake.known > 0 and not dealt_with(intake)


def _counts(listener: Listener, intake: Intake, now: datetime) -> Mapping[str, int]:
    """The anonymous numbers that a page adds to. Of those at risk, not even the platform is named."""
    month = f"{now:%Y-%m}"
    named = {
        "at risk": intake.at_risk,
        "opted out": intake.opted_out,
        "too many": intake.too_many,
        "refused": intake.refused,
    }
    if cost_of_reading(listener.ear.platform, 1):
        named[_read_on(listener)] = dealt_with(intake)
    return {f"{name} {month}": number for name, number in named.items() if number}


def _read_on(listener: Listener) -> str:
    return f"read on {listener.label}"


def paid(listener: Listener, messages: int, now: datetime) -> None:
    """Remember that messages were read that a platform charges for."""
    if cost_of_reading(listener.ear.platform, messages):
        label, cursor = listener.label, listener.inbox.cursor(listener.label, BEGUN)
        counts = {f"{_read_on(listener)} {now:%Y-%m}": messages}
        listener.inbox.take_in(
            label, BEGUN, (), cursor=cursor, at_risk=(), opt_outs=(), counts=counts, now=now
        )


def must_afford(listener: Listener, now: datetime, messages: int = PAGE_AT_MOST) -> None:
    """Read nothing that the month's budget does not cover any more."""
    cost = cost_of_reading(listener.ear.platform, messages)
    if not cost or listener.budget is None:
        return
    read: int = listener.inbox.numbers().get(f"{_read_on(listener)} {now:%Y-%m}", 0)
    spent = listener.spent(month_of(now)) + cost_of_reading(listener.ear.platform, read)
    if spent + cost > listener.budget:
        raise TryLaterError(
            f"the budget of {dollars(listener.budget)} for this month is used up: nothing more is read",
            wait=timedelta(hours=1),
            concern=Concern.ACCOUNT_BUSY,
        )
