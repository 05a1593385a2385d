"""The nights on which clocks change, and the days that not every year or month has, in many places."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.domain.calendar import (
    Every,
    Frequency,
    Missing,
    Rule,
    Slot,
    instant,
    instants,
    next_free_slot,
    occurrences,
)

HOUR = timedelta(hours=1)
NIGHTS = [
    # zone, first day of summer time, of winter time, how much the clocks change, in 2028
    ("Europe/Brussels", date(2028, 3, 26), date(2028, 10, 29), HOUR),
    ("Europe/Vilnius", date(2028, 3, 26), date(2028, 10, 29), HOUR),
    ("Europe/London", date(2028, 3, 26), date(2028, 10, 29), HOUR),
    ("America/New_York", date(2028, 3, 12), date(2028, 11, 5), HOUR),
    ("Australia/Sydney", date(2028, 10, 1), date(2028, 4, 2), HOUR),
    ("Australia/Lord_Howe", date(2028, 10, 1), date(2028, 4, 2), HOUR / 2),
]
STEADY = [
    "Europe/Minsk",
    "Europe/Moscow",
    "Europe/Istanbul",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Etc/GMT-5",
]
EVERY_QUARTER = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(zone, at, **changes):
    return Every(**{"rules": (Rule(frequency=Frequency.DAY),), "at": at, "zone": zone, **changes})


def readings(day, zone):
    """How many instants each quarter of an hour of a local day has."""
    return [len(instants(datetime.combine(day, at), zone)) for at in EVERY_QUARTER]


@pytest.mark.parametrize(("zone", "summer", "winter", "change"), NIGHTS)
def test_the_night_of_a_change_lacks_or_repeats_just_so_much_time(zone, summer, winter, change):
    quarters = change // timedelta(minutes=15)

    assert sorted(readings(summer, zone)) == [0] * quarters + [1] * (96 - quarters)
    assert sorted(readings(winter, zone)) == [1] * (96 - quarters) + [2] * quarters


@pytest.mark.parametrize(("zone", "summer", "winter", "change"), NIGHTS)
@pytest.mark.parametrize("at", EVERY_QUARTER[:16])
def test_a_recurrence_comes_once_on_each_day_around_a_change_whatever_its_hour(
    zone, summer, winter, change, at
):
    for night in (summer, winter):
        around = [night + timedelta(days=days) for days in (-1, 0, 1)]
        noon_before = datetime.combine(night - timedelta(days=2), time(12), ZoneInfo(zone))

        found = list(occurrences(daily(zone, at), noon_before, noon_before + timedelta(days=3, hours=1)))

        assert [one.label for one in found] == [day.isoformat() for day in around]
        shown = [one.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in found]
        wanted = [datetime.combine(day, at) for day in around]
        shifts = [there - here for there, here in zip(shown, wanted, strict=True)]
        skipped = [not instants(local, zone) for local in wanted]
        assert shifts == [change if gone else timedelta() for gone in skipped]


@pytest.mark.parametrize(("zone", "winter", "change"), [(zone, *rest) for zone, _, *rest in NIGHTS])
def test_the_second_of_two_hours_is_later_by_the_change_and_only_on_that_night(zone, winter, change):
    repeated = [
        local
        for local in (datetime.combine(winter, at) for at in EVERY_QUARTER)
        if len(instants(local, zone)) == 2
    ]

    for local in repeated:
        assert instant(local, zone, second_fold=True) - instant(local, zone) == change
        day_before, day_after = local - timedelta(days=1), local + timedelta(days=1)
        for other in (day_before, day_after):
            assert instant(other, zone, second_fold=True) == instant(other, zone)


@pytest.mark.parametrize("zone", STEADY)
def test_a_place_without_summer_time_has_every_hour_of_the_year_once(zone):
    first = instant(datetime.combine(date(2028, 1, 1), time(2, 30)), zone)

    found = [
        one.at for one in occurrences(daily(zone, time(2, 30)), first - HOUR, first + timedelta(days=365))
    ]

    assert found == [first + timedelta(days=days) for days in range(366)]


@pytest.mark.parametrize("zone", [zone for zone, *_ in NIGHTS])
def test_a_weekly_slot_keeps_its_local_hour_through_the_year(zone):
    slot = Slot(2, time(17, 30), zone)
    at, seen = utc("2028-01-01"), []
    for _ in range(52):
        at = next_free_slot((slot,), at, ())
        seen.append(at.astimezone(ZoneInfo(zone)))

    assert {(one.weekday(), one.time()) for one in seen} == {(2, time(17, 30))}
    weeks = {later.date() - earlier.date() for earlier, later in pairwise(seen)}
    assert weeks == {timedelta(days=7)}


def days(rule, years=(2028, 2032), start=None):
    every = Every(rules=(rule,), at=time(9), zone="Europe/Minsk", start=start)
    return [one.label for one in occurrences(every, utc(f"{years[0]}-01-01"), utc(f"{years[1]}-12-31 23:59"))]


def test_29_february_comes_in_leap_years_or_on_the_28th_of_the_others():
    leap = Rule(frequency=Frequency.YEAR, month=2, month_days=(29,))
    last = Rule(frequency=Frequency.YEAR, month=2, month_days=(29,), missing=Missing.LAST)

    assert days(leap) == ["2028-02-29", "2032-02-29"]
    assert days(last) == ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]


def test_29_february_is_left_out_in_a_century_that_is_no_leap_year():
    leap = Rule(frequency=Frequency.YEAR, month=2, month_days=(29,))
    last = Rule(frequency=Frequency.YEAR, month=2, month_days=(29,), missing=Missing.LAST)

    assert days(leap, (2096, 2104)) == ["2096-02-29", "2104-02-29"]
    assert "2100-02-28" in days(last, (2096, 2104))


def test_every_fourth_year_from_a_leap_day_is_a_leap_day():
    fourth = Rule(frequency=Frequency.YEAR, interval=4, month=2, month_days=(29,))

    assert days(fourth, (2028, 2040), start=date(2028, 2, 29)) == [
        "2028-02-29",
        "2032-02-29",
        "2036-02-29",
        "2040-02-29",
    ]


@pytest.mark.parametrize(
    ("day", "missing", "each_year"), [(31, Missing.SKIP, 7), (31, Missing.LAST, 12), (30, Missing.SKIP, 11)]
)
def test_the_31st_comes_in_seven_months_or_at_the_end_of_each(day, missing, each_year):
    found = days(Rule(frequency=Frequency.MONTH, month_days=(day,), missing=missing), (2028, 2028))

    assert len(found) == each_year
    if missing is Missing.LAST:
        ends = [date.fromisoformat(one) + timedelta(days=1) for one in found]
        assert {one.day for one in ends} == {1}


def test_the_last_day_of_a_month_is_its_last_in_leap_years_too():
    found = days(Rule(frequency=Frequency.MONTH, month_days=(-1,)), (2028, 2029))

    assert [one for one in found if "-02-" in one] == ["2028-02-29", "2029-02-28"]
    assert len(found) == 24


def test_every_second_month_from_the_31st_comes_at_the_end_of_the_shorter_ones():
    second = Rule(frequency=Frequency.MONTH, interval=2, month_days=(31,), missing=Missing.LAST)

    found = days(second, (2028, 2028), start=date(2027, 12, 31))

    assert found == ["2028-02-29", "2028-04-30", "2028-06-30", "2028-08-31", "2028-10-31", "2028-12-31"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu"])
def test_the_last_day_of_the_year_is_the_places_own(zone):
    last = Every(rules=(Rule(frequency=Frequency.MONTH, month_days=(-1,)),), at=time(23, 45), zone=zone)

    found = [one for one in occurrences(last, utc("2028-12-30"), utc("2029-01-02")) if "12-31" in one.label]

    assert [one.at.astimezone(ZoneInfo(zone)).date() for one in found] == [date(2028, 12, 31)]
