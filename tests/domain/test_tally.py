"""The tally, above all what cannot be found out from it."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.report import Action, Risk, Standing
from bot.domain.tally import (
    LEAST,
    Heading,
    Tier,
    deeds_of,
    headings,
    in_words,
    share_out,
    spoken_period,
    tally,
)
from tests.builders import DAY, NOON
from tests.reports import LETTER, a_report

BY = date(2027, 6, 1)
MARCH = replace(LETTER, actions=(Action.PROTEST,))
FEW = settings(max_examples=300, deadline=None)


def counted(number, **changes):
    given = {"standing": Standing.COUNTED, "actions": (Action.PROTEST,), "country": "DE", **changes}
    return a_report(number, **given)


def several(number, start=1, **changes):
    return [counted(start + one, **changes) for one in range(number)]


def confirmed(reports, by=BY):
    return tally(reports, Tier.CONFIRMED, by)


def cells(told):
    return {cell.heading: cell.actions for cell in told.cells}


counted_reports = st.lists(
    st.builds(
        lambda author, actions, country, weeks, platform, risk, audience: counted(
            1,
            author=f"author-{author}",
            actions=tuple(actions),
            country=country,
            day=NOON + timedelta(weeks=weeks),
            platform=platform,
            risk=risk,
            audience=audience,
        ),
        st.integers(1, 14),
        st.sets(st.sampled_from([Action.LETTER, Action.PROTEST, Action.VIDEO]), min_size=1, max_size=2),
        st.sampled_from(["DE", "FR", "SE", "GE", "BY", None]),
        st.sampled_from([-60, -1, 0, 0, 0, 1, 2]),
        st.sampled_from([PlatformName.MASTODON, PlatformName.BLUESKY, PlatformName.X]),
        st.sampled_from([Risk.NONE, Risk.NONE, Risk.NONE, Risk.UNSURE]),
        st.sampled_from([Audience.PUBLIC, Audience.PUBLIC, Audience.PRIVATE]),
    ),
    max_size=70,
)


def all_deeds(reports):
    return [deed for report in reports for deed in deeds_of(report, Tier.CONFIRMED)]


def writers_behind(reports):
    """Who stands behind each published number."""
    return {
        heading: [deed.author for deed in of_it] for heading, of_it in share_out(all_deeds(reports)).items()
    }


@FEW
@given(counted_reports)
def test_every_published_number_is_of_fives_and_rests_on_five_writers(reports):
    behind = writers_behind(reports)

    assert {heading: len(authors) for heading, authors in behind.items()} == cells(confirmed(reports))
    assert all(len(authors) % LEAST == 0 for authors in behind.values())
    assert all(len(set(authors) - {None}) >= LEAST for authors in behind.values())


@FEW
@given(counted_reports)
def test_every_deed_is_counted_once_at_most_and_under_a_heading_of_its_own(reports):
    left = Counter(all_deeds(reports))

    for heading, of_it in share_out(all_deeds(reports)).items():
        assert all(heading in headings(deed) for deed in of_it)
        left.subtract(of_it)

    assert min(left.values(), default=0) >= 0


@FEW
@given(counted_reports)
def test_of_each_year_what_four_writers_told_is_left_out_and_no_more(reports):
    told = [deed for deed in all_deeds(reports) if deed.author]
    left = Counter(told)
    for of_it in share_out(told).values():
        left.subtract(of_it)

    writers = {}
    for deed in left.elements():
        writers.setdefault(headings(deed)[-1], set()).add(deed.author)

    assert all(len(of_year) < LEAST for of_year in writers.values())


@FEW
@given(counted_reports, counted_reports)
def test_between_two_editions_a_number_changes_by_fives_or_not_at_all(reports, more):
    before, after = cells(confirmed(reports)), cells(confirmed([*reports, *more]))

    changes = [after.get(one, 0) - before.get(one, 0) for one in {*before, *after}]

    assert all(change % LEAST == 0 for change in changes)


@FEW
@given(counted_reports)
def test_what_is_left_of_a_subtraction_rests_on_five_writers_or_on_nobody(reports):
    behind = writers_behind(reports)
    totals = [
        {one for one in behind if pick(one) == value}
        for pick in (
            lambda one: one.action,
            lambda one: one.country,
            lambda one: one.period[:4],
            lambda one: (one.action, one.period),
            lambda one: (one.country, one.period),
            lambda one: (one.action, one.country),
        )
        for value in {pick(heading) for heading in behind}
    ]
    totals += [set(behind), *({one} for one in behind)]

    left_over = [big - small for big, small in combinations(totals, 2) if small < big]
    left_over += [small - big for big, small in combinations(totals, 2) if big < small]

    for rest in left_over:
        assert len({author for one in rest for author in behind[one]} - {None}) >= LEAST


@FEW
@given(counted_reports)
def test_totals_are_sums_of_what_is_published_and_never_more_than_happened(reports):
    told = confirmed(reports)

    happened = Counter(deed.action for report in reports for deed in deeds_of(report, Tier.CONFIRMED))

    assert told.actions == sum(told.by_action().values()) == sum(told.by_country().values())
    assert told.actions <= happened.total()
    assert all(told.by_action().get(action, 0) <= happened[action] for action in Action)


@FEW
@given(counted_reports)
def test_belarus_and_russia_are_in_no_number(reports):
    reports = [*reports, *several(9, start=500, country="RU"), *several(9, start=600, country="BY")]

    told = confirmed(reports)

    assert told == confirmed([one for one in reports if one.country not in {"BY", "RU"}])


@FEW
@given(counted_reports)
def test_countries_that_are_not_named_are_counted_only_with_five_writers_behind_them(reports):
    told = confirmed(reports)
    named = {cell.heading.country for cell in told.cells}

    hidden = [deed for deed in all_deeds(reports) if deed.author and deed.country not in named | {None}]

    behind = {deed.author for deed in hidden}
    assert told.unnamed_countries == (
        len({deed.country for deed in hidden}) if told.cells and len(behind) >= LEAST else 0
    )


def test_five_writers_in_one_week_are_a_number_of_their_own():
    told = confirmed(several(5))

    assert cells(told) == {Heading(Action.PROTEST, "DE", "2027-W17"): 5}


def test_five_reports_of_four_writers_are_not_published():
    reports = [*several(4), counted(5, author="author-1")]

    assert confirmed(reports).actions == 0


@pytest.mark.parametrize(
    ("changes", "heading"),
    [
        ({"day": NOON + 7 * DAY}, Heading(Action.PROTEST, "DE", "2027")),
        ({"day": NOON - 7 * DAY}, Heading(Action.PROTEST, "DE", "2027-04")),
        ({"actions": (Action.LETTER,)}, Heading(None, "DE", "2027")),
        ({"country": "FR"}, Heading(Action.PROTEST, None, "2027")),
        ({"country": "FR", "actions": (Action.LETTER,)}, Heading(None, None, "2027")),
    ],
)
def test_what_is_too_small_is_told_in_a_larger_whole(changes, heading):
    reports = [*several(3), *several(2, start=5, **changes)]

    assert cells(confirmed(reports)) == {heading: 5}


def test_what_is_more_than_a_number_of_fives_is_told_in_a_larger_whole():
    reports = [*several(7), *several(3, start=20, day=NOON - 7 * DAY)]

    assert cells(confirmed(reports)) == {
        Heading(Action.PROTEST, "DE", "2027-W17"): 5,
        Heading(Action.PROTEST, "DE", "2027-04"): 5,
    }


def test_who_did_the_same_five_times_is_one_writer_each_time():
    alone = several(5, author="author-1")
    among_others = [*alone, *several(4, start=20)]

    assert confirmed(alone).actions == 0
    assert cells(confirmed(among_others)) == {Heading(Action.PROTEST, "DE", "2027-W17"): 5}


def test_a_year_ends_with_its_last_thursday():
    reports = several(5, day=NOON.replace(year=2027, month=1, day=1))

    assert cells(confirmed(reports, date(2027, 2, 1))) == {Heading(Action.PROTEST, "DE", "2026-W53"): 5}


def test_what_x_shows_counts_without_country_and_makes_no_crowd():
    on_x = several(9, start=20, platform=PlatformName.X)

    alone = confirmed(on_x)
    among_others = confirmed([*on_x, *several(5, country=None)])

    assert alone.actions == 0
    of_the_year = [*several(3, country=None), *several(2, start=10, day=NOON + 21 * DAY)]
    assert cells(among_others) == {Heading(Action.PROTEST, None, "2027-W17"): 5}
    assert cells(confirmed([*on_x, *of_the_year])) == {Heading(Action.PROTEST, None, "2027"): 10}


@pytest.mark.parametrize("changes", [{"risk": Risk.UNSURE}, {"audience": Audience.PRIVATE}])
def test_where_the_writer_is_unclear_or_private_no_country_is_told(changes):
    assert cells(confirmed(several(5, **changes))) == {Heading(Action.PROTEST, None, "2027-W17"): 5}


def test_nobody_at_risk_is_counted_even_where_one_was_stored_by_mistake():
    assert confirmed(several(9, risk=Risk.AT_RISK)).actions == 0


def test_the_two_tiers_are_apart():
    reports = [*several(5), *(a_report(number, suggestion=MARCH) for number in range(10, 21))]

    assert confirmed(reports).actions == 5
    assert tally(reports, Tier.REPORTED, BY).actions == 10


@pytest.mark.parametrize("standing", [Standing.REJECTED, Standing.ERASED])
def test_what_was_rejected_or_erased_is_in_no_tier(standing):
    reports = several(9, standing=standing)

    assert confirmed(reports).actions == tally(reports, Tier.REPORTED, BY).actions == 0


def test_what_nobody_reviewed_in_time_stays_reported():
    reports = [a_report(number, standing=Standing.LAPSED, suggestion=MARCH) for number in range(6)]

    assert tally(reports, Tier.REPORTED, BY).actions == 5


def test_the_sentence_is_a_lower_bound_with_its_day():
    countries = ["DE", "FR", "SE", "NO", "DK", "FI", "IT", "ES", "PT"]
    reports = [counted(number, country=countries[number % 9]) for number in range(14)]

    told = confirmed(reports, date(2027, 5, 3))

    assert in_words(told) == "At least 10 actions in 9 countries by 3 May 2027."


def test_without_numbers_the_sentence_says_so():
    assert "no numbers yet" in in_words(confirmed([]))


def test_a_day_to_come_is_not_counted():
    assert confirmed(several(9), by=date(2027, 4, 30)).actions == 0


@pytest.mark.parametrize(
    ("period", "rest", "words"),
    [
        ("2027-W17", False, "week of 26 April 2027"),
        ("2027-05", False, "May 2027"),
        ("2027-05", True, "May 2027, other reports"),
        ("2027", False, "2027"),
        ("2027", True, "2027, other reports"),
    ],
)
def test_periods_are_said_as_people_say_them(period, rest, words):
    assert spoken_period(period, rest=rest) == words


def test_a_number_is_called_a_rest_only_where_something_of_it_stands_apart():
    of_april = [*several(3), *several(3, start=4, day=NOON - 7 * DAY)]
    week = several(5, start=10, day=NOON - 14 * DAY)

    alone, beside = confirmed(of_april), confirmed([*of_april, *week])

    assert [cell.rest for cell in alone.cells] == [False]
    assert [(cell.heading.period, cell.rest) for cell in beside.cells] == [
        ("2027-W15", False),
        ("2027-04", True),
    ]


def test_what_has_no_kind_or_country_of_its_own_comes_last():
    reports = [*several(9, country=None), *several(5, start=20), *several(10, start=40, country="FR")]

    assert list(confirmed(reports).by_country()) == ["FR", "DE", None]
