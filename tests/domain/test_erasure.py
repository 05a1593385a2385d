"""What is left of a report, and when."""

from dataclasses import fields, replace

import pytest

from bot.domain.erasure import aged
from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.report import RAW_FOR, UNDO_FOR, Action, Risk, Standing
from tests.builders import NOON, SECOND
from tests.reports import a_report, counted

ON_X = a_report(1, platform=PlatformName.X, risk=Risk.UNSURE, audience=Audience.PRIVATE, language="ru")
LEFT_ON_X = {"id", "account", "platform", "mark", "day", "taken_at", "standing", "actions", "suggestion"}
LEFT_ON_X |= {"decided_at", "decided_by", "no_boost", "audience", "risk"}


def what_is_left(report):
    return {one.name for one in fields(report) if getattr(report, one.name) not in {None, "", False, ()}}


def test_of_a_decided_report_on_x_the_kinds_and_the_day_are_left_and_nothing_of_the_writer():
    decided = counted(ON_X, decided_at=NOON, actions=(Action.LETTER,))

    left = aged(decided, NOON + UNDO_FOR)

    assert what_is_left(left) <= LEFT_ON_X
    assert (left.standing, left.actions, left.mark) == (Standing.COUNTED, (Action.LETTER,), ON_X.mark)
    assert (left.risk, left.audience) == (Risk.NONE, Audience.PUBLIC)


def test_of_a_report_on_x_that_nobody_decided_on_its_number_is_left():
    left = aged(ON_X, ON_X.taken_at + RAW_FOR)

    assert what_is_left(left) <= LEFT_ON_X
    assert (left.standing, left.suggestion.actions) == (Standing.LAPSED, ON_X.suggestion.actions)
    assert left.suggestion.why == ()


@pytest.mark.parametrize("platform", [PlatformName.MASTODON, PlatformName.BLUESKY])
def test_elsewhere_the_hash_of_the_writer_stays_on_which_a_number_rests(platform):
    decided = counted(replace(ON_X, platform=platform), decided_at=NOON)

    assert aged(decided, NOON + UNDO_FOR).author == ON_X.author


def test_while_a_decision_can_be_undone_or_a_boost_stands_what_that_needs_is_left():
    decided = counted(ON_X, decided_at=NOON, remote_id="1")

    assert aged(decided, NOON + UNDO_FOR - SECOND).remote_id == "1"
    assert aged(replace(decided, boosted_at=NOON), NOON + 9 * UNDO_FOR).remote_id == "1"
