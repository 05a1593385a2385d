"""Take back what was published: every part owed its withdrawal, the last part of a thread first."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from bot.domain.account import Account
from bot.domain.delivery import LEFT, Delivery, DeliveryKind, State, cancelled, tried_again
from bot.domain.errors import DecisionError
from bot.domain.post import PostId, digest
from bot.domain.price import cost_of_withdrawal
from bot.domain.recheck import GIVEN_UP, taken_back
from bot.flows.plan import keys_for
from bot.ports import Store
from bot.ports.records import Decision, Planned

NEVER = timedelta(days=3650)  # a withdrawal does not become useless
FIRST_OF_ALL = -1  # before any post


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawing:
    """What withdrawing a post comes to, by delivery.

    `standing` will be taken away, `waiting` no longer goes out, and of the renditions in `unclear` nothing
    is done: it is not known yet what of them is there.
    """

    standing: tuple[Delivery, ...] = ()
    waiting: tuple[Delivery, ...] = ()
    unclear: tuple[Delivery, ...] = ()


def look_up(store: Store, post: PostId) -> Withdrawing:
    """What withdrawing a post would do. DecisionError where nothing of it is, or may be, published."""
    owed = store.of_post(post)
    parts = [one for one in owed if one.kind is DeliveryKind.POST]
    gone = taken_back(owed)
    standing: list[Delivery] = []
    waiting: list[Delivery] = []
    unclear: list[Delivery] = []
    for _, found in groupby(sorted(parts, key=_rendition), key=_rendition):
        rendition = list(found)
        doubtful = [one for one in rendition if one.state in LEFT and one.receipt is None]
        if doubtful:
            unclear += doubtful
            continue
        standing += [one for one in rendition if one.receipt and one.receipt.remote_id not in gone]
        waiting += [one for one in rendition if one.state is State.SCHEDULED]
    if not standing and not unclear:
        words = "it has been withdrawn already" if gone else "nothing of it was published; `cancel` stops it"
        raise DecisionError(f"there is nothing to withdraw of {post}: {words}")
    return Withdrawing(standing=tuple(standing), waiting=tuple(waiting), unclear=tuple(unclear))


def withdraw(store: Store, post: PostId, campaign: str, by: str, now: datetime) -> Withdrawing:
    """Owe the withdrawal of all that stands of a post, and take back what waits."""
    found = look_up(store, post)
    accounts = {account.label: account for account in store.accounts()}
    renditions = [list(parts) for _, parts in groupby(found.standing, key=_rendition)]
    owed = [_owed(parts, accounts[parts[0].account], campaign, now) for parts in renditions]
    for one in found.waiting:
        store.save(cancelled(one), one, _line(one, by, now))
    for one in found.standing:
        # Whether it can be seen is no question any more: settled before it is gone, or a look would miss it.
        store.save(replace(one, next_at=None, attention=None), one, _line(one, by, now))
    store.plan(owed, [], now)
    _again(store, post, {one.receipt.remote_id for one in found.standing if one.receipt}, by, now)
    return found


def _again(store: Store, post: PostId, standing: AbstractSet[str], by: str, now: datetime) -> None:
    """Give what was given up on another chance."""
    for one in store.of_post(post):
        if one.kind is DeliveryKind.WITHDRAWAL and one.state in GIVEN_UP and one.text in standing:
            store.save(tried_again(one, now), one, _line(one, by, now))


def _owed(parts: Sequence[Delivery], account: Account, campaign: str, now: datetime) -> Planned:
    """The withdrawal of a rendition. Its parts run backwards, so that no answer loses what it answers."""
    one = parts[0]
    ids = tuple(part.receipt.remote_id for part in reversed(parts) if part.receipt)
    return Planned(
        account=one.account,
        kind=DeliveryKind.WITHDRAWAL,
        post=one.post,
        occurrence=one.occurrence,
        language=one.language,
        planned_at=now,
        expires_at=now + NEVER,
        priority=FIRST_OF_ALL,
        held=None,
        part_gap=timedelta(),
        digest=digest(ids),
        keys=keys_for(
            campaign,
            account,
            one.post,
            kind=DeliveryKind.WITHDRAWAL,
            occurrence=one.occurrence,
            language=one.language,
            parts=len(ids),
        ),
        texts=ids,
        costs=(cost_of_withdrawal(account.platform),) * len(ids),
    )


def _rendition(one: Delivery) -> tuple[str, str, str]:
    return one.account, one.occurrence, one.language


def _line(one: Delivery, by: str, now: datetime) -> Decision:
    return Decision(at=now, by=by, what="withdraw", about=one.key)
