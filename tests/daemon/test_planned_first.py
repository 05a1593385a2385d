"""What was deleted or reworded while nobody looked does not go out: first the queue is compared."""

import os
from datetime import timedelta

import pytest

from bot.daemon import Daemon
from bot.daemon.lane import QUEUE_PATIENCE
from tests.builders import NOON
from tests.daemon.conftest import RehearsedApp
from tests.daemon.test_daemon import identified, write


class OneWorld(RehearsedApp):
    """An app whose platforms outlive the daemon that speaks to them."""

    def __init__(self, *args):
        super().__init__(*args)
        self.speakers = {}

    def speaker(self, label):
        return self.speakers.setdefault(label, super().speaker(label))

    @property
    def texts(self):
        return {one.text for speaker in self.speakers.values() for one in speaker.platform.stored}


@pytest.fixture
def restarted(daemon):
    """A daemon that starts at noon, when a post is due that another one has planned."""
    write(daemon, text="The old words.")
    write(daemon, "other", "2027-05-02 12:00")
    identified(daemon)
    daemon.clock.at = NOON
    return Daemon(OneWorld(daemon.app.config, daemon.store, daemon.clock))


def rounds(daemon):
    for lane in daemon.lanes:
        lane.round()


def states(daemon):
    return {one.state.value for one in daemon.store.of_post("one")}


def test_a_post_that_was_deleted_while_the_program_was_off_does_not_go_out(restarted):
    (restarted.app.config.queue / "one.yaml").unlink()

    rounds(restarted)
    restarted.look_at_files()
    rounds(restarted)

    assert restarted.app.texts == set()
    assert states(restarted) == {"cancelled"}


def test_a_post_that_was_reworded_while_the_program_was_off_goes_out_in_its_new_words(restarted):
    write(restarted, text="The new words.")

    rounds(restarted)
    assert restarted.app.texts == set()
    restarted.look_at_files()
    rounds(restarted)

    assert {"The new words." in text for text in restarted.app.texts} == {True}
    assert states(restarted) == {"sent"}


def test_a_lane_is_woken_as_soon_as_it_may_send(restarted):
    rounds(restarted)
    woken = []
    for lane in restarted.lanes:
        lane.wake = lambda label=lane.label: woken.append(label)

    restarted.look_at_files()
    restarted.look_at_files()

    assert woken == [lane.label for lane in restarted.lanes]


def test_after_a_doubt_about_the_clock_nothing_goes_out_before_the_queue_was_compared(restarted):
    restarted.clock.at = NOON - timedelta(hours=1)
    identified(restarted)
    restarted.clock.at = NOON
    for lane in restarted.lanes:
        lane.doubt_clock()
    write(restarted, text="The new words.")

    rounds(restarted)
    restarted.look_at_files()  # the file was changed: it is not taken yet
    rounds(restarted)
    assert restarted.app.texts == set()
    restarted.clock.at += timedelta(seconds=2)
    restarted.look_at_files()  # it has come to rest, but is due: somebody may still be at it
    rounds(restarted)
    assert restarted.app.texts == set()
    restarted.clock.at += timedelta(seconds=59)
    restarted.look_at_files()
    rounds(restarted)

    assert {"The new words." in text for text in restarted.app.texts} == {True}


def test_a_queue_that_cannot_be_read_silences_no_account_for_ever(restarted, caplog):
    (restarted.app.config.queue / "other.yaml").write_text("id: @\n", encoding="utf-8")
    rounds(restarted)
    restarted.look_at_files()

    restarted.clock.at += timedelta(seconds=QUEUE_PATIENCE - 1)
    restarted.look_at_files()
    rounds(restarted)
    assert states(restarted) == {"scheduled"}
    restarted.clock.at += timedelta(seconds=1)
    rounds(restarted)

    assert states(restarted) == {"sent"}
    assert "not all posts could be read; what was planned goes out" in caplog.text


def test_a_file_that_rests_before_it_is_taken_delays_no_other_post(restarted):
    path = write(restarted, "soon", "2027-05-01 12:04")
    os.utime(path, (NOON.timestamp() - 5, NOON.timestamp() - 5))

    rounds(restarted)
    restarted.look_at_files()
    rounds(restarted)

    assert states(restarted) == {"sent"}


def test_while_a_file_rests_what_was_deleted_while_the_program_was_off_is_held(restarted):
    path = write(restarted, "soon", "2027-05-01 12:04")
    os.utime(path, (NOON.timestamp() - 5, NOON.timestamp() - 5))
    (restarted.app.config.queue / "one.yaml").unlink()

    rounds(restarted)
    restarted.look_at_files()
    rounds(restarted)
    assert restarted.app.texts == set()
    assert {"gone from the queue" in one.held for one in restarted.store.of_post("one")} == {True}
    restarted.clock.at += timedelta(seconds=60)
    restarted.look_at_files()

    assert states(restarted) == {"cancelled"}


def test_a_file_that_was_just_written_at_the_start_lets_no_deleted_post_out(restarted):
    path = write(restarted, "soon", "2027-05-01 12:04")
    os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    (restarted.app.config.queue / "one.yaml").unlink()

    for _ in range(4):
        rounds(restarted)
        restarted.look_at_files()
        restarted.clock.at += timedelta(seconds=1)

    assert restarted.app.texts == set()
    assert {"gone from the queue" in one.held for one in restarted.store.of_post("one")} == {True}
