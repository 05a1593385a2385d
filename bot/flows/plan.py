"""Owe what the queue says: posts -> dates -> renditions -> deliveries in the outbox."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.domain.account import Account, Voice
from bot.domain.calendar import Every, Fixed, NextSlot, Occurrence, Slot, next_free_slot, occurrences
from bot.domain.case import AGE, Guard
from bot.domain.delivery import DeliveryKind, Key, make_key
from bot.domain.draft import lifted
from bot.domain.errors import RenditionError
from bot.domain.picture import Attachment, as_text, described
from bot.domain.post import Language, Post, PostId, digest
from bot.domain.price import PUBLISHED, Prices, cost_of_post
from bot.domain.problem import Place, Problem, Severity
from bot.domain.rendition import Rendition, languages_for, render
from bot.flows.attach import attached
from bot.flows.truth import guard_of
from bot.ports import Pictures, Store
from bot.ports.records import Known, Plan, Planned

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """What planning depends on besides posts and accounts."""

    campaign: str
    language_gap: timedelta
    ahead: timedelta  # how far recurrences are planned
    slots: tuple[Slot, ...] = ()
    age: timedelta = AGE  # how long a check of a person's status counts
    prices: Prices = PUBLISHED
    pictures: Pictures | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """What came of planning a queue."""

    plan: Plan
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Gathered:
    planned: list[Planned] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    kept: set[PostId] = field(default_factory=set)  # what is owed of these already stays as it is


def plan(
    posts: Sequence[Post],
    voices: Sequence[Voice],
    store: Store,
    planner: Planner,
    now: datetime,
    *,
    fixed: AbstractSet[datetime] | None = None,
) -> Planning:
    """Bring the outbox in line with the queue, or with some posts of it. Running it again changes nothing.

    `fixed` are the hours that the whole queue has fixed, where `posts` are not the whole.
    Accounts that their platform has not named yet are left for the next time: a delivery's key carries the
    account's own id there.
    """
    live = lifted(posts, store.approvals())
    guard = guard_of(store, planner.age, now)
    known = store.meet([post.id for post in live], now)
    accounts = {account.label: account for account in store.accounts() if account.own_id}
    speaking = [(voice, accounts[voice.label]) for voice in voices if voice.label in accounts]
    gathered = _Gathered()
    # Posts that come with this very plan have taken their hours, though the store does not know it yet.
    fixed = fixed_hours(live) if fixed is None else fixed
    for post in live:
        remembered = known[post.id]
        if isinstance(post.when, NextSlot) and remembered.slot_at is None:
            remembered = _slotted(post, store, planner, now, fixed) or remembered
        for planned, problem in owed(post, remembered, speaking, planner, now, guard=guard):
            gathered.planned += planned
            gathered.problems += problem
            if problem and post.media:
                gathered.kept.add(post.id)
    # A post that has become a draft, or says something else than was approved, is owed no longer. A picture
    # that is missing for a moment takes back nothing that was planned with it.
    complete = [post.id for post in posts if post.id not in gathered.kept]
    since: dict[tuple[PostId, str], datetime] = {}
    for post in posts:
        since |= _covered(post, known.get(post.id), speaking, planner, now)
    result = store.plan(gathered.planned, complete, now, since)
    gathered.problems += _ignored_edits(live, result)
    return Planning(plan=result, problems=tuple(gathered.problems))


def _covered(
    post: Post,
    known: Known | None,
    speaking: Sequence[tuple[Voice, Account]],
    planner: Planner,
    now: datetime,
) -> dict[tuple[PostId, str], datetime]:
    """After which hour a post owes nothing on each account but what its plan has; a draft owes nothing."""
    if known is None:
        return {(post.id, voice.label): LONG_AGO for voice, _ in speaking}
    covered = {}
    for voice, account in speaking:
        since = max(known.first_seen_at, account.enrolled_at)
        if isinstance(post.when, Every):
            # The last language of the last date that still counts comes so much later.
            since = max(since, now - post.grace + planner.language_gap * len(voice.languages))
        covered[post.id, voice.label] = min(since, now)
    return covered


def fixed_hours(posts: Iterable[Post]) -> frozenset[datetime]:
    """The hours that no other post may take as its slot."""
    return frozenset(post.when.at for post in posts if isinstance(post.when, Fixed))


def movable(posts: Iterable[Post], store: Store, now: datetime) -> Iterator[Post]:
    """The posts that may be owed more as time passes: those that come round, and those without a slot."""
    live = [post for post in posts if not isinstance(post.when, Fixed)]
    known = store.meet([post.id for post in live if isinstance(post.when, NextSlot)], now)
    return (post for post in live if post.id not in known or known[post.id].slot_at is None)


def _slotted(
    post: Post, store: Store, planner: Planner, now: datetime, fixed: AbstractSet[datetime]
) -> Known | None:
    at = next_free_slot(planner.slots, now, store.taken_slots(now) | fixed)
    return store.take_slot(post.id, at) if at else None


def owed(
    post: Post,
    known: Known,
    speaking: Iterable[tuple[Voice, Account]],
    planner: Planner,
    now: datetime,
    *,
    guard: Guard,
) -> Iterator[tuple[list[Planned], list[Problem]]]:
    """What one post owes to each account, and what stands in the way. Decides only; saves nothing."""
    if problem := _impossible(post, known, planner):
        yield [], [problem]
        return
    for voice, account in speaking:
        if not post.goes_to(voice.label, voice.platform):
            continue
        since = max(known.first_seen_at, account.enrolled_at)
        dates = list(dates_of(post, known, since, now, planner.ahead))
        if not dates:
            continue
        renditions, problems = rendered(post, voice, languages_for(post, voice))
        planned = []
        try:
            media = attached(post, voice.platform, [one.language for one in renditions], planner.pictures)
            planned = [
                _planned(
                    planner,
                    post,
                    rendition,
                    (voice, account),
                    date=later,
                    held=_held(post, guard, later.at),
                    media=media[rendition.language],
                )
                for date in dates
                for number, rendition in enumerate(renditions)
                for later in [_later(date, planner.language_gap * number)]
            ]
        except RenditionError as error:
            problems.append(problem_of(post, f"{voice.label}: {error.message}", error.fix))
        yield planned, problems


def _impossible(post: Post, known: Known, planner: Planner) -> Problem | None:
    if isinstance(post.when, Fixed) and post.when.at <= known.first_seen_at:
        return problem_of(
            post,
            f"{post.when.written} had already passed when this post was first read",
            "give it a new time, or delete the post",
        )
    if isinstance(post.when, NextSlot) and known.slot_at is None:
        return problem_of(
            post,
            "there is no free slot for this post",
            "write `slots:` in the configuration" if not planner.slots else "give the post a time of its own",
        )
    return None


def dates_of(
    post: Post, known: Known, since: datetime, now: datetime, ahead: timedelta
) -> Iterator[Occurrence]:
    """The dates on which a post is owed to an account that could first have had it at `since`.

    Dates of a recurrence that can no longer be kept are not created; one that fell due while we were
    getting to know the account still is.
    """
    match post.when:
        case Fixed(at=at):
            if at > since:
                yield Occurrence(at)
        case NextSlot():
            if known.slot_at and known.slot_at > since:
                yield Occurrence(known.slot_at)
        case Every() as every:
            yield from occurrences(every, max(since, now - post.grace), now + ahead)


def rendered(
    post: Post, voice: Voice, languages: Iterable[Language]
) -> tuple[list[Rendition], list[Problem]]:
    """How a post looks on an account in these languages, and why it cannot in others."""
    renditions, problems = [], []
    for language in languages:
        try:
            renditions.append(render(post, language, voice))
        except RenditionError as error:
            problems.append(problem_of(post, f"{voice.label}, {language}: {error.message}", error.fix))
    return renditions, problems


def _held(post: Post, guard: Guard, at: datetime) -> str | None:
    """Why a post is not to go out at an hour: its writer's reason, else the guard's."""
    objection = guard.objection(post.reliance, at)
    return post.held or (objection.reason if objection else None)


def _later(date: Occurrence, delay: timedelta) -> Occurrence:
    return replace(date, at=date.at + delay)


def _planned(
    planner: Planner,
    post: Post,
    rendition: Rendition,
    speaking: tuple[Voice, Account],
    *,
    date: Occurrence,
    held: str | None,
    media: tuple[Attachment, ...],
) -> Planned:
    voice, account = speaking
    expires = date.at + post.grace
    if post.expires:
        expires = max(min(expires, post.expires), date.at)
    texts = tuple(part.text for part in rendition.parts)
    rests_on = post.reliance.as_text()
    content = [texts, date.at.isoformat(), expires.isoformat(), post.rank, held, str(voice.part_gap)]
    content += [rests_on] if rests_on else []
    content += [one for one in (rendition.warning, as_text(media)) if one]
    return Planned(
        account=voice.label,
        post=post.id,
        occurrence=date.label,
        language=rendition.language,
        planned_at=date.at,
        expires_at=expires,
        priority=post.rank,
        held=held,
        reliance=post.reliance,
        part_gap=voice.part_gap,
        digest=digest(*content),
        keys=keys_for(
            planner.campaign,
            account,
            post.id,
            occurrence=date.label,
            language=rendition.language,
            parts=len(texts),
        ),
        texts=texts,
        warning=rendition.warning,
        media=media,
        costs=_costs(texts, voice, planner.prices, media),
    )


def _costs(
    texts: Sequence[str], voice: Voice, prices: Prices, media: Sequence[Attachment]
) -> tuple[int, ...]:
    """What each part costs; the pictures are on the first."""
    first, *rest = texts
    return (
        cost_of_post(first, voice.limits, prices, described=described(media)),
        *(cost_of_post(text, voice.limits, prices) for text in rest),
    )


def keys_for(
    campaign: str,
    account: Account,
    post: PostId,
    *,
    occurrence: str,
    language: Language,
    parts: int,
    kind: DeliveryKind = DeliveryKind.POST,
) -> tuple[Key, ...]:
    """The keys of a rendition's parts."""
    return tuple(
        make_key(
            campaign=campaign,
            platform=account.platform,
            own_id=account.own_id or "",
            kind=kind,
            about=post,
            occurrence=occurrence,
            language=language,
            part=part,
        )
        for part in range(1, parts + 1)
    )


def problem_of(post: Post, message: str, fix: str, severity: Severity = Severity.ERROR) -> Problem:
    """A problem of a post that was read well, at the place it was read from."""
    place = Place(file=post.source.file, line=post.source.line, column=1)
    return Problem(place=place, message=f"{post.id}: {message}", fix=fix, severity=severity, post=post.id)


def _ignored_edits(posts: Iterable[Post], result: Plan) -> list[Problem]:
    by_id: Mapping[PostId, Post] = {post.id: post for post in posts}
    return [
        problem_of(
            by_id[post],
            "it went out, or is just going out, as it was: this edit is ignored",
            "publish a correction as a new post",
            Severity.NOTICE,
        )
        for post in result.too_late
    ]
