from dataclasses import replace

import pytest

from bot.domain.account import Account, Identity, Pause
from bot.domain.delivery import State
from bot.domain.errors import NotFoundError, StoreError
from bot.domain.lengths import PlatformName
from bot.domain.post import PostId
from bot.ports.records import Decision, Known
from tests.builders import DAY, HOUR, MAY_DAY, NOON, SECOND, US, planned
from tests.contracts.steps import brought_to, owe

OURS = Account(label="mastodon", platform=PlatformName.MASTODON, enrolled_at=NOON)
LATER = NOON + DAY
ACCOUNT_MEASURES = replace(US, length=500, link_length=23)


def enrolled(store):
    return store.enroll("mastodon", PlatformName.MASTODON, NOON)


def test_an_account_is_enrolled_with_the_time_it_was_first_seen(bare):
    assert enrolled(bare) == OURS
    assert bare.account("mastodon") == OURS


def test_an_account_is_enrolled_once(bare):
    enrolled(bare)

    assert bare.enroll("mastodon", PlatformName.MASTODON, LATER) == OURS


def test_a_name_is_not_given_to_an_account_on_another_platform(bare):
    enrolled(bare)

    with pytest.raises(StoreError, match="another name"):
        bare.enroll("mastodon", PlatformName.BLUESKY, LATER)


def test_accounts_are_listed_by_their_names(store):
    assert [account.label for account in store.accounts()] == ["mastodon", "x"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.account("nowhere"),
        lambda store: store.identified("nowhere", US, NOON),
        lambda store: store.pause("nowhere", "why", "anna", NOON),
        lambda store: store.resume("nowhere", "anna", NOON),
    ],
)
def test_an_account_that_was_never_enrolled_is_not_found(store, ask):
    with pytest.raises(NotFoundError, match="no account nowhere"):
        ask(store)


def test_what_the_platform_says_of_an_account_is_remembered(bare):
    enrolled(bare)

    account = bare.identified("mastodon", ACCOUNT_MEASURES, LATER)

    assert account == bare.account("mastodon")
    assert account == replace(OURS, own_id="42", handle="campaign", url=US.url, length=500, link_length=23)


def test_a_renamed_account_is_the_same_account(store):
    store.identified("mastodon", Identity(own_id="42", handle="renamed", url="https://new.example"), LATER)

    account = store.account("mastodon")
    assert (account.own_id, account.handle, account.url) == ("42", "renamed", "https://new.example")


def test_limits_that_the_platform_does_not_repeat_are_kept(store):
    store.identified("mastodon", ACCOUNT_MEASURES, NOON)

    account = store.identified("mastodon", US, LATER)

    assert (account.length, account.link_length) == (500, 23)


def test_the_first_own_id_stays_for_ever(store):
    before = store.account("mastodon")

    with pytest.raises(StoreError, match="now answers as 43"):
        store.identified("mastodon", replace(US, own_id="43"), LATER)
    assert store.account("mastodon") == before


def test_one_own_id_belongs_to_one_account_of_a_platform(store):
    store.enroll("second", PlatformName.MASTODON, NOON)

    with pytest.raises(StoreError, match="called mastodon before"):
        store.identified("second", US, LATER)
    assert store.account("second").own_id is None


def test_an_account_is_paused_with_the_reason_until_it_is_resumed(store):
    store.pause("mastodon", "a funeral", "anna", LATER)

    assert store.account("mastodon").pause == Pause(reason="a funeral", by="anna", at=LATER)
    store.resume("mastodon", "anna", LATER)
    assert store.account("mastodon").pause is None


def test_a_pause_says_whether_the_platform_shut_us_out(store):
    store.pause("mastodon", "suspended", "auth check", NOON, blocked=True)

    assert store.account("mastodon").pause.blocked


def test_everything_is_paused_with_the_reason_until_it_is_resumed(store):
    assert store.paused() is None

    store.pause(None, "a funeral", "anna", NOON)
    store.pause(None, "two funerals", "anna", NOON)

    assert store.paused() == "two funerals"
    store.resume(None, "anna", NOON)
    assert store.paused() is None


def test_resuming_everything_leaves_a_paused_account_paused(store):
    store.pause("mastodon", "suspended", "anna", NOON)
    store.pause(None, "a funeral", "anna", NOON)

    store.resume(None, "anna", NOON)

    assert store.account("mastodon").pause is not None


def test_what_was_not_paused_may_be_resumed(store):
    store.resume(None, "anna", NOON)
    store.resume("mastodon", "anna", NOON)

    assert store.paused() is None


def test_publishing_is_started_once_and_for_all(bare):
    assert not bare.started()

    bare.start("anna", NOON)
    bare.start("boris", LATER)

    assert bare.started()
    assert [(line.by, line.at) for line in bare.decisions("everything")] == [("anna", NOON)]


def test_a_backup_that_was_put_back_is_remembered_from_the_earliest_time_on(bare):
    assert bare.restored() is None

    bare.put_back(NOON, "anna", NOON + HOUR)
    bare.put_back(NOON - HOUR, "anna", NOON + HOUR)
    bare.put_back(NOON, "anna", NOON + HOUR)

    assert bare.restored() == NOON - HOUR
    assert [line.what for line in bare.decisions("everything")] == ["restore"] * 3


def test_pausing_and_resuming_stand_in_the_ledger(bare):
    enrolled(bare)

    bare.pause("mastodon", "a funeral", "anna", NOON)
    bare.resume("mastodon", "boris", LATER)

    assert bare.decisions("mastodon") == [
        Decision(at=NOON, by="anna", what="pause", about="mastodon", note="a funeral"),
        Decision(at=LATER, by="boris", what="resume", about="mastodon"),
    ]


def test_posts_are_remembered_from_the_first_time_on(store):
    first = store.meet([MAY_DAY], NOON)

    again = store.meet([MAY_DAY, PostId("new")], LATER)

    assert first == {MAY_DAY: Known(id=MAY_DAY, first_seen_at=NOON)}
    assert again == {**first, PostId("new"): Known(id=PostId("new"), first_seen_at=LATER)}


def test_a_post_that_is_met_twice_at_once_is_one(store):
    assert store.meet([MAY_DAY, MAY_DAY], NOON).keys() == {MAY_DAY}
    assert store.meet([], NOON) == {}


def test_a_post_keeps_its_slot(store):
    store.meet([MAY_DAY], NOON)

    taken = store.take_slot(MAY_DAY, LATER)

    assert taken == Known(id=MAY_DAY, first_seen_at=NOON, slot_at=LATER)
    assert store.take_slot(MAY_DAY, LATER + DAY) == taken
    assert store.meet([MAY_DAY], LATER)[MAY_DAY] == taken


def test_a_slot_is_given_only_to_a_post_that_was_met(store):
    with pytest.raises(NotFoundError, match="may-day"):
        store.take_slot(MAY_DAY, LATER)


def test_slots_and_planned_hours_are_taken(store):
    store.meet([MAY_DAY], NOON)
    store.take_slot(MAY_DAY, LATER)
    owe(store, planned(post=PostId("other"), planned_at=NOON + HOUR))

    assert store.taken_slots(NOON) == {LATER, NOON + HOUR}
    assert store.taken_slots(NOON + HOUR) == {LATER}
    assert store.taken_slots(LATER) == frozenset()


def test_the_hour_of_what_was_cancelled_is_free_again(store):
    brought_to(store, State.CANCELLED, planned(planned_at=LATER))

    assert store.taken_slots(NOON) == frozenset()


def test_the_ledger_keeps_decisions_in_the_order_they_were_made(store):
    lines = [
        Decision(at=NOON - number * SECOND, by="anna", what="note", about="k", note=str(number))
        for number in range(3)
    ]
    for line in (*lines, Decision(at=NOON, by="anna", what="note", about="other")):
        store.decide(line)

    assert store.decisions("k") == lines
    assert store.decisions("nothing") == []


def test_what_was_never_sent_has_no_attempts(store):
    assert store.attempts(owe(store)[0].key) == []
