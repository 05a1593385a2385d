"""A post that tells numbers of the tally: the claim fills them in, everywhere the same, and they stay."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.delivery import State
from bot.domain.errors import RefusedError, TryLaterError
from bot.domain.post import Language
from bot.domain.report import Standing
from bot.domain.thanks import EDITION
from tests.builders import HOUR, MINUTE, NOON, SECOND, planned
from tests.contracts.steps import claim, of_may_day, owe, send
from tests.reports import a_report, counted, take_in

WIDE = timedelta(days=30)
THANKS = planned(texts=("Thank you for {actions:all} actions.",), expires_at=NOON + WIDE)
THREAD = planned(texts=("Thank you.", "For {actions:all} actions.", "In {countries:all} countries."))


def confirm(store, *numbers, at=NOON, country="FR"):
    """Reports of so many writers come in and are confirmed."""
    for report in take_in(store, *map(a_report, numbers), now=at):
        if report.standing is Standing.UNDECIDED:
            store.change(counted(report, country=country, decided_at=at), report, "anna", "count", at)


@pytest.fixture
def five(holder):
    """A holder for whom five writers' actions are counted."""
    confirm(holder, *range(5))
    return holder


def test_numbers_are_filled_in_by_the_claim_and_stay_with_the_delivery(five):
    owe(five, THANKS)

    claimed = claim(five)

    assert claimed.text == "Thank you for 5 actions."
    assert claimed.payload == b"42 campaign: Thank you for 5 actions."
    assert of_may_day(five) == [claimed]


def test_until_then_nothing_is_filled_in(five):
    assert owe(five, THANKS)[0].text == THANKS.texts[0]
    assert claim(five, NOON - SECOND) is None
    assert of_may_day(five)[0].text == THANKS.texts[0]


def test_every_part_of_a_thread_is_filled_in_with_the_first(five):
    confirm(five, *range(5, 10), country="DE")
    owe(five, THREAD)

    claim(five)

    texts = [one.text for one in of_may_day(five)]
    assert texts == ["Thank you.", "For 10 actions.", "In 2 countries."]
    assert [one.payload is None for one in of_may_day(five)] == [False, False, False]


def test_what_is_sent_again_tells_what_it_told(five):
    owe(five, THANKS)
    send(five, TryLaterError("busy", wait=MINUTE))
    confirm(five, *range(5, 15), at=NOON + SECOND)

    again = claim(five, NOON + 2 * MINUTE)

    assert (again.text, again.attempts) == ("Thank you for 5 actions.", 2)


def test_numbers_that_went_down_meanwhile_change_nothing_of_what_is_frozen(five):
    owe(five, THANKS)
    send(five, TryLaterError("busy", wait=MINUTE))
    for report in five.reports():
        five.change(replace(report, standing=Standing.REJECTED), report, "anna", "reject", NOON)

    assert claim(five, NOON + 2 * MINUTE).text == "Thank you for 5 actions."


def test_without_numbers_it_is_held_says_why_and_expires(holder):
    confirm(holder, *range(4))
    owe(holder, THANKS)

    assert claim(holder) is None

    (held,) = of_may_day(holder)
    assert (held.state, held.payload, held.text) == (State.SCHEDULED, None, THANKS.texts[0])
    assert "that rests on 5 accounts" in held.held
    (expired,) = holder.expire(NOON + WIDE + SECOND)
    assert (expired.state, expired.attention) == (
        State.EXPIRED,
        f"held until it was too late: {held.held}",
    )


def test_planned_again_it_goes_out_once_there_are_numbers(holder):
    owe(holder, THANKS)
    claim(holder)
    confirm(holder, *range(5), at=NOON + SECOND)
    assert claim(holder, NOON + HOUR) is None

    holder.plan([THANKS], [], NOON + HOUR)

    assert claim(holder, NOON + HOUR).text == "Thank you for 5 actions."


def test_countries_that_may_not_be_counted_hold_it_too(five):
    owe(five, planned(texts=("{actions:all} actions in {countries:all} countries",)))

    assert claim(five) is None
    assert "countries" in of_may_day(five)[0].held


def test_every_language_and_account_tells_the_same_numbers(five):
    german = planned(language=Language("de"), texts=("{actions:all}",), planned_at=NOON + HOUR)
    on_x = planned(account="x", texts=("{actions:all}",), planned_at=NOON + 2 * HOUR)
    owe(five, THANKS, german, on_x)
    send(five)
    confirm(five, *range(5, 20), at=NOON + SECOND)

    assert claim(five, NOON + HOUR).text == "5"
    assert claim(five, NOON + 2 * HOUR, "x").text == "5"


def test_numbers_are_taken_anew_after_some_days(five):
    confirm(five, *range(5, 10), at=NOON + SECOND)
    later = replace(THANKS, occurrence="later", planned_at=NOON + EDITION)
    owe(five, THANKS, planned(**{**_named(later), "expires_at": NOON + WIDE}))

    send(five)

    assert claim(five, NOON + EDITION).text == "Thank you for 10 actions."


def _named(one):
    return {"occurrence": one.occurrence, "planned_at": one.planned_at, "texts": one.texts}


def test_the_ledger_says_once_from_when_the_numbers_are(five):
    german = planned(language=Language("de"), texts=("{actions:all}",), planned_at=NOON + HOUR)
    owe(five, THANKS, german)
    send(five)
    claim(five, NOON + HOUR)

    assert [(one.at, one.what) for one in five.decisions("the tally")] == [(NOON, "edition")]


def test_what_is_held_takes_no_numbers(holder):
    owe(holder, THANKS)
    claim(holder)

    assert holder.decisions("the tally") == []


def test_a_refused_one_does_not_stand_in_the_way_of_the_next(five):
    owe(five, THANKS)
    send(five, RefusedError("no"))
    other = planned(language=Language("de"), texts=("{actions:all}",))
    five.plan([other], [], NOON)

    assert claim(five).text == "5"


def test_two_programs_that_share_a_store_tell_the_same(five, world):
    owe(five, THANKS)
    send(five)
    other = world.open()

    assert other.decisions("the tally") == five.decisions("the tally")
    assert other.of_post(THANKS.post)[0].text == "Thank you for 5 actions."
