from dataclasses import replace

import pytest

from bot.domain.delivery import READ_BACK, State
from bot.domain.errors import Concern, NotFoundError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, PostId
from tests.builders import (
    DAY,
    GAP,
    HOUR,
    MAY_DAY,
    MINUTE,
    NOON,
    PATIENT,
    SECOND,
    a_delivery,
    a_receipt,
    planned,
)
from tests.contracts.steps import brought_to, claim, of_may_day, owe, send

BEFORE = NOON - DAY
LONG_AGO = NOON - 10_000 * DAY
THREAD = planned(texts=("one", "two"))
LATE = NOON + 2 * HOUR + SECOND


def test_what_is_in_doubt_is_there_when_its_look_is_due(holder):
    doubtful = brought_to(holder, State.IN_DOUBT)
    due = NOON + PATIENT.settle

    assert holder.in_doubt("mastodon", due) == doubtful
    assert holder.in_doubt("mastodon", due - SECOND) == []
    assert holder.in_doubt("x", due) == []


def test_what_waits_for_a_person_is_not_looked_for(holder):
    was = brought_to(holder, State.IN_DOUBT)[0]
    holder.save(replace(was, next_at=None, attention="which is it?"), was)

    assert holder.in_doubt("mastodon", NOON + DAY) == []


def test_a_later_part_in_doubt_carries_its_parent(holder):
    owe(holder, THREAD)
    send(holder, a_receipt())
    claim(holder, NOON + GAP)
    holder.park(NOON, {})

    assert holder.in_doubt("mastodon", NOON + HOUR)[0].parent == a_receipt()


def test_what_was_sent_is_there_when_it_is_due_to_be_read_back(holder):
    fresh = brought_to(holder, State.SENT)

    assert holder.unverified("mastodon", NOON + READ_BACK) == fresh
    assert holder.unverified("mastodon", NOON + READ_BACK - SECOND) == []
    assert holder.unverified("x", NOON + READ_BACK) == []


def test_what_was_read_back_is_not_read_again(holder):
    was = brought_to(holder, State.SENT)[0]
    holder.save(replace(was, verified_at=NOON, next_at=None), was)

    assert holder.unverified("mastodon", NOON + DAY) == []


def test_what_came_too_late_expires_and_says_so(store):
    owe(store)

    expired = store.expire(LATE)

    assert expired == of_may_day(store)
    assert expired == [a_delivery(state=State.EXPIRED, next_at=None, attention="it was not sent in time")]
    assert [line.what for line in store.decisions(expired[0].key)] == ["expire"]


def test_nothing_expires_at_its_last_useful_moment(store):
    owe(store)

    assert store.expire(LATE - SECOND) == []


def test_what_was_held_too_long_expires_as_held(store):
    owe(store, planned(held="is he free?"))

    assert store.expire(LATE)[0].attention == "held until it was too late: is he free?"


def test_a_whole_thread_expires(store):
    owe(store, THREAD)

    assert [one.part for one in store.expire(LATE)] == [1, 2]


@pytest.mark.parametrize("state", [State.SENDING, State.IN_DOUBT, State.SENT])
def test_a_thread_with_one_part_out_never_expires(holder, state):
    brought_to(holder, state, THREAD)

    assert holder.expire(LATE) == []


@pytest.mark.parametrize("state", [state for state in State if state is not State.SCHEDULED])
def test_only_what_is_scheduled_expires(holder, state):
    before = brought_to(holder, state)

    assert holder.expire(LATE) == []
    assert of_may_day(holder) == before


def test_the_next_instant_is_the_hour_of_the_first_that_is_due(store):
    owe(store, planned(post=PostId("later"), planned_at=NOON + HOUR), planned())

    assert store.next_instant("mastodon", BEFORE) == NOON
    assert store.next_instant("mastodon", LONG_AGO) == NOON
    assert store.next_instant("mastodon", NOON) == NOON + HOUR
    assert store.next_instant("mastodon", NOON + HOUR) is None
    assert store.next_instant("x", BEFORE) is None


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (State.IN_DOUBT, NOON + PATIENT.settle),
        (State.SENT, NOON + READ_BACK),
        (State.SENDING, None),
        (State.FAILED, None),
        (State.EXPIRED, None),
        (State.CANCELLED, None),
    ],
)
def test_the_next_instant_of_a_delivery_follows_its_state(holder, state, due):
    brought_to(holder, state)

    assert holder.next_instant("mastodon", BEFORE) == due


def test_a_look_is_due_on_a_paused_account_too(holder):
    brought_to(holder, State.IN_DOUBT)
    holder.pause("mastodon", "a funeral", "anna", NOON)

    assert holder.next_instant("mastodon", NOON) == NOON + PATIENT.settle


@pytest.mark.parametrize("label", ["mastodon", None])
def test_nothing_is_to_be_published_while_paused(store, label):
    owe(store)

    store.pause(label, "a funeral", "anna", NOON)

    assert store.next_instant("mastodon", BEFORE) is None


def test_nothing_is_to_be_published_before_the_start(bare):
    bare.enroll("mastodon", PlatformName.MASTODON, NOON)
    owe(bare)

    assert bare.next_instant("mastodon", BEFORE) is None
    assert bare.next_instant("nowhere", BEFORE) is None


def test_what_is_held_has_no_next_instant(store):
    owe(store, planned(held="is he free?"))

    assert store.next_instant("mastodon", BEFORE) is None


@pytest.mark.parametrize("after", [LONG_AGO, NOON, NOON + SECOND])
def test_a_busy_account_goes_on_when_it_is_free_again(holder, after):
    owe(holder, planned(), planned(post=PostId("other"), planned_at=NOON + SECOND))
    send(holder, TryLaterError("slow down", wait=MINUTE, concern=Concern.ACCOUNT_BUSY))

    assert holder.next_instant("mastodon", after) == NOON + MINUTE


def test_what_fell_due_while_the_account_was_busy_waits_for_its_end(holder):
    owe(holder, planned(), planned(post=PostId("other"), planned_at=NOON + SECOND))
    limited = send(holder, TryLaterError("slow down", wait=MINUTE, concern=Concern.ACCOUNT_BUSY))
    holder.save(replace(limited, state=State.CANCELLED, next_at=None), limited)

    assert holder.next_instant("mastodon", NOON + 2 * SECOND) == NOON + MINUTE


def test_a_part_has_its_instant_once_the_one_before_it_is_sent(holder):
    owe(holder, replace(THREAD, part_gap=2 * READ_BACK))
    assert holder.next_instant("mastodon", NOON) is None

    send(holder)

    assert holder.next_instant("mastodon", NOON + READ_BACK) == NOON + 2 * READ_BACK


def test_a_thread_that_is_stuck_has_no_next_instant(holder):
    brought_to(holder, State.FAILED, THREAD)

    assert holder.next_instant("mastodon", BEFORE) is None


def test_a_delivery_is_found_by_the_start_of_its_key(store):
    one = owe(store, planned(keys=("abcdefgh",)), planned(post=PostId("other"), keys=("abcxyz22",)))[0]

    assert store.find("abcd") == one
    assert store.find("abcdefgh") == one


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("zzzz", "nothing is owed"),
        ("abcd", "more than one"),
        ("abc", "at least 4"),
        ("", "at least 4"),
        ("abcd%", "nothing"),
        ("ABCDEF", "nothing"),
    ],
)
def test_what_cannot_be_found_says_why(store, start, reason):
    owe(store, planned(keys=("abcdefgh",)), planned(post=PostId("other"), keys=("abcdxyz2",)))

    with pytest.raises(NotFoundError, match=reason):
        store.find(start)


def test_deliveries_are_listed_in_the_order_they_go_out(store):
    owe(
        store,
        planned(planned_at=NOON + HOUR),
        planned(post=PostId("thread"), texts=("one", "two")),
        planned(post=PostId("other")),
    )

    listed = store.deliveries(since=NOON, until=NOON + DAY)

    assert [(one.post, one.part) for one in listed] == [
        ("thread", 1),
        ("thread", 2),
        ("other", 1),
        ("may-day", 1),
    ]


def test_deliveries_are_listed_from_one_instant_up_to_but_without_another(store):
    owe(store)

    assert store.deliveries(since=NOON, until=NOON + SECOND) == [a_delivery()]
    assert store.deliveries(since=NOON - SECOND, until=NOON) == []
    assert store.deliveries(since=NOON + SECOND, until=NOON + DAY) == []


def test_deliveries_are_listed_by_their_states(holder):
    owe(holder, planned(), planned(post=PostId("other")))
    send(holder)

    listed = holder.deliveries(since=BEFORE, until=NOON + DAY, states=[State.SENT])

    assert [one.post for one in listed] == [MAY_DAY]
    assert holder.deliveries(since=BEFORE, until=NOON + DAY, states=[]) == []


def test_a_post_has_its_deliveries_on_every_account(store):
    owe(
        store,
        planned(),
        planned(account="x"),
        planned(language=Language("fr")),
        planned(post=PostId("other")),
    )

    assert [(one.account, one.language) for one in of_may_day(store)] == [
        ("mastodon", "en"),
        ("x", "en"),
        ("mastodon", "fr"),
    ]


def test_what_waits_for_a_person_is_listed_whatever_its_state(holder):
    failed = brought_to(holder, State.FAILED)
    owe(holder, planned(post=PostId("other")))

    assert holder.needing_attention() == failed


def test_deliveries_are_counted_by_state(holder):
    owe(holder, planned(), planned(post=PostId("thread"), texts=("one", "two")))
    send(holder)

    counts = holder.counts()

    assert counts[State.SENT] == 1
    assert counts[State.SCHEDULED] == 2
    assert sum(counts.values()) == 3
    assert counts.keys() == set(State)
