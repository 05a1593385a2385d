"""Forgetting while the program runs: what was erased before a restore, and what has been kept long enough."""

import logging
from datetime import datetime

from bot.app import App, forgetting_of
from bot.domain.errors import DecisionError, StoreError
from bot.domain.report import MARKS_FOR
from bot.flows.forget import lapse, let_go, reapply

log = logging.getLogger(__name__)


class Forgetter:
    """Keeps nothing of supporters longer than it may be kept; a failure is told of, and stops nothing."""

    def __init__(self, app: App) -> None:
        self._clock = app.clock
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

    def look(self) -> None:
        """Erase what has been kept long enough."""
        now = self._clock.now()
        try:
            number = lapse(self._what, now) + let_go(self._what, now)
            self._what.inbox.forget_marks(now - MARKS_FOR)
            self._what.inbox.scrub()  # also what a decision erased, or an opt-out that was just read
        except (StoreError, DecisionError) as error:
            log.error("forget: %s", error)  # noqa: TRY400  # one sentence is enough
            return
        if number:
            log.info("forget: reports whose time was over: %s", number)
