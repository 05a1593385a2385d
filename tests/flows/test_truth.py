"""What people find out, and what it makes of posts that wait and of posts that are out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.calendar import Fixed
from bot.domain.case import AGE, CaseId, Claim, FactId, Finding, Reliance, Status, case_subject, fact_subject
from bot.domain.delivery import settle
from bot.domain.draft import content_digest
from bot.domain.errors import DecisionError
from bot.domain.post import Kind, PostId
from bot.flows import decide, truth
from bot.flows.needs import needs_of, sentences, situation
from bot.flows.withdraw import withdraw
from tests.builders import DAY, NOON, PATIENT, a_receipt
from tests.flows.conftest import a_post

ANNA = CaseId("anna")
SUBJECT = case_subject(ANNA)


def a_finding(status=Status.JAILED, *, ago=0):
    return Finding(
        subject=SUBJECT,
        name="Anna Example",
        status=status,
        verified_on=(NOON - ago * DAY).date(),
        source="https://union.example/anna",
    )


def about_anna(claim=Claim.JAILED, **changes):
    return a_post(reliance=Reliance(cases={ANNA: claim}), **changes)


def verify(campaign, status=None, *, on=NOON, resolve=False, by="olga"):
    said = {finding.subject: finding for finding, _ in campaign.store.findings().values() if finding}
    return truth.verify(
        campaign.store,
        said,
        SUBJECT,
        status=status,
        source="https://union.example/new",
        on=on.date(),
        check_by=None,
        by=by,
        resolve=resolve,
        age=AGE,
        now=campaign.clock.now(),
    )


def needs(campaign):
    now = campaign.clock.now()
    return needs_of(situation(campaign.store, {"mastodon"}, now), now, alive=True, errors=0)


def later(days):
    at = NOON + days * DAY
    return Fixed(at=at, written=f"{at:%Y-%m-%d %H:%M} UTC", zone="UTC")


@pytest.fixture
def jailed(campaign):
    """Anna was seen in prison today, and a post that says so is planned."""
    campaign.store.know([a_finding()], NOON)
    campaign.plan(about_anna())
    return campaign


def go_out(campaign):
    campaign.clock.at = NOON
    campaign.drain()


def test_a_post_is_planned_and_goes_out_while_it_is_true(jailed):
    go_out(jailed)

    assert jailed.states() == ["sent"]


def test_a_post_is_held_from_the_start_where_its_hour_is_past_the_last_check(campaign):
    campaign.store.know([a_finding()], NOON)

    campaign.plan(about_anna(when=later(20)))

    assert "look again" in campaign.owed()[0].held


def test_the_reason_of_its_writer_comes_before_the_guards(campaign):
    campaign.plan(about_anna(held="waiting for the lawyer"))

    assert campaign.owed()[0].held == "waiting for the lawyer"


def test_a_check_lets_go_what_was_held(campaign):
    campaign.store.know([a_finding()], NOON)
    campaign.plan(about_anna(when=later(20)))

    verify(campaign, on=NOON + timedelta(hours=1))
    campaign.clock.at = NOON + 10 * DAY
    verify(campaign, on=NOON + 10 * DAY)
    campaign.plan(about_anna(when=later(20)))

    assert campaign.owed()[0].held is None


def test_a_post_that_is_no_longer_true_is_held_the_next_time_it_is_planned(jailed):
    verify(jailed, Status.FREE)

    jailed.plan(about_anna())

    assert "is free" in jailed.owed()[0].held


def test_a_check_confirms_what_counted(jailed):
    counts = verify(jailed)

    assert (counts.status, counts.good_until) == (Status.JAILED, (NOON + AGE).date())
    assert jailed.store.decisions(SUBJECT)[-1].by == "olga"


def test_nobody_counts_as_jailed_again_without_being_asked_twice(campaign):
    campaign.store.know([a_finding(Status.FREE, ago=1)], NOON)

    with pytest.raises(DecisionError, match="counts as free: if you are sure"):
        verify(campaign, Status.JAILED)
    assert verify(campaign, Status.JAILED, resolve=True).status is Status.JAILED


def test_nobody_who_died_counts_as_anything_else_without_being_asked_twice(campaign):
    campaign.store.know([a_finding(Status.DIED, ago=1)], NOON)

    with pytest.raises(DecisionError, match="counts as died: if you are sure"):
        verify(campaign, Status.FREE)
    assert verify(campaign, Status.FREE, resolve=True).status is Status.FREE


def test_a_check_of_a_day_to_come_is_refused(jailed):
    with pytest.raises(DecisionError, match="still to come"):
        verify(jailed, on=NOON + 3 * DAY)


def test_an_older_check_than_the_last_is_refused(jailed):
    verify(jailed)

    with pytest.raises(DecisionError, match="was checked on 1 May 2027 already, by olga"):
        verify(jailed, on=NOON - DAY)


def test_nobody_can_check_whom_nobody_knows(campaign):
    with pytest.raises(DecisionError, match="there is no case anna"):
        verify(campaign)


def test_a_week_before_its_hour_a_person_hears_who_must_be_checked_again(campaign):
    campaign.store.know([a_finding(ago=8)], NOON)
    campaign.plan(about_anna(when=later(8)), about_anna(name="may-day-too", when=later(8)))
    assert needs(campaign) == []

    campaign.turn(days=1, hours=4)

    (need,) = needs(campaign)
    assert need.problem == "recheck case anna"
    assert need.words == (
        "Anna Example must be checked again by 9 May 2027, or may-day and 1 more will not go out; the last "
        "check counts until 7 May 2027: `cases verify anna --source URL`"
    )
    assert need.alarm == (
        "case anna must be checked again by 9 May 2027, or may-day and 1 more will not go out"
    )


def test_what_is_held_for_another_reason_than_an_old_check_is_told_by_itself(jailed):
    verify(jailed, Status.FREE)
    jailed.plan(about_anna())

    (need,) = needs(jailed)
    assert need.problem.startswith("held ")


def test_paused_people_are_one_thing_to_see_to_and_not_one_for_each_post(jailed):
    jailed.store.pause_people("a release", "anna", NOON)
    jailed.plan(about_anna(), a_post("other"))

    (need,) = needs(jailed)
    why = "a release, by anna, since 1 May 2027, 12:00 UTC"
    assert need.words == f"posts that name people are paused ({why}): `resume-people` goes on"


def test_what_is_out_and_no_longer_true_is_shown_with_the_way_to_take_it_back(jailed):
    go_out(jailed)
    verify(jailed, Status.FREE)

    assert sentences(needs(jailed)) == [
        "may-day is out; it says that Anna Example is in prison, and this person is free: "
        "`withdraw may-day` takes it away, `cases leave may-day` lets it stand"
    ]
    assert needs(jailed)[0].alarm == "may-day is out and is no longer true"


def test_what_was_withdrawn_is_no_longer_untrue(jailed):
    go_out(jailed)
    verify(jailed, Status.FREE)

    withdraw(jailed.store, PostId("may-day"), "test", "olga", NOON)

    assert [need for need in needs(jailed) if need.problem.startswith("untrue")] == []


def test_what_a_person_leaves_standing_is_asked_about_again_only_when_something_else_is_untrue(jailed):
    go_out(jailed)
    verify(jailed, Status.FREE)
    guard = truth.guard_of(jailed.store, AGE, NOON)

    truth.leave(jailed.store, PostId("may-day"), guard, "olga", NOON)

    assert needs(jailed) == []
    verify(jailed, Status.DIED)
    assert [need.problem for need in needs(jailed)] == ["untrue may-day"]


def test_nothing_is_left_standing_that_is_still_true(jailed):
    go_out(jailed)

    with pytest.raises(DecisionError, match="nothing that is out of may-day"):
        truth.leave(jailed.store, PostId("may-day"), truth.guard_of(jailed.store, AGE, NOON), "olga", NOON)


def test_a_draft_is_planned_once_a_person_lifts_it(campaign):
    draft = a_post(draft=True)
    campaign.plan(draft)
    assert campaign.owed() == []

    campaign.store.approve({(draft.id, None): content_digest(draft)}, "anna", NOON)
    campaign.plan(draft)

    assert campaign.states() == ["scheduled"]


def test_a_post_that_was_changed_after_it_was_lifted_does_not_go_out_as_it_was(campaign):
    draft = a_post(draft=True)
    campaign.store.approve({(draft.id, None): content_digest(draft)}, "anna", NOON)
    campaign.plan(draft)

    campaign.plan(replace(a_post(text="March!"), draft=True))
    go_out(campaign)

    assert campaign.texts == []


def test_a_check_after_the_hour_lets_go_what_was_held_for_want_of_one(campaign):
    campaign.store.know([a_finding(ago=20)], NOON)
    post = about_anna(kind=Kind.SOLIDARITY)
    campaign.plan(post)
    campaign.clock.at = NOON + 2 * DAY

    verify(campaign, on=NOON + 2 * DAY)
    campaign.plan(post)

    assert campaign.owed()[0].held is None


@pytest.mark.parametrize(
    ("check_by", "good_until"),
    [(NOON + 3 * DAY, NOON + 3 * DAY), (NOON - DAY, NOON + AGE), (None, None)],
)
def test_a_fact_that_can_age_ages_on_after_it_was_checked(campaign, check_by, good_until):
    subject = fact_subject(FactId("raid"))
    file = replace(
        a_finding(None, ago=9), subject=subject, name="raid", check_by=check_by.date() if check_by else None
    )

    counts = truth.verify(
        campaign.store,
        {subject: file},
        subject,
        status=None,
        source="https://union.example/raid",
        on=NOON.date(),
        check_by=None,
        by="olga",
        resolve=False,
        age=AGE,
        now=NOON,
    )

    assert counts.good_until == (good_until.date() if good_until else None)


def test_the_rest_of_a_thread_that_is_held_asks_for_a_person(jailed):
    jailed.voices = [replace(jailed.voices[0], limits=replace(jailed.voices[0].limits, length=40))]
    jailed.plan(about_anna(text="One sentence of some length. Another sentence of some length."))
    jailed.clock.at = NOON
    jailed.store.settle(
        settle(jailed.store.claim("mastodon", NOON, lambda *_: b"x"), a_receipt(), NOON, PATIENT), NOON
    )
    verify(jailed, Status.FREE)
    jailed.turn(seconds=30)
    jailed.drain()

    assert jailed.owed()[1].held is not None
    assert [need.problem.split()[0] for need in needs(jailed)] == ["held", "untrue"]


def test_a_withdrawal_that_was_given_up_on_takes_nothing_away_and_can_be_asked_for_again(jailed):
    go_out(jailed)
    verify(jailed, Status.FREE)
    withdraw(jailed.store, PostId("may-day"), "test", "olga", NOON)
    taking_back = jailed.owed()[1]
    decide.cancel(jailed.store, taking_back.key, "olga", NOON)
    assert [need.problem for need in needs(jailed)] == ["untrue may-day"]

    withdraw(jailed.store, PostId("may-day"), "test", "olga", NOON)

    assert jailed.states() == ["sent", "scheduled"]
    assert needs(jailed) == []


def test_what_is_held_is_not_tried_again_for_nobody_would_lift_it(campaign):
    campaign.store.know([a_finding(ago=20)], NOON)
    campaign.plan(about_anna())
    campaign.clock.at = NOON + DAY
    campaign.store.expire(campaign.clock.now())
    key = campaign.owed()[0].key

    with pytest.raises(DecisionError, match=r"is held .*give its post a new date"):
        decide.retry(campaign.store, key, "olga", campaign.clock.now())
