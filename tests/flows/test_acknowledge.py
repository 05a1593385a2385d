"""Supporters' messages are passed on once, after a second look, and taken back in one step."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import read_vocabulary
from bot.domain.case import Guard
from bot.domain.consent import Ground, SecondLook
from bot.domain.delivery import DeliveryKind, State
from bot.domain.errors import DecisionError, InDoubtError, RefusedError, TryLaterError
from bot.domain.mention import Audience
from bot.domain.report import Risk
from bot.flows.acknowledge import Passing, boost, unboost
from bot.flows.decide import retry
from tests.people import EVERYBODY
from tests.reports import a_report, counted, take_in

FINE = SecondLook(may_be_in_danger=False, shows_faces=False)
SAID = "Nous avons écrit une lettre."
GROUND = Ground(names=EVERYBODY, vocabulary=read_vocabulary(), guard=Guard())


def confirmed(campaign, number=1, **changes):
    (report,) = take_in(campaign.store, a_report(number))
    campaign.store.change(counted(report, **changes), report, "anna", "count", campaign.clock.now())
    return campaign.store.report(report.id)


@pytest.fixture
def report(campaign):
    return confirmed(campaign)


def pass_on(campaign, report, today=SAID, look=FINE, ground=GROUND):
    passing = Passing(report=campaign.store.report(report.id), today=today, look=look)
    boost(campaign.store, passing, ground, campaign="test", by="anna", now=campaign.clock.now())


def take_back(campaign, report):
    again = campaign.store.report(report.id)
    unboost(campaign.store, again, campaign="test", by="anna", now=campaign.clock.now())


def of(campaign, report, kind=DeliveryKind.BOOST):
    return [one for one in campaign.owed(f"report {report.id}") if one.kind is kind]


def let_time_pass(campaign, minutes=30):
    for _ in range(minutes * 2):
        campaign.drain()
        campaign.reconcile()
        campaign.turn(seconds=30)


def test_a_boost_goes_out_once_however_often_it_is_asked_for(campaign, report):
    for _ in range(3):
        pass_on(campaign, report)
        campaign.drain()

    assert campaign.platform.boosted == {report.remote_id}
    assert campaign.platform.requests == 1
    assert campaign.store.report(report.id).boosted_at is not None


def test_nothing_of_the_message_is_left_in_the_outbox(campaign, report):
    pass_on(campaign, report)
    campaign.drain()

    (row,) = of(campaign, report)
    assert report.remote_id not in repr(row)
    assert b"remote" not in row.payload
    assert all(report.remote_id not in repr(line) for line in campaign.store.decisions(row.key))


def test_confirming_a_report_boosts_nothing(campaign, report):
    campaign.drain()

    assert campaign.platform.requests == 0
    assert of(campaign, report) == []


def test_a_boost_is_taken_back_in_one_step_and_that_can_be_repeated(campaign, report):
    pass_on(campaign, report)
    campaign.drain()

    for _ in range(3):
        take_back(campaign, report)
        campaign.drain()

    assert campaign.platform.boosted == set()
    assert campaign.platform.requests == 2
    assert campaign.store.report(report.id).boosted_at is None


def test_a_boost_that_has_not_left_is_taken_back_without_a_request(campaign, report):
    pass_on(campaign, report)

    take_back(campaign, report)
    campaign.drain()

    assert campaign.platform.requests == 0
    assert of(campaign, report)[0].state is State.CANCELLED


@pytest.mark.parametrize("arrived", [True, False])
def test_a_boost_in_doubt_that_is_taken_back_never_comes_again(campaign, report, arrived):
    words = "stored, and the answer lost" if arrived else "cut"
    campaign.platform.answers = iter([InDoubtError(words)])
    pass_on(campaign, report)
    campaign.drain()

    take_back(campaign, report)
    let_time_pass(campaign)

    assert campaign.platform.boosted == set()
    assert [one.state for one in of(campaign, report)] == [State.FAILED]
    assert [one.state for one in of(campaign, report, DeliveryKind.UNBOOST)] == [State.SENT]


@pytest.mark.parametrize("answer", [None, InDoubtError("cut"), InDoubtError("stored"), TryLaterError("busy")])
def test_a_boost_that_is_just_being_sent_when_it_is_taken_back_does_not_stay(campaign, report, answer):
    campaign.platform.on_publish = lambda one: one.kind is DeliveryKind.BOOST and take_back(campaign, report)
    campaign.platform.answers = iter([answer])
    pass_on(campaign, report)

    let_time_pass(campaign)

    assert campaign.platform.boosted == set()
    assert campaign.platform.requests == 2
    assert of(campaign, report)[0].state in {State.SENT, State.FAILED}
    assert report.remote_id not in repr(of(campaign, report))


def test_what_was_taken_back_is_not_boosted_again(campaign, report):
    pass_on(campaign, report)
    campaign.drain()
    take_back(campaign, report)
    campaign.drain()

    with pytest.raises(DecisionError, match="taken back"):
        pass_on(campaign, report)


def test_what_was_never_boosted_cannot_be_taken_back(campaign, report):
    with pytest.raises(DecisionError, match="never boosted"):
        take_back(campaign, report)


def test_an_answer_that_is_lost_is_looked_into_and_boosted_once(campaign, report):
    campaign.platform.answers = iter([InDoubtError("stored, and the answer lost")])
    pass_on(campaign, report)

    let_time_pass(campaign, minutes=5)

    assert campaign.platform.requests == 1
    assert [(one.state, one.text) for one in of(campaign, report)] == [(State.SENT, "")]


def test_what_proved_not_to_arrive_is_boosted_again(campaign, report):
    campaign.platform.answers = iter([TryLaterError("busy"), InDoubtError("cut")])
    pass_on(campaign, report)

    let_time_pass(campaign)

    assert campaign.platform.boosted == {report.remote_id}
    assert campaign.platform.requests == 3


def test_a_refused_boost_is_not_retried_by_key_but_may_be_asked_for_again(campaign, report):
    campaign.platform.answers = iter([RefusedError("gone")])
    pass_on(campaign, report)
    campaign.drain()
    (refused,) = of(campaign, report)

    with pytest.raises(DecisionError, match="erased"):
        retry(campaign.store, refused.key, "anna", campaign.clock.now())
    pass_on(campaign, report)
    campaign.drain()

    assert campaign.platform.boosted == {report.remote_id}


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"no_boost": True}, "asked not to be passed on"), ({"audience": Audience.PRIVATE}, "to everybody")],
)
def test_a_refusal_says_why_and_owes_nothing(campaign, changes, words):
    report = confirmed(campaign, **changes)

    with pytest.raises(DecisionError, match=words):
        pass_on(campaign, report)

    assert of(campaign, report) == []


def test_where_a_person_may_be_in_danger_nothing_is_boosted(campaign):
    report = confirmed(campaign, risk=Risk.UNSURE)

    with pytest.raises(DecisionError, match="danger"):
        pass_on(campaign, report, look=SecondLook(may_be_in_danger=True, shows_faces=False))

    assert of(campaign, report) == []


def test_who_opted_out_is_never_boosted(campaign, report):
    take_in(campaign.store, a_report(2), opt_outs=[report.author])

    with pytest.raises(DecisionError, match="nothing to do with us"):
        pass_on(campaign, report)

    assert of(campaign, report) == []


@pytest.mark.parametrize("today", [None, "Free Yarashuk!"])
def test_what_the_message_says_today_decides(campaign, report, today):
    with pytest.raises(DecisionError):
        pass_on(campaign, report, today=today)

    assert of(campaign, report) == []


def test_a_fifth_boost_within_an_hour_is_refused_with_the_hour_at_which_it_may_go(campaign):
    reports = [confirmed(campaign, number) for number in range(1, 6)]
    for report in reports[:4]:
        pass_on(campaign, report)

    with pytest.raises(DecisionError, match=r"4 an hour and 20 a day .* from 10:00 UTC"):
        pass_on(campaign, reports[4])

    campaign.turn(hours=1)
    pass_on(campaign, reports[4])


def test_a_boost_of_an_old_backup_is_not_sent(campaign, report):
    pass_on(campaign, report)
    campaign.store.put_back(campaign.clock.now() + timedelta(minutes=1), "anna", campaign.clock.now())

    campaign.drain()

    assert campaign.platform.requests == 0
    assert [one.state for one in of(campaign, report)] == [State.FAILED]


def test_a_crash_between_the_report_and_the_outbox_is_mended_by_asking_again(campaign, report):
    now = campaign.clock.now()
    campaign.store.change(replace(report, boosted_at=now), report, "anna", "boost", now)

    pass_on(campaign, report)
    campaign.drain()

    assert campaign.platform.boosted == {report.remote_id}


def test_no_line_of_the_log_names_the_message(campaign, report, caplog):
    caplog.set_level("DEBUG")
    campaign.platform.answers = iter([InDoubtError("stored, and the answer lost")])
    pass_on(campaign, report)
    let_time_pass(campaign, minutes=5)
    take_back(campaign, report)
    let_time_pass(campaign, minutes=5)

    assert "sent" in caplog.text
    assert report.remote_id not in caplog.text
    assert report.mark not in caplog.text
