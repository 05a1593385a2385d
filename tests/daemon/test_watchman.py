"""Who tells a person, and when: alone with a store, and inside a daemon that publishes."""

import logging
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import default_config
from bot.daemon.watchman import LOOK, STUCK, Watchman
from bot.domain.account import Identity
from bot.domain.errors import AlarmError, StoreError
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.daemon.conftest import RehearsedApp
from tests.flows.conftest import TurnedClock

PAUSED = "1 new problem:\n- mastodon is paused\nRun `status` to see what to do."
RESUMED = "1 problem is over:\n- mastodon is paused\nRun `status` to see what to do."


class Listener:
    """A way that keeps what it is told, or fails as long as it is broken."""

    def __init__(self, name="listener"):
        self.name = name
        self.broken = None
        self.heard = []
        self.tries = 0

    def tell(self, words):
        self.tries += 1
        if self.broken:
            raise self.broken
        self.heard.append(words)


class Pulse:
    """Whoever hears that we are alive."""

    def __init__(self):
        self.beats = 0
        self.broken = False

    def beat(self):
        if self.broken:
            raise AlarmError("the server answers 500")
        self.beats += 1


class WatchedApp(RehearsedApp):
    """A rehearsed app with ears at the other end."""

    def __init__(self, *args, ways=(), pulse=None):
        self._own = ways, pulse
        super().__init__(*args)

    def ways(self):
        return self._own[0]

    def pulse(self):
        return self._own[1]


class Watch:
    """A watchman over a store in memory, with one way unless told otherwise."""

    def __init__(self, folder, ways=None):
        self.clock = TurnedClock(NOON)
        self.ways = [Listener()] if ways is None else ways
        self.heard = self.ways[0].heard if self.ways else []
        self.pulse = Pulse()
        self.store = MemoryStore()
        self.config = replace(default_config(folder), timezone="UTC")
        self.store.start("a test", NOON)
        self.begin()
        for account in self.store.accounts():
            reached = Identity(own_id=account.label, handle=f"@{account.label}", url="")
            self.store.identified(account.label, reached, NOON)

    def begin(self, store=None):
        """Begin, as after a crash."""
        app = WatchedApp(self.config, store or self.store, self.clock, ways=self.ways, pulse=self.pulse)
        self.watchman = Watchman(app)

    def look(self, **later):
        self.clock.at += timedelta(**later)
        self.watchman.ticked()
        self.watchman.look()

    def pause(self):
        self.store.pause("mastodon", "why", "anna", self.clock.now())

    def resume(self):
        self.store.resume("mastodon", "anna", self.clock.now())


@pytest.fixture
def watch(tmp_path):
    return Watch(tmp_path)


def test_a_problem_is_told_once_and_its_end_once(watch):
    watch.look()
    watch.pause()
    watch.look(minutes=1)
    watch.look(minutes=1)
    assert watch.heard == [PAUSED]

    watch.resume()
    watch.look(minutes=1)
    watch.look(minutes=1)

    assert watch.heard == [PAUSED, RESUMED]
    assert watch.store.alarms() == []


def test_what_was_told_is_not_told_again_after_a_restart(watch):
    watch.pause()
    watch.look()

    watch.begin()
    watch.look(minutes=1)
    assert watch.heard == [PAUSED]
    watch.resume()
    watch.look(minutes=1)

    assert watch.heard == [PAUSED, RESUMED]


def test_a_problem_is_written_down_before_anybody_is_told(watch):
    watch.pause()
    known = []
    watch.ways[0].tell = lambda _: known.extend(watch.store.alarms())

    watch.look()

    assert [(one.problem, one.told_at) for one in known] == [("paused mastodon", None)]


@pytest.mark.parametrize(("method", "turn"), [("alarms_told", "pause"), ("forget_alarms", "resume")])
def test_a_crash_after_telling_tells_once_more_and_then_never_again(watch, method, turn):
    if turn == "resume":
        watch.pause()
        watch.look()
    getattr(watch, turn)()
    broken = watch.store.another()
    setattr(broken, method, lost)
    watch.begin(broken)
    watch.look(minutes=1)

    for _ in range(2):
        watch.begin()
        watch.look(minutes=1)

    assert watch.heard.count(PAUSED if turn == "pause" else RESUMED) == 2


def lost(*_):
    raise StoreError("killed")


def test_a_problem_that_is_over_before_it_could_be_told_is_dropped(watch):
    watch.ways[0].broken = AlarmError("no")
    watch.pause()
    watch.look()
    watch.resume()
    watch.look(minutes=1)

    watch.ways[0].broken = None
    watch.look(hours=1)

    assert watch.heard == []


def test_a_way_that_fails_is_tried_ever_more_seldom_until_it_works(watch, caplog):
    watch.ways[0].broken = AlarmError("the server answers 500")
    watch.pause()
    for _ in range(60):
        watch.look(seconds=30)

    assert watch.ways[0].tries == 6  # at 0, 30 s, 1.5 min, 3.5, 7.5, 15.5; the next after 30.5
    assert caplog.text.count("alarm: listener: the server answers 500; tried again in") == 6
    watch.ways[0].broken = None
    watch.look(minutes=1)
    assert watch.heard == [PAUSED]


def test_a_failing_way_is_tried_at_its_time_and_not_only_at_the_next_look(watch):
    assert watch.watchman.rest == LOOK
    watch.ways[0].broken = AlarmError("no")
    watch.pause()

    watch.look()

    assert watch.watchman.rest == 30


def test_a_way_that_fails_silences_no_other_and_catches_up(tmp_path):
    deaf, good = Listener("deaf"), Listener("good")
    watch = Watch(tmp_path, [deaf, good])
    deaf.broken = ValueError("secret")
    watch.pause()
    watch.look()
    watch.look(minutes=1)
    assert good.heard == [PAUSED]

    deaf.broken = None
    watch.look(minutes=30)

    assert (deaf.heard, good.heard) == ([PAUSED], [PAUSED])


def test_a_way_that_never_told_of_a_problem_does_not_tell_its_end(tmp_path):
    deaf, good = Listener("deaf"), Listener("good")
    watch = Watch(tmp_path, [deaf, good])
    deaf.broken = AlarmError("no")
    watch.pause()
    watch.look()
    watch.resume()
    deaf.broken = None
    watch.look(hours=1)

    assert (deaf.heard, good.heard) == ([], [PAUSED, RESUMED])


def test_what_breaks_a_way_is_logged_without_its_words(watch, caplog):
    watch.ways[0].broken = ValueError("https://hooks.example/secret")
    watch.pause()

    watch.look()

    assert "alarm: listener: ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_a_store_that_cannot_be_read_is_one_line_and_not_the_end(watch, caplog):
    watch.store.alarms = lost

    watch.look()

    assert "alarm: the store cannot be used: killed" in caplog.text


def test_without_a_way_nothing_is_written_down(tmp_path):
    watch = Watch(tmp_path, [])
    watch.pause()

    watch.look()

    assert watch.store.alarms() == []
    assert watch.pulse.beats == 1


def test_errors_in_the_posts_are_told(watch):
    watch.watchman.errors = 2

    watch.look()

    assert "the posts have 2 errors" in watch.heard[0]


def test_the_pulse_beats_once_a_minute_while_the_tick_comes_round(watch):
    for _ in range(4):
        watch.look(seconds=30)

    assert watch.pulse.beats == 2


def test_a_stuck_program_does_not_look_alive_and_says_so(watch):
    watch.look()
    watch.clock.at += timedelta(seconds=STUCK)

    watch.watchman.look()

    assert watch.pulse.beats == 1
    assert "the program is stuck, or not running" in watch.heard[0]


def test_a_pulse_that_is_not_heard_is_logged_once_until_it_is(watch, caplog):
    watch.pulse.broken = True
    watch.look()
    watch.look(minutes=1)
    assert caplog.text.count("heartbeat_url: the server answers 500") == 1

    watch.pulse.broken = False
    watch.look(minutes=1)
    watch.pulse.broken = True
    watch.look(minutes=1)

    assert caplog.text.count("heartbeat_url: the server answers 500") == 2


def test_a_pulse_beats_on_while_several_ways_take_long(tmp_path):
    slow = [Listener("one"), Listener("two")]
    watch = Watch(tmp_path, slow)
    for one in slow:
        one.tell = lambda _: setattr(watch.clock, "at", watch.clock.at + timedelta(seconds=70))
    watch.pause()
    watch.watchman.ticked = lambda: None
    watch.watchman._ticked = watch.clock.monotonic() + STUCK

    watch.look()

    assert watch.pulse.beats == 3


def test_a_look_that_breaks_does_not_end_the_watch(watch, caplog):
    looked = threading.Event()

    def look():
        if caplog.text:
            looked.set()
        raise ValueError("broken")

    watch.watchman.look = look
    watch.watchman._ways[0].failures = 1  # its time has come: the next look is a second away
    with caplog.at_level(logging.ERROR):
        watch.watchman.start()
        assert looked.wait(10)
    watch.watchman.stop()

    assert "alarm: the look broke off" in caplog.text
