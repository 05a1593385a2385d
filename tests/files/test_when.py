from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from bot.domain.calendar import Every, Fixed, Frequency, Missing, NextSlot, Rule
from bot.files.posts import QueueSettings
from tests.files.conftest import SETTINGS, a_post, messages, read, the_post

NOWHERE = QueueSettings()


def when(written, settings=SETTINGS, more=""):
    return the_post(a_post(when=f"when: {written}", more=more), settings).when


def every(written, more=""):
    return the_post(a_post(when=f"every: {{{written}}}", more=more)).when


@pytest.mark.parametrize(
    ("written", "at", "zone"),
    [
        ("2027-05-01 09:00 Europe/Vilnius", datetime(2027, 5, 1, 6, tzinfo=UTC), "Europe/Vilnius"),
        ("2027-05-01 9:00 Europe/Vilnius", datetime(2027, 5, 1, 6, tzinfo=UTC), "Europe/Vilnius"),
        ("2027-12-01 09:00", datetime(2027, 12, 1, 8, tzinfo=UTC), "Europe/Brussels"),
        ("2027-5-1 09:00:30 UTC", datetime(2027, 5, 1, 9, 0, 30, tzinfo=UTC), "UTC"),
        ("2027-05-01T09:00Z", datetime(2027, 5, 1, 9, tzinfo=UTC), "UTC"),
        ("2027-05-01T09:00:00+02:00", datetime(2027, 5, 1, 7, tzinfo=UTC), "UTC"),
        ("2027-05-01 09:00 -0330", datetime(2027, 5, 1, 12, 30, tzinfo=UTC), "UTC"),
        ("'2027-05-01   09:00  America/Argentina/Buenos_Aires'", datetime(2027, 5, 1, 12, tzinfo=UTC), None),
    ],
)
def test_a_fixed_time_is_the_instant_its_zone_says(written, at, zone):
    found = when(written)

    assert found.at == at
    assert zone in (found.zone, None)


def test_a_fixed_time_keeps_the_words_it_was_written_in():
    assert when("2027-05-01 09:00") == Fixed(
        at=datetime(2027, 5, 1, 7, tzinfo=UTC), written="2027-05-01 09:00", zone="Europe/Brussels"
    )


def test_next_slot_is_a_time():
    assert when("next-slot") == NextSlot()


def test_a_time_with_an_offset_needs_no_zone():
    assert when("2027-05-01 09:00 +02:00", NOWHERE).at == datetime(2027, 5, 1, 7, tzinfo=UTC)


def test_a_time_in_a_gap_shifts_where_the_post_allows_it():
    shifted = when("2026-03-29 02:30 Europe/Warsaw", more="dst: shift\n")

    assert shifted.at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(("fold", "hour"), [("first", 0), ("second", 1)])
def test_of_a_time_that_comes_twice_the_post_may_choose(fold, hour):
    chosen = when("2026-10-25 02:30 Europe/Warsaw", more=f"fold: {fold}\n")

    assert chosen.at == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


def test_of_a_time_that_comes_twice_the_first_is_taken_with_a_warning():
    found = read(a_post(when="when: 2026-10-25 02:30 Europe/Warsaw"))

    assert found.posts[0].when.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [problem.severity for problem in found.problems] == ["warning"]


def test_minsk_has_no_gap_and_no_fold():
    assert when("2026-03-29 02:30 Europe/Minsk").at == datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    assert when("2026-10-25 02:30 Europe/Minsk").at == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)


NINE = Every(rules=(), at=time(9), zone="Europe/Brussels")
YEARLY = Rule(frequency=Frequency.YEAR, month=4, month_days=(19,))
MONTHLY = Rule(frequency=Frequency.MONTH)


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ("year: 19 April", (YEARLY,)),
        ("year: April 19th", (YEARLY,)),
        ("year: [19 april, 1. may]", (YEARLY, replace(YEARLY, month=5, month_days=(1,)))),
        ("month: 16", (replace(MONTHLY, month_days=(16,)),)),
        ("month: last", (replace(MONTHLY, month_days=(-1,)),)),
        ("month: last day", (replace(MONTHLY, month_days=(-1,)),)),
        ("month: first monday", (replace(MONTHLY, weekdays=((0, 1),)),)),
        (
            "month: [last friday, 1]",
            (replace(MONTHLY, weekdays=((4, -1),)), replace(MONTHLY, month_days=(1,))),
        ),
        ("week: monday", (Rule(frequency=Frequency.WEEK, weekdays=((0, 0),)),)),
        ("week: [Thu, monday, mondays]", (Rule(frequency=Frequency.WEEK, weekdays=((0, 0), (3, 0))),)),
        ("day: 1", (Rule(frequency=Frequency.DAY),)),
    ],
)
def test_a_recurrence_is_read_under_friendly_keys(written, rules):
    assert every(f'{written}, at: "09:00"') == replace(NINE, rules=rules)


@pytest.mark.parametrize("at", ['"09:00"', "09:00", "9:00", "09:00:00", "'09:00 Europe/Brussels'"])
def test_the_hour_of_a_recurrence_may_stand_bare(at):
    assert every(f"year: 19 April, at: {at}") == replace(NINE, rules=(YEARLY,))


def test_a_recurrence_may_have_a_zone_a_beginning_an_end_and_gaps():
    found = every(
        'day: 2, at: "18:30", zone: Europe/Minsk, from: 2027-01-01, until: 2027-12-31, skip: [2027-01-03]'
    )

    assert found == Every(
        rules=(Rule(frequency=Frequency.DAY, interval=2),),
        at=time(18, 30),
        zone="Europe/Minsk",
        start=date(2027, 1, 1),
        until=date(2027, 12, 31),
        skip=frozenset({date(2027, 1, 3)}),
    )


def test_a_recurrence_may_come_every_second_time():
    (rule,) = every('year: 19 April, interval: 2, at: "09:00", from: 2026-01-01').rules

    assert rule == replace(YEARLY, interval=2)


@pytest.mark.parametrize("missing", list(Missing))
def test_a_day_that_is_not_always_there_says_what_then(missing):
    (rule,) = every(f'year: 29 February, at: "09:00", on_missing_day: {missing}').rules

    assert rule == replace(YEARLY, month=2, month_days=(29,), missing=missing)


@pytest.mark.parametrize("day", ["29", "30", "31"])
def test_a_day_that_some_months_lack_must_say_what_then(day):
    found = read(a_post(when=f'every: {{month: {day}, at: "09:00"}}'))

    assert messages(found) == [(2, "not every month has this day")]


@pytest.mark.parametrize("written", ["month: 28", "year: 31 January", "month: last"])
def test_a_day_that_is_always_there_need_not_say_what_then(written):
    assert every(f'{written}, at: "09:00"').rules


def test_the_second_of_two_hours_can_be_chosen_for_a_recurrence():
    assert every('day: 1, at: "02:30"', more="fold: second\n").second_fold


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2027-05-02", datetime(2027, 5, 1, 21, tzinfo=UTC)),
        ("2027-05-02 Europe/Brussels", datetime(2027, 5, 1, 22, tzinfo=UTC)),
        ("2027-05-02 12:00", datetime(2027, 5, 2, 9, tzinfo=UTC)),
        ("2027-05-02 12:00 UTC", datetime(2027, 5, 2, 12, tzinfo=UTC)),
    ],
)
def test_the_end_of_a_post_is_a_moment_or_the_beginning_of_a_day_in_the_zone_of_its_time(written, at):
    post = the_post(a_post(when="when: 2027-05-01 09:00 Europe/Vilnius", more=f"expires: {written}\n"))

    assert post.expires == at


def test_the_end_of_a_post_may_fall_into_a_gap():
    post = the_post(a_post(when="when: next-slot", more="expires: 2026-03-29 02:30 Europe/Warsaw\n"))

    assert post.expires == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_post_that_takes_a_slot_may_end():
    assert the_post(a_post(when="when: next-slot", more="expires: 2027-05-02\n")).expires
