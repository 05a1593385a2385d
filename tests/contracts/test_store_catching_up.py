"""Late posts go out a few at a time, and an account rests after unclear answers: every store, the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.catch_up import CatchUp
from bot.domain.delivery import DeliveryKind, How, State, sent
from bot.domain.errors import Concern, InDoubtError, TryLaterError
from bot.domain.post import Language, PostId
from bot.domain.terms import Terms
from tests.builders import HOUR, MINUTE, NOON, SECOND, a_receipt, frozen, planned, settled
from tests.contracts.steps import claim, of_may_day, owe, send

LATE = NOON + 30 * MINUTE


def posts(number, **changes):
    return [
        planned(post=PostId(f"post-{one}"), expires_at=NOON + 9 * HOUR, **changes) for one in range(number)
    ]


def goes_out(store, now, number=0):
    """Whether a post goes out at a moment."""
    claimed = claim(store, now)
    if claimed is None:
        return False
    store.settle(settled(claimed, a_receipt(f"{claimed.key}-{number}"), now), now)
    return True


def test_one_late_post_goes_out_in_ten_minutes(holder):
    owe(holder, *posts(3))

    minutes = [minute for minute in range(22) if goes_out(holder, LATE + minute * MINUTE)]

    assert minutes == [0, 10, 20]


def test_four_late_posts_go_out_in_an_hour(holder):
    owe(holder, *posts(7))
    every_minute = Terms(catch_up=CatchUp(every=MINUTE, hourly=4))

    sent_at = []
    for minute in range(70):
        now = LATE + minute * MINUTE
        claimed = holder.claim("mastodon", now, frozen, every_minute)
        if claimed:
            holder.settle(settled(claimed, a_receipt(claimed.key), now), now)
            sent_at.append(minute)

    assert sent_at == [0, 1, 2, 3, 60, 61, 62]


def test_a_post_in_time_does_not_wait_for_late_ones(holder):
    owe(holder, *posts(2), planned(post=PostId("now"), planned_at=LATE, expires_at=LATE + HOUR))

    assert goes_out(holder, LATE)
    assert goes_out(holder, LATE + SECOND)
    assert not goes_out(holder, LATE + 2 * SECOND)
    assert holder.of_post(PostId("now"))[0].state is State.SENT


def test_ten_minutes_after_its_hour_a_post_is_not_late_yet(holder):
    owe(holder, *posts(2))

    assert goes_out(holder, NOON + 10 * MINUTE)
    assert goes_out(holder, NOON + 10 * MINUTE)


def test_the_more_urgent_of_the_late_goes_first(holder):
    owe(holder, *posts(2), planned(post=PostId("urgent"), priority=1, expires_at=NOON + HOUR))

    assert claim(holder, LATE).post == "urgent"


def test_the_languages_of_a_late_post_count_as_one(holder):
    french = {"language": Language("fr"), "post": PostId("post-0"), "expires_at": NOON + 9 * HOUR}
    owe(holder, *posts(2), planned(**french))

    assert goes_out(holder, LATE)
    assert goes_out(holder, LATE)
    assert not goes_out(holder, LATE)
    assert {one.state for one in holder.of_post(PostId("post-0"))} == {State.SENT}


def test_the_parts_of_a_late_thread_follow_without_waiting(holder):
    owe(holder, planned(texts=("one", "two"), expires_at=NOON + 9 * HOUR))

    assert goes_out(holder, LATE)
    assert goes_out(holder, LATE + 5 * SECOND)


def test_what_was_certainly_not_sent_does_not_use_up_the_turn(holder):
    owe(holder, *posts(2))
    claimed = claim(holder, LATE)
    refused = TryLaterError("nobody there", wait=5 * MINUTE)
    holder.settle(settled(claimed, refused, LATE), LATE, refused)

    assert goes_out(holder, LATE + MINUTE)


def test_what_may_have_been_sent_uses_up_the_turn(holder):
    owe(holder, *posts(2))
    claimed = claim(holder, LATE)
    holder.settle(settled(claimed, InDoubtError("?"), LATE), LATE, InDoubtError("?"))

    assert not goes_out(holder, LATE + MINUTE)


def test_what_a_look_found_there_does_not_use_up_the_turn(holder):
    owe(holder, *posts(2))
    claimed = claim(holder, LATE)
    holder.settle(sent(claimed, a_receipt(), How.FOUND, LATE), LATE)

    assert goes_out(holder, LATE + MINUTE)


def test_other_accounts_catch_up_on_their_own(holder):
    owe(holder, *posts(1), planned(account="x", expires_at=NOON + 9 * HOUR))

    assert goes_out(holder, LATE)
    assert claim(holder, LATE, "x") is not None


def test_a_withdrawal_is_never_late(holder):
    away = {"kind": DeliveryKind.WITHDRAWAL, "texts": ("1",), "expires_at": NOON + 9 * HOUR}
    owe(holder, *posts(1), planned(post=PostId("gone"), **away))

    assert goes_out(holder, LATE)
    assert goes_out(holder, LATE)


def doubts(store, number, gap=SECOND):
    owe(store, *posts(number + 1))
    for one in range(number):
        send(store, InDoubtError("no answer"), NOON + one * gap)


def test_three_unclear_answers_let_an_account_rest(holder):
    doubts(holder, 3)

    assert claim(holder, NOON + 15 * MINUTE) is None
    assert claim(holder, NOON + 15 * MINUTE + 2 * SECOND) is not None
    assert [line.what for line in holder.decisions("mastodon")] == ["rest"]


@pytest.mark.parametrize(("number", "gap"), [(2, SECOND), (3, timedelta(minutes=5))])
def test_fewer_or_rarer_unclear_answers_do_not(holder, number, gap):
    doubts(holder, number, gap)

    assert claim(holder, NOON + number * gap) is not None


def test_looking_goes_on_while_an_account_rests(holder):
    doubts(holder, 3)

    assert len(holder.in_doubt("mastodon", NOON + 5 * MINUTE)) == 3


def test_a_withdrawal_is_owed_beside_its_post(holder):
    away = planned(kind=DeliveryKind.WITHDRAWAL, texts=("1",), keys=("away".ljust(32, "2"),), priority=-1)
    owe(holder, planned(), away)

    assert [one.kind.value for one in of_may_day(holder)] == ["post", "withdrawal"]
    assert claim(holder).kind is DeliveryKind.WITHDRAWAL


def test_the_queue_has_no_say_over_withdrawals(holder):
    away = planned(kind=DeliveryKind.WITHDRAWAL, texts=("1",), keys=("away".ljust(32, "2"),))
    later = replace(away, planned_at=NOON + HOUR)
    owe(holder, later)

    assert holder.plan([], [later.post], NOON).cancelled == 0
    assert holder.cancel_posts([later.post], NOON) == 0
    assert holder.waiting_posts() == frozenset()


def withdrawal(**changes):
    kind = {"kind": DeliveryKind.WITHDRAWAL, "texts": ("1",), "keys": ("away".ljust(32, "2"),)}
    return planned(**{**kind, **changes})


@pytest.mark.parametrize("label", ["mastodon", None])
def test_a_persons_pause_does_not_stop_a_withdrawal(holder, label):
    owe(holder, withdrawal(), planned(post=PostId("post")))
    holder.pause(label, "a mistake", "anna", NOON)

    assert holder.next_instant("mastodon", NOON - SECOND) == NOON
    assert claim(holder).kind is DeliveryKind.WITHDRAWAL
    assert claim(holder) is None


def test_a_withdrawal_to_come_is_the_next_instant_of_a_paused_account(holder):
    owe(holder, planned(post=PostId("post"), planned_at=NOON + MINUTE), withdrawal(planned_at=NOON + HOUR))
    holder.pause("mastodon", "a mistake", "anna", NOON)

    assert holder.next_instant("mastodon", NOON) == NOON + HOUR


def test_what_a_platform_has_shut_out_withdraws_nothing(holder):
    owe(holder, withdrawal())
    holder.pause("mastodon", "suspended", "the platform", NOON, blocked=True)

    assert holder.next_instant("mastodon", NOON - SECOND) is None
    assert claim(holder) is None


def test_a_paused_account_that_is_busy_withdraws_when_it_is_no_longer(holder):
    owe(holder)
    slow = TryLaterError("slow down", wait=MINUTE, concern=Concern.ACCOUNT_BUSY)
    send(holder, slow)
    owe(holder, planned(), withdrawal(post=PostId("gone")))
    holder.pause("mastodon", "a mistake", "anna", NOON)

    assert holder.next_instant("mastodon", NOON) == NOON + MINUTE
    assert claim(holder, NOON + MINUTE - SECOND) is None
    assert claim(holder, NOON + MINUTE).kind is DeliveryKind.WITHDRAWAL
