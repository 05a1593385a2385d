"""What every store does with boosts: few at a time, apart from posts, and forgotten whose they were."""

from dataclasses import replace

import pytest

from bot.domain.boosting import passed_on
from bot.domain.catch_up import CatchUp
from bot.domain.delivery import PATIENCE, DeliveryKind, How, Sighting, State, after_look, let_be, settle
from bot.domain.errors import InDoubtError, LostClaimError, RefusedError
from bot.domain.lengths import PlatformName
from bot.domain.terms import Terms
from bot.flows.withdraw import NEVER
from tests.builders import DAY, HOUR, MINUTE, NOON, SECOND, frozen, planned

PATIENT = PATIENCE[PlatformName.MASTODON]
MESSAGE = "114109000000000001"


def a_boost(number=1, kind=DeliveryKind.BOOST, **changes):
    hour = changes.pop("planned_at", NOON)
    return planned(
        kind=kind,
        post=f"report {number}",
        language="",
        texts=(f"{MESSAGE}{number}",),
        planned_at=hour,
        expires_at=hour + DAY,
        digest="a boost",
        **changes,
    )


def claim(store, now=NOON):
    return store.claim("mastodon", now, frozen, Terms(catch_up=CatchUp()))


def sent(store, boost, now=NOON):
    settled = settle(boost, passed_on(boost), now, PATIENT)
    store.settle(settled, now)
    return store.find(boost.key)


@pytest.mark.parametrize("kind", [DeliveryKind.BOOST, DeliveryKind.UNBOOST])
def test_a_settled_boost_holds_nothing_of_the_message(holder, kind):
    holder.plan([a_boost(kind=kind)], [], NOON)

    row = sent(holder, claim(holder))

    assert (row.state, row.text, row.payload) == (State.SENT, "", b"")
    assert MESSAGE not in repr(row)
    assert (row.how, row.next_at) == (How.DIRECT, None)


def test_a_refused_boost_holds_nothing_of_the_message(holder):
    holder.plan([a_boost()], [], NOON)
    boost = claim(holder)

    error = RefusedError("the message is gone")
    holder.settle(settle(boost, error, NOON, PATIENT), NOON, error)

    row = holder.find(boost.key)
    assert (row.state, row.text, row.payload) == (State.FAILED, "", b"")


def test_a_boost_in_doubt_keeps_what_a_look_needs_and_loses_it_once_it_was_found(holder):
    holder.plan([a_boost()], [], NOON)
    boost = claim(holder)
    error = InDoubtError("cut")
    holder.settle(settle(boost, error, NOON, PATIENT), NOON, error)
    doubtful = holder.find(boost.key)

    assert doubtful.text == f"{MESSAGE}1"
    seen = Sighting(matches=(passed_on(doubtful),))
    holder.save(after_look(doubtful, seen, NOON + MINUTE, PATIENT), doubtful)

    row = holder.find(boost.key)
    assert (row.state, row.text, row.payload) == (State.SENT, "", b"")


def test_a_boost_in_doubt_that_nobody_asks_about_any_more_holds_nothing_of_the_message(holder):
    holder.plan([a_boost()], [], NOON)
    boost = claim(holder)
    error = InDoubtError("cut")
    holder.settle(settle(boost, error, NOON, PATIENT), NOON, error)
    doubtful = holder.find(boost.key)

    holder.save(let_be(doubtful), doubtful)

    row = holder.find(boost.key)
    assert (row.state, row.text, row.payload) == (State.FAILED, "", b"")


def test_a_boost_that_came_too_late_holds_nothing_of_the_message(holder):
    holder.plan([a_boost()], [], NOON)

    holder.expire(NOON + DAY + SECOND)

    (row,) = holder.of_post("report 1")
    assert (row.state, row.text) == (State.EXPIRED, "")


def test_a_boost_that_is_cancelled_holds_nothing_of_the_message(holder):
    holder.plan([a_boost()], [], NOON)
    (row,) = holder.of_post("report 1")

    holder.save(replace(row, state=State.CANCELLED, next_at=None), row)

    assert holder.of_post("report 1")[0].text == ""


def test_a_settled_boost_is_not_written_by_whoever_believes_it_still_waits(holder):
    holder.plan([a_boost()], [], NOON)
    (before,) = holder.of_post("report 1")
    sent(holder, claim(holder))

    with pytest.raises(LostClaimError):
        holder.save(replace(before, state=State.CANCELLED, next_at=None), before)


def test_a_post_keeps_its_words_and_bytes(holder):
    holder.plan([planned()], [], NOON)

    row = sent(holder, claim(holder))

    assert (row.text, bool(row.payload)) == ("March with us. #IndustriALL", True)


def test_the_fifth_boost_of_an_hour_waits_and_a_post_does_not(holder):
    holder.plan([a_boost(number) for number in range(1, 7)], [], NOON)
    for _ in range(4):
        sent(holder, claim(holder))
    holder.plan([planned()], [], NOON)

    post = claim(holder)

    assert post.kind is DeliveryKind.POST
    sent(holder, post)
    assert claim(holder) is None
    assert claim(holder, NOON + HOUR - SECOND) is None
    assert claim(holder, NOON + HOUR).kind is DeliveryKind.BOOST


def test_boosts_of_one_account_do_not_count_on_another(holder):
    holder.plan([a_boost(number) for number in range(1, 5)], [], NOON)
    for _ in range(4):
        sent(holder, claim(holder))
    holder.plan([a_boost(9, account="x")], [], NOON)

    assert holder.claim("x", NOON, frozen, Terms()).kind is DeliveryKind.BOOST


def test_a_boost_that_is_tried_again_does_not_count_twice(holder):
    holder.plan([a_boost(number) for number in range(1, 5)], [], NOON)
    for _ in range(3):
        sent(holder, claim(holder))
    boost = claim(holder)
    error = InDoubtError("cut")
    holder.settle(settle(boost, error, NOON, PATIENT), NOON, error)
    doubtful = holder.find(boost.key)
    again = after_look(replace(doubtful, looks=1), Sighting(), NOON + MINUTE, PATIENT)
    holder.save(again, doubtful)

    assert claim(holder, NOON + 2 * MINUTE).key == boost.key


def test_a_pause_stops_boosts_and_not_what_takes_them_back(holder):
    takes_back = a_boost(2, DeliveryKind.UNBOOST, priority=9)
    holder.plan([a_boost(1), replace(takes_back, expires_at=NOON + NEVER)], [], NOON)
    holder.pause("mastodon", "rest", "anna", NOON)

    assert holder.next_instant("mastodon", NOON - SECOND) == NOON
    assert claim(holder).kind is DeliveryKind.UNBOOST
    assert claim(holder) is None


def test_a_boost_is_no_late_post(holder):
    holder.plan([a_boost()], [], NOON)
    late = planned(planned_at=NOON, expires_at=NOON + 9 * HOUR)
    holder.plan([late], [], NOON)
    now = NOON + HOUR

    first, second = claim(holder, now), None
    sent(holder, first, now)
    second = claim(holder, now)

    assert {first.kind, second.kind} == {DeliveryKind.POST, DeliveryKind.BOOST}


def test_planning_the_queue_does_not_touch_a_boost(holder):
    holder.plan([a_boost(planned_at=NOON + MINUTE)], [], NOON)

    holder.plan([], ["report 1"], NOON)
    holder.cancel_posts(["report 1"], NOON)

    (row,) = holder.of_post("report 1")
    assert row.state is State.SCHEDULED
