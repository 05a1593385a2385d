"""The daemon's own parts, each by itself; the whole of it is under tests/acceptance."""

import logging
import os
from datetime import timedelta

from bot.daemon import Daemon
from bot.domain.errors import StoreError, StoreLostError
from tests.builders import NOON
from tests.daemon.conftest import RehearsedApp


def write(daemon, name="one", due="2027-05-01 12:00", text="March with us."):
    path = daemon.app.config.queue / f"{name}.yaml"
    path.write_text(f"id: {name}\nwhen: {due}\ntext:\n  en: |\n    {text}\n", encoding="utf-8")
    old = (daemon.clock.now() - timedelta(hours=1)).timestamp()
    os.utime(path, (old, old))
    return path


def identified(daemon):
    """Let every lane ask who we are, on this thread, and the queue be planned."""
    for lane in daemon.lanes:
        lane.round()
    daemon.look_at_files()


def test_the_clock_is_set_to_the_earliest_hour_of_any_account(daemon):
    write(daemon, "late", "2027-05-01 13:00")
    write(daemon)

    identified(daemon)

    assert daemon.rings_at == NOON


def test_the_clock_is_set_anew_when_the_queue_changes(daemon):
    write(daemon, "late", "2027-05-01 13:00")
    identified(daemon)

    write(daemon)
    daemon.look_at_files()
    daemon.clock.at += timedelta(seconds=3)
    daemon.look_at_files()

    assert daemon.rings_at == NOON


def test_a_file_that_is_gone_takes_its_post_back(daemon):
    path = write(daemon)
    write(daemon, "two")
    identified(daemon)

    path.unlink()
    for _ in range(2):
        daemon.look_at_files()
        daemon.clock.at += timedelta(seconds=3)

    assert {one.state.value for one in daemon.store.of_post("one")} == {"cancelled"}
    assert {one.state.value for one in daemon.store.of_post("two")} == {"scheduled"}


def test_a_folder_that_is_gone_takes_nothing_back(daemon, caplog):
    path = write(daemon)
    identified(daemon)

    path.unlink()
    daemon.app.config.queue.rmdir()
    for _ in range(2):
        daemon.look_at_files()
        daemon.clock.at += timedelta(seconds=3)

    assert {one.state.value for one in daemon.store.of_post("one")} == {"scheduled"}
    assert "no such folder" in caplog.text


def test_a_folder_that_is_gone_at_the_start_takes_nothing_back(daemon):
    path = write(daemon)
    identified(daemon)
    path.unlink()
    daemon.app.config.queue.rmdir()

    restarted = Daemon(RehearsedApp(daemon.app.config, daemon.store, daemon.clock))
    restarted.look_at_files()

    assert {one.state.value for one in daemon.store.of_post("one")} == {"scheduled"}


def test_what_an_account_is_owed_is_planned_as_soon_as_its_platform_has_named_it(daemon):
    write(daemon)
    daemon.look_at_files()
    assert daemon.store.of_post("one") == []

    daemon.lanes[0].round()
    daemon.look_at_files()

    assert [one.account for one in daemon.store.of_post("one")] == [daemon.lanes[0].label]


def test_nothing_is_planned_or_taken_back_by_a_clock_that_no_platform_has_borne_out(daemon):
    """A post first read by a clock that stands in 1970 would take a slot of 1970, and keep it."""
    path = write(daemon)
    write(daemon, "two")
    identified(daemon)

    for lane in daemon.lanes:
        lane.doubt_clock()
    path.unlink()
    write(daemon, "three")
    for _ in range(2):
        daemon.look_at_files()
        daemon.clock.at += timedelta(seconds=3)
    assert {one.state.value for one in daemon.store.of_post("one")} == {"scheduled"}
    assert daemon.store.of_post("three") == []

    identified(daemon)
    assert {one.state.value for one in daemon.store.of_post("one")} == {"cancelled"}
    assert {one.state.value for one in daemon.store.of_post("three")} == {"scheduled"}


def test_a_post_that_falls_due_before_any_platform_has_answered_is_still_owed(daemon):
    write(daemon, due="2027-05-01 09:30")
    daemon.look_at_files()

    daemon.clock.at += timedelta(hours=1)
    identified(daemon)

    assert {one.state.value for one in daemon.store.of_post("one")} == {"scheduled"}


def test_a_file_that_can_no_longer_be_read_keeps_its_last_good_post(daemon, caplog):
    path = write(daemon)
    identified(daemon)

    path.write_text("id: one\nwhen: [\n", encoding="utf-8")
    for _ in range(2):
        daemon.look_at_files()
        daemon.clock.at += timedelta(seconds=3)

    assert {one.state.value for one in daemon.store.of_post("one")} == {"scheduled"}
    assert "never closed" in caplog.text


def test_recurrences_are_planned_further_every_hour(daemon):
    path = write(daemon)
    path.write_text(
        'id: one\nevery: {week: saturday, at: "12:00"}\ntext:\n  en: |\n    March.\n', encoding="utf-8"
    )
    os.utime(path, (0, 0))
    identified(daemon)
    before = len(daemon.store.of_post("one"))

    daemon.clock.at += timedelta(days=7)
    daemon.look_at_files()

    assert len(daemon.store.of_post("one")) == before + len(daemon.lanes)


def test_a_jump_of_the_clock_is_noticed_and_the_clock_set_anew(daemon, caplog):
    write(daemon)
    identified(daemon)
    daemon.clock.boot = lambda: 0.0  # the wall clock alone goes on
    daemon._scheduler.start(paused=True)

    with caplog.at_level(logging.WARNING):
        daemon.tick(daemon.clock.now())
        before = daemon._scheduler.get_job("clock")
        daemon.clock.at += timedelta(hours=1)
        daemon.tick(daemon.clock.now())

    assert "the clock jumped by 3600 s" in caplog.text
    assert daemon.rings_at == NOON
    # APScheduler waits by the clock as it was, so its job is made anew.
    assert daemon._scheduler.get_job("clock") is not before
    daemon._scheduler.shutdown()


def test_what_is_too_late_expires_and_says_so(daemon, caplog):
    write(daemon)
    identified(daemon)
    daemon.store.pause(None, "a test", "a test", daemon.clock.now())
    daemon.clock.at = NOON + timedelta(days=4)

    daemon.tick(daemon.clock.now())

    assert {one.state.value for one in daemon.store.of_post("one")} == {"expired"}
    assert caplog.text.count("expired: it was not sent in time") == len(daemon.lanes)


def test_a_store_that_is_lost_ends_the_program_with_1(daemon):
    def lose(_):
        raise StoreLostError("deleted under us")

    daemon.store.beat = lose
    daemon.tick(daemon.clock.now())

    assert daemon.failed


def test_a_store_that_cannot_be_written_for_a_while_ends_nothing_and_is_told_once_a_minute(daemon, caplog):
    def refuse(_):
        raise StoreError("the disk is full")

    daemon.store.beat = refuse
    for _ in range(59):
        daemon.tick(daemon.clock.now())
        daemon.clock.at += timedelta(seconds=1)

    assert not daemon.failed
    assert caplog.text.count("nothing is sent until this is mended: the disk is full") == 1


def test_a_request_still_on_the_wire_at_the_end_and_no_store_to_say_so_end_with_1(daemon, caplog):
    def refuse(*_):
        raise StoreError("the disk is full")

    daemon._scheduler.start()
    daemon.store.park = refuse
    daemon.lanes[0].join = lambda _: False
    for lane in daemon.lanes[1:]:
        lane.join = lambda _: True
    daemon.end()

    assert daemon.failed
    assert "in doubt at the next start: the disk is full" in caplog.text


def test_one_line_is_logged_for_a_queue_that_changed_and_none_for_one_that_did_not(daemon, caplog):
    write(daemon)
    with caplog.at_level(logging.INFO):
        identified(daemon)
        daemon.look_at_files()

    assert caplog.text.count("queue: 1 posts; deliveries: 3 new") == 1


def test_no_line_holds_the_text_of_a_post(daemon, caplog):
    write(daemon, text="A very recognisable sentence.")
    with caplog.at_level(logging.DEBUG):
        identified(daemon)
        daemon.clock.at = NOON
        for lane in daemon.lanes:
            lane.round()

    assert "sent: https://" in caplog.text
    assert "recognisable" not in caplog.text


def test_after_a_jump_of_the_clock_the_platforms_are_asked_for_the_time(daemon):
    write(daemon)
    identified(daemon)
    daemon.tick(daemon.clock.now())

    daemon.clock.set_wrong = timedelta(days=1)
    daemon.tick(daemon.clock.now())

    assert [lane.passed for lane in daemon.lanes] == [False] * 3
    assert {one.state.value for one in daemon.store.of_post("one")} == {"scheduled"}


def test_nothing_expires_before_a_platform_has_borne_out_the_clock(daemon):
    write(daemon)
    identified(daemon)
    for lane in daemon.lanes:
        lane.doubt_clock()
    daemon.clock.at += timedelta(days=5)

    daemon.tick(daemon.clock.now())
    assert {one.state.value for one in daemon.store.of_post("one")} == {"scheduled"}

    for lane in daemon.lanes:
        lane.check = None
    daemon.lanes[0].round()
    daemon.tick(daemon.clock.now())
    assert "expired" in {one.state.value for one in daemon.store.of_post("one")}


def test_a_small_correction_of_the_clock_is_no_reason_to_ask(daemon):
    write(daemon)
    identified(daemon)
    daemon.tick(daemon.clock.now())

    daemon.clock.set_wrong = timedelta(seconds=20)
    daemon.tick(daemon.clock.now())

    assert [lane.passed for lane in daemon.lanes] == [True] * 3


def test_a_clock_set_back_stops_neither_the_heartbeat_nor_the_look_at_files(daemon):
    write(daemon)
    identified(daemon)
    daemon.tick(daemon.clock.now())

    daemon.clock.set_wrong = -timedelta(days=1)
    daemon.tick(daemon.clock.now())
    daemon.tick(daemon.clock.now())

    assert daemon.store.last_beat() == daemon.clock.now()
