from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.calendar import (
    Every,
    Frequency,
    Missing,
    Occurrence,
    Rule,
    Slot,
    around_gap,
    instant,
    instants,
    next_free_slot,
    occurrences,
)

BRUSSELS = "Europe/Brussels"
BOUNDED = settings(max_examples=200, derandomize=True, deadline=None, database=None)


def local(text):
    return datetime.fromisoformat(text)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


GAPS = [
    # zone, a time that the clocks skip, the local times around it, the instant of the later
    (BRUSSELS, "2027-03-28 02:30", "2027-03-28 01:30", "2027-03-28 03:30", "2027-03-28 01:30"),
    ("America/New_York", "2027-03-14 02:30", "2027-03-14 01:30", "2027-03-14 03:30", "2027-03-14 07:30"),
    ("Australia/Lord_Howe", "2027-10-03 02:15", "2027-10-03 01:45", "2027-10-03 02:45", "2027-10-02 15:45"),
    ("America/Santiago", "2027-09-05 00:30", "2027-09-04 23:30", "2027-09-05 01:30", "2027-09-05 04:30"),
    ("Asia/Beirut", "2027-03-28 00:30", "2027-03-27 23:30", "2027-03-28 01:30", "2027-03-27 22:30"),
    ("Pacific/Apia", "2011-12-30 12:00", "2011-12-29 12:00", "2011-12-31 12:00", "2011-12-30 22:00"),
]
FOLDS = [
    # zone, a time that the clocks repeat, its two instants
    (BRUSSELS, "2027-10-31 02:30", "2027-10-31 00:30", "2027-10-31 01:30"),
    ("America/New_York", "2027-11-07 01:30", "2027-11-07 05:30", "2027-11-07 06:30"),
    ("Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-03 14:45", "2027-04-03 15:15"),
    ("America/Santiago", "2027-04-03 23:30", "2027-04-04 02:30", "2027-04-04 03:30"),
    ("Asia/Beirut", "2027-10-30 23:30", "2027-10-30 20:30", "2027-10-30 21:30"),
    ("Europe/London", "2027-10-31 01:30", "2027-10-31 00:30", "2027-10-31 01:30"),
]


@pytest.mark.parametrize(("zone", "skipped", "before", "after", "at"), GAPS)
def test_a_time_that_the_clocks_skip_has_no_instant_but_two_neighbours(zone, skipped, before, after, at):
    assert instants(local(skipped), zone) == ()
    assert around_gap(local(skipped), zone) == (local(before), local(after))
    assert instant(local(skipped), zone) == instant(local(after), zone) == utc(at)


@pytest.mark.parametrize(("zone", "repeated", "first", "second"), FOLDS)
def test_a_time_that_the_clocks_repeat_has_two_instants_and_one_can_be_chosen(zone, repeated, first, second):
    assert instants(local(repeated), zone) == (utc(first), utc(second))
    assert instant(local(repeated), zone) == utc(first)
    assert instant(local(repeated), zone, second_fold=True) == utc(second)


def test_minsk_has_neither():
    for day in ("2027-03-28", "2027-10-31"):
        assert instants(local(f"{day} 02:30"), "Europe/Minsk") == (utc(f"{day} 02:30") - timedelta(hours=3),)


ZONES = st.sampled_from(
    [*{zone for zone, *_ in (*GAPS, *FOLDS)}, "Europe/Dublin", "Africa/Casablanca", "UTC"]
)
CHANGES = st.sampled_from([local(at) for _, at, *_ in (*GAPS, *FOLDS)])
MOMENTS = st.datetimes(local("2005-01-01"), local("2040-01-01")) | st.builds(
    lambda at, minutes: at + timedelta(minutes=minutes), CHANGES, st.integers(-200, 200)
)


@BOUNDED
@given(ZONES, MOMENTS)
def test_every_instant_of_a_time_is_one_at_which_the_clocks_show_it(zone, at):
    found = instants(at, zone)

    assert [one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in found] == [at] * len(found)
    assert list(found) == sorted(set(found))


@BOUNDED
@given(ZONES, MOMENTS.map(lambda at: at.replace(tzinfo=UTC)))
def test_no_instant_of_a_time_is_missing(zone, at):
    assert at in instants(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone)


def every(frequency, **rule):
    options = {name: rule.pop(name) for name in ("start", "until", "skip", "at", "zone") if name in rule}
    return Every(
        **{"rules": (Rule(frequency=frequency, **rule),), "at": time(9), "zone": BRUSSELS, **options}
    )


def days(what, after="2027-01-01", until="2028-12-31"):
    """The local dates of a recurrence between two others."""
    return [one.label for one in occurrences(what, utc(after), utc(f"{until} 23:59"))]


def test_an_anniversary_comes_once_a_year_at_its_local_hour():
    found = list(
        occurrences(every(Frequency.YEAR, month=4, month_days=(19,)), utc("2027-01-01"), utc("2029-01-01"))
    )

    assert found == [
        Occurrence(utc("2027-04-19 07:00"), "2027-04-19"),
        Occurrence(utc("2028-04-19 07:00"), "2028-04-19"),
    ]


@pytest.mark.parametrize(
    ("missing", "found"),
    [
        (Missing.SKIP, ["2028-02-29"]),
        (Missing.LAST, ["2027-02-28", "2028-02-29"]),
    ],
)
def test_29_february_is_left_out_or_moved_where_it_is_missing(missing, found):
    assert days(every(Frequency.YEAR, month=2, month_days=(29,), missing=missing)) == found


@pytest.mark.parametrize(
    ("day", "missing", "found"),
    [
        (31, Missing.SKIP, ["2027-01-31", "2027-03-31", "2027-05-31"]),
        (31, Missing.LAST, ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        (30, Missing.LAST, ["2027-01-30", "2027-02-28", "2027-03-30", "2027-04-30", "2027-05-30"]),
        (29, Missing.SKIP, ["2027-01-29", "2027-03-29", "2027-04-29", "2027-05-29"]),
        (-1, Missing.SKIP, ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
    ],
)
def test_a_day_at_the_end_of_the_month_is_left_out_or_moved_where_it_is_missing(day, missing, found):
    assert days(every(Frequency.MONTH, month_days=(day,), missing=missing), until="2027-05-31") == found


@pytest.mark.parametrize(
    ("weekdays", "found"),
    [
        (((0, 1),), ["2027-01-04", "2027-02-01", "2027-03-01"]),
        (((4, -1),), ["2027-01-29", "2027-02-26", "2027-03-26"]),
        (((2, 3),), ["2027-01-20", "2027-02-17", "2027-03-17"]),
    ],
)
def test_a_weekday_of_the_month_is_counted_from_its_beginning_or_end(weekdays, found):
    assert days(every(Frequency.MONTH, weekdays=weekdays), until="2027-03-31") == found


def test_weekdays_come_each_week():
    found = days(every(Frequency.WEEK, weekdays=((0, 0), (3, 0))), until="2027-01-12")

    assert found == ["2027-01-04", "2027-01-07", "2027-01-11"]


def test_each_day_comes_once_through_both_changes_of_the_clocks():
    daily = every(Frequency.DAY, at=time(2, 30))

    spring = list(occurrences(daily, utc("2027-03-26 12:00"), utc("2027-03-29 12:00")))
    autumn = list(occurrences(daily, utc("2027-10-29 12:00"), utc("2027-11-01 12:00")))

    assert [one.at for one in spring] == [
        utc("2027-03-27 01:30"),
        utc("2027-03-28 01:30"),
        utc("2027-03-29 00:30"),
    ]
    assert [one.at for one in autumn] == [
        utc("2027-10-30 00:30"),
        utc("2027-10-31 00:30"),
        utc("2027-11-01 01:30"),
    ]


def test_a_day_that_a_place_skipped_whole_comes_on_the_next():
    daily = every(Frequency.DAY, zone="Pacific/Apia", at=time(12))

    found = list(occurrences(daily, utc("2011-12-30 18:00"), utc("2011-12-31 12:00")))

    assert Occurrence(utc("2011-12-30 22:00"), "2011-12-30") in found


def test_of_an_hour_that_comes_twice_a_recurrence_may_take_the_second():
    daily = replace(every(Frequency.DAY, at=time(2, 30)), second_fold=True)

    (found,) = occurrences(daily, utc("2027-10-30 12:00"), utc("2027-10-31 12:00"))

    assert found == Occurrence(utc("2027-10-31 01:30"), "2027-10-31")


@pytest.mark.parametrize("asked", ["2027-01-01", "2027-01-10", "2027-02-03"])
def test_an_interval_counts_from_its_beginning_whenever_one_asks(asked):
    third = every(Frequency.DAY, interval=3, start=date(2027, 1, 2))

    wanted = {(date(2027, 1, 2) + timedelta(days=3 * n)).isoformat() for n in range(40)}
    found = days(third, after=asked, until="2027-03-01")
    assert found == sorted(day for day in wanted if asked <= day <= "2027-03-01")


def test_every_second_week_and_year_count_from_their_beginning():
    week = every(Frequency.WEEK, weekdays=((0, 0),), interval=2, start=date(2027, 1, 4))
    year = every(Frequency.YEAR, month=5, month_days=(1,), interval=2, start=date(2026, 1, 1))

    assert days(week, after="2027-01-05", until="2027-02-15") == ["2027-01-18", "2027-02-01", "2027-02-15"]
    assert days(year, until="2030-12-31") == ["2028-05-01", "2030-05-01"]


def test_a_recurrence_has_first_and_last_days_and_days_left_out():
    daily = every(
        Frequency.DAY, start=date(2027, 1, 3), until=date(2027, 1, 6), skip=frozenset({date(2027, 1, 4)})
    )

    assert days(daily) == ["2027-01-03", "2027-01-05", "2027-01-06"]


def test_a_day_that_two_rules_name_comes_once():
    first = Rule(frequency=Frequency.MONTH, month_days=(1,))
    monday = Rule(frequency=Frequency.MONTH, weekdays=((0, 1),))

    found = days(replace(every(Frequency.DAY), rules=(first, monday)), until="2027-03-31")

    assert found == ["2027-01-01", "2027-01-04", "2027-02-01", "2027-03-01"]


def test_dates_are_later_than_the_one_end_and_not_later_than_the_other():
    daily = every(Frequency.DAY, zone="UTC")

    found = [one.at for one in occurrences(daily, utc("2027-01-01 09:00"), utc("2027-01-03 09:00"))]

    assert found == [utc("2027-01-02 09:00"), utc("2027-01-03 09:00")]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_date_that_names_an_occurrence_is_that_of_its_own_place(zone):
    daily = every(Frequency.DAY, zone=zone, at=time(23, 30))

    for found in occurrences(daily, utc("2027-01-01"), utc("2027-01-08")):
        assert found.at.astimezone(ZoneInfo(zone)).date().isoformat() == found.label


SLOTS = (Slot(0, time(9), BRUSSELS), Slot(3, time(17, 30), BRUSSELS))
MONDAY, THURSDAY = utc("2027-01-04 08:00"), utc("2027-01-07 16:30")


def test_the_next_slot_is_the_first_that_is_later_and_free():
    assert next_free_slot(SLOTS, utc("2027-01-01"), ()) == MONDAY
    assert next_free_slot(SLOTS, utc("2027-01-01"), {MONDAY}) == THURSDAY
    assert next_free_slot(SLOTS, MONDAY, ()) == THURSDAY
    assert next_free_slot(SLOTS, MONDAY, {THURSDAY}) == MONDAY + timedelta(days=7)


def test_slots_in_several_zones_come_in_the_order_of_time():
    slots = (Slot(0, time(9), "America/New_York"), Slot(0, time(9), "Asia/Tokyo"))

    assert next_free_slot(slots, utc("2027-01-03"), ()) == utc("2027-01-04 00:00")
    assert next_free_slot(slots, utc("2027-01-04"), ()) == utc("2027-01-04 14:00")


def test_a_slot_in_a_gap_shifts_forward():
    slot = Slot(6, time(2, 30), BRUSSELS)

    assert next_free_slot((slot,), utc("2027-03-27"), ()) == utc("2027-03-28 01:30")


def test_without_slots_or_with_all_taken_there_is_none():
    year = {MONDAY + timedelta(days=7 * n) for n in range(60)}

    assert next_free_slot((), MONDAY, ()) is None
    assert (
        next_free_slot((Slot(0, time(9), "UTC"),), MONDAY, year | {at + timedelta(hours=1) for at in year})
        is None
    )
