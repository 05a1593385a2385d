from dataclasses import replace

import pytest

from bot.domain.account import Pause
from bot.domain.delivery import READ_BACK, How, State, sent
from bot.domain.errors import (
    Concern,
    IllegalMoveError,
    InDoubtError,
    LostClaimError,
    RefusedError,
    TryLaterError,
)
from bot.domain.post import PostId
from bot.ports.records import Attempt, Decision
from tests.builders import GAP, HOUR, MINUTE, NOON, SECOND, a_receipt, planned, settled
from tests.contracts.steps import brought_to, claim, of_may_day, owe, send

THREAD = planned(texts=("one", "two"))
OUTCOMES = [
    a_receipt(),
    TryLaterError("the server is down", wait=MINUTE),
    RefusedError("too long"),
    InDoubtError("no answer"),
]
RETRY = Decision(at=NOON, by="anna", what="retry", about="k", note="the server is back")


def error_of(outcome):
    return outcome if isinstance(outcome, Exception) else None


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda one: type(one).__name__)
def test_what_became_of_a_claim_is_written_as_it_was_decided(holder, outcome):
    owe(holder)
    after = settled(claim(holder), outcome)

    holder.settle(after, NOON, error_of(outcome))

    assert of_may_day(holder) == [after]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda one: type(one).__name__)
def test_what_became_of_a_claim_closes_its_attempt(holder, outcome):
    owe(holder)
    claimed = claim(holder)
    after = settled(claimed, outcome, NOON + SECOND)

    holder.settle(after, NOON + SECOND, error_of(outcome))

    note = str(error_of(outcome) or "")
    assert holder.attempts(claimed.key) == [
        Attempt(
            key=claimed.key, started_at=NOON, ended_at=NOON + SECOND, outcome=after.state.value, note=note
        )
    ]


def test_each_request_is_an_attempt_of_its_own(holder):
    key = owe(holder)[0].key
    send(holder, TryLaterError("busy", wait=MINUTE))
    send(holder, a_receipt(), NOON + MINUTE)

    assert [line.outcome for line in holder.attempts(key)] == ["scheduled", "sent"]


def test_the_ledger_keeps_an_error_short(holder):
    key = owe(holder)[0].key

    send(holder, InDoubtError("x" * 100_000))

    assert len(holder.attempts(key)[0].note) <= 500


def test_a_claim_is_settled_once(holder):
    owe(holder)
    after = send(holder)

    with pytest.raises(LostClaimError):
        holder.settle(after, NOON)


def test_a_claim_is_settled_only_by_the_program_that_made_it(holder, world):
    owe(holder)
    after = settled(claim(holder), a_receipt())

    with pytest.raises(LostClaimError):
        world.open().settle(after, NOON)
    assert of_may_day(holder)[0].state is State.SENDING


def test_a_claim_of_an_earlier_holder_is_not_settled_by_the_next(taken_over):
    holder, other = taken_over
    owe(holder)
    after = settled(claim(other), a_receipt())

    with pytest.raises(LostClaimError):
        holder.settle(after, NOON)
    other.settle(after, NOON)


def test_an_earlier_claim_of_the_same_delivery_is_not_settled(holder):
    owe(holder)
    first = claim(holder)
    holder.settle(settled(first, TryLaterError("busy", wait=MINUTE)), NOON)
    claim(holder, NOON + MINUTE)

    with pytest.raises(LostClaimError):
        holder.settle(settled(first, a_receipt()), NOON)


def test_what_was_put_in_doubt_meanwhile_is_not_settled(holder):
    owe(holder)
    after = settled(claim(holder), a_receipt())
    holder.park(NOON, {})

    with pytest.raises(LostClaimError):
        holder.settle(after, NOON)
    assert of_may_day(holder)[0].state is State.IN_DOUBT


@pytest.mark.parametrize("state", [State.SENDING, State.EXPIRED, State.CANCELLED])
def test_a_claim_ends_only_as_its_state_allows(holder, state):
    owe(holder)
    claimed = claim(holder)

    with pytest.raises(IllegalMoveError):
        holder.settle(replace(claimed, state=state), NOON)


def test_a_sent_part_lets_the_next_one_follow_at_a_distance(holder):
    owe(holder, THREAD)

    send(holder, a_receipt(), NOON)

    assert of_may_day(holder)[1].next_at == NOON + GAP
    assert claim(holder, NOON + GAP - SECOND) is None
    assert claim(holder, NOON + GAP).part == 2


def test_the_next_part_does_not_go_before_its_own_hour(holder):
    owe(holder, THREAD)
    second = of_may_day(holder)[1]
    holder.save(replace(second, next_at=NOON + HOUR), second)

    send(holder, a_receipt(), NOON)

    assert of_may_day(holder)[1].next_at == NOON + HOUR


def test_a_part_that_was_not_sent_lets_nothing_follow(holder):
    owe(holder, THREAD)
    before = of_may_day(holder)[1]

    send(holder, RefusedError("too long"))

    assert of_may_day(holder)[1] == replace(before, payload=b"42 campaign: two")


def test_a_rate_limit_keeps_its_account_waiting(holder):
    owe(holder)

    send(holder, TryLaterError("slow down", wait=MINUTE, concern=Concern.ACCOUNT_BUSY))

    assert holder.account("mastodon").busy_until == NOON + MINUTE
    assert holder.account("x").busy_until is None


def test_a_wait_for_one_post_concerns_no_account(holder):
    owe(holder)
    before = holder.accounts()

    send(holder, TryLaterError("busy", wait=MINUTE))

    assert holder.accounts() == before


def test_an_account_that_its_platform_shut_out_is_paused(holder):
    owe(holder)

    send(holder, TryLaterError("suspended", wait=MINUTE, concern=Concern.ACCOUNT_BLOCKED))

    pause = Pause(reason="suspended", by="the platform", at=NOON, blocked=True)
    assert holder.account("mastodon").pause == pause
    assert holder.account("x").pause is None
    assert [line.what for line in holder.decisions("mastodon")] == ["pause"]


def test_a_persons_pause_is_not_replaced_by_the_platforms(holder):
    owe(holder)
    claimed = claim(holder)
    holder.pause("mastodon", "a funeral", "anna", NOON)
    error = TryLaterError("suspended", wait=MINUTE, concern=Concern.ACCOUNT_BLOCKED)

    holder.settle(settled(claimed, error), NOON, error)

    assert holder.account("mastodon").pause == Pause(reason="a funeral", by="anna", at=NOON)


def test_an_answer_with_the_id_of_another_delivery_proves_nothing(holder):
    holder.plan([planned(), planned(post=PostId("other"))], [], NOON)
    first = send(holder, a_receipt("7"))

    with pytest.raises(LostClaimError, match=first.key):
        send(holder, a_receipt("7"))

    doubtful = holder.of_post(PostId("other"))[0]
    assert (doubtful.state, doubtful.next_at, doubtful.doubts) == (State.IN_DOUBT, None, 1)
    assert "did it go out?" in doubtful.attention


def test_the_same_id_on_two_accounts_is_two_posts(holder):
    holder.plan([planned(), planned(account="x")], [], NOON)
    send(holder, a_receipt("7"))
    after = settled(claim(holder, account="x"), a_receipt("7"))

    holder.settle(after, NOON)

    assert {one.state for one in of_may_day(holder)} == {State.SENT}


def test_what_a_look_found_is_written(holder):
    doubtful = brought_to(holder, State.IN_DOUBT)[0]
    found = sent(doubtful, a_receipt(), How.FOUND, NOON)

    holder.save(found, doubtful)

    assert of_may_day(holder) == [found]


def test_what_a_look_found_lets_the_next_part_follow(holder):
    doubtful = brought_to(holder, State.IN_DOUBT, THREAD)[0]

    holder.save(sent(doubtful, a_receipt(), How.FOUND, NOON + HOUR), doubtful)

    assert claim(holder, NOON + GAP).part == 2


def test_what_was_read_back_is_written(holder):
    was = brought_to(holder, State.SENT)[0]
    verified = replace(was, verified_at=NOON + READ_BACK, next_at=None)

    holder.save(verified, was)

    assert of_may_day(holder) == [verified]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "other"},
        {"planned_at": NOON + HOUR},
        {"expires_at": NOON + 3 * HOUR},
        {"next_at": NOON + HOUR},
        {"held": "why"},
        {"attention": "why"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_nothing_is_written_over_what_changed_meanwhile(store, change):
    was = owe(store)[0]
    store.save(replace(was, **change), was)

    with pytest.raises(LostClaimError):
        store.save(replace(was, state=State.CANCELLED, next_at=None), was, RETRY)

    assert of_may_day(store) == [replace(was, **change)]
    assert store.decisions("k") == []


def test_nothing_is_written_over_what_was_claimed_meanwhile(holder):
    was = owe(holder)[0]
    claimed = claim(holder)

    with pytest.raises(LostClaimError):
        holder.save(replace(was, state=State.CANCELLED, next_at=None), was)
    assert of_may_day(holder) == [claimed]


def test_nothing_is_written_about_a_delivery_that_is_not_owed(store):
    gone = owe(store, THREAD)[1]
    store.plan([planned()], [], NOON)

    with pytest.raises(LostClaimError):
        store.save(replace(gone, held="why"), gone)


def test_a_persons_decision_is_written_with_what_it_changed(holder):
    was = brought_to(holder, State.FAILED)[0]

    holder.save(replace(was, state=State.SCHEDULED, next_at=NOON, attention=None), was, RETRY)

    assert holder.decisions("k") == [RETRY]
    assert claim(holder) is not None


@pytest.mark.parametrize("other", [{"key": "k2"}, {"state": State.SENT}, {"state": State.SENDING}])
def test_only_legal_moves_are_written(store, other):
    was = owe(store)[0]

    with pytest.raises(IllegalMoveError):
        store.save(replace(was, **other), was)
    assert of_may_day(store) == [was]


def test_only_settling_ends_a_claim(holder):
    owe(holder)
    claimed = claim(holder)

    with pytest.raises(IllegalMoveError):
        holder.save(replace(claimed, state=State.SCHEDULED, next_at=NOON), claimed)


def test_a_look_cannot_give_two_deliveries_the_same_id(holder):
    holder.plan([planned(), planned(post=PostId("other"))], [], NOON)
    send(holder, InDoubtError("no answer"))
    send(holder, a_receipt("7"))
    doubtful = of_may_day(holder)[0]

    with pytest.raises(LostClaimError):
        holder.save(sent(doubtful, a_receipt("7"), How.FOUND, NOON), doubtful)
    assert of_may_day(holder) == [doubtful]


def test_ids_that_belong_to_a_delivery_are_bound(holder):
    brought_to(holder, State.SENT)

    assert holder.bound("mastodon", ["1", "2"]) == {"1"}
    assert holder.bound("x", ["1"]) == frozenset()
    assert holder.bound("mastodon", []) == frozenset()
