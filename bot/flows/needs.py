"""What needs a person: decided from the store and the hour, for `status` and for the alarms alike."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.account import Account
from bot.domain.case import AGE, Guard
from bot.domain.delivery import LATE_AFTER, LONG_AGO, Delivery, State
from bot.domain.draft import Draft, lapsed
from bot.domain.erasure import WARN_FOR
from bot.domain.post import Post
from bot.domain.recheck import Recheck, Untrue, rechecks, waits_for_check
from bot.domain.report import RAW_FOR
from bot.domain.spoken import count, span, spoken
from bot.flows.truth import guard_of, now_untrue
from bot.ports import Store
from bot.ports.records import Decision

AHEAD = timedelta(days=7)  # how long before its hour a person hears of what is held


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that needs a person.

    `problem` names it as long as it lasts. `words` are for who stands at the machine; `alarm` leaves it, and
    says nothing but a post's id, an account's label and numbers: no text, no handle, no platform's words.
    """

    problem: str
    words: str
    alarm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the store holds that may need a person."""

    started: bool
    paused: str | None
    accounts: Sequence[Account]
    attention: Sequence[Delivery]
    waiting: Sequence[Delivery]  # scheduled or in doubt, up to AHEAD
    guard: Guard
    paused_by: str  # who has paused posts that name people, and since when
    untrue: Sequence[Untrue]  # posts that are out
    lapsed: Sequence[tuple[Draft, str]] = ()  # approved, by whom, and changed since
    lapsing: int = 0  # reports whose words are erased soon, undecided


def situation(
    store: Store,
    labels: Collection[str],
    now: datetime,
    age: timedelta = AGE,
    drafts: Iterable[Post] = (),
) -> Situation:
    """Read what may need a person; of accounts, those that the configuration still has.

    `drafts` are the posts of the queue that wait for approval, or have done so.
    """
    guard = guard_of(store, age, now)
    return Situation(
        guard=guard,
        paused_by=since_when(store) if guard.people_paused is not None else "",
        untrue=now_untrue(store, guard),
        lapsed=[(one, _approver(store, one)) for one in lapsed(drafts, store.approvals(), now)],
        lapsing=store.undecided_since(now - RAW_FOR + WARN_FOR),
        started=store.started(),
        paused=store.paused(),
        accounts=[account for account in store.accounts() if account.label in labels],
        attention=store.needing_attention(),
        waiting=store.deliveries(since=LONG_AGO, until=now + AHEAD, states={State.SCHEDULED, State.IN_DOUBT}),
    )


def _approver(store: Store, draft: Draft) -> str:
    post, language = draft
    lines = [one for one in store.decisions(post) if one.what == "approve" and one.note == (language or "")]
    return lines[-1].by if lines else "somebody"


def since_when(store: Store) -> str:
    """Who has paused the posts that name people, and when, as the end of a sentence."""
    first: Decision | None = None
    for line in store.decisions("people"):
        first = (first or line) if line.what == "pause" else None
    return f", by {first.by}, since {spoken(first.at.date())}, {first.at:%H:%M} UTC" if first else ""


def needs_of(found: Situation, now: datetime, *, alive: bool, errors: int) -> list[Need]:
    """Decide what needs a person; `errors` counts what is wrong with the posts."""
    needs = [
        *_of_program(found, alive=alive),
        *(_paused(account) for account in found.accounts if account.pause),
        *(_unreached(account) for account in found.accounts if _is_unreached(account, now)),
        *(_attention(one) for one in found.attention),
        *(_late(one, now) for one in found.waiting if is_late(one, now)),
        *(_held(one, now) for one in found.waiting if _is_held(one, found.guard)),
        *(_recheck(one) for one in rechecks(found.waiting, found.guard)),
        *(_untrue(one) for one in found.untrue),
        *(_lapsed(draft, by) for draft, by in found.lapsed),
    ]
    if found.lapsing:
        needs.append(_lapsing(found.lapsing))
    if errors:
        said = f"the posts have {count(errors, 'error')}"
        needs.append(Need(problem="posts", words=f"{said}: see `check`", alarm=said))
    return needs


def sentences(needs: Sequence[Need]) -> list[str]:
    """What a person at the machine reads; a delivery with a reason is not called late as well."""
    explained = {f"late {one.problem.removeprefix('attention ')}" for one in needs if _has_reason(one)}
    return [need.words for need in needs if need.problem not in explained]


def _has_reason(need: Need) -> bool:
    return need.problem.startswith("attention ")


def is_late(one: Delivery, now: datetime) -> bool:
    """Whether the next message of a post should have gone out more than LATE_AFTER ago, and only waits."""
    return (
        one.state is State.SCHEDULED
        and not one.held
        and _goes_next(one)
        and now - one.planned_at > LATE_AFTER
    )


def _goes_next(one: Delivery) -> bool:
    return one.part == 1 or one.parent is not None


def _is_held(one: Delivery, guard: Guard) -> bool:
    """Whether a post is held for another reason than a check that is due, or people being paused."""
    if one.state is not State.SCHEDULED or not one.held or not _goes_next(one):
        return False
    return not waits_for_check(one, guard) and not (one.reliance.cases and guard.people_paused)


def _of_program(found: Situation, *, alive: bool) -> list[Need]:
    needs = []
    if not alive:
        words = "the program is not running: `run` starts it"
        needs.append(Need(problem="not running", words=words, alarm="the program is stuck, or not running"))
    if not found.started:
        words = "publishing was never started: look at `queue`, then `start`"
        needs.append(Need(problem="not started", words=words, alarm="publishing was never started"))
    if found.guard.people_paused is not None:
        why = f"{found.guard.people_paused}{found.paused_by}"
        words = f"posts that name people are paused ({why}): `resume-people` goes on"
        needs.append(Need(problem="people paused", words=words, alarm="posts that name people are paused"))
    if found.paused:
        words = f"everything is paused ({found.paused}): `resume` goes on"
        needs.append(Need(problem="all paused", words=words, alarm="everything is paused"))
    return needs


def recheck_words(one: Recheck) -> str:
    """Who must be checked again by when, what waits for it, and the command that writes it down."""
    kind, _, name = one.subject.partition(" ")
    command = f"`cases verify {name}{' --fact' if kind == 'fact' else ''} --source URL`"
    said = f"the last check counts until {spoken(one.good_until)}"
    return f"{one.name} {_to_be_checked(one)}; {said}: {command}"


def _to_be_checked(one: Recheck) -> str:
    waiting = one.posts[0] if len(one.posts) == 1 else f"{one.posts[0]} and {len(one.posts) - 1} more"
    return f"must be checked again by {spoken(one.first_at.date())}, or {waiting} will not go out"


def _recheck(one: Recheck) -> Need:
    return Need(
        problem=f"recheck {one.subject}",
        words=recheck_words(one),
        alarm=f"{one.subject} {_to_be_checked(one)}",
    )


def _lapsing(number: int) -> Need:
    said = f"the words of {count(number, 'report')} are erased within {WARN_FOR.days} days, undecided"
    return Need(problem="reports lapse", words=f"{said}: `reports review`", alarm=said)


def _untrue(one: Untrue) -> Need:
    return Need(
        problem=f"untrue {one.post}",
        words=f"{one.post} is out; {one.reason}: `withdraw {one.post}` takes it away, "
        f"`cases leave {one.post}` lets it stand",
        alarm=f"{one.post} is out and is no longer true",
    )


def _lapsed(draft: Draft, by: str) -> Need:
    post, language = draft
    option = f" --language {language}" if language else ""
    which = f"{post} ({language})" if language else post
    return Need(
        problem=f"lapsed {post} {language}" if language else f"lapsed {post}",
        words=f"{which} was approved by {by} and has changed since, so it will not go out: look at it, then "
        f"`approve {post}{option} --as NAME`",
        alarm=f"{which} was approved and has changed since",
    )


def _paused(account: Account) -> Need:
    assert account.pause is not None  # noqa: S101  # the caller has looked
    if account.pause.blocked:
        return Need(
            problem=f"paused {account.label}",
            words=f"{account.label} is shut out ({account.pause.reason}): mend that, then "
            f"`auth check {account.label}` lets it go on",
            alarm=f"{account.label} is shut out by its platform",
        )
    return Need(
        problem=f"paused {account.label}",
        words=f"{account.label} is paused ({account.pause.reason}): `resume {account.label}` goes on",
        alarm=f"{account.label} is paused",
    )


def _is_unreached(account: Account, now: datetime) -> bool:
    """Whether an account's platform has never told us who we are: nothing is even planned there."""
    return account.own_id is None and account.pause is None and now - account.enrolled_at > LATE_AFTER


def _unreached(account: Account) -> Need:
    return Need(
        problem=f"unreached {account.label}",
        words=f"{account.label} was never reached, so nothing goes out there: `auth check {account.label}` "
        "says why",
        alarm=f"{account.label} was never reached",
    )


def _attention(one: Delivery) -> Need:
    return _about(one, "attention", f": {one.attention}", "needs a decision")


def _late(one: Delivery, now: datetime) -> Need:
    return _about(one, "late", f" is {span(now - one.planned_at)} late", "is late")


def _held(one: Delivery, now: datetime) -> Need:
    words = f" is held ({one.held}); its hour is in {span(one.planned_at - now)}"
    return _about(one, "held", words, "is held")


def _about(one: Delivery, what: str, words: str, alarm: str) -> Need:
    return Need(
        problem=f"{what} {one.key}",
        words=f"{one.key[:8]} {one.post} on {one.account}{words}",
        alarm=f"{one.post} on {one.account} {alarm}",
    )
