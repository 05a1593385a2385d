import os

import pytest

from bot.domain.delivery import PATIENCE, Patience, State
from bot.domain.errors import InDoubtError, LostClaimError, StoreBusyError, StoreError
from bot.domain.lengths import PlatformName
from bot.ports.records import Attempt
from tests.builders import HOUR, NOON, PATIENT, SECOND, US, a_receipt, planned, settled
from tests.contracts.steps import brought_to, claim, of_may_day, owe

QUICK = Patience(settle=SECOND, looks=(2, 3), writes=2)
THREAD = planned(texts=("one", "two"))
LATER = NOON + HOUR


def abandoned(store):
    """A claim whose holder is gone without having settled it."""
    owe(store)
    with store.hold(NOON, {}):
        return claim(store)


@pytest.mark.usefixtures("holder")
def test_only_one_program_holds_the_store(world):
    with (
        pytest.raises(StoreBusyError, match=f"process {os.getpid()} ") as refusal,
        world.open().hold(NOON, {}),
    ):
        pass

    assert "end that one first" in str(refusal.value)


def test_a_program_holds_its_store_once(holder):
    with pytest.raises(StoreBusyError), holder.hold(NOON, {}):
        pass


def test_the_store_is_free_again_when_its_holder_is_done(store, world):
    with store.hold(NOON, {}):
        pass

    with world.open().hold(NOON, {}):
        pass


def test_the_store_is_free_again_when_its_holder_fails(store, world):
    with pytest.raises(ZeroDivisionError), store.hold(NOON, {}):
        raise ZeroDivisionError

    with world.open().hold(NOON, {}):
        pass


def test_a_holder_that_is_done_claims_nothing(store):
    owe(store)
    with store.hold(NOON, {}):
        pass

    with pytest.raises(StoreError):
        claim(store)


def test_what_an_earlier_holder_left_sending_is_in_doubt(store, world):
    claimed = abandoned(store)

    with world.open().hold(NOON + SECOND, {}):
        found = of_may_day(store)

    assert found == [settled(claimed, InDoubtError(""), NOON + SECOND)]
    assert found[0].next_at == NOON + PATIENT.settle


def test_what_an_earlier_holder_left_sending_is_looked_for_at_once_when_that_is_long_ago(store, world):
    abandoned(store)

    with world.open().hold(LATER, {}):
        assert of_may_day(store)[0].next_at == LATER


def test_what_an_earlier_holder_left_sending_is_looked_for_as_its_account_is_configured(store, world):
    abandoned(store)

    with world.open().hold(NOON, {"mastodon": QUICK}):
        assert of_may_day(store)[0].next_at == NOON + 2 * SECOND


def test_each_platform_is_given_its_usual_patience(store, world):
    store.enroll("bluesky", PlatformName.BLUESKY, NOON)
    store.identified("bluesky", US, NOON)
    owe(store, planned(), planned(account="bluesky"))
    with store.hold(NOON, {}):
        claim(store)
        claim(store, account="bluesky")

    with world.open().hold(NOON, {}):
        waits = [one.next_at - NOON for one in of_may_day(store)]

    assert waits == [PATIENCE[name].settle for name in (PlatformName.MASTODON, PlatformName.BLUESKY)]


def test_an_abandoned_attempt_is_closed_in_the_ledger(store, world):
    key = abandoned(store).key

    with world.open().hold(LATER, {}):
        pass

    attempt = Attempt(
        key=key,
        started_at=NOON,
        ended_at=LATER,
        outcome="in_doubt",
        note="nobody was left to hear the answer",
    )
    assert store.attempts(key) == [attempt]


def test_an_abandoned_claim_cannot_be_settled_any_more(store, world):
    claimed = abandoned(store)

    with world.open().hold(LATER, {}), pytest.raises(LostClaimError):
        store.settle(settled(claimed, a_receipt()), LATER)


def test_holding_leaves_what_was_settled_alone(store, world):
    with store.hold(NOON, {}):
        before = brought_to(store, State.SENT, THREAD)

    with world.open().hold(LATER, {}):
        assert of_may_day(store) == before


def test_what_is_parked_is_in_doubt(holder):
    owe(holder)
    claimed = claim(holder)

    parked = holder.park(NOON + SECOND, {})

    assert parked == [claimed.key]
    assert of_may_day(holder) == [settled(claimed, InDoubtError(""), NOON + SECOND)]
    assert [line.outcome for line in holder.attempts(claimed.key)] == ["in_doubt"]


def test_one_account_is_parked_without_the_others(holder):
    holder.plan([planned(), planned(account="x")], [], NOON)
    claim(holder)
    on_x = claim(holder, account="x")

    parked = holder.park(NOON, {}, "x")

    assert parked == [on_x.key]
    assert [one.state for one in of_may_day(holder)] == [State.SENDING, State.IN_DOUBT]


def test_each_account_is_parked_with_its_own_patience(holder):
    holder.plan([planned(), planned(account="x")], [], NOON)
    claim(holder)
    claim(holder, account="x")

    holder.park(NOON, {"x": QUICK})

    assert [one.next_at for one in of_may_day(holder)] == [NOON + PATIENT.settle, NOON + 2 * SECOND]


def test_only_the_holder_parks(holder, world):
    owe(holder)
    claim(holder)

    with pytest.raises(StoreError):
        world.open().park(NOON, {})
    assert of_may_day(holder)[0].state is State.SENDING


def test_a_holder_shows_that_it_is_alive(holder, world):
    holder.beat(LATER)

    assert world.open().last_beat() == LATER


def test_holding_is_a_sign_of_life(holder):
    assert holder.last_beat() == NOON


def test_a_store_that_was_never_held_shows_no_life(store):
    assert store.last_beat() is None


def test_only_the_holder_shows_that_it_is_alive(store):
    with pytest.raises(StoreError):
        store.beat(NOON)


def test_a_holder_that_another_has_replaced_learns_of_it(taken_over):
    holder, other = taken_over

    with pytest.raises(StoreError):
        holder.beat(LATER)
    other.beat(LATER)


def test_a_holder_that_another_has_replaced_parks_nothing(taken_over):
    holder, other = taken_over
    owe(other)
    claim(other)

    with pytest.raises(StoreError, match="taken over"):
        holder.park(NOON, {})


def test_other_programs_change_what_the_holder_has_not_claimed(holder, world):
    owe(holder)

    world.open().pause("mastodon", "a funeral", "anna", NOON)

    assert claim(holder) is None
