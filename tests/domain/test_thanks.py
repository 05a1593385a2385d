"""What a post may tell of the tally, above all what cannot be found out from it."""

from collections import Counter
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.blanks import MOST, Number, Period, Telling, blank, filled, has_blanks, widest
from bot.domain.lengths import PlatformName
from bot.domain.report import Action, Risk, Standing
from bot.domain.tally import LEAST, Tier, deeds_of, share_out, tally, week_of, writers_of
from bot.domain.thanks import EDITION, Filled, edition, fill, slices, tellings
from tests.builders import DAY, NOON, SECOND
from tests.reports import a_report

BOTH = "{actions:week} in {countries:week}, {actions:all} in {countries:all}"
COUNTRIES = ("FR", "DE", "SE", "IT", "ES", "PT", "PL", "NL", "BE")
FRIDAY = NOON + timedelta(days=6, hours=5)
WEEK = timedelta(weeks=1)


def counted(number, **changes):
    given = {
        "standing": Standing.COUNTED,
        "actions": (Action.LETTER,),
        "country": "FR",
        "day": FRIDAY - DAY,
        "decided_at": FRIDAY - timedelta(hours=1),
    }
    return a_report(number, **(given | changes))


def of_a_week():
    """Fifteen letters and photos from nine countries."""
    kinds = (Action.LETTER, Action.PHOTO)
    return [counted(n, actions=(kinds[n % 2],), country=COUNTRIES[n % 9]) for n in range(15)]


def told(reports, now=FRIDAY, until=None):
    return tellings(reports, until or now, now)


def test_fifteen_actions_in_nine_countries_are_told_so():
    assert told(of_a_week()) == dict.fromkeys(Period, Telling(actions=15, countries=9))


def test_a_week_tells_of_itself_alone_and_the_whole_of_everything():
    before = [
        counted(50 + n, day=FRIDAY - WEEK, actions=(Action.VIDEO,), country="AT" if n % 2 else "CZ")
        for n in range(5)
    ]

    found = told([*of_a_week(), *before])

    assert found[Period.WEEK].actions == 15
    assert found[Period.ALL].actions == 20


def test_what_rests_on_four_writers_is_not_told():
    assert told(of_a_week()[:4]) == dict.fromkeys(Period, Telling(actions=0, countries=0))


def test_a_week_is_not_told_where_that_would_give_away_a_quieter_one():
    busy = [counted(n, country=COUNTRIES[n]) for n in range(8)]
    quiet = [counted(20 + n, day=FRIDAY - WEEK, country=COUNTRIES[n]) for n in range(3)]

    found = told([*busy, *quiet])

    assert (found[Period.WEEK].actions, found[Period.ALL].actions) == (0, 10)


def test_of_two_busy_weeks_the_older_one_hides_the_quiet_one():
    busy = [counted(n, country=COUNTRIES[n]) for n in range(8)]
    before = [counted(10 + n, day=FRIDAY - 2 * WEEK, country=COUNTRIES[n]) for n in range(7)]
    quiet = [counted(20, day=FRIDAY - WEEK, country="NO")]

    assert told([*busy, *before, *quiet])[Period.WEEK].actions == 5


@pytest.mark.parametrize(
    "changes", [{"country": "BY"}, {"country": "RU"}, {"risk": Risk.AT_RISK}, {"standing": Standing.REJECTED}]
)
def test_who_is_at_risk_and_what_nobody_confirmed_is_in_no_number(changes):
    found = told([*of_a_week(), *(counted(50 + n, **changes) for n in range(9))])

    assert found[Period.ALL] == found[Period.WEEK] == Telling(actions=15, countries=9)


def test_a_country_behind_which_one_writer_stands_is_not_counted():
    named = [counted(n) for n in range(5)]
    unclear = [counted(10 + n, country=None, actions=(Action.VIDEO,)) for n in range(4)]
    alone = counted(20, country="DE", actions=(Action.VIDEO,))
    before = [counted(30 + n, country="IT", day=FRIDAY - WEEK) for n in range(5)]

    assert told([*named, *unclear, alone, *before])[Period.WEEK] == Telling(actions=10, countries=1)


def test_countries_are_not_counted_where_that_would_give_away_the_one_of_another_week():
    before = {"day": FRIDAY - WEEK, "actions": (Action.VIDEO,)}
    unclear = [counted(20 + n, country=None, **before) for n in range(4)]
    alone = counted(30, country="NO", **before)

    found = told([*of_a_week(), *unclear, alone])

    assert found == {
        Period.ALL: Telling(actions=20, countries=10),
        Period.WEEK: Telling(actions=15, countries=0),
    }


def test_a_week_has_no_more_countries_than_the_whole():
    before = [counted(n, day=FRIDAY - WEEK) for n in range(5)]
    here = [counted(10 + n, actions=(Action.VIDEO,)) for n in range(4)]
    alone = counted(20, country="DE", actions=(Action.VIDEO,))

    assert told([*before, *here, alone])[Period.WEEK] == Telling(actions=5, countries=1)


reports = st.lists(
    st.builds(
        lambda author, action, country, weeks, platform: counted(
            1,
            author=f"author-{author}",
            actions=(action,),
            country=country,
            day=FRIDAY - weeks * WEEK,
            platform=platform,
        ),
        st.integers(1, 16),
        st.sampled_from([Action.LETTER, Action.LETTER, Action.VIDEO]),
        st.sampled_from(["DE", "FR", "SE", "GE", None]),
        st.sampled_from([0, 0, 0, 1, 1, 2, 3, 6]),
        st.sampled_from([PlatformName.MASTODON, PlatformName.MASTODON, PlatformName.X]),
    ),
    max_size=60,
)


def everything_told(given):
    """What stands behind every number of the page and of a post on any of these weeks, deed by deed."""
    deeds = [deed for report in given for deed in deeds_of(report, Tier.CONFIRMED)]
    numbered = [(number, deed) for number, deed in enumerate(deeds)]
    published = share_out(deeds)
    cells = [Counter(map(id, of_it)) for of_it in published.values()]
    weeks = {}
    for heading, of_it in published.items():
        whole = {heading.period: of_it} if "W" in heading.period else slices(of_it)
        for week, some in whole.items():
            weeks.setdefault(week, Counter()).update(map(id, some))
    author = {id(deed): deed.author for _, deed in numbered}
    return cells, weeks, author


@settings(max_examples=300, deadline=None)
@given(reports)
def test_whatever_is_subtracted_from_whatever_five_writers_are_left_or_nobody(given):
    cells, weeks, author = everything_told(given)
    # Three of each are enough to find what a difference gives away, and can all be tried.
    numbers = [*cells[:4], *weeks.values()][:7]

    for signs in product((-1, 0, 1), repeat=len(numbers)):
        left = Counter()
        for sign, number in zip(signs, numbers, strict=True):
            for deed, times in number.items():
                left[deed] += sign * times
        people = {deed for deed, times in left.items() if times}
        if people and {left[deed] for deed in people} <= {1}:
            assert len({author[deed] for deed in people} - {None}) >= LEAST


@settings(max_examples=300, deadline=None)
@given(reports)
def test_a_weeks_number_is_made_of_whole_slices_and_never_more_than_was_done(given):
    deeds = [deed for report in given for deed in deeds_of(report, Tier.CONFIRMED)]
    for weeks in range(4):
        now = FRIDAY - weeks * WEEK
        found = tellings(given, FRIDAY, now)[Period.WEEK]

        done = [deed for deed in deeds if week_of(deed.day) == week_of(now.date())]
        assert found.actions <= len(done)
        assert found.countries <= len({deed.country for deed in done} - {None})
        assert found.countries <= tally(given, Tier.CONFIRMED, FRIDAY.date()).countries
        assert found.actions == 0 or writers_of(done) >= LEAST


@settings(max_examples=200, deadline=None)
@given(reports)
def test_the_countries_that_a_week_did_not_see_do_not_lead_back_to_few(given):
    found = tellings(given, FRIDAY, FRIDAY)
    if found[Period.WEEK].countries in {0, found[Period.ALL].countries}:
        return

    deeds = [deed for of_it in share_out(_deeds(given)).values() for deed in of_it if deed.country]
    here = {deed.country for deed in deeds if week_of(deed.day) == week_of(FRIDAY.date())}
    elsewhere = [deed for deed in deeds if deed.country not in here]
    assert not elsewhere or writers_of(elsewhere) >= LEAST


def _deeds(given):
    return [deed for report in given for deed in deeds_of(report, Tier.CONFIRMED)]


def test_numbers_that_were_told_stay_for_six_days():
    later = [counted(30 + n, decided_at=FRIDAY + SECOND) for n in range(9)]

    assert edition(later, None, FRIDAY) == FRIDAY
    assert edition(later, FRIDAY, FRIDAY + EDITION - SECOND) == FRIDAY
    assert edition(later, FRIDAY, FRIDAY + EDITION) == FRIDAY + EDITION


def test_numbers_stay_until_five_more_writers_stand_behind_them():
    four = [counted(30 + n, decided_at=FRIDAY + SECOND) for n in range(4)]
    again = counted(99, author="author-30", decided_at=FRIDAY + 2 * SECOND)
    on_x = counted(98, platform=PlatformName.X, decided_at=FRIDAY + SECOND)
    in_danger = counted(97, risk=Risk.AT_RISK, decided_at=FRIDAY + SECOND)

    assert edition([*of_a_week(), *four, again, on_x, in_danger], FRIDAY, FRIDAY + 2 * WEEK) == FRIDAY


def test_what_was_decided_after_an_edition_is_not_in_it():
    later = [counted(30 + n, decided_at=FRIDAY + SECOND) for n in range(9)]

    assert told([*of_a_week(), *later], FRIDAY + DAY, FRIDAY) == told(of_a_week())


def test_a_text_is_filled_and_says_until_when():
    done = fill([BOTH], of_a_week(), None, FRIDAY)

    assert done == Filled(texts=("15 in 9, 15 in 9",), until=FRIDAY)


@pytest.mark.parametrize("period", Period)
def test_nothing_is_never_told_as_a_number(period):
    said = fill([f"{{actions:{period}}}"], of_a_week()[:4], None, FRIDAY)

    assert isinstance(said, str)
    assert "that rests on 5 accounts" in said


def test_one_country_is_no_number_of_countries():
    given = [counted(n) for n in range(6)]

    assert isinstance(fill(["{actions:all}"], given, None, FRIDAY), Filled)
    assert "too few accounts stand behind the countries" in fill([BOTH], given, None, FRIDAY)


def test_who_asks_for_numbers_of_an_edition_that_is_over_hears_why_there_are_none():
    said = fill(["{actions:week}"], of_a_week(), FRIDAY, FRIDAY + 4 * DAY)

    assert "what was counted after 7 May 2027 is not in it" in said


def test_blanks_have_room_for_the_widest_number():
    text = "Actions: {actions} in {countries}{actions}"

    counted_with = widest(text)
    open_text = blank(counted_with, Period.WEEK)
    most = Telling(actions=10**9, countries=10**9)

    assert open_text == "Actions: {actions:week} in {countries:week}{actions:week}"
    assert has_blanks(open_text)
    assert not has_blanks(text)
    written = filled(open_text, {Period.WEEK: most})
    assert written == "Actions: 999999 in 999999999"
    assert len(written) == len(counted_with)
    assert most.of(Number.COUNTRIES) == MOST[Number.COUNTRIES]
