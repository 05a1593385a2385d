import pytest

from bot.domain.delivery import State
from bot.domain.post import Language, PostId
from bot.ports.records import Plan
from tests.builders import DAY, HOUR, MAY_DAY, MINUTE, NOON, a_delivery, planned
from tests.contracts.steps import brought_to, of_may_day, owe, scheduled_again

RESTING = (State.FAILED, State.EXPIRED, State.CANCELLED)
LEFT = (State.SENDING, State.IN_DOUBT, State.SENT)
NEW_WORDS = planned(texts=("Write a letter. #IndustriALL",))
THREAD = planned(texts=("one", "two", "three"))


def test_what_a_complete_plan_no_longer_has_is_cancelled(store):
    owe(store, planned(planned_at=NOON + DAY))

    plan = store.plan([], [MAY_DAY], NOON)

    assert plan == Plan(cancelled=1)
    later = NOON + DAY
    assert of_may_day(store) == [
        a_delivery(state=State.CANCELLED, planned_at=later, expires_at=later + 2 * HOUR, next_at=None)
    ]


def test_a_plan_cancels_nothing_of_a_post_it_is_not_complete_for(store):
    owe(store, planned(planned_at=NOON + DAY))

    plan = store.plan([], [PostId("another")], NOON)

    assert plan == Plan()
    assert of_may_day(store)[0].state is State.SCHEDULED


def test_a_plan_cancels_no_other_language_of_a_post_it_is_not_complete_for(store):
    french = planned(language=Language("fr"), planned_at=NOON + DAY)
    owe(store, french)

    plan = store.plan([planned()], [], NOON)

    assert plan == Plan(added=1)


def test_a_plan_does_not_cancel_what_was_due_already(store):
    owe(store)

    assert store.plan([], [MAY_DAY], NOON).cancelled == 0


def test_a_plan_that_covers_the_past_cancels_what_was_due_and_only_waits(store):
    owe(store)

    plan = store.plan([], [MAY_DAY], NOON + MINUTE, {(MAY_DAY, "mastodon"): NOON - MINUTE})

    assert plan == Plan(cancelled=1)
    assert of_may_day(store)[0].state is State.CANCELLED


def test_a_plan_that_covers_the_past_of_one_account_leaves_another_alone(store):
    owe(store)

    plan = store.plan([], [MAY_DAY], NOON + MINUTE, {(MAY_DAY, "x"): NOON - MINUTE})

    assert plan == Plan()


def test_a_plan_cancels_nothing_from_before_what_it_covers(store):
    owe(store)

    assert store.plan([], [MAY_DAY], NOON + HOUR, {(MAY_DAY, "mastodon"): NOON}) == Plan()


def test_a_plan_does_not_cancel_a_thread_that_has_begun(holder):
    brought_to(holder, State.SENT, THREAD)

    assert holder.plan([], [MAY_DAY], NOON - DAY).cancelled == 0


def test_what_comes_back_to_the_queue_is_owed_again(store):
    owe(store, planned(planned_at=NOON + DAY))
    before = of_may_day(store)
    store.plan([], [MAY_DAY], NOON)

    plan = store.plan([planned(planned_at=NOON + DAY)], [MAY_DAY], NOON)

    assert plan == Plan(changed=1)
    assert of_may_day(store) == before


def test_what_comes_back_after_its_hour_stays_cancelled(store):
    owe(store, planned(planned_at=NOON + DAY))
    store.cancel_posts([MAY_DAY], NOON)

    store.plan([planned(planned_at=NOON + DAY)], [], NOON + DAY)

    assert of_may_day(store)[0].state is State.CANCELLED
    assert store.plan([planned(planned_at=NOON + DAY)], [], NOON + DAY) == Plan(unchanged=1)


def test_what_comes_back_with_a_new_hour_is_owed_at_that_hour(store):
    owe(store)
    store.cancel_posts([MAY_DAY], NOON)

    store.plan([planned(planned_at=NOON + DAY)], [], NOON)

    assert [(one.state, one.next_at) for one in of_may_day(store)] == [(State.SCHEDULED, NOON + DAY)]


def test_what_may_have_left_once_comes_back_with_its_old_words(holder):
    before = scheduled_again(holder)
    holder.cancel_posts([MAY_DAY], NOON)

    plan = holder.plan([NEW_WORDS], [], NOON - MINUTE)

    assert plan.too_late == (MAY_DAY,)
    assert of_may_day(holder) == [before]


def test_what_a_person_cancelled_stays_cancelled(store):
    brought_to(store, State.CANCELLED, planned(planned_at=NOON + DAY))

    store.plan([], [MAY_DAY], NOON)
    store.plan([planned(planned_at=NOON + DAY)], [MAY_DAY], NOON)

    assert of_may_day(store)[0].state is State.CANCELLED


def test_what_is_scheduled_of_posts_that_are_gone_is_cancelled(store):
    owe(store, THREAD, planned(post=PostId("kept")))

    cancelled = store.cancel_posts([MAY_DAY], NOON)

    assert cancelled == 3
    assert {one.state for one in of_may_day(store)} == {State.CANCELLED}
    assert store.of_post(PostId("kept"))[0].state is State.SCHEDULED


@pytest.mark.parametrize("state", [*LEFT, *RESTING])
def test_what_is_not_scheduled_is_not_cancelled_with_its_post(holder, state):
    before = brought_to(holder, state)

    assert holder.cancel_posts([MAY_DAY], NOON) == 0
    assert of_may_day(holder) == before


@pytest.mark.parametrize("state", LEFT)
def test_a_begun_thread_is_not_cancelled_with_its_post(holder, state):
    brought_to(holder, state, THREAD)

    assert holder.cancel_posts([MAY_DAY], NOON) == 0
    assert [one.state for one in of_may_day(holder)[1:]] == [State.SCHEDULED, State.SCHEDULED]


def test_a_cancelled_delivery_has_a_line_in_the_ledger(store):
    key = owe(store)[0].key

    store.cancel_posts([MAY_DAY], NOON)

    assert [(line.by, line.what, line.at) for line in store.decisions(key)] == [("the queue", "cancel", NOON)]
