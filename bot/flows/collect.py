"""Mentions become reports, page by page: whoever may be in danger leaves nothing, and nobody is passed over."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.errors import Concern, TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience, Mention, Page
from bot.domain.post import Language
from bot.domain.price import cost_of_reading, dollars
from bot.domain.report import RAW_FOR, Intake, Report, ReportId, Risk, Suggestion
from bot.domain.terms import month_of
from bot.ports import Clock
from bot.ports.inbox import SWEEP, Ear, Hasher, Inbox

MOST_OF_AN_AUTHOR = 10  # reports of one day; what is beyond is counted
SWEEP_BACK, SWEEP_EVERY = timedelta(days=7), timedelta(days=1)
DONE = "done "  # before the time of a sweep that is over
KNOWN_PAGES = 2  # of a walk down, one after the other, that held nothing new: below is nothing new either
PAGE_AT_MOST = 100  # mentions that a platform gives, and charges for, at once
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a text asks of us: nothing more ever, or at least not to pass it on."""

    stop: bool = False
    no_boost: bool = False


class Judge(Protocol):
    """What is made of a mention. It sees words and says what they mean; nothing in them can make it act."""

    def risk_of(self, mention: Mention) -> Risk:
        """Whether its writer may be where speaking to us is a crime."""

    def opt_out(self, text: str) -> Wish:
        """What a text asks of us."""

    def classify(self, text: str, language: Language | None) -> Suggestion:
        """Whether a text is a report, and of what."""

    def masked(self, text: str) -> str:
        """A text without what names or reaches other people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One account with all it takes to hear on it; made and used by one thread."""

    label: str
    own_id: str
    ear: Ear
    inbox: Inbox
    hasher: Hasher
    judge: Judge
    clock: Clock
    budget: int | None = None  # of a calendar month, in millionths of a dollar
    spent: Callable[[datetime], int] = lambda _: 0  # on publishing, since then


@dataclass(slots=True)
class _Sorted:
    """What a page came to, before it is taken in."""

    reports: list[Report] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)  # marks of what nothing is kept of
    opt_outs: list[str] = field(default_factory=list)
    known: int = 0
    at_risk: int = 0
    opted_out: int = 0
    too_many: int = 0


def mark_of(hasher: Hasher, platform: PlatformName, remote_id: str) -> str:
    """What recognises a message and names nobody."""
    return hasher("message", platform, remote_id)


def author_of(hasher: Hasher, platform: PlatformName, author_id: str) -> str:
    """What recognises a writer for ever, and names nobody: opt-outs are kept under it."""
    return hasher("author", platform, author_id)


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


def added(one: Intake, other: Intake) -> Intake:
    """Both together."""
    return Intake(**{f.name: getattr(one, f.name) + getattr(other, f.name) for f in fields(Intake)})


def dealt_with(intake: Intake) -> int:
    """How many mentions an intake speaks of that were not known before."""
    return sum(getattr(intake, f.name) for f in fields(Intake)) - intake.known


def _next(listener: Listener, stream: str, since: datetime) -> tuple[Page, str | None] | None:
    """The next page of a stream and the cursor it was read from; None where it is not its hour."""
    now = listener.clock.now()
    cursor = listener.inbox.cursor(listener.label, stream)
    if stream == SWEEP:
        since = max(since, now - SWEEP_BACK)
        if cursor and cursor.startswith(DONE):
            if now - datetime.fromisoformat(cursor.removeprefix(DONE)) < SWEEP_EVERY:
                return None
            cursor = None
    _must_afford(listener, now)
    return listener.ear.read(stream, cursor, since), cursor


def _take(
    listener: Listener, stream: str, page: Page, before: str | None, known_pages: int
) -> tuple[Intake, bool]:
    """Sort a page, and store what it came to; and whether there is more to read."""
    now = listener.clock.now()
    found = _sorted(listener, page.mentions, now)
    intake = Intake(
        stored=len(found.reports),
        known=found.known,
        at_risk=found.at_risk,
        opted_out=found.opted_out,
        too_many=found.too_many,
        refused=page.refused,
    )
    cursor, more = page.cursor, page.more
    if page.enough is not None and stream != SWEEP and _all_known(intake) and known_pages + 1 >= KNOWN_PAGES:
        cursor, more = page.enough, False
    if stream == SWEEP and not more:
        cursor = f"{DONE}{now.isoformat()}"
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


def _sorted(listener: Listener, mentions: Sequence[Mention], now: datetime) -> _Sorted:
    """What becomes of each mention. Danger is looked for before anything else, and leaves nothing behind."""
    hasher, platform = listener.hasher, listener.ear.platform
    others = [one for one in mentions if one.author_id != listener.own_id]
    marks = {one.remote_id: mark_of(hasher, platform, one.remote_id) for one in others}
    authors = {one.author_id: author_of(hasher, platform, one.author_id) for one in others}
    kept = {one.author_id: _kept_as(hasher, platform, one.author_id, now) for one in others}
    seen = set(listener.inbox.known(set(marks.values())))
    opted_out = set(listener.inbox.opted_out(set(authors.values())))
    written = Counter(listener.inbox.written_on(set(kept.values()), now))
    found = _Sorted()
    for mention in others:
        mark, author, name = (
            marks[mention.remote_id],
            authors[mention.author_id],
            kept[mention.author_id],
        )
        if mark in seen:
            found.known += 1
            continue
        seen.add(mark)
        risk = listener.judge.risk_of(mention)
        wish = Wish() if risk is Risk.AT_RISK else listener.judge.opt_out(mention.text)
        if risk is Risk.AT_RISK:
            found.at_risk += 1
        elif wish.stop or author in opted_out:
            found.opted_out += 1
        elif written[name] >= MOST_OF_AN_AUTHOR:
            found.too_many += 1
        else:
            written[name] += 1
            found.reports.append(_report(listener, mention, mark, name, risk, wish, now))
            continue
        found.passed_over.append(mark)
        if wish.stop and author not in opted_out:
            opted_out.add(author)
            found.opt_outs += _names_of(hasher, platform, mention.author_id, now)
            found.reports = [one for one in found.reports if one.author != name]
    return found


def _report(
    listener: Listener, mention: Mention, mark: str, author: str, risk: Risk, wish: Wish, now: datetime
) -> Report:
    """What is kept of a mention."""
    suggestion = listener.judge.classify(mention.text, mention.language)
    sparing = mention.platform is PlatformName.X  # whose rules let nothing be kept of a person
    if sparing:
        suggestion = Suggestion(
            is_report=suggestion.is_report, confidence=suggestion.confidence, actions=suggestion.actions
        )
    said = min(mention.created_at, now)
    text = listener.judge.masked(mention.text)
    return Report(
        id=ReportId(0),
        account=listener.label,
        platform=mention.platform,
        mark=mark,
        author=author,
        group=listener.hasher("words", " ".join(mention.text.casefold().split())),
        day=said.replace(hour=0, minute=0, second=0, microsecond=0),
        taken_at=now,
        language=mention.language,
        audience=mention.audience,
        risk=risk,
        no_boost=wish.no_boost or mention.audience is not Audience.PUBLIC,
        suggestion=suggestion,
        handle=None if sparing else mention.handle or None,
        text=None if sparing else text,
        url=mention.url or None,
        remote_id=mention.remote_id,
    )


def _kept_as(hasher: Hasher, platform: PlatformName, author_id: str, day: datetime) -> str:
    """Under what a report stands; on X it is another each day, so that no one's history can be put together."""
    if platform is PlatformName.X:
        return hasher("author of a day", platform, author_id, f"{day:%Y-%m-%d}")
    return author_of(hasher, platform, author_id)


def _names_of(hasher: Hasher, platform: PlatformName, author_id: str, now: datetime) -> list[str]:
    """All under which something of a writer may wait."""
    days = range(RAW_FOR.days + 2)
    kept = (_kept_as(hasher, platform, author_id, now - day * _DAY) for day in days)
    return list(dict.fromkeys((author_of(hasher, platform, author_id), *kept)))


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


def _must_afford(listener: Listener, now: datetime) -> None:
    """Read nothing that the month's budget does not cover any more."""
    cost = cost_of_reading(listener.ear.platform, PAGE_AT_MOST)
    if not cost or listener.budget is None:
        return
    read = listener.inbox.numbers().get(f"{_read_on(listener)} {now:%Y-%m}", 0)
    spent = listener.spent(month_of(now)) + cost_of_reading(listener.ear.platform, read)
    if spent + cost > listener.budget:
        raise TryLaterError(
            f"the budget of {dollars(listener.budget)} for this month is used up: nothing more is read",
            wait=timedelta(hours=1),
            concern=Concern.ACCOUNT_BUSY,
        )
