"""What a copy of the store has of a report."""

from dataclasses import replace

import pytest

from bot.domain.erasure import NOTHING, holds_something, is_set_aside, set_aside
from bot.domain.report import Risk, Standing
from tests.builders import NOON
from tests.reports import LETTER, a_report, counted


def test_of_what_waits_nothing_stays_but_that_there_was_something():
    left = set_aside(a_report())

    assert (left.standing, left.mark, left.day) == (Standing.LAPSED, a_report().mark, a_report().day)
    assert (left.author, left.alias, left.group, left.handle, left.text, left.url) == (*[""] * 3, *[None] * 3)
    assert left.suggestion == replace(LETTER, why=())
    assert is_set_aside(left)


def test_of_whoever_may_be_at_risk_not_even_a_guess_stays():
    left = set_aside(a_report(risk=Risk.UNSURE))

    assert (left.suggestion, left.language) == (NOTHING, None)


def test_what_was_counted_stays_counted_by_its_writer_without_an_address():
    left = set_aside(counted(a_report()))

    assert left == replace(counted(a_report()), url=None, remote_id=None)
    assert not is_set_aside(left)


@pytest.mark.parametrize("make", [lambda one: one, counted], ids=["waits", "counted"])
def test_what_is_boosted_keeps_its_address_and_no_word(make):
    boosted = replace(make(a_report()), boosted_at=NOON)

    left = set_aside(boosted)

    assert left == replace(boosted, handle=None, text=None, suggestion=replace(boosted.suggestion, why=()))
    assert (left.url, left.remote_id) == (a_report().url, a_report().remote_id)


def test_what_lapsed_in_its_own_time_is_no_longer_waited_for():
    lapsed = replace(a_report(), standing=Standing.LAPSED, handle=None, text=None, url=None, remote_id=None)

    left = set_aside(lapsed)

    assert not is_set_aside(left)
    assert not holds_something(left)
