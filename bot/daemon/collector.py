"""A thread for each account that hears: what hangs or floods there delays neither another nor publishing."""

import logging
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Event, Thread

from bot.app import App, forgetting_of
from bot.domain.errors import BotError, TryLaterError
from bot.domain.report import Intake
from bot.flows.collect import Listener, begun, collect, dealt_with
from bot.flows.recheck import walk

log = logging.getLogger(__name__)

SOONEST, LATEST = timedelta(seconds=30), timedelta(minutes=5)
MANY = 40  # new mentions in one go, after which we look again soon
AGAIN_FIRST, AGAIN_LATEST = timedelta(seconds=5), timedelta(minutes=15)


class Collector:
    """Takes in what is said to one account, again and again, until it is stopped.

    No log line of it tells of a mention, and none how many were at risk: an hour, an account and a number
    are enough to find a message again.
    """

    def __init__(self, app: App, label: str) -> None:
        self.label = label
        self._app = app
        self._listener: Listener | None = None
        self._stopping = Event()
        self._wait = SOONEST
        self._failed = 0
        self._thread = Thread(target=self._run, name=f"ear {label}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to begin nothing new."""
        self._stopping.set()

    def join(self, seconds: float) -> bool:
        """Wait for it to end; whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def round(self) -> timedelta:
        """Take in what there is; how long to wait until the next time."""
        try:
            intake = self._heard()
        except TryLaterError as error:
            self._failed += 1
            log.warning("account %s: cannot hear: %s", self.label, error)
            return error.wait or self._again()
        except BotError as error:
            self._failed += 1
            log.error("account %s: cannot hear: %s", self.label, error)  # noqa: TRY400  # one sentence is enough
            return self._again()
        except Exception as error:  # noqa: BLE001  # a thread that died would be deaf for ever
            # Neither its words nor its lines are written down: they may repeat a message.
            self._failed += 1
            log.error("account %s: hearing broke off: %s", self.label, _place(error))  # noqa: TRY400
            return self._again()
        if intake is None:
            return AGAIN_FIRST
        self._failed = 0
        return self._next(dealt_with(intake))

    def _heard(self) -> Intake | None:
        """What became of what there was; None where the platform has not told us yet who we are."""
        self._listener = self._listener or self._app.listener(self.label)
        if self._listener is None:
            return None
        intake = collect(self._listener, since_of(self._app, self._listener), self._goes_on)
        if intake.opted_out:
            self._listener.inbox.scrub()
        if intake.stored or intake.refused:
            log.info("account %s: %s new, %s beyond understanding", self.label, intake.stored, intake.refused)
        self._look_again(self._listener)
        return intake

    def _look_again(self, listener: Listener) -> None:
        """Go on with the daily look at what reports came from: what is gone there is kept no longer here."""
        seen = walk(listener, forgetting_of(self._app.config, self._app.store))
        if seen and (seen.gone or seen.changed):
            log.info("account %s: sources gone: %s, changed: %s", self.label, seen.gone, seen.changed)

    def _goes_on(self) -> bool:
        return not self._stopping.is_set()

    def _next(self, new: int) -> timedelta:
        """How long to wait after so many new ones: after silence, ever longer."""
        wait = SOONEST if new >= MANY else self._wait
        self._wait = wait if new else min(2 * wait, LATEST)
        return wait

    def _again(self) -> timedelta:
        return min(AGAIN_FIRST * (1 << min(self._failed - 1, 10)), AGAIN_LATEST)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self.round().total_seconds())


def since_of(app: App, listener: Listener) -> datetime:
    """From when on an account is listened to: the configured day, or its first start."""
    collecting = app.config.collect
    if collecting and collecting.since:
        return datetime.combine(collecting.since, time(), UTC)
    return begun(listener)


def _place(error: Exception) -> str:
    """What broke and where, without a word of it."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "nowhere"
    return f"{type(error).__name__} at {where}"
