"""Pass on what a supporter did, after a second look, and take that back: deliveries like any other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.account import Account
from bot.domain.boosting import A_DAY, AN_HOUR, DAY, SETTLED, free_from
from bot.domain.case import NOTHING, Reliance
from bot.domain.consent import Ground, SecondLook, refusal, untruth
from bot.domain.delivery import LEFT, Delivery, DeliveryKind, State, cancelled, let_be
from bot.domain.errors import DecisionError
from bot.domain.post import Language, PostId, digest
from bot.domain.price import cost_of_boost
from bot.domain.report import Report
from bot.flows.plan import keys_for
from bot.flows.withdraw import FIRST_OF_ALL, NEVER
from bot.ports import Store
from bot.ports.records import Decision, Planned

AFTER_POSTS = 5
OF_NO_LANGUAGE = Language("")
STILL_ARRIVES = timedelta(minutes=3)  # so long after it left, a request may still come to something


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """One report to be passed on: what its message says today, and what a person has seen there.

    `today` is None where the message is gone or no longer public.
    """

    report: Report
    today: str | None
    look: SecondLook


def boost(store: Store, passing: Passing, ground: Ground, *, campaign: str, by: str, now: datetime) -> None:
    """Owe a report its boost, once for ever. DecisionError, saying why, where it is not to be passed on."""
    report = passing.report
    opted_out, unwilling = wishes_of(store, report)
    ground = replace(ground, opted_out=opted_out, unwilling=unwilling)
    reason = refusal(report, passing.look, ground)
    if passing.look.forbids and not report.no_boost:
        # What one person saw counts for whoever is asked next.
        store.change(replace(report, no_boost=True), report, by, "not to be boosted", now)
    if reason is None:
        reason, rests_on = _of_words(passing, ground, now)
    before = _of(store, report)
    if reason is None and any(one.kind is DeliveryKind.UNBOOST for one in before):
        reason = "its boost was taken back, and it is not boosted twice"
    if reason is not None:
        raise DecisionError(f"{name_of(report)} is not boosted: {reason}")
    if any(one.state is State.SCHEDULED or one.state in LEFT for one in before):
        return
    _check_caps(store, report, now)
    owed = owing(
        DeliveryKind.BOOST,
        report,
        store.account(report.account),
        campaign=campaign,
        number=len(before),
        now=now,
        reliance=rests_on,
    )
    store.change(replace(report, boosted_at=now), report, by, "boost", now)
    store.decide(Decision(at=now, by=by, what="boost", about=owed.keys[0], note=_seen(passing.look)))
    store.plan([owed], [], now)


def _seen(look: SecondLook) -> str:
    return "those it shows or who are in exile agreed" if look.they_agreed else ""


def wishes_of(store: Store, report: Report) -> tuple[bool, bool]:
    """Whether a report's writer wants to be left alone, and whether they ever asked not to be passed on."""
    names = {report.author, report.alias} - {""}
    others = (one for name in names for one in store.of_author(name))
    return bool(store.opted_out(names)), any(one.no_boost for one in (report, *others))


def unboost(store: Store, report: Report, *, campaign: str, by: str, now: datetime) -> None:
    """Take a report's boost back, or keep it from going out. Doing so again changes nothing."""
    before = _of(store, report)
    boosts = [one for one in before if one.kind is DeliveryKind.BOOST]
    ends = [one for one in before if one.kind is DeliveryKind.UNBOOST]
    if not boosts and report.boosted_at is None:
        raise DecisionError(f"{name_of(report)} was never boosted")
    out = any(one.state in LEFT or one.doubts for one in boosts)
    if out and not any(one.state is State.SCHEDULED or one.state in LEFT for one in ends):
        message = next((one.text for one in boosts if one.text), report.remote_id)
        owed = owing(
            DeliveryKind.UNBOOST,
            replace(report, remote_id=message),
            store.account(report.account),
            campaign=campaign,
            number=len(ends),
            now=_safely_after(boosts, now),
        )
        store.decide(Decision(at=now, by=by, what="unboost", about=owed.keys[0]))
        store.plan([owed], [], now)
    # One that is just being sent is not sent again: what has an end owed to it never is.
    for one in boosts:
        line = Decision(at=now, by=by, what="unboost", about=one.key)
        if one.state is State.SCHEDULED:
            store.save(cancelled(one), one, line)
        elif one.state is State.IN_DOUBT:
            store.save(let_be(one), one, line)
    if report.boosted_at is not None:
        store.change(replace(report, boosted_at=None), report, by, "unboost", now)


def is_being_taken_back(store: Store, report: Report) -> bool:
    """Whether the end of a boost is still owed; until then the outbox knows the address of its message."""
    return any(one.kind is DeliveryKind.UNBOOST and one.state not in SETTLED for one in _of(store, report))


def _safely_after(boosts: Sequence[Delivery], now: datetime) -> datetime:
    """When what may still arrive of an unclear request is there to be taken back."""
    doubtful = (one.claimed_at + STILL_ARRIVES for one in boosts if _may_arrive(one) and one.claimed_at)
    return max([now, *doubtful])


def _may_arrive(one: Delivery) -> bool:
    return one.state is State.SENDING or one.doubts > 0


def name_of(report: Report) -> str:
    """What a report is called by its number alone."""
    return f"report {report.id}"


def owing(
    kind: DeliveryKind,
    report: Report,
    account: Account,
    *,
    campaign: str,
    number: int,
    now: datetime,
    reliance: Reliance = NOTHING,
) -> Planned:
    """A boost, or the end of one. `number` is how many were tried before and proved not to be there.

    Its key comes from the hash that recognises the message, so that it is the same in a restored store.
    """
    if not report.remote_id:
        raise DecisionError(f"the address of {name_of(report)} is erased: do this on the platform itself")
    occurrence = f"{report.mark} {number}" if number else report.mark
    about = PostId(name_of(report))
    keys = keys_for(
        campaign,
        account,
        PostId(report.mark),
        kind=kind,
        occurrence=str(number),
        language=OF_NO_LANGUAGE,
        parts=1,
    )
    takes_back = kind is DeliveryKind.UNBOOST
    return Planned(
        account=account.label,
        kind=kind,
        post=about,
        occurrence=occurrence,
        language=OF_NO_LANGUAGE,
        planned_at=now,
        expires_at=now + (NEVER if takes_back else DAY),
        priority=FIRST_OF_ALL if takes_back else AFTER_POSTS,
        held=None,
        part_gap=timedelta(),
        digest=digest(keys),  # never of what it names: that must not be guessed from it
        keys=keys,
        texts=(report.remote_id,),
        reliance=reliance,
        costs=(cost_of_boost(account.platform),),
    )


def _of(store: Store, report: Report) -> list[Delivery]:
    """What this message was ever owed; a number may have stood for another one in a store put back."""
    found = store.of_post(PostId(name_of(report)))
    return [one for one in found if one.occurrence.partition(" ")[0] == report.mark]


def _of_words(passing: Passing, ground: Ground, now: datetime) -> tuple[str | None, Reliance]:
    report, today = passing.report, passing.today
    if today is None:
        return "its message is gone, or no longer public", NOTHING
    if report.text is not None and report.text.split() != today.split():
        return "its message has been changed since: review it again", NOTHING
    return untruth(today, report, ground, now)


def _check_caps(store: Store, report: Report, now: datetime) -> None:
    asked = [
        one.first_claimed_at or one.planned_at
        for one in store.deliveries(since=now - 2 * DAY, until=now + DAY)
        if one.kind is DeliveryKind.BOOST
        and one.account == report.account
        and one.state is not State.CANCELLED
    ]
    if free := free_from(asked, now):
        raise DecisionError(
            f"{name_of(report)} is not boosted now: an account boosts {AN_HOUR} an hour and {A_DAY} a day at "
            f"most, and may boost again from {free:%H:%M} UTC on"
        )
