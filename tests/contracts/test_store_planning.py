from dataclasses import replace

import pytest

from bot.domain.delivery import State
from bot.domain.errors import NotFoundError, TryLaterError
from bot.domain.post import Language, PostId
from bot.ports.records import Plan
from tests.builders import (
    DAY,
    HOUR,
    MAY_DAY,
    MINUTE,
    NOON,
    SECOND,
    a_delivery,
    a_key,
    planned,
)
from tests.contracts.steps import brought_to, claim, of_may_day, owe, scheduled_again, send

RESTING = (State.FAILED, State.EXPIRED, State.CANCELLED)
LEFT = (State.SENDING, State.IN_DOUBT, State.SENT)
NEW_WORDS = planned(texts=("Write a letter. #IndustriALL",))
THREAD = planned(texts=("one", "two", "three"))


def test_a_rendition_is_owed_as_its_parts(store):
    plan = store.plan([planned(texts=("one", "two"))], [], NOON - DAY)

    assert plan == Plan(added=2)
    assert of_may_day(store) == [
        a_delivery(text="one", parts=2),
        a_delivery(text="two", parts=2, part=2, key=a_key(part=2)),
    ]


def test_planning_again_changes_nothing(store):
    owe(store, planned(), planned(language=Language("fr")))

    plan = store.plan([planned(), planned(language=Language("fr"))], [MAY_DAY], NOON)

    assert plan == Plan(unchanged=2)


def test_languages_dates_and_accounts_are_owed_each_for_itself(store):
    several = [
        planned(),
        planned(language=Language("fr")),
        planned(occurrence="2027-05-01"),
        planned(account="x"),
    ]

    plan = store.plan(several, [], NOON)

    assert plan.added == len(of_may_day(store)) == 4


def test_planning_meets_the_post(store):
    store.plan([planned()], [], NOON)

    known = store.meet([MAY_DAY], NOON + DAY)

    assert known[MAY_DAY].first_seen_at == NOON


def test_nothing_is_owed_on_an_account_that_was_never_enrolled(store):
    with pytest.raises(NotFoundError, match="nowhere"):
        store.plan([planned(), planned(account="nowhere")], [], NOON)

    assert of_may_day(store) == []


def test_new_words_replace_the_old_under_the_same_key(store):
    owe(store)

    plan = store.plan([NEW_WORDS], [], NOON)

    assert plan == Plan(changed=1)
    assert of_may_day(store) == [a_delivery(text="Write a letter. #IndustriALL")]


def test_a_new_hour_moves_what_is_scheduled(store):
    owe(store)

    store.plan([planned(planned_at=NOON + DAY)], [], NOON)

    later = NOON + DAY
    assert of_may_day(store) == [a_delivery(planned_at=later, next_at=later, expires_at=later + 2 * HOUR)]


def test_new_words_do_not_shorten_a_wait(holder):
    owe(holder)
    send(holder, TryLaterError("busy", wait=MINUTE))

    holder.plan([NEW_WORDS], [], NOON)

    assert of_may_day(holder)[0].next_at == NOON + MINUTE


def test_a_new_hour_ends_a_wait(holder):
    owe(holder)
    send(holder, TryLaterError("busy", wait=MINUTE))

    holder.plan([planned(planned_at=NOON + SECOND)], [], NOON)

    assert of_may_day(holder)[0].next_at == NOON + SECOND


def test_frozen_bytes_go_when_what_they_say_is_replaced(holder):
    owe(holder)
    send(holder, TryLaterError("busy", wait=MINUTE))

    holder.plan([NEW_WORDS], [], NOON)

    assert of_may_day(holder)[0].payload is None
    assert claim(holder, NOON + MINUTE).payload == b"42 campaign: Write a letter. #IndustriALL"


def test_a_rendition_may_grow(store):
    old = owe(store)

    plan = store.plan([THREAD], [], NOON)

    assert plan == Plan(changed=3)
    assert [one.key for one in of_may_day(store)] == [old[0].key, a_key(part=2), a_key(part=3)]
    assert {one.parts for one in of_may_day(store)} == {3}


def test_a_rendition_may_shrink(store):
    owe(store, THREAD)

    store.plan([NEW_WORDS], [], NOON)

    assert of_may_day(store) == [a_delivery(text="Write a letter. #IndustriALL")]


def test_a_lifted_hold_lets_it_go_out(holder):
    owe(holder, planned(held="is he free?"))
    assert claim(holder) is None

    holder.plan([planned()], [], NOON)

    assert claim(holder) is not None


def test_a_hold_stops_what_is_scheduled(holder):
    owe(holder)

    holder.plan([planned(held="is he free?")], [], NOON)

    assert of_may_day(holder) == [a_delivery(held="is he free?")]
    assert claim(holder) is None


def test_a_new_rank_counts_at_the_next_claim(holder):
    owe(holder, planned(post=PostId("news"), priority=2), planned())

    holder.plan([planned(priority=1)], [], NOON)

    assert claim(holder).post == MAY_DAY


@pytest.mark.parametrize("state", LEFT)
def test_what_may_be_public_ignores_new_words(holder, state):
    before = brought_to(holder, state)

    plan = holder.plan([NEW_WORDS], [], NOON)

    assert plan == Plan(unchanged=1, too_late=(MAY_DAY,))
    assert of_may_day(holder) == before


@pytest.mark.parametrize("state", LEFT)
def test_what_may_be_public_ignores_a_new_hour(holder, state):
    before = brought_to(holder, state)

    plan = holder.plan([planned(planned_at=NOON + DAY)], [], NOON)

    assert plan.too_late == (MAY_DAY,)
    assert of_may_day(holder) == before


def test_what_may_have_left_once_ignores_new_words_though_it_is_scheduled_again(holder):
    before = scheduled_again(holder)

    plan = holder.plan([NEW_WORDS], [], NOON)

    assert plan.too_late == (MAY_DAY,)
    assert of_may_day(holder) == [before]


def test_what_may_have_left_once_can_still_be_held(holder):
    before = scheduled_again(holder)

    holder.plan([planned(held="is he free?")], [], NOON)

    assert of_may_day(holder) == [replace(before, held="is he free?")]


def test_an_edit_that_comes_too_late_is_reported_once(holder):
    brought_to(holder, State.SENT)
    holder.plan([NEW_WORDS], [], NOON)

    assert holder.plan([NEW_WORDS], [], NOON) == Plan(unchanged=1)


def test_another_rank_of_what_was_sent_is_not_worth_a_report(holder):
    brought_to(holder, State.SENT)

    assert holder.plan([planned(priority=1)], [], NOON) == Plan(unchanged=1)


def test_the_rest_of_a_begun_thread_takes_new_words(holder):
    brought_to(holder, State.SENT, THREAD)

    plan = holder.plan([planned(texts=("one", "two", "four"))], [], NOON)

    assert plan == Plan(changed=1, unchanged=2)
    assert [(one.text, one.payload) for one in of_may_day(holder)] == [
        ("one", b"42 campaign: one"),
        ("two", b"42 campaign: two"),
        ("four", None),
    ]


def test_the_rest_of_a_begun_thread_takes_new_words_though_its_first_comes_too_late(holder):
    brought_to(holder, State.SENT, THREAD)

    plan = holder.plan([planned(texts=("zero", "two", "four"))], [], NOON)

    assert plan.too_late == (MAY_DAY,)
    assert [one.text for one in of_may_day(holder)] == ["one", "two", "four"]


@pytest.mark.parametrize("texts", [("one", "two"), ("one", "two", "three", "four")])
def test_a_begun_thread_keeps_its_length(holder, texts):
    before = brought_to(holder, State.SENT, THREAD)

    plan = holder.plan([planned(texts=texts)], [], NOON)

    assert plan.too_late == (MAY_DAY,)
    assert [replace(one, held=None) for one in of_may_day(holder)] == before


@pytest.mark.parametrize("texts", [("one", "two"), ("one", "two", "three", "four")])
def test_what_is_left_of_a_begun_thread_is_held_when_its_post_gets_another_length(holder, texts):
    brought_to(holder, State.SENT, THREAD)

    holder.plan([planned(texts=texts)], [], NOON)

    reasons = [one.held for one in of_may_day(holder)]
    assert reasons[0] is None
    assert all("another number of parts" in reason for reason in reasons[1:])
    assert claim(holder, NOON + HOUR) is None


def test_a_hold_stops_a_begun_thread_that_got_another_length(holder):
    brought_to(holder, State.SENT, THREAD)

    holder.plan([planned(texts=("one", "two"), held="is he free?")], [], NOON)

    assert [one.held for one in of_may_day(holder)] == [None, "is he free?", "is he free?"]


def test_a_begun_thread_goes_on_when_its_post_has_its_old_length_again(holder):
    brought_to(holder, State.SENT, THREAD)
    holder.plan([planned(texts=("one", "two"))], [], NOON)

    holder.plan([THREAD], [], NOON)

    assert claim(holder, NOON + HOUR).text == "two"


@pytest.mark.parametrize("state", RESTING)
def test_what_waits_for_a_person_takes_new_words_and_goes_on_waiting(holder, state):
    before = brought_to(holder, state)[0]

    holder.plan([NEW_WORDS], [], NOON)

    new = replace(before, text="Write a letter. #IndustriALL", payload=None)
    assert of_may_day(holder) == [new]


@pytest.mark.parametrize("state", [State.EXPIRED, State.CANCELLED])
def test_what_was_withdrawn_stays_so_when_it_grows(store, state):
    brought_to(store, state)

    store.plan([planned(texts=("one", "two"))], [], NOON)

    assert {one.state for one in of_may_day(store)} == {state}


def test_renditions_may_come_from_a_generator(store):
    plan = store.plan((planned(occurrence=str(day)) for day in range(3)), {MAY_DAY}, NOON)

    assert plan.added == 3


def test_many_renditions_are_planned_and_cancelled_at_once(store):
    many = [planned(post=PostId(f"post-{number}")) for number in range(2_500)]
    posts = [one.post for one in many]

    plans = [store.plan(many, posts, NOON), store.plan(many, posts, NOON)]

    assert plans == [Plan(added=2_500), Plan(unchanged=2_500)]
    assert store.cancel_posts(store.waiting_posts(), NOON) == 2_500
