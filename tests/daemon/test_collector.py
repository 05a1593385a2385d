"""Hearing has threads of its own, looks sooner where there is much, and writes nothing of anybody down."""

import logging
from dataclasses import replace
from datetime import date, timedelta
from threading import Event

import pytest

from bot.config import CollectConfig, PrivacyConfig, default_config
from bot.daemon import Daemon
from bot.daemon.collector import AGAIN_FIRST, LATEST, SOONEST, Collector, since_of
from bot.domain.errors import StoreError, TryLaterError
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.daemon.conftest import RehearsedApp
from tests.flows.conftest import TurnedClock
from tests.hearing import PlainJudge, ToldEar, a_listener, a_mention

PRIVACY = PrivacyConfig(
    controller="Union Office", contact="privacy@example.org", notice_url="https://example.org/privacy"
)


class HearingApp(RehearsedApp):
    """An app whose ears are told what there is."""

    def __init__(self, folder, *, judge=None, **changes):
        collect = CollectConfig(accounts=("mastodon", "bluesky"))
        config = replace(default_config(folder), campaign="test", timezone="UTC")
        config = replace(config, **{"privacy": PRIVACY, "collect": collect, **changes})
        super().__init__(config, MemoryStore(), TurnedClock(NOON), judge=judge or PlainJudge())
        self.ears = {label: ToldEar([]) for label in self.labels}
        self.built = 0

    def listener(self, label):
        self.built += 1
        return a_listener(self.ears[label], self.store, self.clock, label=label)


class Raising(ToldEar):
    def __init__(self, error):
        super().__init__([])
        self.error = error

    def read(self, stream, cursor, since):
        raise self.error


class Hanging(ToldEar):
    """An ear that nobody answers."""

    def __init__(self):
        super().__init__([])
        self.reached, self.released = Event(), Event()

    def read(self, stream, cursor, since):
        self.reached.set()
        self.released.wait(10)
        return super().read(stream, cursor, since)


@pytest.fixture
def app(tmp_path):
    return HearingApp(tmp_path)


@pytest.fixture
def collector(app):
    return Collector(app, "mastodon")


def test_nothing_is_heard_before_somebody_answers_for_the_data(tmp_path):
    assert HearingApp(tmp_path).hears == ("mastodon", "bluesky")
    assert HearingApp(tmp_path, privacy=None).hears == ()
    assert HearingApp(tmp_path, collect=None).hears == ()


def test_much_is_looked_at_again_soon_and_silence_ever_later(app, collector):
    app.ears["mastodon"].mentions = [a_mention(number) for number in range(60)]

    waits = [collector.round() for _ in range(6)]

    assert waits[0] == SOONEST
    assert waits[-1] == LATEST
    assert waits == sorted(waits)


def test_a_platform_that_fails_is_asked_ever_later_and_then_as_before(app, collector):
    app.ears["mastodon"] = Raising(TryLaterError("it stumbles"))
    waits = [collector.round() for _ in range(3)]
    collector._listener = None
    app.ears["mastodon"] = ToldEar([])
    collector.round()
    app.ears["mastodon"], collector._listener = Raising(TryLaterError("it stumbles")), None

    assert waits == [AGAIN_FIRST, 2 * AGAIN_FIRST, 4 * AGAIN_FIRST]
    assert collector.round() == AGAIN_FIRST


def test_a_platform_that_says_how_long_to_wait_is_obeyed(app, collector):
    app.ears["mastodon"] = Raising(TryLaterError("slow down", wait=timedelta(minutes=7)))

    assert collector.round() == timedelta(minutes=7)


@pytest.mark.parametrize(
    "error", [StoreError("the disk is full"), ValueError("zebrafish"), KeyError("zebrafish")]
)
def test_nothing_that_breaks_ends_the_hearing_or_repeats_a_message(app, collector, caplog, error):
    caplog.set_level(logging.DEBUG)
    app.ears["mastodon"] = Raising(error)

    assert collector.round() == AGAIN_FIRST
    assert "account mastodon" in caplog.text
    assert "zebrafish" not in caplog.text


def test_the_log_names_nobody_and_does_not_tell_that_somebody_is_at_risk(app, collector, caplog):
    caplog.set_level(logging.DEBUG)
    app.ears["mastodon"].mentions = [a_mention(1, text="letter zebrafish"), a_mention(2, text="in Minsk")]

    collector.round()

    assert "account mastodon: 1 new" in caplog.text
    for word in ("zebrafish", "Minsk", "someone", "author-1", "remote-1", "risk"):
        assert word not in caplog.text


def test_an_account_that_nobody_named_yet_is_not_heard(app, collector):
    app.listener = lambda _: None

    assert collector.round() == AGAIN_FIRST


def test_one_account_that_hangs_delays_no_other_and_no_publishing(app):
    hanging = app.ears["mastodon"] = Hanging()
    app.ears["bluesky"].mentions = [a_mention(number) for number in range(3)]
    daemon = Daemon(app)
    for collector in daemon.collectors:
        collector.start()
    assert hanging.reached.wait(10)

    heard = daemon.collectors[1]
    heard.stop()

    assert heard.join(10)
    assert len(app.store.reports()) in {0, 3}
    assert not daemon.collectors[0].join(0)
    daemon.collectors[0].stop()
    hanging.released.set()
    assert daemon.collectors[0].join(10)


def test_hearing_begins_at_the_day_that_is_configured_or_at_the_first_start(app, tmp_path):
    listener = app.listener("mastodon")
    first = since_of(app, listener)
    app.clock.at += timedelta(days=3)
    named = HearingApp(tmp_path, collect=CollectConfig(since=date(2027, 4, 1), accounts=("mastodon",)))

    assert (first, since_of(app, listener)) == (NOON, NOON)
    assert since_of(named, listener).isoformat() == "2027-04-01T00:00:00+00:00"
