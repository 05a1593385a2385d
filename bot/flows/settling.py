"""Write down what became of a request, however long the store cannot be written."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from bot.domain.delivery import Delivery
from bot.domain.errors import LostClaimError, PlatformError, StoreError, StoreLostError
from bot.ports import Outbox

log = logging.getLogger(__name__)

AGAIN = 1.0  # seconds
TELL_EVERY = 60  # tries


def write_down(
    store: Outbox,
    settled: Delivery,
    now: datetime,
    error: PlatformError | None,
    pause: Callable[[float], object] = time.sleep,
) -> None:
    """Settle a delivery; where the disk is full or another program in the way, try again until it works.

    Nothing else is claimed on the account meanwhile. Ends with LostClaimError or StoreLostError where the
    delivery is no longer ours to settle; if the process dies, the next one finds it in doubt.
    """
    tries = 0
    while True:
        try:
            store.settle(settled, now, error)
        except LostClaimError:
            raise
        except StoreError as problem:
            if tries % TELL_EVERY == 0:
                _tell(settled, problem)
            if isinstance(problem, StoreLostError):
                raise
        else:
            if tries:
                log.info("delivery %s: written down after %s tries", settled.key, tries + 1)
            return
        tries += 1
        pause(AGAIN)


def _tell(settled: Delivery, problem: StoreError) -> None:
    # The log may be all that is left of this answer.
    became = settled.receipt.url if settled.receipt else settled.state
    log.error("delivery %s: what became of it (%s) cannot be written down: %s", settled.key, became, problem)
