"""A store that was replaced by an older copy of itself knows it before anything is sent."""

import shutil
from datetime import timedelta

import pytest

from bot.domain.errors import StoreError
from bot.store import open_store
from bot.store.backup import back_up
from bot.store.types import EPOCH
from tests.builders import DAY, HOUR, NOON
from tests.contracts.steps import of_may_day, owe, send
from tests.store.conftest import MOST_STEPS, killed_before

SOON = timedelta(seconds=5)


@pytest.fixture
def held(open_file):
    """Holds the store in the file once, as a daemon that starts and ends; what it knew of itself then."""

    def hold(now, *beats, before=lambda _: None):
        store = open_file()
        with store.hold(now, {}):
            restored = store.restored()
            before(store)
            for beat in beats:
                store.beat(beat)
        store.close()
        return restored

    return hold


def copied(path):
    return shutil.copy(path, path.with_name("copy"))


def put_in_place(copy, path):
    copy.replace(path)


def epoch_of(path):
    return int(path.with_name("bot.sqlite.epoch").read_text().split()[0])


def test_a_store_that_was_never_replaced_is_no_copy(held):
    assert [held(NOON + number * HOUR, NOON + number * HOUR + SOON) for number in range(3)] == [None] * 3


def test_a_copy_from_before_the_last_start_is_known_from_its_own_last_heartbeat_on(held, path):
    held(NOON, NOON + SOON)
    copy = copied(path)
    held(NOON + HOUR)
    put_in_place(copy, path)

    assert held(NOON + DAY) == NOON + SOON


def test_a_copy_made_while_the_same_daemon_ran_is_known_too(held, path):
    copies = []
    held(NOON, NOON + SOON, before=lambda _: copies.append(back_up(path, path.parent / "backups", NOON)))
    put_in_place(copies[0], path)

    assert held(NOON + DAY) == NOON


def test_the_epoch_after_an_old_copy_is_larger_than_any_before(held, path):
    held(NOON)
    copy = copied(path)
    for number in range(1, 4):
        held(NOON + number * HOUR)
    put_in_place(copy, path)
    before = epoch_of(path)

    held(NOON + DAY)

    assert epoch_of(path) == before + 1 == 5


def test_an_old_copy_is_known_once_and_stays_known(held, path, open_file):
    held(NOON)
    copy = copied(path)
    held(NOON + HOUR)
    put_in_place(copy, path)

    assert [held(NOON + DAY), held(NOON + 2 * DAY)] == [NOON, NOON]
    assert [line.what for line in open_file().decisions("everything")].count("restore") == 1


def test_a_store_without_a_mark_was_made_by_an_older_version_and_is_no_copy(held, path):
    held(NOON)
    path.with_name("bot.sqlite.epoch").unlink()

    assert held(NOON + HOUR) is None
    assert epoch_of(path) == 2


def test_an_empty_store_in_place_of_one_that_was_lost_knows_that_all_may_be_missing(held, path, template):
    held(NOON)
    path.unlink()
    shutil.copy(template, path)

    assert held(NOON + HOUR) == EPOCH


def test_a_damaged_mark_is_a_reason_to_ask_and_not_to_send(held, path):
    held(NOON)
    path.with_name("bot.sqlite.epoch").write_text("what is this")

    with pytest.raises(StoreError, match=r"epoch is damaged.*`restore`, or delete this file if"):
        held(NOON + HOUR)


def test_a_mark_that_cannot_be_written_lets_nobody_send(held, path):
    path.with_name("bot.sqlite.epoch").mkdir()

    with pytest.raises(StoreError, match="Is a directory"):
        held(NOON)


def test_whoever_dies_between_store_and_mark_leaves_no_false_alarm(held, path):
    held(NOON)
    mark = path.with_name("bot.sqlite.epoch").read_text()
    held(NOON + HOUR)
    path.with_name("bot.sqlite.epoch").write_text(mark)

    assert held(NOON + DAY) is None


def test_whoever_is_killed_while_taking_hold_leaves_no_false_alarm(held, path, tmp_path):
    held(NOON)
    outcomes = []
    with killed_before("hold", path, tmp_path) as outcome:
        for step in range(1, MOST_STEPS, 3):
            outcomes.append(outcome(step))
            assert held(NOON + DAY) is None
            if outcomes[-1] == "done":
                break

    assert (set(outcomes[:-1]), outcomes[-1]) == ({"killed"}, "done")
    assert len(outcomes) > 20


def test_what_was_sent_after_a_copy_was_made_is_scheduled_again_in_it_and_the_store_says_since_when(
    store, path
):
    owe(store)
    with store.hold(NOON, {}):
        pass
    store.close()
    copy = copied(path)
    again = open_store(path)
    with again.hold(NOON + HOUR, {}):
        send(again, now=NOON + HOUR)
    again.close()
    put_in_place(copy, path)

    old = open_store(path)
    with old.hold(NOON + 2 * HOUR, {}):
        assert (of_may_day(old)[0].state, old.restored()) == ("scheduled", NOON)
    old.close()
