from datetime import timedelta

from bot.domain.calendar import Fixed
from bot.domain.delivery import How
from bot.domain.errors import InDoubtError, TryLaterError
from bot.flows.reconcile import reconcile
from tests.builders import NOON
from tests.flows.conftest import a_post
from tests.flows.test_publish import a_thread

STORED = InDoubtError("stored, but the answer was lost")
NOT_STORED = InDoubtError("no answer")


def in_doubt(campaign, *answers, posts=()):
    campaign.plan(*(posts or [a_post()]))
    campaign.platform.answers = iter(answers)
    campaign.turn(hours=3)
    campaign.drain()


def test_nobody_looks_before_the_platform_had_time(campaign):
    in_doubt(campaign, STORED)
    campaign.turn(seconds=89)

    assert campaign.reconcile() == 0
    assert campaign.states() == ["in_doubt"]


def test_what_is_found_was_sent_and_is_not_sent_again(campaign):
    in_doubt(campaign, STORED)
    campaign.turn(seconds=90)

    campaign.reconcile()
    campaign.turn(hours=1)
    campaign.drain()

    (owed,) = campaign.owed()
    assert (owed.state.value, owed.how) == ("sent", How.FOUND)
    assert len(campaign.texts) == 1


def test_what_was_not_stored_is_sent_again_after_the_last_look(campaign):
    in_doubt(campaign, NOT_STORED)
    for _ in range(2):
        campaign.turn(seconds=90)
        campaign.reconcile()
        campaign.drain()

    assert campaign.states() == ["sent"]
    assert (campaign.platform.requests, len(campaign.texts)) == (2, 1)


def test_a_look_that_fails_is_no_look(campaign):
    in_doubt(campaign, NOT_STORED)
    campaign.platform.looks = iter([TryLaterError("out of reach")] * 3)
    for _ in range(3):
        campaign.turn(minutes=4)
        campaign.reconcile()
        campaign.drain()

    assert campaign.states() == ["in_doubt"]
    assert campaign.platform.requests == 1


def test_half_an_hour_without_a_look_asks_a_person_and_a_look_answers(campaign):
    in_doubt(campaign, STORED)
    campaign.platform.looks = iter([TryLaterError("out of reach")])
    campaign.turn(minutes=31)
    campaign.reconcile()
    assert "we cannot look" in campaign.owed()[0].attention

    campaign.turn(minutes=15)
    campaign.reconcile()
    assert (campaign.states(), campaign.owed()[0].attention) == (["sent"], None)


def test_two_equal_posts_are_two_posts(campaign):
    a_minute_later = Fixed(at=NOON + timedelta(minutes=1), written="2027-05-01 12:01 UTC", zone="UTC")
    campaign.plan(a_post("first"), a_post("second", when=a_minute_later))
    campaign.turn(hours=3)
    campaign.drain()
    campaign.platform.answers = iter([NOT_STORED])
    campaign.turn(minutes=1)
    campaign.drain()

    for _ in range(2):
        campaign.turn(seconds=90)
        campaign.reconcile()
        campaign.drain()

    # The first one's post was not taken for it.
    assert campaign.states("second") == ["sent"]
    assert [one.key for one in campaign.platform.stored] == [
        campaign.owed("first")[0].key,
        campaign.owed("second")[0].key,
    ]


def test_several_candidates_are_for_a_person_to_tell_apart(campaign):
    in_doubt(campaign, STORED)
    campaign.platform.keeps_keys = False
    campaign.platform._store(campaign.owed()[0])
    campaign.turn(seconds=90)

    campaign.reconcile()

    assert "which is it?" in campaign.owed()[0].attention
    assert campaign.store.needing_attention() == campaign.owed()


def test_what_was_found_out_stands_in_the_ledger(campaign):
    in_doubt(campaign, STORED)
    campaign.turn(seconds=90)
    campaign.reconcile()

    (line,) = campaign.store.decisions(campaign.owed()[0].key)
    assert (line.by, line.what) == ("the program", "looked: sent")
    assert [attempt.outcome for attempt in campaign.store.attempts(campaign.owed()[0].key)] == ["in_doubt"]


def test_a_look_that_found_nothing_out_is_not_in_the_ledger(campaign):
    in_doubt(campaign, NOT_STORED)
    campaign.turn(seconds=90)
    campaign.reconcile()

    assert campaign.store.decisions(campaign.owed()[0].key) == []


def test_a_post_that_could_not_be_read_back_is_not_verified(campaign):
    in_doubt(campaign)
    campaign.platform.looks = iter([TryLaterError("out of reach")])
    campaign.turn(minutes=1)
    campaign.reconcile()

    (owed,) = campaign.owed()
    assert (owed.verified_at, owed.attention) == (None, None)
    assert owed.next_at > campaign.clock.now()


def test_a_sent_post_is_read_back_once(campaign):
    in_doubt(campaign)
    campaign.turn(seconds=59)
    assert campaign.reconcile() == 0

    campaign.turn(seconds=1)
    assert (campaign.reconcile(), campaign.reconcile()) == (1, 0)
    assert campaign.owed()[0].verified_at == campaign.clock.now()


def test_a_post_that_was_accepted_and_is_not_there_asks_a_person(campaign):
    in_doubt(campaign)
    campaign.platform.stored.clear()
    for _ in range(5):
        campaign.turn(minutes=1)
        assert campaign.owed()[0].attention is None
        campaign.reconcile()

    assert campaign.owed()[0].attention == "accepted by the platform, but not to be seen there"


def test_a_thread_goes_on_once_its_doubt_is_resolved(campaign):
    in_doubt(campaign, STORED, posts=(a_thread("One.", "Two."),))
    campaign.turn(seconds=90)
    campaign.reconcile()
    campaign.drain()

    assert campaign.states() == ["sent", "sent"]
    assert [one.parent for one in campaign.platform.stored] == [None, "1"]


def test_looking_ends_when_it_is_no_longer_wanted(campaign):
    in_doubt(campaign, STORED)
    campaign.turn(seconds=90)

    reconcile(campaign.speaker, lambda: False)

    assert [one.looks for one in campaign.owed()] == [0]
    assert campaign.states() == ["in_doubt"]
