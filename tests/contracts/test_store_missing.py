"""Posts that leave the queue many at a time are held, not cancelled: every store, the same."""

from bot.domain.delivery import State
from bot.domain.post import PostId
from tests.builders import HOUR, MAY_DAY, NOON, planned
from tests.contracts.steps import brought_to, claim, of_may_day, owe

WHY = "its post is gone"
OTHER = PostId("other")
THREAD = planned(texts=("one", "two"))


def test_the_posts_that_wait_are_known(holder):
    owe(holder, planned(), planned(post=OTHER))
    holder.cancel_posts([OTHER], NOON)

    assert holder.waiting_posts() == {MAY_DAY}


def test_a_post_that_is_out_does_not_wait(holder):
    brought_to(holder, State.SENT)

    assert holder.waiting_posts() == frozenset()


def test_a_post_whose_thread_has_begun_waits_with_the_rest_of_it(holder):
    brought_to(holder, State.SENT, THREAD)

    assert holder.waiting_posts() == {MAY_DAY}


def test_what_is_held_as_missing_is_not_claimed(holder):
    owe(holder, planned(), planned(post=OTHER))

    assert holder.hold_missing([MAY_DAY], WHY) == 1

    assert of_may_day(holder)[0].held == WHY
    assert holder.missing_posts() == {MAY_DAY}
    assert claim(holder).post == OTHER
    assert claim(holder) is None


def test_what_is_missing_still_waits(holder):
    owe(holder)
    holder.hold_missing([MAY_DAY], WHY)

    assert holder.waiting_posts() == {MAY_DAY}


def test_a_post_that_comes_back_is_owed_again(holder):
    owe(holder)
    holder.hold_missing([MAY_DAY], WHY)

    changed = holder.plan([planned()], [MAY_DAY], NOON - HOUR)

    assert changed.changed == 1
    assert holder.missing_posts() == frozenset()
    assert claim(holder).post == MAY_DAY


def test_a_post_that_comes_back_held_stays_held(holder):
    owe(holder)
    holder.hold_missing([MAY_DAY], WHY)

    holder.plan([planned(held="a check")], [MAY_DAY], NOON - HOUR)

    assert of_may_day(holder)[0].held == "a check"


def test_what_is_missing_can_be_cancelled(holder):
    owe(holder, planned(), planned(post=OTHER))
    holder.hold_missing([MAY_DAY], WHY)

    assert holder.cancel_posts([MAY_DAY], NOON) == 1
    assert of_may_day(holder)[0].state is State.CANCELLED
    assert holder.missing_posts() == frozenset()


def test_the_rest_of_a_begun_thread_is_held(holder):
    brought_to(holder, State.SENT, THREAD)

    assert holder.hold_missing([MAY_DAY], WHY) == 1

    assert [one.held for one in of_may_day(holder)] == [None, WHY]
    assert holder.missing_posts() == {MAY_DAY}
    assert claim(holder, NOON + HOUR) is None


def test_the_rest_of_a_begun_thread_is_held_when_its_post_is_cancelled(holder):
    brought_to(holder, State.SENT, THREAD)

    assert holder.cancel_posts([MAY_DAY], NOON) == 0

    assert [one.state for one in of_may_day(holder)] == [State.SENT, State.SCHEDULED]
    assert "gone from the queue" in of_may_day(holder)[1].held
    assert claim(holder, NOON + HOUR) is None


def test_the_rest_of_a_begun_thread_goes_on_when_its_post_comes_back(holder):
    brought_to(holder, State.SENT, THREAD)
    holder.cancel_posts([MAY_DAY], NOON)

    holder.plan([THREAD], [MAY_DAY], NOON)

    assert holder.missing_posts() == frozenset()
    assert claim(holder, NOON + HOUR).part == 2
