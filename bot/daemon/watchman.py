"""Tells a person what needs one, and the world that we are alive; on a thread of its own, for it may hang."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread

from bot.app import App
from bot.copies import need_of_backup, need_of_key
from bot.domain.errors import AlarmError, StoreError
from bot.domain.post import Post
from bot.flows import alarm
from bot.flows.needs import needs_of, situation
from bot.ports import Way
from bot.ports.records import Alarm

log = logging.getLogger(__name__)

LOOK = 60.0  # seconds; the first look comes so long after the start, when what is due has had its chance
STUCK = 120.0  # seconds; a program whose tick has not come round for so long is not alive
RETRY_AT_LEAST = 1.0  # seconds
PATIENCE_WITH_SENDING = 1.0  # seconds that what is being sent when we end is waited for


@dataclass(slots=True)
class Following:
    """One way, what has been told on it, and when it is tried again after it failed."""

    way: Way
    told: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    again: float = 0.0


class Watchman:
    """Looks every minute at what needs a person. Without a way to tell anybody it never starts."""

    def __init__(self, app: App) -> None:
        self.errors = 0  # in the posts, as they were last read
        self.drafts: Sequence[Post] = ()
        self._config = app.config
        self._store = app.store
        self._clock = app.clock
        self._labels = frozenset(app.labels)
        self._ways = [Following(way) for way in app.ways()]
        self._pulse = app.pulse()
        self._pulse_due = 0.0
        self._pulse_well = True
        self._begun = False
        self._ticked = self._clock.monotonic()
        self._ending = Event()
        self._thread = Thread(target=self._run, name="watchman", daemon=True)

    def start(self) -> None:
        """Start the thread, where there is anybody to tell."""
        if self._ways or self._pulse:
            self._thread.start()

    def stop(self) -> None:
        """End; what is being sent is left behind, and told again the next time unless it arrived."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE_WITH_SENDING)

    def ticked(self) -> None:
        """Hear that the program's tick has come round."""
        self._ticked = self._clock.monotonic()

    @property
    def healthy(self) -> bool:
        """Whether the program's tick still comes round."""
        return self._clock.monotonic() - self._ticked < STUCK

    def look(self) -> None:
        """See what needs a person, write it down, and tell what is still to be told on each way."""
        self._beat()
        if not self._ways:
            return
        try:
            known = self._take_note()
            for following in self._ways:
                self._follow(following, known)
                self._beat()
        except StoreError as error:
            log.error("alarm: the store cannot be used: %s", error)  # noqa: TRY400  # one line says it

    @property
    def rest(self) -> float:
        """Seconds until the next look."""
        now = self._clock.monotonic()
        retries = [following.again - now for following in self._ways if following.failures]
        return max(RETRY_AT_LEAST, min([LOOK, *retries]))

    def _run(self) -> None:
        while not self._ending.wait(self.rest):
            try:
                self.look()
            except Exception:
                # A watchman that died would leave a person asleep for ever.
                log.exception("alarm: the look broke off")

    def _take_note(self) -> Sequence[Alarm]:
        now = self._clock.now()
        found = situation(self._store, self._labels, now, self._config.case_age, self.drafts)
        needs = needs_of(found, now, alive=self.healthy, errors=self.errors)
        of_copies = need_of_backup(self._config, self._store, now), need_of_key(self._config)
        needs += [need for need in of_copies if need]
        known = alarm.take_note(self._store, needs, now)
        if not self._begun:
            self._begun = True
            for following in self._ways:
                following.told = alarm.told_before(known)
        return known

    def _follow(self, following: Following, known: Sequence[Alarm]) -> None:
        news = alarm.news(known, following.told)
        if news is None:
            following.failures = 0
            return
        if following.failures and self._clock.monotonic() < following.again:
            return
        if not self._tell(following, news):
            return
        following.told = alarm.after(following.told, news)
        self._store.alarms_told(news.begun, self._clock.now())
        self._store.forget_alarms(news.over)

    def _tell(self, following: Following, news: alarm.News) -> bool:
        name = following.way.name
        try:
            following.way.tell(news.message)
        except Exception as error:  # noqa: BLE001  # one way that breaks must not silence another
            following.failures += 1
            wait: timedelta = alarm.wait(following.failures)
            following.again = self._clock.monotonic() + wait.total_seconds()
            said = error if isinstance(error, AlarmError) else type(error).__name__
            log.error("alarm: %s: %s; tried again in %.0f s", name, said, wait.total_seconds())  # noqa: TRY400
            return False
        following.failures = 0
        log.info("alarm: %s: told of %s new and %s over", name, len(news.begun), len(news.over))
        return True

    def _beat(self) -> None:
        now = self._clock.monotonic()
        if self._pulse is None or now < self._pulse_due or not self.healthy:
            return
        self._pulse_due = now + LOOK
        try:
            self._pulse.beat()
        except AlarmError as error:
            if self._pulse_well:
                log.warning("alarm: heartbeat_url: %s", error)
            self._pulse_well = False
        else:
            self._pulse_well = True
