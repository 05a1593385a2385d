"""Forgetting while the program runs: what was erased before a restore, and what has been kept long enough."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.app import App, forgetting_of
from bot.copies import end_old_copies, keep_key
from bot.domain.errors import DecisionError, StoreError
from bot.domain.report import MARKS_FOR
from bot.flows.forget import lapse, let_go, reapply

log = logging.getLogger(__name__)


PATIENCE_WITH_CLOCK = timedelta(days=1)  # of running; then what may be kept no longer weighs more


class Forgetter:
    """Keeps nothing of supporters longer than it may be kept; a failure is told of, and stops nothing.

    What a clock decides waits until a platform has borne ours out (`sure`): a wrong one would erase all that
    waits, and every backup but one.
    """

    def __init__(self, app: App, sure: Callable[[], bool]) -> None:
        self._config = app.config
        self._sure = sure
        self._clock = app.clock
        self._begun = app.clock.monotonic()
        self._what = forgetting_of(app.config, app.store)

    def again(self, now: datetime) -> None:
        """Erase what was erased before, in case the store is a copy that was put back."""
        try:
            number = reapply(self._what, now)
            self._what.inbox.scrub()  # a killed run may have left in the log what it had erased
        except (StoreError, DecisionError) as error:
            log.error("forget: %s", error)  # noqa: TRY400  # one sentence is enough
            return
        if number:
            log.warning("forget: erased again what this copy of the store still held: %s", number)

    def look(self) -> bool:
        """Erase what has been kept long enough; False where the clock must be borne out first."""
        now, by_clock = self._clock.now(), self._may_go_by_clock()
        self._look_after_copies(now, by_clock=by_clock)
        try:
            number = let_go(self._what, now)
            if by_clock:
                number += lapse(self._what, now)
                self._what.inbox.forget_marks(now - MARKS_FOR)
            self._what.inbox.scrub()  # also what a decision erased, or an opt-out that was just read
        except (StoreError, DecisionError) as error:
            log.error("forget: %s", error)  # noqa: TRY400  # one sentence is enough
            return by_clock
        if number:
            log.info("forget: reports whose time was over: %s", number)
        return by_clock

    def _may_go_by_clock(self) -> bool:
        waited = timedelta(seconds=self._clock.monotonic() - self._begun)
        return self._sure() or waited >= PATIENCE_WITH_CLOCK

    def _look_after_copies(self, now: datetime, *, by_clock: bool) -> None:
        """Keep the key's copy where it belongs, and end copies of the store that are too old."""
        try:
            keep_key(self._config)
            if by_clock:
                end_old_copies(self._config, now)
        except StoreError as error:
            log.error("forget: %s", error)  # noqa: TRY400  # one sentence is enough
