from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import DecisionError, InDoubtError, NotFoundError, RefusedError
from bot.domain.post import PostId
from bot.flows import decide
from tests.builders import NOON, a_receipt
from tests.flows.conftest import PLANNER, a_post
from tests.flows.test_plan import WEEKLY
from tests.flows.test_publish import a_thread

MAY_DAY = PostId("may-day")


def key(campaign, part=1):
    return campaign.owed()[part - 1].key[:8]


def test_publishing_now_moves_the_hour_and_keeps_the_key(campaign):
    campaign.plan(a_post())
    before = key(campaign)

    decide.publish_now(campaign.store, MAY_DAY, "an organiser", campaign.clock.now())
    campaign.drain()

    assert (campaign.states(), key(campaign)) == (["sent"], before)


def test_what_went_out_now_does_not_go_out_again_at_its_hour(campaign):
    campaign.plan(a_post())
    decide.publish_now(campaign.store, MAY_DAY, "an organiser", campaign.clock.now())
    campaign.drain()

    campaign.plan(a_post())
    campaign.turn(hours=3)

    assert campaign.drain() == 0


def test_of_a_recurring_post_only_the_next_date_goes_out_now(campaign):
    campaign.plan(a_post(when=WEEKLY), planner=replace(PLANNER, ahead=timedelta(days=10)))

    decide.publish_now(campaign.store, MAY_DAY, "an organiser", campaign.clock.now())
    campaign.drain()

    assert campaign.states() == ["sent", "scheduled"]
    assert campaign.owed()[1].planned_at == NOON + timedelta(days=7)


def test_what_is_due_already_needs_no_hurry(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=3)

    with pytest.raises(DecisionError, match="due already"):
        decide.publish_now(campaign.store, MAY_DAY, "an organiser", campaign.clock.now())


def test_publishing_now_is_written_down_with_a_name(campaign):
    campaign.plan(a_post())

    decide.publish_now(campaign.store, MAY_DAY, "an organiser", campaign.clock.now())

    (line,) = campaign.store.decisions(campaign.owed()[0].key)
    assert (line.by, line.what) == ("an organiser", "publish now")


@pytest.mark.parametrize(
    ("change", "words"),
    [({"draft": True}, "not planned"), ({"held": "the lawyer"}, "held \\(the lawyer\\)")],
)
def test_what_must_not_go_out_is_not_published_now(campaign, change, words):
    campaign.plan(a_post(**change))

    with pytest.raises(DecisionError, match=words):
        decide.publish_now(campaign.store, MAY_DAY, "an organiser", campaign.clock.now())


def test_what_is_out_is_not_published_now(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=3)
    campaign.drain()

    with pytest.raises(DecisionError, match="published: https://"):
        decide.publish_now(campaign.store, MAY_DAY, "an organiser", campaign.clock.now())


def test_what_was_refused_is_tried_again_under_its_key(campaign):
    campaign.plan(a_post())
    campaign.platform.answers = iter([RefusedError("no")])
    campaign.turn(hours=3)
    campaign.drain()

    decide.retry(campaign.store, key(campaign), "an organiser", campaign.clock.now())
    campaign.drain()

    assert (campaign.states(), len(campaign.texts)) == (["sent"], 1)


def test_what_was_refused_takes_its_new_words(campaign):
    campaign.plan(a_post())
    campaign.platform.answers = iter([RefusedError("no")])
    campaign.turn(hours=3)
    campaign.drain()

    campaign.plan(a_post(text="Better."))
    decide.retry(campaign.store, key(campaign), "an organiser", campaign.clock.now())
    campaign.drain()

    assert campaign.texts == ["Better.\n\n#IndustriALL"]


def test_what_came_too_late_gets_a_second_chance_with_all_its_parts(campaign):
    campaign.plan(a_thread("One.", "Two."))
    campaign.turn(hours=6)
    campaign.store.expire(campaign.clock.now())
    assert campaign.states() == ["expired", "expired"]

    decide.retry(campaign.store, key(campaign, 2), "an organiser", campaign.clock.now())
    campaign.drain()
    campaign.turn(seconds=5)
    campaign.drain()

    assert campaign.states() == ["sent", "sent"]


def test_what_waits_is_not_tried_again(campaign):
    campaign.plan(a_post())

    with pytest.raises(DecisionError, match="waiting for its hour"):
        decide.retry(campaign.store, key(campaign), "an organiser", campaign.clock.now())


def test_cancelling_takes_all_parts_back(campaign):
    campaign.plan(a_thread("One.", "Two."))

    decide.cancel(campaign.store, key(campaign, 2), "an organiser", campaign.clock.now())
    campaign.turn(hours=3)

    assert campaign.drain() == 0
    assert campaign.states() == ["cancelled", "cancelled"]


def test_what_was_cancelled_by_a_person_stays_cancelled(campaign):
    campaign.plan(a_post())
    decide.cancel(campaign.store, key(campaign), "an organiser", campaign.clock.now())

    campaign.plan(a_post())
    campaign.plan(a_post(text="Edited."))

    assert campaign.states() == ["cancelled"]


def test_what_may_be_out_cannot_be_cancelled(campaign):
    campaign.plan(a_thread("One.", "Two."))
    campaign.platform.answers = iter([InDoubtError("no answer")])
    campaign.turn(hours=3)
    campaign.drain()

    with pytest.raises(DecisionError, match="part 1 of may-day on mastodon is in doubt"):
        decide.cancel(campaign.store, key(campaign, 2), "an organiser", campaign.clock.now())


def test_a_key_that_nothing_has_is_said_to_be_none(campaign):
    with pytest.raises(NotFoundError):
        decide.cancel(campaign.store, "zzzzzzzz", "an organiser", NOON + timedelta(days=1))


def in_doubt(campaign, parts=("One.", "Two.")):
    campaign.plan(a_thread(*parts))
    campaign.clock.at = NOON
    campaign.platform.answers = iter([InDoubtError("no answer")])
    campaign.drain()
    return campaign.owed()[0]


def test_what_is_left_as_it_is_takes_the_rest_of_its_thread_back(campaign):
    doubtful = in_doubt(campaign)

    decide.leave(campaign.store, doubtful, "anna", NOON)

    assert campaign.states() == ["failed", "cancelled"]
    assert campaign.store.needing_attention() == []


def test_a_refusal_that_is_left_as_it_is_asks_nobody_any_more(campaign):
    campaign.plan(a_post())
    campaign.clock.at = NOON
    campaign.platform.answers = iter([RefusedError("too long")])
    campaign.drain()

    decide.leave(campaign.store, campaign.owed()[0], "anna", NOON)

    assert (campaign.states(), campaign.owed()[0].attention) == (["failed"], None)


def test_what_was_published_and_is_left_as_it_is_lets_its_thread_go_on(campaign):
    in_doubt(campaign)
    there = replace(a_receipt("9"), url="https://mastodon.example/9")
    decide.told_sent(campaign.store, campaign.owed()[0], there, "anna", NOON)
    first = campaign.owed()[0]
    campaign.store.save(replace(first, attention="not to be seen there"), first)

    decide.leave(campaign.store, campaign.owed()[0], "anna", NOON)

    assert campaign.states() == ["sent", "scheduled"]


def test_the_thread_goes_on_under_what_a_person_has_found(campaign):
    doubtful = in_doubt(campaign)
    decide.told_sent(campaign.store, doubtful, a_receipt("9"), "anna", NOON)
    campaign.turn(seconds=5)

    campaign.drain()

    assert [one.parent for one in campaign.platform.stored] == ["9"]


def test_what_a_person_misses_is_sent_again_even_where_its_hour_is_long_over(campaign):
    doubtful = in_doubt(campaign, ("One.",))
    late = doubtful.expires_at + timedelta(days=1)
    campaign.clock.at = late

    decide.told_not_sent(campaign.store, doubtful, "anna", late)
    campaign.store.expire(late + timedelta(minutes=14))
    campaign.drain()

    assert campaign.states() == ["sent"]
    assert len(campaign.texts) == 1
