"""Send what is due on one account: claim -> publish -> settle, until nothing is due."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from bot.domain.delivery import Delivery, Receipt, settle
from bot.domain.errors import PlatformError
from bot.flows.settling import write_down
from bot.ports import Own, Platform, Speaker

log = logging.getLogger(__name__)


def drain(speaker: Speaker, jitter: Callable[[], float], wanted: Callable[[], bool] = lambda: True) -> int:
    """Publish what is due on an account until nothing is, or it is no longer wanted; counts requests."""
    requests = 0
    while wanted():
        now = speaker.clock.now()
        claimed = speaker.store.claim(speaker.label, now, partial(_freeze, speaker.platform, now))
        if claimed is None:
            break
        send(claimed, speaker, jitter())
        requests += 1
    return requests


def _freeze(platform: Platform, now: datetime, delivery: Delivery, own: Own) -> bytes:
    return platform.freeze(delivery, own, now)


def send(claimed: Delivery, speaker: Speaker, jitter: float) -> Delivery:
    """Send one claimed delivery and write down what became of it.

    Nothing stands between the platform's answer and the commit of that answer: whatever else there is to do
    reads the committed state.
    """
    outcome: Receipt | PlatformError
    try:
        outcome = speaker.platform.publish(claimed)
    except PlatformError as error:
        outcome = error
    now = speaker.clock.now()
    settled = settle(claimed, outcome, now, speaker.patience, jitter)
    write_down(speaker.store, settled, now, outcome if isinstance(outcome, PlatformError) else None)
    log.info("delivery %s: %s: %s", settled.key, settled.state, _words(settled, outcome))
    return settled


def _words(settled: Delivery, outcome: Receipt | PlatformError) -> str:
    if isinstance(outcome, Receipt):
        return outcome.url
    again = f"; next at {settled.next_at:%H:%M:%S} UTC" if settled.next_at else ""
    return f"{outcome}{again}"
