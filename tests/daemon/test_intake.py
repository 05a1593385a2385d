"""What of a queue is planned when: counted, not timed."""

import os
from collections import Counter
from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.config import default_config
from bot.daemon import Daemon
from bot.daemon.intake import BATCH
from bot.domain.calendar import Slot
from bot.domain.errors import StoreError
from bot.store.memory import MemoryStore
from tests.builders import NOON
from tests.daemon.conftest import RehearsedApp
from tests.daemon.test_daemon import identified, write
from tests.flows.conftest import TurnedClock

MANY = 3 * BATCH
POST = "- id: {name}\n  when: 2027-05-01 12:00\n  text:\n    en: |\n      {text}\n"
WEEKLY = 'every: {week: saturday, at: "12:00"}'


class CountingStore(MemoryStore):
    """A store that counts how often each post is planned, and how often it is searched for missing ones."""

    def __init__(self):
        super().__init__()
        self.planned = Counter()
        self.searched = 0
        self.refusing = False

    def plan(self, planned, posts, now, since):
        if self.refusing:
            raise StoreError("the disk is full")
        planned = list(planned)
        self.planned.update(one.post for one in planned)
        return super().plan(planned, posts, now, since)

    def waiting_posts(self):
        self.searched += 1
        return super().waiting_posts()

    def counted(self):
        """How often each post was planned since this was last asked; for each account once is one."""
        counted, self.planned = self.planned, Counter()
        return {name: count / 3 for name, count in counted.items()}


@pytest.fixture
def daemon(tmp_path):
    clock = TurnedClock(NOON - timedelta(hours=3))
    slots = (Slot(5, time(12), "UTC"), Slot(6, time(18), "UTC"))
    config = replace(default_config(tmp_path), campaign="test", timezone="UTC", slots=slots)
    daemon = Daemon(RehearsedApp(config, CountingStore(), clock))
    with daemon.store.hold(clock.now(), {}):
        yield daemon


def write_many(daemon, count=MANY, text="March with us.", **texts):
    """A file of many posts, of which some may have words of their own."""
    names = [f"many-{number}" for number in range(count)]
    posts = (POST.format(name=name, text=texts.get(name.replace("-", "_"), text)) for name in names)
    return at_rest(daemon, "many", "".join(posts))


def at_rest(daemon, name, text):
    """Write a file that nobody has touched for an hour."""
    path = daemon.app.config.queue / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    old = (daemon.clock.now() - timedelta(hours=1)).timestamp()
    os.utime(path, (old, old))
    return path


def looks(daemon):
    """Look until what has changed has come to rest."""
    for _ in range(2):
        daemon.look_at_files()
        daemon.clock.at += timedelta(seconds=2)


def test_one_added_post_among_many_is_planned_without_planning_the_others(daemon):
    write_many(daemon)
    identified(daemon)
    assert len(daemon.store.counted()) == MANY

    write(daemon, "added")
    looks(daemon)

    assert daemon.store.counted() == {"added": 1}
    assert len(daemon.store.of_post("added")) == 3


def test_one_post_that_changes_in_a_file_of_many_is_planned_alone(daemon):
    write_many(daemon)
    identified(daemon)
    daemon.store.counted()

    write_many(daemon, many_7="Two lines,\n\n      and the rest of the file moves down.")
    looks(daemon)

    assert daemon.store.counted() == {"many-7": 1}


def test_a_look_at_files_that_have_not_changed_plans_nothing(daemon):
    write_many(daemon, 5)
    identified(daemon)
    daemon.store.counted()

    looks(daemon)

    assert daemon.store.counted() == {}


def test_every_hour_only_what_may_have_moved_is_planned(daemon):
    write_many(daemon, 5)
    at_rest(daemon, "round", f"id: round\n{WEEKLY}\ntext:\n  en: |\n    March.\n")
    at_rest(daemon, "slotted", "id: slotted\nwhen: next-slot\ntext:\n  en: |\n    March.\n")
    identified(daemon)
    assert len(daemon.store.counted()) == 7

    daemon.clock.at += timedelta(hours=1)
    daemon.look_at_files()

    assert list(daemon.store.counted()) == ["round"]


def test_a_post_that_found_no_slot_is_planned_once_there_is_one(daemon):
    slots = daemon.app.planner.slots
    daemon.app.planner = replace(daemon.app.planner, slots=())
    at_rest(daemon, "slotted", "id: slotted\nwhen: next-slot\ntext:\n  en: |\n    March.\n")
    identified(daemon)
    assert daemon.store.counted() == {}

    daemon.app.planner = replace(daemon.app.planner, slots=slots)
    daemon.clock.at += timedelta(hours=1)
    daemon.look_at_files()

    assert daemon.store.counted() == {"slotted": 1}


def test_all_posts_are_planned_again_after_the_clock_has_jumped(daemon):
    write_many(daemon, 5)
    identified(daemon)
    daemon.tick(daemon.clock.now())
    daemon.store.counted()

    daemon.clock.set_wrong = timedelta(seconds=20)
    daemon.tick(daemon.clock.now())
    daemon.look_at_files()

    assert len(daemon.store.counted()) == 5


def test_recurrences_go_on_by_the_hour_after_the_clock_was_set_back(daemon):
    at_rest(daemon, "round", f"id: round\n{WEEKLY}\ntext:\n  en: |\n    March.\n")
    identified(daemon)
    daemon.look_at_files()
    daemon.clock.set_wrong = -timedelta(days=1)
    daemon.intake.plan_all()
    daemon.look_at_files()
    daemon.store.counted()

    daemon.clock.at += timedelta(hours=1)
    daemon.look_at_files()

    assert list(daemon.store.counted()) == ["round"]


def test_all_posts_are_planned_again_when_a_platform_allows_another_length(daemon):
    write_many(daemon, 5)
    identified(daemon)
    daemon.store.counted()
    (label,) = (one.label for one in daemon.app.config.accounts if one.platform == "mastodon")
    identity = daemon.app.speaker(label).platform.identify()

    daemon.store.identified(label, replace(identity, length=4000), daemon.clock.now())
    daemon.intake.plan_again()
    daemon.look_at_files()

    assert len(daemon.store.counted()) == 5


def test_each_account_is_owed_its_posts_as_soon_as_its_platform_has_named_it(daemon):
    write(daemon)
    accounts = []
    for lane in daemon.lanes:
        lane.round()
        daemon.look_at_files()
        accounts.append(len(daemon.store.of_post("one")))

    assert accounts == [1, 2, 3]


def test_posts_can_be_asked_to_be_planned_again(daemon):
    write_many(daemon, 5)
    identified(daemon)
    daemon.store.counted()

    daemon.intake.plan_again(["many-3", "unknown"])
    daemon.look_at_files()
    daemon.look_at_files()

    assert daemon.store.counted() == {"many-3": 1}


def test_an_added_post_does_not_wait_until_a_large_queue_is_planned(daemon):
    write_many(daemon)
    identified(daemon)
    daemon.store.counted()
    # A machine on which each batch takes longer than one look may.
    monotonic = iter(range(0, 10_000, 2))
    daemon.clock.monotonic = lambda: next(monotonic)
    write(daemon, "added")
    daemon.intake.plan_all()

    counts = []
    for _ in range(5):
        daemon.look_at_files()
        counts.append(daemon.store.counted())

    assert [len(count) for count in counts] == [BATCH, 1, BATCH, BATCH, 0]
    assert counts[1] == {"added": 1}


def test_of_a_large_queue_the_posts_of_the_nearest_hours_are_planned_first(daemon):
    write_many(daemon, BATCH)
    write(daemon, "soon", due="2027-05-01 11:00")
    daemon.look_at_files()
    for lane in daemon.lanes:
        lane.round()
    monotonic = iter(range(0, 10_000, 2))
    daemon.clock.monotonic = lambda: next(monotonic)

    daemon.look_at_files()

    assert "soon" in daemon.store.counted()


def test_what_the_store_could_not_write_is_planned_at_the_next_look(daemon):
    write_many(daemon)
    daemon.store.refusing = True
    with pytest.raises(StoreError):
        identified(daemon)

    daemon.store.refusing = False
    daemon.look_at_files()

    assert set(daemon.store.counted().values()) == {1}
    assert len(daemon.store.of_post("many-0")) == 3


def test_the_store_is_searched_for_missing_posts_only_where_one_is_gone(daemon):
    path = write(daemon, "gone")
    write_many(daemon, 20)
    identified(daemon)
    searched = daemon.store.searched

    write(daemon, "added")
    looks(daemon)
    assert daemon.store.searched == searched

    path.unlink()
    looks(daemon)
    assert daemon.store.searched == searched + 1
    assert {one.state.value for one in daemon.store.of_post("gone")} == {"cancelled"}


def test_a_post_that_came_and_went_while_another_file_was_being_changed_is_taken_back(daemon):
    write_many(daemon, 20)
    identified(daemon)
    path = write(daemon, "short-lived")
    daemon.look_at_files()
    daemon.clock.at += timedelta(seconds=1)
    write(daemon, "unsettled")
    daemon.look_at_files()
    daemon.clock.at += timedelta(seconds=1)
    daemon.look_at_files()
    assert len(daemon.store.of_post("short-lived")) == 3  # planned by a queue that is not complete

    path.unlink()
    looks(daemon)
    looks(daemon)

    assert {one.state.value for one in daemon.store.of_post("short-lived")} == {"cancelled"}


def test_a_post_that_is_moved_to_another_file_stays_as_it_is(daemon):
    path = write(daemon)
    write_many(daemon, 5)
    identified(daemon)

    path.rename(path.with_name("elsewhere.yaml"))
    looks(daemon)

    assert {one.state.value for one in daemon.store.of_post("one")} == {"scheduled"}


def test_a_post_whose_namesake_is_deleted_is_planned_though_its_own_file_is_the_same(daemon):
    write(daemon, text="The first.")
    namesake = at_rest(daemon, "two", "id: one\nwhen: 2027-05-01 12:00\ntext:\n  en: |\n    The second.\n")
    identified(daemon)
    assert daemon.store.of_post("one") == []

    namesake.unlink()
    looks(daemon)

    assert "The first." in daemon.store.of_post("one")[0].text


def test_a_draft_is_planned_once_it_is_one_no_longer(daemon):
    text = "id: one\nwhen: 2027-05-01 12:00\ntext:\n  en: |\n    March.\n"
    at_rest(daemon, "one", f"{text}draft: true\n")
    identified(daemon)
    assert daemon.store.of_post("one") == []

    at_rest(daemon, "one", text)
    looks(daemon)

    assert daemon.store.counted() == {"one": 1}


def test_a_new_slotted_post_leaves_alone_the_hour_of_a_post_that_is_not_planned_with_it(daemon):
    at_rest(daemon, "elsewhere", "id: elsewhere\nwhen: 2027-05-01 12:00\nwhere: [x]\ntext: {en: March}\n")
    identified(daemon)
    daemon.store.cancel_posts(["elsewhere"], daemon.clock.now())  # the store knows of nothing at that hour

    at_rest(daemon, "slotted", "id: slotted\nwhen: next-slot\ntext:\n  en: |\n    March.\n")
    looks(daemon)

    (at,) = {one.planned_at for one in daemon.store.of_post("slotted")}
    assert at == NOON + timedelta(days=1, hours=6)


def test_slots_are_given_in_the_order_of_the_files(daemon):
    write(daemon)
    identified(daemon)
    names = [f"slotted-{number}" for number in range(9)]
    for name in names:
        at_rest(daemon, name, f"id: {name}\nwhen: next-slot\ntext:\n  en: |\n    March.\n")

    looks(daemon)

    hours = [daemon.store.of_post(name)[0].planned_at for name in names]
    assert hours == sorted(hours)
