"""Find out about what is in doubt: look on the platform -> sent | scheduled | ask a person."""

import logging
from collections.abc import Callable
from dataclasses import replace

from bot.domain.boosting import ENDED, is_ended, passed_on
from bot.domain.delivery import (
    OF_SUPPORTERS,
    Delivery,
    DeliveryKind,
    Receipt,
    Sighting,
    after_blind_look,
    after_blind_read_back,
    after_look,
    after_read_back,
    let_be,
    withdrawn,
)
from bot.domain.errors import LostClaimError, PlatformError
from bot.flows.publish import own_of, unbound
from bot.ports import Platform, Speaker
from bot.ports.records import Decision, Own

log = logging.getLogger(__name__)


def reconcile(speaker: Speaker, wanted: Callable[[], bool] = lambda: True) -> int:
    """Look for every delivery of an account whose look is due, and read back what was sent; counts them.

    Ends early when it is no longer wanted.
    """
    now = speaker.clock.now()
    doubtful = speaker.store.in_doubt(speaker.label, now)
    fresh = speaker.store.unverified(speaker.label, now)
    if not doubtful and not fresh:
        return 0
    own = own_of(speaker)
    for delivery in doubtful:
        if wanted():
            _look(delivery, own, speaker)
    for delivery in fresh:
        if wanted():
            _read_back(delivery, own, speaker)
    return len(doubtful) + len(fresh)


def _look(delivery: Delivery, own: Own, speaker: Speaker) -> None:
    if delivery.kind is DeliveryKind.BOOST and is_ended(delivery, speaker.store.of_post(delivery.post)):
        _save(let_be(delivery), delivery, speaker, ENDED)
        return
    try:
        seen = _seen(delivery, own, speaker.platform)
    except PlatformError as error:
        after = after_blind_look(delivery, str(error), speaker.clock.now())
        words = f"could not look: {error}"
    else:
        seen = unbound(seen, delivery.account, speaker.store)
        after = after_look(delivery, seen, speaker.clock.now(), speaker.patience)
        words = _found(after)
    _save(after, delivery, speaker, words)


def _seen(delivery: Delivery, own: Own, platform: Platform) -> Sighting:
    """What a look shows; a withdrawal has gone out where what it names is gone."""
    if delivery.kind is DeliveryKind.POST:
        return platform.look(delivery, own)
    if delivery.kind in OF_SUPPORTERS:
        wanted = delivery.kind is DeliveryKind.BOOST
        there = platform.is_boosted(delivery, own) is wanted
        return Sighting(matches=(passed_on(delivery),)) if there else Sighting()
    return Sighting() if _stands(delivery, own, platform) else Sighting(matches=(withdrawn(delivery.text),))


def _stands(withdrawal: Delivery, own: Own, platform: Platform) -> bool:
    """Whether what a withdrawal names is still to be seen."""
    named = Receipt(remote_id=withdrawal.text, url="")
    return platform.read_back(replace(withdrawal, receipt=named), own)


def _found(after: Delivery) -> str:
    if after.receipt:
        return f"found: {after.receipt.url}"
    if after.attention:
        return after.attention
    when = f"; next at {after.next_at:%H:%M:%S} UTC" if after.next_at else ""
    return f"not there yet, {after.looks} looks{when}" if after.looks else f"not there: sending again{when}"


def _read_back(delivery: Delivery, own: Own, speaker: Speaker) -> None:
    now = speaker.clock.now()
    try:
        if delivery.kind is DeliveryKind.WITHDRAWAL:
            seen = not _stands(delivery, own, speaker.platform)
        else:
            seen = speaker.platform.read_back(delivery, own)
    except PlatformError as error:
        after = after_blind_read_back(delivery, now)
        words = f"could not be read back: {error}"
    else:
        after = after_read_back(delivery, seen, now)
        words = after.attention or "seen on the platform"
    _save(after, delivery, speaker, words)


def _save(after: Delivery, before: Delivery, speaker: Speaker, words: str) -> None:
    found_out = (after.state, after.attention) != (before.state, before.attention)
    now = speaker.clock.now()
    line = Decision(at=now, by="the program", what=f"looked: {after.state}", about=after.key, note=words)
    try:
        speaker.store.save(after, before, line if found_out else None)
    except LostClaimError:
        # An organiser decided while we looked; what they said counts.
        log.info("delivery %s: changed by somebody else while we looked", after.key)
        return
    log.info("delivery %s: %s: %s", after.key, after.state, words)
