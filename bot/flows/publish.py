"""Send what is due on one account: claim -> (look) -> publish -> settle, until nothing is due."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.domain.boosting import ENDED, OUTDATED, is_ended, is_outdated
from bot.domain.delivery import (
    Delivery,
    DeliveryKind,
    Receipt,
    Sighting,
    looks_first,
    seen_before,
    settle,
)
from bot.domain.errors import PlatformError, RefusedError, TryLaterError
from bot.flows.settling import write_down
from bot.ports import Platform, Speaker, Store
from bot.ports.records import Own

log = logging.getLogger(__name__)


def drain(speaker: Speaker, jitter: Callable[[], float], wanted: Callable[[], bool] = lambda: True) -> int:
    """Publish what is due on an account until nothing is, or it is no longer wanted; counts requests."""
    requests = 0
    while True:
        now = speaker.clock.now()
        if not wanted():  # asked only now: a claim must not carry the time of a clock that has just jumped
            break
        freeze = partial(_freeze, speaker.platform, now)
        claimed = speaker.store.claim(speaker.label, now, freeze, speaker.terms)
        if claimed is None:
            break
        send(claimed, speaker, jitter())
        requests += 1
    return requests


def _sent(claimed: Delivery, speaker: Speaker) -> Receipt:
    match claimed.kind:
        case DeliveryKind.POST:
            return speaker.platform.publish(claimed)
        case DeliveryKind.WITHDRAWAL:
            return speaker.platform.withdraw(claimed)
        case DeliveryKind.BOOST:
            if is_outdated(claimed, speaker.store.restored()):
                raise RefusedError(OUTDATED)
            speaker.recheck(claimed)  # what is gone or says something else has an end owed to it after this
            if is_ended(claimed, speaker.store.of_post(claimed.post)):
                raise RefusedError(ENDED)
            return speaker.platform.boost(claimed, own_of(speaker))
        case DeliveryKind.UNBOOST:
            return speaker.platform.unboost(claimed, own_of(speaker))


def own_of(speaker: Speaker) -> Own:
    """Who we are on an account."""
    account = speaker.store.account(speaker.label)
    return Own(own_id=account.own_id or "", handle=account.handle)


def _freeze(platform: Platform, now: datetime, delivery: Delivery, own: Own) -> bytes:
    if delivery.kind is not DeliveryKind.POST:
        return delivery.text.encode()
    return platform.freeze(delivery, own, now)


def send(claimed: Delivery, speaker: Speaker, jitter: float) -> Delivery:
    """Send one claimed delivery and write down what became of it.

    Nothing stands between the platform's answer and the commit of that answer: whatever else there is to do
    reads the committed state.
    """
    outcome: Receipt | Delivery | PlatformError
    try:
        outcome = _seen_before(claimed, speaker) or _sent(claimed, speaker)
    except PlatformError as error:
        outcome = error
    now = speaker.clock.now()
    failure = outcome if isinstance(outcome, PlatformError) else None
    if isinstance(outcome, Delivery):
        settled = outcome
    else:
        settled = settle(claimed, outcome, now, speaker.patience, jitter)
    write_down(speaker.store, settled, now, failure)
    log.info("delivery %s: %s: %s", settled.key, settled.state, _words(settled, failure))
    return settled


def _seen_before(claimed: Delivery, speaker: Speaker) -> Delivery | None:
    """What is there already of a delivery that must be looked for first, None where it is to be sent.

    Where looking was not possible nothing has been sent: TryLaterError.
    """
    since = looks_first(claimed, speaker.clock.now(), speaker.store.restored())
    if since is None:
        return None
    try:
        seen = unbound(speaker.platform.look(claimed, own_of(speaker), since), claimed.account, speaker.store)
    except TryLaterError:
        raise
    except PlatformError as error:
        raise TryLaterError(f"we could not look whether it is there already: {error}") from error
    return seen_before(claimed, seen, speaker.clock.now())


def unbound(seen: Sighting, account: str, store: Store) -> Sighting:
    """A sighting without what already belongs to another delivery: two equal posts are two posts."""
    bound = store.bound(account, [match.remote_id for match in seen.matches])
    return replace(seen, matches=tuple(match for match in seen.matches if match.remote_id not in bound))


def _words(settled: Delivery, error: PlatformError | None) -> str:
    if settled.receipt:
        return settled.receipt.url or "done"
    again = f"; next at {settled.next_at:%H:%M:%S} UTC" if settled.next_at else ""
    return f"{error or settled.attention}{again}"
