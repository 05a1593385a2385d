from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.domain.account import Identity
from bot.domain.delivery import State
from bot.domain.errors import Concern, RefusedError, StoreError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, PostId
from bot.ports.records import Attempt, Own
from tests.builders import (
    DAY,
    GAP,
    HOUR,
    MINUTE,
    NOON,
    SECOND,
    US,
    a_delivery,
    a_receipt,
    planned,
)
from tests.contracts.steps import brought_to, claim, of_may_day, owe, scheduled_again, send

THREAD = planned(texts=("one", "two", "three"))
OTHER = PostId("other")


def test_what_is_due_is_claimed(holder):
    owe(holder)

    claimed = claim(holder)

    assert claimed == a_delivery(
        state=State.SENDING,
        next_at=None,
        attempts=1,
        first_claimed_at=NOON,
        claimed_at=NOON,
        payload=b"42 campaign: March with us. #IndustriALL",
    )
    assert of_may_day(holder) == [claimed]


def test_a_claim_opens_an_attempt(holder):
    key = owe(holder)[0].key

    claim(holder)

    assert holder.attempts(key) == [
        Attempt(key=key, started_at=NOON, ended_at=None, outcome="sending", note="")
    ]


def test_nothing_is_claimed_before_its_hour(holder):
    owe(holder)

    assert claim(holder, NOON - SECOND) is None


def test_nothing_is_claimed_twice(holder):
    owe(holder)
    claim(holder)

    assert claim(holder) is None


def test_nothing_is_claimed_without_the_right_to_send(store):
    owe(store)

    with pytest.raises(StoreError, match="without holding"):
        claim(store)


def test_claiming_without_the_right_to_send_is_an_error_though_nothing_is_due(store):
    with pytest.raises(StoreError, match="without holding"):
        claim(store)


def test_nothing_is_claimed_by_a_holder_that_another_has_replaced(taken_over):
    holder, _ = taken_over
    owe(holder)

    with pytest.raises(StoreError, match="taken over"):
        claim(holder)
    assert of_may_day(holder) == [a_delivery()]


def test_nothing_is_claimed_before_publishing_was_started(bare):
    bare.enroll("mastodon", PlatformName.MASTODON, NOON)
    bare.identified("mastodon", US, NOON)
    owe(bare)

    with bare.hold(NOON, {}):
        assert claim(bare) is None


def test_nothing_is_claimed_on_an_account_that_its_platform_has_not_named(bare):
    bare.enroll("mastodon", PlatformName.MASTODON, NOON)
    bare.start("anna", NOON)
    owe(bare)

    with bare.hold(NOON, {}):
        assert claim(bare) is None


def test_nothing_is_claimed_on_an_account_that_was_never_enrolled(holder):
    assert claim(holder, account="nowhere") is None


@pytest.mark.parametrize("label", ["mastodon", None])
def test_nothing_is_claimed_while_paused(holder, label):
    owe(holder)

    holder.pause(label, "a funeral", "anna", NOON)

    assert claim(holder) is None
    holder.resume(label, "anna", NOON)
    assert claim(holder) is not None


def test_a_pause_of_one_account_leaves_the_others(holder):
    owe(holder)

    holder.pause("x", "a funeral", "anna", NOON)

    assert claim(holder) is not None


def test_nothing_is_claimed_while_the_account_is_busy(holder):
    owe(holder)
    send(holder, TryLaterError("slow down", wait=MINUTE, concern=Concern.ACCOUNT_BUSY))
    owe(holder, planned(post=OTHER))

    assert claim(holder, NOON + MINUTE - SECOND) is None
    assert claim(holder, NOON + MINUTE) is not None


def test_nothing_held_is_claimed(holder):
    owe(holder, planned(held="is he free?"))

    assert claim(holder) is None


def test_nothing_is_claimed_that_came_too_late(holder):
    owe(holder)

    assert claim(holder, NOON + 2 * HOUR + SECOND) is None
    assert claim(holder, NOON + 2 * HOUR) is not None


@pytest.mark.parametrize("state", [state for state in State if state is not State.SCHEDULED])
def test_nothing_but_what_is_scheduled_is_claimed(holder, state):
    brought_to(holder, state)

    assert claim(holder, NOON + MINUTE) is None


def test_an_account_claims_only_its_own(holder):
    owe(holder)

    assert claim(holder, account="x") is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"priority": 2}, {"priority": 3, "planned_at": NOON - HOUR}),
        ({"planned_at": NOON - HOUR}, {"planned_at": NOON}),
        ({"language": Language("fr")}, {"language": Language("en")}),
    ],
    ids=["the smaller rank", "the earlier hour", "what was planned first"],
)
def test_first_goes(holder, first, second):
    wanted = planned(post=OTHER, **first)
    order = [planned(**second), wanted] if first.keys() != {"language"} else [wanted, planned(**second)]
    holder.plan(order, [], NOON)

    assert claim(holder).post == OTHER


def test_a_begun_thread_goes_on_before_anything_else(holder):
    owe(holder, replace(THREAD, part_gap=GAP))
    send(holder)
    holder.plan([planned(post=OTHER, priority=0)], [], NOON)

    assert claim(holder, NOON + GAP).part == 2


def test_a_begun_thread_goes_on_though_it_is_late(holder):
    owe(holder, THREAD)
    send(holder)

    assert claim(holder, NOON + DAY).part == 2


@pytest.mark.parametrize("state", [state for state in State if state not in {State.SENT, State.SCHEDULED}])
def test_no_part_is_claimed_before_the_one_before_it_is_sent(holder, state):
    brought_to(holder, state, THREAD)

    assert claim(holder, NOON + MINUTE) is None


def test_a_part_carries_the_one_before_it_and_the_first(holder):
    owe(holder, THREAD)
    send(holder, a_receipt("1"))
    send(holder, a_receipt("2"), NOON + MINUTE)

    third = claim(holder, NOON + HOUR)

    assert (third.part, third.parent, third.root) == (3, a_receipt("2"), a_receipt("1"))


def test_all_parts_are_frozen_with_the_first(holder):
    owe(holder, THREAD)

    claim(holder)

    assert [one.payload for one in of_may_day(holder)] == [
        b"42 campaign: one",
        b"42 campaign: two",
        b"42 campaign: three",
    ]


def test_frozen_bytes_are_not_made_again(holder):
    owe(holder, THREAD)
    send(holder, TryLaterError("busy", wait=MINUTE))

    again = holder.claim("mastodon", NOON + MINUTE, not_now)

    assert again.payload == b"42 campaign: one"


def not_now(*_):
    raise AssertionError("frozen a second time")


def test_what_was_reworded_in_a_begun_thread_is_frozen_anew(holder):
    owe(holder, THREAD)
    send(holder)
    holder.plan([planned(texts=("one", "too", "free"))], [], NOON)

    claim(holder, NOON + MINUTE)

    assert [one.payload for one in of_may_day(holder)] == [
        b"42 campaign: one",
        b"42 campaign: too",
        b"42 campaign: free",
    ]


def test_bytes_are_frozen_for_the_account_as_it_is_called_now(holder):
    holder.identified("mastodon", Identity(own_id="42", handle="renamed", url=""), NOON)
    owe(holder)
    seen = []

    holder.claim("mastodon", NOON, lambda _, own: seen.append(own) or b"bytes")

    assert seen == [Own(own_id="42", handle="renamed")]


def test_a_claim_that_cannot_freeze_leaves_everything_as_it_was(holder):
    before = owe(holder, THREAD)

    def freeze(delivery, _):
        if delivery.part == 3:
            raise RefusedError("too long")
        return b"bytes"

    with pytest.raises(RefusedError):
        holder.claim("mastodon", NOON, freeze)
    assert of_may_day(holder) == before
    assert holder.attempts(before[0].key) == []


def test_what_is_sent_again_keeps_its_bytes_and_its_first_claim(holder):
    before = scheduled_again(holder)

    again = claim(holder, NOON + MINUTE)

    assert again.payload == before.payload
    assert (again.first_claimed_at, again.claimed_at, again.attempts) == (NOON, NOON + MINUTE, 2)


def test_many_threads_claim_each_delivery_once(holder):
    holder.plan([planned(post=PostId(f"post-{number}")) for number in range(40)], [], NOON)

    with ThreadPoolExecutor(8) as lanes:
        claimed = list(lanes.map(lambda _: claim(holder), range(60)))

    keys = [one.key for one in claimed if one]
    assert len(keys) == len(set(keys)) == 40
