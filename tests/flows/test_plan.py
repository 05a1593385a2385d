from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.domain.calendar import Every, Fixed, Frequency, NextSlot, Rule, Slot, next_free_slot
from bot.domain.lengths import PlatformName
from bot.domain.post import Kind, Language, Words
from bot.flows.plan import fixed_hours, movable, plan
from tests.builders import NOON
from tests.flows.conftest import PLANNER, a_post, a_voice

DAY = timedelta(days=1)
EN, FR = Language("en"), Language("fr")
WEEKLY = Every(rules=(Rule(frequency=Frequency.WEEK, weekdays=((5, 0),)),), at=time(12), zone="UTC")


def test_a_post_is_owed_at_its_hour_within_its_grace(campaign):
    campaign.plan(a_post())

    (owed,) = campaign.owed()
    assert (owed.planned_at, owed.expires_at) == (NOON, NOON + timedelta(hours=2))
    assert owed.text == "March with us.\n\n#IndustriALL"


def test_planning_again_changes_nothing(campaign):
    campaign.plan(a_post())
    before = campaign.owed()

    again = campaign.plan(a_post()).plan

    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)
    assert campaign.owed() == before


def test_a_draft_is_not_owed(campaign):
    campaign.plan(a_post(draft=True))

    assert campaign.owed() == []


def test_a_time_already_past_when_first_read_is_an_error_not_a_late_post(campaign):
    campaign.turn(hours=4)

    (problem,) = campaign.plan(a_post()).problems

    assert campaign.owed() == []
    assert "had already passed when this post was first read" in problem.message
    assert str(problem.place) == "may-day.yaml:1:1"


def test_a_post_that_was_read_in_time_is_no_error_once_its_hour_has_passed(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=4)

    assert campaign.plan(a_post()).problems == ()
    assert len(campaign.owed()) == 1


def test_an_account_that_its_platform_has_not_named_waits_and_misses_nothing(campaign):
    campaign.store.enroll("second", PlatformName.MASTODON, campaign.clock.now())
    campaign.voices.append(a_voice("second"))
    campaign.plan(a_post())
    assert [one.account for one in campaign.owed()] == ["mastodon"]
    campaign.turn(hours=4)

    identity = replace(campaign.platform.identify(), own_id="2")
    campaign.store.identified("second", identity, campaign.clock.now())
    campaign.plan(a_post())

    assert [(one.account, one.planned_at) for one in campaign.owed()] == [
        ("mastodon", NOON),
        ("second", NOON),
    ]


def test_an_account_added_later_is_not_owed_the_past(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=4)
    campaign.store.enroll("second", PlatformName.MASTODON, campaign.clock.now())
    campaign.store.identified(
        "second", replace(campaign.platform.identify(), own_id="2"), campaign.clock.now()
    )
    campaign.voices.append(a_voice("second"))

    campaign.plan(a_post())

    assert [one.account for one in campaign.owed()] == ["mastodon"]


def test_a_post_goes_only_where_it_is_meant_for(campaign):
    campaign.plan(a_post(where=("x",)), a_post("other", where=("mastodon",)))

    assert (len(campaign.owed()), len(campaign.owed("other"))) == (0, 1)


def test_languages_go_out_one_after_the_other_in_the_accounts_order(campaign):
    campaign.voices[0] = a_voice(languages=(FR, EN, Language("be")))
    post = a_post(words=Words(text={EN: "Yes.", FR: "Oui."}))

    campaign.plan(post)

    assert [(one.language, one.planned_at - NOON) for one in campaign.owed()] == [
        (FR, timedelta()),
        (EN, timedelta(minutes=20)),
    ]


def test_an_end_of_its_own_shortens_the_grace(campaign):
    campaign.plan(a_post(expires=NOON + timedelta(minutes=5)))

    assert campaign.owed()[0].expires_at == NOON + timedelta(minutes=5)


def test_a_recurrence_is_planned_so_far_ahead_and_never_backwards(campaign):
    post = a_post(when=WEEKLY, kind=Kind.SOLIDARITY)

    campaign.plan(post, planner=replace(PLANNER, ahead=15 * DAY))

    assert [one.occurrence for one in campaign.owed()] == ["2027-05-01", "2027-05-08", "2027-05-15"]


def test_dates_that_can_no_longer_be_kept_are_not_created(campaign):
    campaign.store.enroll("second", PlatformName.MASTODON, campaign.clock.now())
    campaign.voices.append(a_voice("second"))
    campaign.plan(a_post(when=WEEKLY), planner=replace(PLANNER, ahead=1 * DAY))
    campaign.turn(days=10)

    identity = replace(campaign.platform.identify(), own_id="2")
    campaign.store.identified("second", identity, campaign.clock.now())
    campaign.plan(a_post(when=WEEKLY), planner=replace(PLANNER, ahead=5 * DAY))

    dates = [one.occurrence for one in campaign.owed() if one.account == "second"]
    assert dates == ["2027-05-15"]


def test_a_recurrence_reaches_further_as_time_goes_by(campaign):
    post = a_post(when=WEEKLY)
    campaign.plan(post, planner=replace(PLANNER, ahead=8 * DAY))
    campaign.turn(days=7)

    campaign.plan(post, planner=replace(PLANNER, ahead=8 * DAY))

    assert [one.occurrence for one in campaign.owed()] == ["2027-05-01", "2027-05-08", "2027-05-15"]


def test_a_date_that_is_skipped_later_is_cancelled(campaign):
    campaign.plan(a_post(when=WEEKLY), planner=replace(PLANNER, ahead=8 * DAY))
    skipping = replace(WEEKLY, skip=frozenset({datetime(2027, 5, 8, tzinfo=UTC).date()}))

    campaign.plan(a_post(when=skipping), planner=replace(PLANNER, ahead=8 * DAY))

    assert campaign.states() == ["scheduled", "cancelled"]


SLOTS = (Slot(5, time(18), "UTC"), Slot(6, time(18), "UTC"))


def test_a_slot_is_taken_once_and_kept_for_ever(campaign):
    planner = replace(PLANNER, slots=SLOTS)
    campaign.plan(a_post("one", when=NextSlot()), a_post("two", when=NextSlot()), planner=planner)

    campaign.plan(
        a_post("zero", when=NextSlot()),
        a_post("one", when=NextSlot()),
        a_post("two", when=NextSlot()),
        planner=planner,
    )

    hours = {name: campaign.owed(name)[0].planned_at for name in ("one", "two", "zero")}
    assert [f"{at:%a %d}" for at in hours.values()] == ["Sat 01", "Sun 02", "Sat 08"]


def test_a_slot_is_not_taken_where_another_post_goes_out_anyway(campaign):
    planner = replace(PLANNER, slots=SLOTS)
    at_six = Fixed(at=NOON + timedelta(hours=6), written="2027-05-01 18:00 UTC", zone="UTC")

    campaign.plan(a_post("slotted", when=NextSlot()), a_post("fixed", when=at_six), planner=planner)

    assert campaign.owed("slotted")[0].planned_at == NOON + timedelta(hours=6) + DAY


def test_some_posts_of_a_queue_are_planned_around_the_hours_of_all(campaign):
    planner = replace(PLANNER, slots=SLOTS)
    at_six = Fixed(at=NOON + timedelta(hours=6), written="2027-05-01 18:00 UTC", zone="UTC")
    queue = [a_post("slotted", when=NextSlot()), a_post("fixed", when=at_six)]

    plan(queue[:1], campaign.voices, campaign.store, planner, campaign.clock.now(), fixed=fixed_hours(queue))

    assert campaign.owed("slotted")[0].planned_at == NOON + timedelta(hours=6) + DAY
    assert campaign.owed("fixed") == []


def test_a_draft_keeps_no_hour_from_others(campaign):
    planner = replace(PLANNER, slots=SLOTS)
    first = next_free_slot(SLOTS, campaign.clock.now(), frozenset())
    draft = a_post("draft", draft=True, when=Fixed(at=first, written="", zone="UTC"))

    campaign.plan(draft, a_post("slotted", when=NextSlot()), planner=planner)

    assert campaign.owed("slotted")[0].planned_at == first


def test_posts_that_come_round_or_have_no_slot_yet_may_be_owed_more_as_time_passes(campaign):
    planner = replace(PLANNER, slots=SLOTS)
    slotted, slotless = a_post("slotted", when=NextSlot()), a_post("slotless", when=NextSlot())
    campaign.plan(slotted, planner=planner)
    weekly = a_post("weekly", when=WEEKLY)

    found = movable([a_post(), slotted, slotless, weekly], campaign.store, campaign.clock.now())

    assert [post.id for post in found] == ["slotless", "weekly"]


def test_a_post_that_came_too_late_goes_out_at_the_new_hour_it_is_given(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=6)
    campaign.store.expire(campaign.clock.now())
    assert campaign.states() == ["expired"]

    new_hour = Fixed(at=NOON + DAY, written="2027-05-02 12:00 UTC", zone="UTC")
    campaign.plan(a_post(when=new_hour))
    campaign.turn(hours=21)
    campaign.drain()

    assert campaign.states() == ["sent"]


def test_without_slots_next_slot_is_a_problem_that_says_what_to_write(campaign):
    (problem,) = campaign.plan(a_post(when=NextSlot())).problems

    assert "no free slot" in problem.message
    assert "slots:" in problem.fix


def test_a_text_that_does_not_fit_is_a_problem_and_the_rest_goes_on(campaign):
    words = Words(text={EN: "One."}, thread=({EN: "x" * 501},))

    planning = campaign.plan(a_post("long", words=words), a_post())

    (problem,) = planning.problems
    assert "part 2 of the thread is too long for Mastodon" in problem.message
    assert campaign.states("may-day") == ["scheduled"]


def test_an_edit_that_no_longer_fits_takes_the_old_words_back(campaign):
    campaign.plan(a_post())

    campaign.plan(a_post(words=Words(text={EN: "One."}, thread=({EN: "x" * 501},))))

    assert campaign.states() == ["cancelled"]


def test_an_edit_before_it_leaves_changes_what_is_owed(campaign):
    campaign.plan(a_post())

    campaign.plan(a_post(text="March with all of us."))

    assert [one.text for one in campaign.owed()] == ["March with all of us.\n\n#IndustriALL"]


def test_an_edit_after_it_has_left_is_ignored_and_said_so(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=3)
    campaign.drain()

    (problem,) = campaign.plan(a_post(text="Edited.")).problems

    assert campaign.texts == ["March with us.\n\n#IndustriALL"]
    assert "this edit is ignored" in problem.message


def test_what_is_due_and_only_waits_is_cancelled_when_its_account_leaves_where(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=3, minutes=1)

    campaign.plan(a_post(where=("x",)))

    assert campaign.states() == ["cancelled"]


def test_what_is_due_of_a_recurring_post_is_cancelled_when_its_account_leaves_where(campaign):
    planner = replace(PLANNER, ahead=timedelta(hours=4))
    campaign.plan(a_post(when=WEEKLY), planner=planner)
    campaign.clock.at = campaign.owed()[0].planned_at + timedelta(minutes=1)

    campaign.plan(a_post(when=WEEKLY, where=("x",)), planner=planner)

    assert campaign.states() == ["cancelled"]


def test_what_is_due_is_not_cancelled_because_its_hour_has_passed(campaign):
    campaign.plan(a_post(when=WEEKLY), planner=replace(PLANNER, ahead=timedelta(days=8)))
    campaign.clock.at = campaign.owed()[0].planned_at + timedelta(hours=1, minutes=59)

    campaign.plan(a_post(when=WEEKLY))

    assert campaign.states()[0] == "scheduled"


def test_what_is_due_of_a_post_that_became_a_draft_is_cancelled(campaign):
    campaign.plan(a_post())
    campaign.turn(hours=3, minutes=1)

    campaign.plan(a_post(draft=True))

    assert campaign.states() == ["cancelled"]


def test_a_later_language_of_a_date_that_no_longer_counts_is_left_until_it_is_too_late(campaign):
    french = Language("fr")
    campaign.voices = [a_voice(languages=(EN, french))]
    post = a_post(when=WEEKLY, words=Words(text={EN: "March.", french: "Marchez."}))
    campaign.plan(post, planner=replace(PLANNER, ahead=timedelta(hours=4)))
    campaign.clock.at = campaign.owed()[0].planned_at + post.grace + timedelta(minutes=5)

    campaign.plan(post, planner=replace(PLANNER, ahead=timedelta(hours=4)))

    assert campaign.states() == ["scheduled", "scheduled"]
