"""A lane: the one thread on which an account's session lives. What hangs there delays this account only."""

import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from bot.domain.account import Voice
from bot.domain.errors import LostClaimError, StoreError
from bot.flows.identify import CLOCK_NOTICEABLE, AuthCheck, identify
from bot.flows.publish import drain
from bot.flows.reconcile import reconcile
from bot.ports import Clock, Patiences, Speaker, Store

log = logging.getLogger(__name__)

CHECK_AGAIN_FIRST = timedelta(seconds=5)
CHECK_AGAIN_LONGEST = timedelta(minutes=15)
CHECK_WHEN_BLOCKED = timedelta(hours=1)  # a platform that has shut us out is not asked more often
EARLIEST = datetime.min.replace(tzinfo=UTC)
STUMBLE = 5.0  # seconds of pause after an error nobody foresaw
QUEUE_PATIENCE = 70.0  # seconds, longer than a file rests; a queue must not silence an account for ever


def offset(clock: Clock) -> timedelta:
    """How far the wall clock is ahead of the time since boot: it changes only when the clock is set."""
    return clock.now() - EARLIEST - timedelta(seconds=clock.boot())


class Lane:
    """Publishes and looks for one account, whenever it is woken, in its own thread.

    `build` makes the account's speaker; it runs on the lane, because that is where the platform's library is
    loaded and its session lives. `after` is called when a round has changed what is due. A lane that is
    `planned_first` sends nothing after its platform has named it until `planned` says that the queue was
    compared with what is owed: what was deleted or reworded meanwhile must not go out.
    """

    def __init__(
        self,
        label: str,
        voice: Callable[[], Voice],
        build: Callable[[], Speaker],
        store: Store,
        clock: Clock,
        *,
        patience: Patiences,
        after: Callable[["Lane"], None] = lambda _: None,
        stumble: float = STUMBLE,
        planned_first: bool = False,
    ) -> None:
        self._voice = voice
        self.label = label
        self._build = build
        self._store = store
        self._clock = clock
        self._after = after
        self._patience = patience
        self._new = False
        self._planned_first = planned_first
        self._unplanned_since: float | None = None
        self._stumble = stumble
        self._speaker: Speaker | None = None
        self._wake = Event()
        self._stopping = Event()
        self._check_at: datetime | None = None
        self._reckoning = timedelta()  # the wall clock minus the machine's, when a platform last bore it out
        self._checks_failed = 0
        self._thread = Thread(target=self._run, name=f"lane {self.label}", daemon=True)
        self.check: AuthCheck | None = None

    def start(self) -> None:
        """Start the thread; its first round asks the platform who we are."""
        self._thread.start()
        self.wake()

    def wake(self) -> None:
        """Ask for a round."""
        self._wake.set()

    def stop(self) -> None:
        """Ask the lane to begin nothing new."""
        self._stopping.set()
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """Wait for the lane to end; whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def has_work(self, now: datetime) -> bool:
        """Whether a round would find something to do."""
        if not self._may_publish():
            return self._check_due(now)
        due = self._store.next_instant(self.label, EARLIEST)
        return due is not None and due <= now

    @property
    def passed(self) -> bool:
        """Whether the platform lets us publish, and our clock agrees with its."""
        check = self.check  # another thread may doubt the clock meanwhile
        return check is not None and check.passed

    def doubt_clock(self) -> None:
        """Publish nothing more until the platform has been asked again, whose answer carries its time."""
        self.check, self._check_at = None, None
        self.wake()

    def planned(self) -> None:
        """Hear that what is owed was compared with the queue: it may be sent."""
        if self._unplanned_since is not None:
            self._unplanned_since = None
            self.wake()

    def newly_identified(self) -> bool:
        """Whether the platform has named the account since this was last asked."""
        new, self._new = self._new, False
        return new

    def round(self) -> None:
        """Do all there is to do: find out who we are, publish what is due, look for what is in doubt."""
        try:
            self._round()
        except LostClaimError as error:
            log.warning("account %s: %s", self.label, error)
        except StoreError as error:
            log.error("account %s: %s", self.label, error)  # noqa: TRY400  # one sentence is enough
            self._park()
        except Exception:
            # A lane that died would leave its account silent for ever. What it held may have left.
            log.exception("account %s: the round broke off", self.label)
            self._park()
        self._after(self)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            if not self._stopping.is_set():
                self.round()

    def _round(self) -> None:
        speaker = self._speaker = self._speaker or self._build()
        now = self._clock.now()
        if not self._may_publish() and self._check_due(now):
            self._identify(speaker, now)
        if not self._may_publish():
            return
        drain(speaker, random.random, lambda: self._goes_on() and self._may_send())
        if self._goes_on():
            reconcile(speaker, self._goes_on)

    def _goes_on(self) -> bool:
        """Whether to begin another request: we are not asked to stop, and the clock did not jump meanwhile.

        A claim that carries a wrong time would be looked for at the wrong time: it would not be found.
        """
        if abs(offset(self._clock) - self._reckoning) > CLOCK_NOTICEABLE:
            self.doubt_clock()
        return self.passed and not self._stopping.is_set()

    def _may_send(self) -> bool:
        since = self._unplanned_since
        if since is not None and self._clock.monotonic() - since >= QUEUE_PATIENCE:
            log.warning("account %s: not all posts could be read; what was planned goes out", self.label)
            since = self._unplanned_since = None
        return since is None

    def _may_publish(self) -> bool:
        return self.passed and not self._blocked_since()

    def _blocked_since(self) -> datetime | None:
        pause = self._store.account(self.label).pause
        return pause.at if pause and pause.blocked else None

    def _check_due(self, now: datetime) -> bool:
        if not self.passed:
            return self._check_at is None or now >= self._check_at
        blocked_since = self._blocked_since()
        return blocked_since is not None and now >= blocked_since + CHECK_WHEN_BLOCKED

    def _identify(self, speaker: Speaker, now: datetime) -> None:
        self._reckoning = offset(self._clock)
        self.check = identify(speaker, self._voice())
        self._report(self.check)
        if self.check.passed:
            self._checks_failed, self._check_at, self._new = 0, None, True
            if self._planned_first:
                self._unplanned_since = self._clock.monotonic()
            return
        self._checks_failed += 1
        wait = min(CHECK_AGAIN_FIRST * (1 << min(self._checks_failed - 1, 10)), CHECK_AGAIN_LONGEST)
        self._check_at = now + wait

    def _report(self, check: AuthCheck) -> None:
        for stop in check.stops:
            log.error("account %s: publishes nothing: %s", self.label, stop)
        for warning in check.warnings:
            log.warning("account %s: %s", self.label, warning)
        if check.identity and check.passed:
            log.info("account %s: publishes as %s", self.label, check.identity.url)

    def _park(self) -> None:
        try:
            self._store.park(self._clock.now(), self._patience, self.label)
        except StoreError as error:
            log.error("account %s: %s", self.label, error)  # noqa: TRY400  # one sentence is enough
        self._stopping.wait(self._stumble)
