"""Who tells a person, and when: alone with a store, and inside a daemon that publishes."""

import logging
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import AlarmConfig, WebAddress, default_config
from bot.daemon import Daemon
from bot.daemon.watchman import LOOK, STUCK, Watchman
from bot.domain.account import Identity
from bot.domain.errors import AlarmError, StoreError
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.daemon.test_daemon import RehearsedApp, identified, write
from tests.flows.conftest import TurnedClock
from tests.servers.web import WebServer

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


def test_a_way_that_hangs_delays_no_post_and_not_the_end(tmp_path):
    hangs, end = threading.Event(), threading.Event()

    class Hanging(Listener):
        def tell(self, words):
            hangs.set()
            end.wait(30)

    daemon = a_daemon(tmp_path, ways=[Hanging()])
    with daemon.store.hold(daemon.clock.now(), {}):
        write(daemon)
        identified(daemon)
        daemon.store.pause("bluesky", "why", "anna", daemon.clock.now())
        daemon.watchman._ways[0].failures = 1  # its time has come: the first look is a second away
        daemon.watchman.start()
        assert hangs.wait(10)

        daemon.clock.at = NOON
        daemon.tick(NOON)
        for lane in daemon.lanes:
            lane.round()
        daemon.watchman.stop()

        states = {one.account: one.state.value for one in daemon.store.of_post("one")}
    end.set()
    assert states == {"x": "sent", "mastodon": "sent", "bluesky": "scheduled"}


def a_daemon(folder, **ears):
    clock = TurnedClock(NOON - timedelta(hours=3))
    config = replace(default_config(folder), campaign="test", timezone="UTC")
    daemon = Daemon(WatchedApp(config, MemoryStore(), clock, **ears))
    daemon.store.start("a test", clock.now())
    return daemon


@pytest.mark.parametrize(("ways", "watches"), [([Listener()], True), ([], False)])
def test_a_watchman_begins_and_ends_with_its_daemon_and_only_where_anybody_is_told(tmp_path, ways, watches):
    daemon = a_daemon(tmp_path, ways=ways)
    daemon.lanes = []  # the watchman alone is looked at
    with daemon.store.hold(daemon.clock.now(), {}):
        daemon.start()
        began = daemon.watchman._thread.is_alive()
        daemon.end()

    assert (began, daemon.watchman._thread.is_alive()) == (watches, False)


def test_a_daemon_tells_a_late_post_once_and_its_end_once(tmp_path):
    clock = TurnedClock(NOON - timedelta(hours=3))
    with WebServer() as web:
        alarm = AlarmConfig(webhook=WebAddress(url=f"{web.url}/hook"))
        pulse = WebAddress(url=f"{web.url}/pulse")
        config = replace(default_config(tmp_path), timezone="UTC", alarm=alarm, heartbeat=pulse)
        daemon = Daemon(RehearsedApp(config, MemoryStore(), clock))
        daemon.store.start("a test", clock.now())
        with daemon.store.hold(clock.now(), {}):
            write(daemon, text="A very recognisable sentence.")
            identified(daemon)
            clock.at = NOON + timedelta(minutes=11)
            minutes_pass(daemon, 2)
            for lane in daemon.lanes:
                lane.round()
            minutes_pass(daemon, 2)

    assert [path for _, path, _ in web.asked].count("/pulse") == 4
    told = [body for _, path, body in web.asked if path == "/hook"]
    assert [words.count("is late") for words in told] == [3, 3]
    assert ["3 new problems" in told[0], "3 problems are over" in told[1]] == [True, True]
    assert "recognisable" not in "".join(told)


def minutes_pass(daemon, times):
    """What happens in so many minutes."""
    for _ in range(times):
        daemon.clock.at += timedelta(minutes=1)
        daemon.tick(daemon.clock.now())
        daemon.watchman.look()


def test_a_daemon_counts_the_errors_in_its_posts(tmp_path):
    listener = Listener()
    daemon = a_daemon(tmp_path, ways=[listener])
    write(daemon, text="{acount}")

    daemon.look_at_files()
    daemon.watchman.look()

    assert "- the posts have 1 error\n" in listener.heard[0]
