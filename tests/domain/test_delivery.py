from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bot.domain import delivery as d
from bot.domain.delivery import Delivery, How, Key, Receipt, Sighting, State
from bot.domain.errors import Concern, IllegalMoveError, InDoubtError, RefusedError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.post import Language, PostId

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = 60 * SECOND
MASTODON = d.PATIENCE[PlatformName.MASTODON]
X = d.PATIENCE[PlatformName.X]
HERE = Receipt(remote_id="1", url="https://mastodon.example/@campaign/1")
THERE = Receipt(remote_id="2", url="https://mastodon.example/@campaign/2")


def a_delivery(**changes):
    delivery = Delivery(
        key=Key("k" * 32),
        account="mastodon",
        post=PostId("may-day"),
        language=Language("en"),
        text="March with us. #IndustriALL",
        planned_at=NOON,
        expires_at=NOON + timedelta(hours=2),
        next_at=NOON,
    )
    return replace(delivery, **changes)


def sending(**changes):
    return a_delivery(
        **{"state": State.SENDING, "next_at": None, "attempts": 1, "claimed_at": NOON, **changes}
    )


def in_doubt(**changes):
    return sending(**{"state": State.IN_DOUBT, "doubts": 1, "next_at": NOON + 90 * SECOND, **changes})


@pytest.mark.parametrize(("old", "new"), list(product(State, State)))
def test_a_state_moves_only_where_the_table_says(old, new):
    delivery = a_delivery(state=old)

    if new in d.MOVES[old]:
        assert d.move(delivery, new) == replace(delivery, state=new)
    else:
        with pytest.raises(IllegalMoveError, match=f"{old} may not become {new}"):
            d.move(delivery, new)


def test_a_key_is_made_of_what_it_names_and_nothing_else():
    names = {
        "campaign": "belarus",
        "platform": PlatformName.X,
        "own_id": "42",
        "kind": d.DeliveryKind.POST,
        "about": "may-day",
        "occurrence": "2027-05-01",
        "language": "en",
        "part": 1,
    }
    changes = {name: f"{value}0" for name, value in names.items()} | {"part": 2, "platform": "bluesky"}

    keys = {d.make_key(**{**names, name: changes[name]}) for name in names if name != "kind"}

    assert len(keys | {d.make_key(**names)}) == len(names)
    assert d.make_key(**names) == "hiwhpz6a7xtb662nvs6ldt7moeankzd6"


def test_a_claim_counts_the_attempt_and_remembers_the_first():
    again = d.claim(a_delivery(attempts=1, first_claimed_at=NOON), NOON + SECOND)

    assert again == a_delivery(
        state=State.SENDING,
        next_at=None,
        attempts=2,
        first_claimed_at=NOON,
        claimed_at=NOON + SECOND,
    )


def test_a_receipt_makes_it_sent_and_asks_for_one_reading_back():
    settled = d.settle(sending(), HERE, NOON + SECOND, MASTODON)

    assert settled == sending(
        state=State.SENT, receipt=HERE, how=How.DIRECT, next_at=NOON + SECOND + d.READ_BACK
    )


def test_a_refusal_is_final_and_asks_a_person():
    settled = d.settle(sending(), RefusedError("too long"), NOON, MASTODON)

    assert settled == sending(state=State.FAILED, attention="too long")


def test_a_refusal_after_a_doubt_may_mean_already_there():
    settled = d.settle(sending(attempts=2, doubts=1), RefusedError("duplicate"), NOON, MASTODON)

    assert settled == in_doubt(attempts=2, doubts=2)


def test_no_clear_answer_is_looked_for_after_the_settle_time():
    settled = d.settle(sending(), InDoubtError("reset"), NOON + SECOND, MASTODON)

    assert settled == in_doubt(next_at=NOON + 90 * SECOND)


def test_a_doubt_that_comes_late_is_looked_for_at_once():
    later = NOON + timedelta(hours=1)

    assert d.doubt(sending(), later, MASTODON).next_at == later


def test_a_rate_limit_moves_the_hour_and_nothing_else():
    limit = TryLaterError("slow down", wait=timedelta(minutes=4), concern=Concern.ACCOUNT_BUSY)

    settled = d.settle(sending(), limit, NOON, MASTODON)

    assert settled == sending(state=State.SCHEDULED, next_at=NOON + timedelta(minutes=4))


def test_being_shut_out_says_so_on_the_delivery():
    error = TryLaterError("the token was revoked", concern=Concern.ACCOUNT_BLOCKED)

    settled = d.settle(sending(), error, NOON, MASTODON)

    assert settled == sending(state=State.SCHEDULED, next_at=NOON, attention="the token was revoked")


@pytest.mark.parametrize(
    ("attempts", "jitter", "wait"),
    [(1, 0, 30), (2, 0, 60), (5, 0, 480), (6, 0, 900), (9999, 0, 900), (1, 1, 15)],
)
def test_our_own_back_off_doubles_up_to_a_quarter_of_an_hour(attempts, jitter, wait):
    settled = d.settle(sending(attempts=attempts), TryLaterError("unreachable"), NOON, MASTODON, jitter)

    assert settled.next_at == NOON + wait * SECOND


@pytest.mark.parametrize(("asked", "kept"), [(1, 5), (60, 60), (10**6, 3600)])
def test_a_platforms_wait_is_kept_within_reason(asked, kept):
    settled = d.settle(sending(), TryLaterError("later", wait=asked * SECOND), NOON, MASTODON)

    assert settled.next_at == NOON + kept * SECOND


def test_one_match_is_enough():
    now = NOON + 95 * SECOND

    after = d.after_look(in_doubt(), Sighting(matches=(HERE,)), now, MASTODON)

    assert after == in_doubt(state=State.SENT, receipt=HERE, how=How.FOUND, next_at=now + d.READ_BACK)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (Sighting(matches=(HERE, THERE)), "2 posts of ours look like this one: which is it?"),
        (Sighting(puzzle="another text stands there"), "another text stands there"),
    ],
)
def test_what_cannot_be_told_apart_is_asked(seen, reason):
    assert d.after_look(in_doubt(), seen, NOON, MASTODON) == in_doubt(next_at=None, attention=reason)


@pytest.mark.parametrize("platform", list(PlatformName))
def test_absence_takes_every_look_before_anything_is_sent_again(platform):
    patience = d.PATIENCE[platform]
    delivery, now, seen_at = in_doubt(next_at=NOON + patience.settle), NOON, []
    while delivery.state is State.IN_DOUBT:
        now = delivery.next_at
        seen_at.append((now - NOON) / patience.settle)
        delivery = d.after_look(delivery, Sighting(), now, patience)

    assert seen_at == pytest.approx(patience.looks)
    assert delivery == in_doubt(state=State.SCHEDULED, next_at=now)


def test_looks_that_come_late_still_keep_their_distance():
    late = NOON + timedelta(hours=3)

    after = d.after_look(in_doubt(), Sighting(), late, MASTODON)

    assert after.next_at - late == pytest.approx(60 * SECOND, abs=SECOND)


@pytest.mark.parametrize(("patience", "writes"), [(X, 2), (MASTODON, 5)])
def test_after_the_last_write_we_risk_a_person_is_asked(patience, writes):
    looked = in_doubt(doubts=writes, looks=len(patience.looks) - 1)

    after = d.after_look(looked, Sighting(), NOON, patience)

    assert after.state is State.IN_DOUBT
    assert after.next_at is None
    assert f"sent {writes} times: did it go out?" in after.attention


def test_a_look_that_failed_counts_as_none():
    now = NOON + timedelta(minutes=3)

    after = d.after_blind_look(in_doubt(looks=1), "no answer", now)

    assert after == in_doubt(looks=1, next_at=now + timedelta(minutes=3))


def test_half_an_hour_without_a_look_asks_a_person_and_goes_on_looking():
    now = NOON + d.GIVE_UP_LOOKING

    after = d.after_blind_look(in_doubt(), "no answer", now)

    assert after.attention == "we cannot look whether it went out: no answer"
    assert after.next_at == now + d.BACKOFF_LONGEST


def test_reading_back_verifies_or_asks():
    sent = in_doubt(state=State.SENT, receipt=HERE)

    assert d.after_read_back(sent, True, NOON) == replace(sent, verified_at=NOON, next_at=None)
    assert "not to be seen" in d.after_read_back(sent, False, NOON + 5 * MINUTE).attention


def test_what_is_not_to_be_seen_at_once_is_read_again_before_anybody_is_asked():
    sent = in_doubt(state=State.SENT, receipt=HERE)
    later = NOON + 4 * MINUTE

    assert d.after_read_back(sent, False, later) == replace(sent, next_at=later + MINUTE)


def test_what_the_platform_does_after_we_have_given_up_still_gets_some_settle_time():
    # A look before it took a minute, and its own answer another one: the settle time is over already.
    given_up = NOON + 2 * MINUTE

    settled = d.settle(sending(), InDoubtError("no answer"), given_up, MASTODON)

    assert settled.next_at == given_up + MASTODON.settle / 3


def test_a_doubt_is_looked_for_when_the_settle_time_is_over():
    settled = d.settle(sending(), InDoubtError("no answer"), NOON + 10 * SECOND, MASTODON)

    assert settled.next_at == NOON + MASTODON.settle


def test_reading_back_is_given_up_after_a_day_without_a_word():
    sent = in_doubt(state=State.SENT, receipt=HERE)

    assert d.after_blind_read_back(sent, NOON + SECOND).next_at == NOON + 31 * SECOND
    assert d.after_blind_read_back(sent, NOON + timedelta(days=1)) == replace(sent, next_at=None)
