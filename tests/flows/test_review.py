"""An organiser decides what counts. Each decision erases, and none of them is a public act."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import DecisionError, LostClaimError
from bot.domain.lengths import PlatformName
from bot.domain.report import UNDO_FOR, Action, Standing
from bot.flows import review
from tests.builders import DAY, HOUR, NOON, planned
from tests.reports import LETTER, a_report, take_in

LATER = NOON + HOUR


@pytest.fixture
def inbox(campaign):
    return campaign.store


@pytest.fixture
def report(inbox):
    return take_in(inbox, a_report())[0]


def confirm(inbox, report, now=LATER, **changes):
    given = {"actions": (Action.LETTER,), "country": "FR", "participants": 12, **changes}
    return review.confirm(inbox, report, "anna", now, **given)


def test_a_confirmed_report_counts_as_decided_and_nothing_else_of_it_stays(inbox, report):
    confirm(inbox, report, country="BE", participants=3)

    assert inbox.report(report.id) == replace(
        report,
        standing=Standing.COUNTED,
        actions=(Action.LETTER,),
        country="BE",
        participants=3,
        decided_at=LATER,
        decided_by="anna",
        suggestion=replace(LETTER, why=()),
        handle=None,
        text=None,
    )


def test_a_rejected_report_keeps_no_word_of_its_writer(inbox, report):
    review.reject(inbox, report, "anna", LATER)

    left = inbox.report(report.id)
    assert left.standing is Standing.REJECTED
    assert (left.handle, left.text, left.suggestion.why) == (None, None, ())


def test_of_x_a_count_is_left_and_no_country_or_crowd(inbox):
    report = take_in(inbox, a_report(platform=PlatformName.X))[0]

    left = confirm(inbox, report)

    assert (left.country, left.participants) == (None, None)
    assert (left.suggestion.country, left.suggestion.participants) == (None, None)


def test_approving_causes_nothing_but_a_count(campaign):
    store = campaign.store
    store.plan([planned(planned_at=NOON + DAY, expires_at=NOON + 2 * DAY)], [], NOON)
    reports = take_in(store, *(a_report(number) for number in range(1, 9)))
    span = {"since": NOON - 99 * DAY, "until": NOON + 99 * DAY}
    outbox = store.deliveries(**span)

    for report in reports:
        confirm(store, report)
    campaign.drain()

    assert store.deliveries(**span) == outbox
    assert campaign.platform.stored == []
    assert all(one.boosted_at is None for one in store.reports())


def test_the_ledger_says_who_decided_and_no_word_of_the_report(inbox, report):
    decided = confirm(inbox, report)
    review.undo(inbox, decided, "berta", LATER)

    lines = inbox.decisions(f"report {report.id}")

    assert [(line.by, line.what) for line in lines] == [
        ("anna", "count report"),
        ("berta", "undo decision on report"),
    ]
    for word in (report.text, report.handle, report.url, report.remote_id):
        assert word not in repr(lines)


@pytest.mark.parametrize("standing", [one for one in Standing if one is not Standing.UNDECIDED])
def test_only_what_waits_can_be_decided(inbox, standing):
    report = a_report(standing=standing)

    for decide in (confirm, lambda inbox, report: review.reject(inbox, report, "anna", LATER)):
        with pytest.raises(DecisionError, match="report 0"):
            decide(inbox, report)


@pytest.mark.parametrize(
    "wrong",
    [
        {"actions": ()},
        {"country": "Germany"},
        {"country": "de"},
        {"participants": 0},
        {"participants": 10**7},
    ],
)
def test_what_makes_no_sense_is_not_counted(inbox, report, wrong):
    with pytest.raises(DecisionError):
        confirm(inbox, report, **wrong)

    assert inbox.report(report.id) == report


def test_of_two_people_who_decide_at_once_the_first_counts(inbox, report):
    review.reject(inbox, report, "berta", LATER)

    with pytest.raises(LostClaimError):
        confirm(inbox, report)

    assert inbox.report(report.id).decided_by == "berta"


def test_an_undone_report_waits_again_with_its_address_and_without_its_words(inbox, report):
    decided = confirm(inbox, report)

    review.undo(inbox, decided, "berta", LATER + HOUR)

    left = inbox.report(report.id)
    assert left == replace(report, suggestion=replace(LETTER, why=()), handle=None, text=None)


def test_a_decision_can_be_undone_for_a_day_and_no_longer(inbox, report):
    decided = confirm(inbox, report)

    with pytest.raises(DecisionError, match="1 d"):
        review.undo(inbox, decided, "anna", LATER + UNDO_FOR)

    assert review.undo(inbox, decided, "anna", LATER + UNDO_FOR - timedelta(seconds=1)).decided_at is None


def test_what_is_boosted_is_not_undone_behind_the_boost(inbox, report):
    boosted = replace(confirm(inbox, report), boosted_at=LATER)

    with pytest.raises(DecisionError, match="unboost"):
        review.undo(inbox, boosted, "anna", LATER + HOUR)


def test_what_waits_has_nothing_to_undo(inbox, report):
    with pytest.raises(DecisionError, match="nothing to undo"):
        review.undo(inbox, report, "anna", LATER)


def test_equal_words_wait_together_in_the_order_in_which_they_came(inbox):
    take_in(
        inbox,
        a_report(1, taken_at=NOON),
        a_report(2, taken_at=LATER, group="equal"),
        a_report(3, taken_at=LATER + HOUR),
        a_report(4, taken_at=LATER + 2 * HOUR, group="equal"),
    )

    assert [[one.id for one in bundle] for bundle in review.waiting(inbox)] == [[1], [2, 4], [3]]


def test_reports_without_a_group_stand_alone(inbox):
    take_in(inbox, a_report(1, group=""), a_report(2, group=""))

    assert [len(bundle) for bundle in review.waiting(inbox)] == [1, 1]


def test_a_decision_is_undone_with_those_made_by_the_same_key(inbox):
    first, second, later = take_in(inbox, *(a_report(number, group="equal") for number in (1, 2, 3)))
    decided = [confirm(inbox, one) for one in (first, second)]
    confirm(inbox, later, now=LATER + HOUR)

    assert review.with_equals(inbox, decided[0]) == decided
