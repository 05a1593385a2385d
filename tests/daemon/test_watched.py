"""The watchman inside a daemon: what happens there is told once, and its end once."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import AlarmConfig, WebAddress, default_config
from bot.daemon import Daemon
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.daemon.conftest import RehearsedApp
from tests.daemon.test_daemon import identified, write
from tests.daemon.test_watchman import Listener, WatchedApp
from tests.flows.conftest import TurnedClock
from tests.servers.web import WebServer


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
