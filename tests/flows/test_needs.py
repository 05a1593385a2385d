from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.delivery import LATE_AFTER
from bot.domain.errors import InDoubtError, RefusedError
from bot.domain.lengths import PlatformName
from bot.flows.needs import needs_of, sentences, situation
from tests.builders import HOUR, NOON, SECOND
from tests.flows.conftest import a_post
from tests.flows.test_publish import a_thread

JUST_LATE = LATE_AFTER + SECOND
WORDS_OF_OTHERS = "@someone says https://evil.example no"


def needs(campaign, *, alive=True, errors=0):
    now = campaign.clock.now()
    return needs_of(situation(campaign.store, {"mastodon"}, now), now, alive=alive, errors=errors)


def named(campaign, **changes):
    return [need.problem for need in needs(campaign, **changes)]


def at(campaign, after):
    campaign.clock.at = NOON + after
    return campaign


@pytest.fixture
def due(campaign):
    """One post that is due at noon."""
    campaign.plan(a_post())
    return campaign


def key(campaign):
    return campaign.owed()[0].key


def test_nobody_is_needed_when_all_is_well(due):
    assert named(due) == []


def test_a_post_is_late_ten_minutes_after_its_hour(due):
    assert named(at(due, LATE_AFTER)) == []
    assert named(at(due, JUST_LATE)) == [f"late {key(due)}"]


def test_a_post_is_late_too_while_its_account_is_paused(due):
    due.store.pause("mastodon", WORDS_OF_OTHERS, "anna", NOON)

    assert named(at(due, JUST_LATE)) == ["paused mastodon", f"late {key(due)}"]


def test_a_paused_account_needs_a_person_before_its_next_post_is_due(due):
    due.store.pause("mastodon", "a funeral", "anna", due.clock.now())

    assert named(due) == ["paused mastodon"]
    assert sentences(needs(due)) == ["mastodon is paused (a funeral): `resume mastodon` goes on"]


def test_a_post_that_is_held_is_not_late_but_held(campaign):
    campaign.plan(a_post(held="wait for the verdict"))

    assert named(at(campaign, JUST_LATE)) == [f"held {key(campaign)}"]


def test_a_thread_that_is_held_needs_a_person_once(campaign):
    campaign.plan(replace(a_thread("One.", "Two."), held="why"))

    assert named(campaign) == [f"held {key(campaign)}"]


def test_a_post_that_was_sent_is_not_late(due):
    at(due, timedelta()).drain()

    assert named(at(due, JUST_LATE)) == []


def test_of_a_thread_the_next_message_alone_is_late(campaign):
    campaign.plan(a_thread("One.", "Two.", "Three."))
    at(campaign, timedelta()).drain()

    assert named(at(campaign, JUST_LATE)) == [f"late {campaign.owed()[1].key}"]


def test_a_problem_keeps_its_name_while_its_words_change(due):
    early, later = needs(at(due, JUST_LATE)), needs(at(due, HOUR))

    assert [need.problem for need in early] == [need.problem for need in later]
    assert sentences(early) != sentences(later)


def test_a_delivery_with_a_reason_is_an_alarm_when_it_is_late_as_well_but_is_said_once(due):
    delivery = due.owed()[0]
    due.store.save(replace(delivery, attention="shut out"), delivery)
    at(due, JUST_LATE)

    assert named(due) == [f"attention {key(due)}", f"late {key(due)}"]
    assert sentences(needs(due)) == [f"{key(due)[:8]} may-day on mastodon: shut out"]


def test_what_was_refused_needs_a_decision_and_is_not_late(due):
    due.platform.answers = iter([RefusedError("too long")])
    at(due, timedelta()).drain()

    assert named(at(due, JUST_LATE)) == [f"attention {key(due)}"]


def test_what_is_in_doubt_is_looked_for_and_is_not_late(due):
    due.platform.answers = iter([InDoubtError("no answer")])
    at(due, timedelta()).drain()

    assert named(at(due, JUST_LATE)) == []


def test_the_program_itself_may_need_a_person(due):
    due.store.pause(None, "a funeral", "anna", NOON)

    assert named(due, alive=False, errors=2) == ["not running", "all paused", "posts"]
    assert sentences(needs(due, alive=False, errors=2))[-1] == "the posts have 2 errors: see `check`"


def test_publishing_that_was_never_started_needs_a_person(campaign):
    found = replace(situation(campaign.store, {"mastodon"}, NOON), started=False)

    assert [need.problem for need in needs_of(found, NOON, alive=True, errors=0)] == ["not started"]


def test_an_account_that_is_no_longer_configured_needs_nobody(due):
    due.store.pause("mastodon", "closed", "anna", NOON)

    assert situation(due.store, {"x"}, NOON).accounts == []


def test_what_leaves_the_machine_holds_no_text_no_handle_and_no_words_of_others(campaign):
    campaign.plan(a_post(), a_post("held", held=WORDS_OF_OTHERS))
    campaign.platform.answers = iter([RefusedError(WORDS_OF_OTHERS)])
    at(campaign, timedelta()).drain()
    for label in ("mastodon", None):
        campaign.store.pause(label, WORDS_OF_OTHERS, "@anna", NOON)

    said = [need.alarm for need in needs(at(campaign, JUST_LATE), alive=False, errors=2)]

    assert said == [
        "the program is stuck, or not running",
        "everything is paused",
        "mastodon is paused",
        "may-day on mastodon needs a decision",
        "held on mastodon is held",
        "the posts have 2 errors",
    ]


def test_an_account_that_its_platform_has_shut_out_names_the_way_back(due):
    due.store.pause("mastodon", "the token is not valid", "auth check", NOON, blocked=True)

    (need,) = needs(due)
    assert need.words == (
        "mastodon is shut out (the token is not valid): mend that, then `auth check mastodon` lets it go on"
    )
    assert need.alarm == "mastodon is shut out by its platform"


def test_an_account_that_was_never_reached_needs_a_person_after_ten_minutes(campaign):
    campaign.store.enroll("new", PlatformName.X, NOON)

    def found(now):
        named = needs_of(situation(campaign.store, {"new"}, now), now, alive=True, errors=0)
        return [need.problem for need in named]

    assert found(NOON + LATE_AFTER) == []
    assert found(NOON + JUST_LATE) == ["unreached new"]


def test_what_is_held_of_a_thread_that_has_begun_needs_a_person(campaign):
    thread = a_thread("One.", "Two.", "Three.")
    campaign.plan(thread)
    at(campaign, timedelta()).drain()

    campaign.plan(replace(thread, held="why"))

    assert named(campaign) == [f"held {campaign.owed()[1].key}"]
