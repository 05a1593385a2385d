"""Which messages of supporters may be passed on."""

from dataclasses import replace
from datetime import date

import pytest

from bot.app import read_vocabulary
from bot.domain.case import CaseId, Guard, Standing, Status, case_subject
from bot.domain.consent import Ground, SecondLook, refusal, untruth
from bot.domain.lengths import PlatformName
from bot.domain.mention import Audience
from bot.domain.report import Risk
from bot.domain.report import Standing as ReportStanding
from tests.builders import NOON
from tests.people import EVERYBODY
from tests.reports import a_report, counted

FINE = SecondLook(may_be_in_danger=False, shows_faces=False)
REPORT = counted(a_report())


def a_standing(status, good_until=None):
    return Standing(name="Somebody", status=status, verified_on=date(2027, 5, 1), good_until=good_until)


def ground(people_paused=None, **statuses):
    known = {case_subject(CaseId(case)): a_standing(status) for case, status in statuses.items()}
    guard = Guard(known=known, people_paused=people_paused)
    return Ground(names=EVERYBODY, vocabulary=read_vocabulary(), guard=guard)


def test_what_a_person_confirmed_and_looked_at_again_may_be_passed_on():
    assert refusal(REPORT, FINE, ground()) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"risk": Risk.AT_RISK},
        {"no_boost": True},
        {"audience": Audience.UNLISTED},
        {"audience": Audience.PRIVATE},
        {"standing": ReportStanding.UNDECIDED},
        {"standing": ReportStanding.REJECTED},
        {"standing": ReportStanding.LAPSED},
        {"platform": PlatformName.X},
    ],
)
def test_what_may_endanger_or_was_not_agreed_to_is_refused(changes):
    assert refusal(replace(REPORT, **changes), FINE, ground())


@pytest.mark.parametrize(
    "look",
    [
        SecondLook(may_be_in_danger=True, shows_faces=False),
        SecondLook(may_be_in_danger=True, shows_faces=True, they_agreed=True),
        SecondLook(may_be_in_danger=False, shows_faces=True),
    ],
)
def test_what_the_second_look_shows_is_obeyed(look):
    assert refusal(REPORT, look, ground())


@pytest.mark.parametrize("changes", [{"risk": Risk.UNSURE}, {"country": "BY"}, {"country": "RU"}])
def test_what_could_come_from_belarus_or_russia_is_never_passed_on_whoever_has_looked(changes):
    assert refusal(replace(REPORT, **changes), FINE, ground())


def test_who_is_in_exile_is_passed_on_only_where_they_agreed():
    exile = SecondLook(may_be_in_danger=False, shows_faces=False, in_exile=True)

    assert refusal(REPORT, exile, ground())
    assert refusal(REPORT, replace(exile, they_agreed=True), ground()) is None


def test_who_asked_in_another_message_not_to_be_passed_on_is_not():
    assert refusal(REPORT, FINE, replace(ground(), unwilling=True))


def test_faces_may_show_where_they_agreed():
    look = SecondLook(may_be_in_danger=False, shows_faces=True, they_agreed=True)

    assert refusal(REPORT, look, ground()) is None


def test_whoever_opted_out_is_never_passed_on():
    assert refusal(REPORT, FINE, replace(ground(), opted_out=True))


def test_x_may_be_boosted_once_it_is_cleared():
    on_x = replace(REPORT, platform=PlatformName.X)

    assert refusal(on_x, FINE, replace(ground(), x_cleared=True)) is None


@pytest.mark.parametrize("status", [Status.FREE, Status.DIED, Status.UNKNOWN, None])
@pytest.mark.parametrize(
    "text",
    [
        "Free Yarashuk! We were at the embassy.",
        "We marched for Yarashuk, who is in prison.",
        "#FreeYarashuk at our congress",
        "Libérez Yarashuk ! Notre section a écrit.",
        "Свободу Ярашуку! Мы были у посольства.",
    ],
)
@pytest.mark.parametrize("language", ["en", "fr", None])
def test_who_is_not_known_to_be_jailed_is_not_called_jailed(status, text, language):
    reason, _ = untruth(text, replace(REPORT, language=language), ground(yarashuk=status), NOON)

    assert reason is not None


def test_whom_nothing_is_known_of_is_not_called_jailed():
    reason, _ = untruth("Free Yarashuk!", REPORT, ground(), NOON)

    assert reason is not None


def test_a_language_that_nothing_here_reads_is_not_passed_on_with_such_a_name():
    finnish = replace(REPORT, language="fi")

    reason, _ = untruth("Yarashuk on vankilassa", finnish, ground(yarashuk=Status.FREE), NOON)

    assert reason is not None


@pytest.mark.parametrize(
    "text",
    [
        "We welcomed Yarashuk at our congress.",
        "We wrote to the ambassador and signed the petition.",
        "We were at the embassy: free them all!",
    ],
)
def test_what_says_nothing_untrue_may_be_passed_on(text):
    reason, rests_on = untruth(text, replace(REPORT, language="en"), ground(yarashuk=Status.FREE), NOON)

    assert (reason, rests_on.cases) == (None, {})


def test_a_plea_for_somebody_in_prison_rests_on_that():
    reason, rests_on = untruth("Free Areshka!", REPORT, ground(areshka=Status.JAILED), NOON)

    assert (reason, list(rests_on.cases)) == (None, ["areshka"])


def test_a_check_that_is_too_old_lets_no_name_be_passed_on():
    old = a_standing(Status.JAILED, good_until=date(2027, 4, 1))
    guard = Guard(known={case_subject(CaseId("areshka")): old})

    reason, _ = untruth("Free Areshka!", REPORT, replace(ground(), guard=guard), NOON)

    assert "look again" in reason


def test_while_people_are_paused_no_name_is_passed_on():
    for text in ("Free Areshka!", "We welcomed Yarashuk."):
        known = ground("rumours", areshka=Status.JAILED, yarashuk=Status.FREE)

        assert "paused" in untruth(text, REPORT, known, NOON)[0]
