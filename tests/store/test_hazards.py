"""What a disk, a person or another program can do to a store: nothing is lost, nothing goes out twice."""

import random
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from threading import Event

import pytest

from bot.daemon.lane import Lane
from bot.domain.delivery import PATIENCE, State
from bot.domain.errors import InDoubtError, StoreError, StoreLostError
from bot.domain.lengths import PlatformName
from bot.domain.post import PostId
from bot.platforms.memory import MemoryPlatform
from bot.ports import Speaker
from bot.store import open_store
from tests.builders import DAY, HOUR, MINUTE, NOON, US, a_receipt, planned, settled
from tests.contracts.steps import claim, of_may_day, owe, send
from tests.flows.conftest import TurnedClock, a_voice
from tests.store.conftest import ROOT, whole

SOON = timedelta(milliseconds=20)
LONG = "x" * 20_000  # longer than a page, so that what holds it needs new ones
CORRUPTIONS = 100


def dump(path):
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def leave_room(store, pages):
    with store._database.writing() as connection:
        now = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {now + pages}")


def at_every_page(store, path, step):
    """Take a step with no room, then one page more at a time: how often it was refused, each time whole."""
    before = dump(path)
    for pages in range(100):
        leave_room(store, pages)
        if not refused(step):
            assert dump(path) != before
            return pages
        assert dump(path) == before
        assert whole(path)
    raise AssertionError


def refused(step):
    try:
        step()
    except StoreError as error:
        return "the disk is full" in str(error)
    return False


def test_a_full_disk_lets_each_step_happen_whole_or_not_at_all(store, path):
    texts = (LONG, LONG)

    with store.hold(NOON, {}):
        plan = at_every_page(store, path, lambda: store.plan([planned(texts=texts)], [], NOON))
        leave_room(store, 1000)
        taken = []
        claimed = at_every_page(store, path, lambda: taken.append(claim(store)))
        leave_room(store, 1000)
        error = InDoubtError(LONG)
        after = settled(taken[-1], error)
        settle = at_every_page(store, path, lambda: store.settle(after, NOON, error))

    assert min(plan, claimed, settle) > 1
    assert [one.state for one in of_may_day(store)] == [State.IN_DOUBT, State.SCHEDULED]


@contextmanager
def under_limits():
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.hazards"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:

        def outcome(what, path, number=0):
            program.stdin.write(f"{what} {path} {number}\n")
            program.stdin.flush()
            return program.stdout.readline().strip()

        try:
            yield outcome
        finally:
            program.kill()


def test_a_delivery_whose_answer_no_longer_fitted_on_the_disk_is_in_doubt_and_never_scheduled(
    store, path, tmp_path
):
    owe(store)
    store.close()
    before = shutil.copy(path, tmp_path / "before")
    found = []
    with under_limits() as outcome:
        for room in range(0, 60_000, 4_000):
            said = outcome("settle", path, room)
            found.append((said == "sent", state_at_the_next_start(path)))
            if said == "sent":
                break
            assert "the disk is full" in said
            put_back(before, path)

    assert found[-1] == (True, State.SENT)
    assert set(found[:-1]) == {(False, State.IN_DOUBT)}
    assert len(found) > 3


def state_at_the_next_start(path):
    store = open_store(path)
    try:
        with store.hold(NOON + HOUR, {}):
            return of_may_day(store)[0].state
    finally:
        store.close()


def put_back(before, path):
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()
    shutil.copy(before, path)


@pytest.mark.parametrize("step", ["plan", "claim", "settle", "beat"])
def test_a_lock_of_another_program_is_waited_for_and_then_told_and_nothing_is_lost(open_file, raw, step):
    store = open_file(wait=SOON)
    store.enroll("mastodon", PlatformName.MASTODON, NOON)
    store.identified("mastodon", US, NOON)
    store.start("anna", NOON)
    owe(store)
    steps = {
        "plan": lambda: store.plan([planned(occurrence="2")], [], NOON),
        "claim": lambda: claim(store),
        "settle": lambda: store.settle(settled(taken, a_receipt()), NOON),
        "beat": lambda: store.beat(NOON + HOUR),
    }
    with store.hold(NOON, {}):
        taken = claim(store) if step == "settle" else None
        before = of_may_day(store)
        raw.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreError, match=r"locked by another program for more than 0\.02 s"):
            steps[step]()

        raw.execute("ROLLBACK")
        assert of_may_day(store) == before
        steps[step]()
        assert (of_may_day(store), store.last_beat()) != (before, NOON)


@pytest.mark.parametrize("what", ["deleted", "replaced"])
@pytest.mark.parametrize("step", ["claim", "settle", "beat"])
def test_nothing_is_written_into_a_file_that_is_no_longer_the_store(store, path, template, what, step):
    owe(store)
    with store.hold(NOON, {}):
        taken = claim(store) if step == "settle" else None
        path.unlink()
        if what == "replaced":
            shutil.copy(template, path)

        with pytest.raises(StoreLostError, match="deleted or replaced while it was in use"):
            {
                "claim": lambda: claim(store),
                "settle": lambda: store.settle(settled(taken, a_receipt()), NOON),
                "beat": lambda: store.beat(NOON),
            }[step]()


def read_only(path):
    path.parent.chmod(0o500)
    return path.parent


def unwritable_file(path):
    path.chmod(0o400)
    return path


@pytest.mark.parametrize("make", [read_only, unwritable_file])
def test_a_store_that_may_not_be_written_is_not_held(store, path, make):
    store.close()
    for left in path.parent.glob("bot.sqlite-*"):
        left.unlink()
    place = make(path)
    try:
        with under_limits() as outcome:
            said = outcome("hold", path)
    finally:
        place.chmod(0o700)

    assert said != "holds"
    assert "read-only" in said or "Permission denied" in said
    assert "bot.sqlite" in said


def test_a_store_that_may_be_written_is_held_without_roots_rights(store, path):
    store.close()

    with under_limits() as outcome:
        assert outcome("hold", path) == "holds"


@pytest.fixture(scope="module")
def halfway(tmp_path_factory):
    """A store in which 10 of 30 posts were sent, and all its deliveries."""
    path = tmp_path_factory.mktemp("halfway") / "bot.sqlite"
    store = open_store(path)
    store.enroll("mastodon", PlatformName.MASTODON, NOON)
    store.identified("mastodon", US, NOON)
    store.start("anna", NOON)
    store.plan(
        [
            planned(post=PostId(f"post-{number}"), texts=(f"We march, number {number}. " * 8,))
            for number in range(30)
        ],
        [],
        NOON,
    )
    with store.hold(NOON, {}):
        for number in range(10):
            send(store, a_receipt(str(number)))
    all_of_them = {one.key: one for one in store.deliveries(since=NOON - DAY, until=NOON + DAY)}
    store.close()
    return path, all_of_them


@pytest.mark.parametrize("seed", range(CORRUPTIONS))
def test_a_disk_that_changed_something_makes_nothing_go_out_twice_or_in_other_words(halfway, tmp_path, seed):
    good, all_of_them = halfway
    path = tmp_path / "bot.sqlite"
    path.write_bytes(corrupted(good.read_bytes(), random.Random(seed)))

    for one in all_that_is_claimed(path):
        was = all_of_them[one.key]
        assert (was.state, was.text, was.post) == (State.SCHEDULED, one.text, one.post)


def corrupted(data, chance):
    data = bytearray(data)
    length = chance.choice([1, 8, 100, 4096])
    at = chance.randrange(len(data))
    if chance.random() < 0.5:
        at = chance.choice([found.start() for found in re.finditer(b"march", data)])  # inside some words
    changed = data[at : at + length]
    while changed == data[at : at + length]:
        changed = chance.randbytes(len(changed))
    data[at : at + length] = changed
    return bytes(data)


def all_that_is_claimed(path):
    """What would be sent, one after the other, until nothing is left or the store says no."""
    claimed = []
    with suppress(StoreError), closing(open_store(path)) as store, store.hold(NOON, {}):
        while one := claim(store):
            claimed.append(one)
            store.settle(settled(one, a_receipt(f"later-{len(claimed)}")), NOON)
    return claimed


def test_a_damaged_store_is_refused_with_what_to_do(halfway, tmp_path):
    path = shutil.copy(halfway[0], tmp_path / "bot.sqlite")
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xa5" * 4096)

    with closing(open_store(path)) as store, pytest.raises(StoreLostError) as refusal, store.hold(NOON, {}):
        pass

    assert "put back the last backup with `restore`" in str(refusal.value)


def test_a_letter_that_changed_inside_a_post_keeps_it_from_going_out(store, raw):
    owe(store)
    raw.execute("UPDATE delivery SET text = replace(text, 'March', 'Marsh')")

    with store.hold(NOON, {}), pytest.raises(StoreLostError, match="put back the last backup with `restore`"):
        claim(store)


def test_a_lane_keeps_an_answer_while_the_store_is_locked_and_begins_nothing_new(open_file, path, caplog):
    store = open_file(wait=SOON)
    store.enroll("mastodon", PlatformName.MASTODON, NOON)
    owe(store, planned(), planned(post=PostId("later"), planned_at=NOON + MINUTE))
    store.start("anna", NOON)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    sent, done = Event(), Event()

    def lock(_):
        if platform.requests == 1:
            other.execute("BEGIN IMMEDIATE")
            sent.set()

    platform = MemoryPlatform(own_id=US.own_id, on_publish=lock)
    lane = a_lane(store, platform, done)
    with closing(other), store.hold(NOON, {}):
        lane.start()
        assert sent.wait(10)
        assert not done.wait(0.5)
        during = [platform.requests, *(one.state for one in of_may_day(store))]
        other.execute("ROLLBACK")
        assert done.wait(10)
        lane.stop()
        assert lane.join(10)

    assert during == [1, State.SENDING]
    assert platform.requests == 2
    assert [one.state for one in (*of_may_day(store), *store.of_post(PostId("later")))] == [State.SENT] * 2
    assert "cannot be written down: the store" in caplog.text


def a_lane(store, platform, done):
    speaker = Speaker(
        label="mastodon",
        platform=platform,
        patience=PATIENCE[PlatformName.MASTODON],
        store=store,
        clock=TurnedClock(NOON + MINUTE),
    )
    return Lane(
        "mastodon",
        a_voice,
        lambda: speaker,
        store,
        speaker.clock,
        patience={},
        after=lambda _: done.set(),
    )
