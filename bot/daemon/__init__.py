"""The long-lived process: lanes that publish, a clock that wakes them, and the housekeeping around both."""

import logging
import os
import signal
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Lock
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.app import App, store_file, studio_of
from bot.copies import back_up, last_backup
from bot.daemon.collector import Collector
from bot.daemon.forgetter import Forgetter
from bot.daemon.intake import Intake
from bot.daemon.lane import EARLIEST, Lane, offset
from bot.daemon.notify import ALIVE, ENDING, READY, notify
from bot.daemon.watchman import Watchman
from bot.domain.errors import StoreError, StoreLostError
from bot.flows.identify import CLOCK_NOTICEABLE

log = logging.getLogger(__name__)

TICK = 1.0  # seconds; what the clock misses is found here, and a person's decision is acted on within it
BEAT = timedelta(seconds=5)
JUMP = timedelta(seconds=2)  # more than this between wall and boot time is a jump, not drift
LOOK_AT_FILES = 1  # second
COMPLAIN_EVERY = timedelta(minutes=1)
BACKUP_EVERY = timedelta(days=1)
FORGET_AGAIN = timedelta(minutes=1)  # where no platform has borne out our clock yet
PATIENCE_WITH_LANES = 15.0  # seconds a request on the wire may still take once we are asked to end


class Daemon:
    """Everything that runs. Build one, call run(), read its exit code."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.store = app.store
        self.clock = app.clock
        self.lanes = [self._lane(label) for label in app.labels]
        self.collectors = [Collector(app, label) for label in app.hears]
        self.watchman = Watchman(app)
        self.intake = Intake(app)
        self._ending = Event()
        self._scheduler = _scheduler()
        self._scheduler.add_job(self.look_at_files, IntervalTrigger(seconds=LOOK_AT_FILES), id="files")
        self._armed: datetime | None = None
        self._arming = Lock()
        self._beat_due = EARLIEST
        self._complain_due = EARLIEST
        self._reckoning = offset(self.clock)
        self.failed = False

    def _lane(self, label: str) -> Lane:
        return Lane(
            label,
            partial(self.app.voice, label),
            partial(self.app.speaker, label),
            self.store,
            self.clock,
            patience=self.app.patience,
            after=self._after_round,
            planned_first=True,
        )

    def run(self) -> int:
        """Hold the store and publish until asked to end. Returns 0, or 1 where the store was lost."""
        with self.store.hold(self.clock.now(), self.app.patience):
            self._listen()
            self.start()
            notify(READY)
            while not self._ending.wait(TICK):
                self.tick(self.clock.now())
            self.end()
        return 1 if self.failed else 0

    def start(self) -> None:
        """Read the queue, plan it, start the clock and the lanes."""
        log.info("daemon: publishes from %s as process %s", self.app.config.queue, os.getpid())
        self.look_at_files()
        self._arrange_backups()
        self._arrange_forgetting()
        if not self.store.started():
            log.warning("daemon: publishing was never started; it waits for `start`")
        self._scheduler.start()
        for lane in self.lanes:
            lane.start()
        for collector in self.collectors:
            collector.start()
        self.watchman.start()

    def tick(self, now: datetime) -> None:
        """The safety net under the clock: notice jumps, expire what is too late, wake lanes with work."""
        try:
            if now >= self._beat_due:
                self.store.beat(now)
                self._beat_due = now + BEAT
            self._notice_jump()
            self._expire(now)
            for lane in self.lanes:
                if lane.has_work(now):
                    lane.wake()
            self.arm()
            self.watchman.ticked()
        except StoreLostError as error:
            self._lose(error)
        except StoreError as error:
            # A full disk or a lock passes; lanes that hold an answer go on trying to write it down.
            if now >= self._complain_due:
                log.error("daemon: nothing is sent until this is mended: %s", error)  # noqa: TRY400
                self._complain_due = now + COMPLAIN_EVERY
        notify(ALIVE)  # here and nowhere else: a tick that hangs must be noticed

    def _lose(self, error: StoreLostError) -> None:
        # Without our memory nothing may be sent; whoever runs us starts us again.
        log.critical("daemon: ends: %s", error)
        self.failed = True
        self.ask_to_end()

    def _expire(self, now: datetime) -> None:
        """Expire what is too late, once a platform has borne out that our clock is right."""
        if not self._clock_is_borne_out():
            return
        for expired in self.store.expire(now):
            log.warning("delivery %s: expired: %s", expired.key, expired.attention)

    def _clock_is_borne_out(self) -> bool:
        """Whether a platform has borne out our clock. A wrong one would settle for ever what has passed."""
        return any(lane.passed for lane in self.lanes)

    def arm(self) -> None:
        """Set the clock to the next moment at which any account has something to do."""
        now = self.clock.now()
        instants = (self.store.next_instant(lane.label, now) for lane in self.lanes)
        due = min((instant for instant in instants if instant), default=None)
        with self._arming:
            if due == self._armed:
                return
            self._armed = due
            if due:
                self._scheduler.add_job(
                    self._ring, DateTrigger(due), id="clock", replace_existing=True, executor="clock"
                )

    @property
    def rings_at(self) -> datetime | None:
        """The moment the clock is set to."""
        return self._armed

    def ask_to_end(self) -> None:
        """Begin to end: no new claims."""
        self._ending.set()

    def end(self) -> None:
        """Let requests on the wire finish; park what is still there, and leave without that lane."""
        log.info("daemon: ends")
        notify(ENDING)
        self._scheduler.shutdown(wait=False)
        self.watchman.stop()
        for lane in self.lanes:
            lane.stop()
        for collector in self.collectors:
            collector.stop()
        until = self.clock.monotonic() + PATIENCE_WITH_LANES
        busy = [lane for lane in self.lanes if not lane.join(max(0.0, until - self.clock.monotonic()))]
        for collector in self.collectors:
            collector.join(
                max(0.0, until - self.clock.monotonic())
            )  # a page that is not taken in is read again
        try:
            for lane in busy:
                for key in self.store.park(self.clock.now(), self.app.patience, lane.label):
                    log.warning("delivery %s: in_doubt: no answer before the end", key)
        except StoreError as error:
            log.critical("daemon: what is still on the wire is in doubt at the next start: %s", error)
            self.failed = True

    def _ring(self) -> None:
        now = self.clock.now()
        for lane in self.lanes:
            if lane.has_work(now):
                lane.wake()
        self.arm()

    def _after_round(self, lane: Lane) -> None:
        if lane.newly_identified():
            # Now its posts have keys; planning does not belong on a lane.
            self.intake.plan_again()
            if not self._ending.is_set():
                self._scheduler.modify_job("files", next_run_time=datetime.now(UTC))
        self.arm()

    def look_at_files(self) -> None:
        """Take what has changed in the queue, and plan it; what may have moved is planned every hour."""
        now = self.clock.now()
        waiting = [lane for lane in self.lanes if lane.passed]
        planned = self.intake.look(now, sure=bool(waiting))
        self.watchman.errors, self.watchman.drafts = self.intake.errors, self.intake.drafts
        if self.intake.in_line:
            for lane in waiting:
                lane.planned()
        if planned:
            self._tidy(now)
            self.arm()

    def _tidy(self, now: datetime) -> None:
        """Delete the bytes of pictures that nobody needs any more; what cannot go now goes in an hour."""
        try:
            if gone := studio_of(self.app.config).tidy(now):
                log.info("pictures: %s old files deleted", gone)
        except OSError as error:
            log.warning("pictures: old files cannot be deleted: %s", error.strerror)

    def back_up(self) -> None:
        """Copy the store; a night without a copy is told of, and stops nothing."""
        try:
            made = back_up(self.app.config, self.clock.now())
        except StoreLostError as error:
            self._lose(error)  # every page was read for the copy: what a start would refuse must not go on
        except StoreError as error:
            log.error("backup: %s", error)  # noqa: TRY400  # one sentence is enough
        else:
            log.info("backup: the store was copied to %s", made)

    def _arrange_forgetting(self) -> None:
        forgetter = Forgetter(self.app, self._clock_is_borne_out)
        forgetter.again(self.clock.now())

        def look() -> None:
            if not forgetter.look():
                job.modify(next_run_time=datetime.now(UTC) + FORGET_AGAIN)

        hourly = IntervalTrigger(hours=1)
        job = self._scheduler.add_job(look, hourly, id="forget", next_run_time=datetime.now(UTC))

    def _arrange_backups(self) -> None:
        config = self.app.config
        if store_file(config) is None:
            return
        at, zone = config.backup.at, config.timezone or "UTC"
        nightly = CronTrigger(hour=at.hour, minute=at.minute, timezone=zone)
        job = self._scheduler.add_job(self.back_up, nightly, id="backup")
        last = last_backup(config)
        if last is None or self.clock.now() - last > BACKUP_EVERY:
            # The machine was off at that hour, or this is the first start.
            job.modify(next_run_time=datetime.now(UTC))

    def _notice_jump(self) -> None:
        reckoned = offset(self.clock)
        jump, self._reckoning = reckoned - self._reckoning, reckoned
        if abs(jump) <= JUMP:
            return
        log.warning("daemon: the clock jumped by %.0f s", jump.total_seconds())
        # APScheduler and we ourselves wait by the old clock: set everything anew.
        self._armed = None
        self._beat_due = EARLIEST
        self.intake.plan_all()
        self._scheduler.reschedule_job("files", trigger=IntervalTrigger(seconds=LOOK_AT_FILES))
        if backup := self._scheduler.get_job("backup"):
            backup.reschedule(backup.trigger)
        if abs(jump) > CLOCK_NOTICEABLE:
            for lane in self.lanes:
                lane.doubt_clock()

    def _listen(self) -> None:
        def end(_: int, __: FrameType | None) -> None:
            self.ask_to_end()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)


def _scheduler() -> BackgroundScheduler:
    """APScheduler as a clock: nothing of its own is kept, and late is better than never."""
    return BackgroundScheduler(
        timezone=UTC,
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        executors={
            "default": {"type": "threadpool", "max_workers": 2},
            "clock": {"type": "threadpool", "max_workers": 1},
        },
    )
