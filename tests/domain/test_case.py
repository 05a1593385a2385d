from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from bot.domain.case import (
    CaseId,
    Claim,
    FactId,
    Finding,
    Guard,
    Reliance,
    Status,
    case_subject,
    contradiction,
    fact_subject,
    standing,
)

ANNA = CaseId("anna")
DAY = date(2027, 5, 1)
NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)
FORTNIGHT = timedelta(days=14)


def a_finding(status=Status.JAILED, *, ago=0, **changes):
    said = {
        "subject": case_subject(ANNA),
        "name": "Anna Example",
        "status": status,
        "verified_on": DAY - timedelta(days=ago),
        "source": "https://union.example/anna",
    }
    return Finding(**(said | changes))


def a_fact(**changes):
    subject = fact_subject(FactId("raid"))
    return a_finding(None, subject=subject, name="raid", **changes)


def says(claim):
    return Reliance(cases={ANNA: claim})


def guard(file=None, *ledger, paused=None):
    counts = standing(file, ledger)
    return Guard(known={case_subject(ANNA): counts} if counts else {}, people_paused=paused)


def reason(claim, file=None, *ledger, at=NOON, paused=None):
    found = guard(file, *ledger, paused=paused).objection(says(claim), at)
    return found and found.reason


@pytest.mark.parametrize(("claim", "status"), [*product(Claim, Status)])
def test_a_post_says_of_somebody_only_what_is_so(claim, status):
    fits = claim.value == status.value or claim is Claim.HISTORY

    assert (reason(claim, a_finding(status)) is None) is fits


def test_somebody_who_was_freed_is_never_called_jailed():
    assert reason(Claim.JAILED, a_finding(Status.FREE)) == (
        "it says that Anna Example is in prison, but this person is free"
    )


def test_nothing_is_said_of_somebody_of_whom_nothing_is_known():
    assert reason(Claim.JAILED) == "there is no case anna any more"
    assert reason(Claim.HISTORY) == "there is no case anna any more"


@pytest.mark.parametrize("claim", [Claim.JAILED, Claim.FREE])
def test_a_check_counts_for_fourteen_days(claim):
    finding = a_finding(Status(claim.value))

    assert reason(claim, finding, at=NOON + FORTNIGHT) is None
    assert "look again" in reason(claim, finding, at=NOON + FORTNIGHT + timedelta(days=1))


def test_that_somebody_died_does_not_age():
    assert reason(Claim.DIED, a_finding(Status.DIED, ago=900)) is None


def test_what_was_does_not_age():
    assert reason(Claim.HISTORY, a_finding(Status.UNKNOWN, ago=900)) is None


def test_a_check_by_date_may_come_before_the_fourteen_days():
    finding = a_finding(check_by=DAY + timedelta(days=3))

    assert reason(Claim.JAILED, finding, at=NOON + timedelta(days=3)) is None
    assert reason(Claim.JAILED, finding, at=NOON + timedelta(days=4)) is not None


def test_nothing_is_asked_for_an_hour_that_has_passed():
    known = {case_subject(ANNA): standing(a_finding(ago=-3), ())}
    late = NOON + timedelta(days=3)

    assert Guard(known=known).objection(says(Claim.JAILED), NOON) is not None
    assert Guard(known=known, now=late).objection(says(Claim.JAILED), NOON) is None


def test_all_that_is_untrue_of_a_post_is_named():
    boris = CaseId("boris")
    said = Reliance(cases={ANNA: Claim.JAILED, boris: Claim.JAILED})
    free = standing(a_finding(Status.FREE), ())
    one = contradiction(said, {case_subject(ANNA): free})

    both = contradiction(said, {case_subject(ANNA): free, case_subject(boris): free})

    assert one.reason != both.reason
    assert both.reason.count("is free") == 2


def test_a_shorter_age_counts_less():
    counts = standing(a_finding(ago=5), (), timedelta(days=4))

    assert Guard(known={case_subject(ANNA): counts}).objection(says(Claim.JAILED), NOON).stale


def test_a_check_of_a_day_that_is_still_to_come_proves_nothing():
    assert "still to come" in reason(Claim.JAILED, a_finding(ago=-3))


def test_the_newer_of_file_and_ledger_counts():
    old, new = a_finding(ago=20), a_finding(ago=1)

    assert reason(Claim.JAILED, old) is not None
    assert reason(Claim.JAILED, old, new) is None
    assert reason(Claim.JAILED, new, old) is None


@pytest.mark.parametrize("status", [Status.FREE, Status.DIED, Status.UNKNOWN])
@pytest.mark.parametrize("ago", [1, 50])
def test_who_is_not_jailed_in_either_is_not_called_jailed(status, ago):
    other, jailed = a_finding(status, ago=ago), a_finding(ago=10)

    assert reason(Claim.JAILED, other, jailed) is not None
    assert reason(Claim.JAILED, jailed, other) is not None
    assert standing(jailed, (other,)).disputed


def test_a_person_resolves_what_file_and_ledger_disagree_about():
    free, jailed = a_finding(Status.FREE, ago=10), a_finding(ago=1, resolves=True)

    assert reason(Claim.JAILED, free, jailed) is None
    assert not standing(free, (jailed,)).disputed


def test_what_a_file_says_of_the_same_day_as_it_was_resolved_is_disputed():
    free, jailed = a_finding(Status.FREE), a_finding(resolves=True)

    assert reason(Claim.JAILED, free, jailed) is not None
    assert standing(free, (jailed,)).disputed


def test_without_its_record_nothing_is_said_of_anybody_whatever_was_checked():
    assert standing(None, (a_finding(),)) is None
    assert reason(Claim.JAILED, None, a_finding()) == "there is no case anna any more"


def test_what_was_resolved_stays_so_when_it_is_confirmed():
    free, jailed = a_finding(Status.FREE, ago=30), a_finding(ago=20, resolves=True)

    assert reason(Claim.JAILED, free, jailed, a_finding(ago=1)) is None


def test_a_file_that_changes_after_it_was_resolved_counts_again():
    free, jailed = a_finding(Status.FREE, ago=1), a_finding(ago=10, resolves=True)

    assert reason(Claim.JAILED, free, jailed) is not None


def test_a_fact_without_a_date_to_check_by_does_not_age():
    known = {fact_subject(FactId("raid")): standing(a_fact(ago=2000), ())}

    assert Guard(known=known).objection(Reliance(facts=(FactId("raid"),)), NOON) is None


def test_a_fact_past_its_date_is_not_stated():
    known = {fact_subject(FactId("raid")): standing(a_fact(check_by=DAY), ())}
    rests_on = Reliance(facts=(FactId("raid"),))

    assert Guard(known=known).objection(rests_on, NOON) is None
    assert Guard(known=known).objection(rests_on, NOON + timedelta(days=1)).stale


def test_nobody_is_named_while_people_are_paused():
    assert reason(Claim.HISTORY, a_finding(), paused="a release") == (
        "posts that name people are paused: a release"
    )
    assert guard(paused="a release").objection(Reliance(), NOON) is None


@pytest.mark.parametrize(
    ("claim", "status", "untrue"),
    [
        (Claim.JAILED, Status.FREE, True),
        (Claim.JAILED, Status.DIED, True),
        (Claim.FREE, Status.JAILED, True),
        (Claim.JAILED, Status.JAILED, False),
        (Claim.JAILED, Status.UNKNOWN, False),
        (Claim.HISTORY, Status.DIED, False),
    ],
)
def test_what_is_out_is_untrue_once_the_contrary_is_known(claim, status, untrue):
    found = contradiction(says(claim), guard(a_finding(status)).known)

    assert bool(found) is untrue


def test_a_check_that_grows_old_makes_nothing_untrue_that_is_out():
    assert contradiction(says(Claim.JAILED), guard(a_finding(ago=900)).known) is None


def test_a_reliance_is_the_same_after_it_was_kept():
    rests_on = Reliance(cases={ANNA: Claim.JAILED, CaseId("boris"): Claim.DIED}, facts=(FactId("raid"),))

    assert Reliance.from_text(rests_on.as_text()) == rests_on
    assert Reliance().as_text() == ""
    assert not Reliance.from_text("")
