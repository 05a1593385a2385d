"""What no store lets go: words that may not be said at that hour, and what the budget has no room for."""

from datetime import timedelta
from itertools import pairwise

import pytest

from bot.domain.case import AGE, CaseId, Claim, FactId, Finding, Reliance, Status, case_subject, fact_subject
from bot.domain.delivery import State
from bot.domain.errors import InDoubtError, RefusedError, TryLaterError
from bot.domain.post import Language, PostId
from bot.domain.terms import Terms, month_of
from tests.builders import DAY, HOUR, NOON, a_receipt, frozen, planned, settled
from tests.contracts.steps import claim, of_may_day, owe, send

ANNA = CaseId("anna")
RAID = FactId("raid")
SAYS_JAILED = Reliance(cases={ANNA: Claim.JAILED})
CENT = 10_000


def a_finding(status=Status.JAILED, *, ago=0, **changes):
    said = {
        "subject": case_subject(ANNA),
        "name": "Anna Example",
        "status": status,
        "verified_on": (NOON - ago * DAY).date(),
        "source": "https://union.example/anna",
    }
    return Finding(**(said | changes))


def a_check(status=Status.JAILED, *, ago=0, **changes):
    return a_finding(status, ago=ago, by="olga", **changes)


def about_anna(**changes):
    return planned(reliance=SAYS_JAILED, **changes)


def held(store):
    return [one.held for one in of_may_day(store)]


def test_a_post_that_says_what_is_so_is_claimed(holder):
    holder.know([a_finding()], NOON)
    owe(holder, about_anna())

    assert claim(holder).reliance == SAYS_JAILED


@pytest.mark.parametrize("status", [Status.FREE, Status.DIED, Status.UNKNOWN])
def test_nobody_is_called_jailed_who_is_not_known_to_be(holder, status):
    holder.know([a_finding(status)], NOON)
    owe(holder, about_anna())

    assert claim(holder) is None
    assert "Anna Example" in held(holder)[0]


def test_nothing_is_said_of_somebody_the_store_knows_nothing_of(holder):
    owe(holder, about_anna())

    assert claim(holder) is None
    assert held(holder) == ["there is no case anna any more"]


def test_a_check_in_the_ledger_counts_at_the_very_next_claim(holder, world):
    holder.know([a_finding()], NOON)
    owe(holder, about_anna())
    world.open().find_out(a_check(Status.FREE), NOON)

    assert claim(holder) is None
    assert held(holder) == ["it says that Anna Example is in prison, but this person is free"]


def test_what_is_past_its_check_is_held_and_not_lost(holder):
    holder.know([a_finding(ago=15)], NOON)
    owe(holder, about_anna())

    assert claim(holder) is None
    (one,) = of_may_day(holder)
    assert (one.state, one.attempts) == (State.SCHEDULED, 0)
    assert holder.decisions(one.key)[-1].what == "hold"


def test_how_long_a_check_counts_is_a_term_of_the_claim(holder):
    holder.know([a_finding(ago=5)], NOON)
    owe(holder, about_anna())

    assert holder.claim("mastodon", NOON, frozen, Terms(age=timedelta(days=4))) is None


def test_a_fact_past_its_date_is_held(holder):
    gone = a_finding(None, subject=fact_subject(RAID), name="raid", check_by=(NOON - DAY).date())
    holder.know([gone], NOON)
    owe(holder, planned(reliance=Reliance(facts=(RAID,))))

    assert claim(holder) is None
    assert "raid was last checked" in held(holder)[0]


def test_what_is_held_does_not_keep_others_waiting(holder):
    owe(holder, about_anna(), planned(post=PostId("other"), planned_at=NOON))

    assert claim(holder).post == "other"


def test_what_was_held_at_its_hour_goes_out_once_it_is_planned_again_and_true(holder):
    holder.know([a_finding(ago=15)], NOON)
    owe(holder, about_anna())
    claim(holder)
    holder.find_out(a_check(), NOON)

    holder.plan([about_anna()], [], NOON)

    assert held(holder) == [None]
    assert claim(holder) is not None


def test_the_rest_of_a_thread_is_held_when_what_it_says_stops_being_so(holder):
    holder.know([a_finding()], NOON)
    owe(holder, about_anna(texts=("one", "two")))
    send(holder)
    holder.find_out(a_check(Status.FREE), NOON)

    assert claim(holder, NOON + HOUR) is None
    assert [one.state for one in of_may_day(holder)] == [State.SENT, State.SCHEDULED]
    assert held(holder)[0] is None
    assert "is free" in held(holder)[1]


def test_nothing_that_names_a_person_goes_while_people_are_paused(holder, world):
    holder.know([a_finding()], NOON)
    owe(holder, about_anna(), planned(post=PostId("other")))
    world.open().pause_people("a release", "anna", NOON)

    assert claim(holder).post == "other"
    assert held(holder) == ["posts that name people are paused: a release"]


def test_people_are_paused_until_a_person_lifts_it(store, world):
    store.pause_people("a release", "anna", NOON)

    assert world.open().people_paused() == "a release"
    store.resume_people("anna", NOON)
    assert store.people_paused() is None
    assert [line.what for line in store.decisions("people")] == ["pause", "resume"]


def test_what_the_files_say_takes_the_place_of_what_they_said(store):
    assert store.know([a_finding(), a_finding(subject=case_subject(CaseId("boris")))], NOON)
    assert not store.know([a_finding(), a_finding(subject=case_subject(CaseId("boris")))], NOON)

    assert store.know([a_finding(Status.FREE)], NOON)

    assert store.findings() == {case_subject(ANNA): (a_finding(Status.FREE), ())}


def test_checks_stay_in_the_ledger_whatever_the_files_say(store):
    store.know([a_finding()], NOON)
    store.find_out(a_check(), NOON)
    store.find_out(a_check(Status.FREE, ago=-1), NOON)

    store.know([], NOON)

    assert store.findings() == {case_subject(ANNA): (None, (a_check(), a_check(Status.FREE, ago=-1)))}
    assert [line.by for line in store.decisions(case_subject(ANNA))] == ["olga", "olga"]


def test_the_mark_changes_with_all_that_decides_what_may_be_said(store):
    marks = [store.mark()]
    for change in (
        lambda: store.know([a_finding()], NOON),
        lambda: store.find_out(a_check(), NOON),
        lambda: store.pause_people("a release", "anna", NOON),
        lambda: store.resume_people("anna", NOON),
        lambda: store.approve({(PostId("may-day"), None): "one"}, "anna", NOON),
        lambda: store.approve({(PostId("may-day"), None): "two"}, "anna", NOON + HOUR),
    ):
        change()
        marks.append(store.mark())

    assert store.mark() == marks[-1]
    assert all(before != after for before, after in pairwise(marks))


def test_the_last_approval_counts_for_a_post_and_for_each_translation(store):
    post, french = (PostId("may-day"), None), (PostId("may-day"), Language("fr"))
    store.approve({post: "old", french: "fr"}, "anna", NOON)

    store.approve({post: "new"}, "olga", NOON)

    assert store.approvals() == {post: "new", french: "fr"}
    assert [line.by for line in store.decisions("may-day")] == ["anna", "anna", "olga"]


def test_what_rests_on_people_is_found_by_its_state(holder):
    holder.know([a_finding()], NOON)
    owe(holder, about_anna(), planned(post=PostId("other")))

    assert [one.post for one in holder.relying({State.SCHEDULED})] == ["may-day"]
    assert holder.relying({State.SENT}) == []


def dear(number, cost=CENT, **changes):
    return planned(post=PostId(f"p{number}"), costs=(cost,), **changes)


def spend(store, terms):
    """Send what is due until nothing is let go; the posts that went."""
    went = []
    while claimed := store.claim("mastodon", NOON, frozen, terms):
        store.settle(settled(claimed, a_receipt(claimed.key)), NOON)
        went.append(claimed.post)
    return went


def test_a_month_costs_no_more_than_its_budget(holder):
    owe(holder, *(dear(number) for number in range(5)))

    assert spend(holder, Terms(budget=3 * CENT)) == ["p0", "p1", "p2"]
    assert holder.spent("mastodon", month_of(NOON)) == 3 * CENT
    assert holder.of_post(PostId("p4"))[0].held == (
        "the budget of $0.030 for this month is used up: $0.030 are spent"
    )


def test_what_costs_less_goes_when_what_costs_more_cannot(holder):
    owe(holder, dear(1, 20 * CENT), dear(2, CENT), dear(3, 0))

    assert spend(holder, Terms(budget=5 * CENT)) == ["p2", "p3"]


def test_a_new_month_has_a_budget_of_its_own(holder):
    owe(holder, dear(1), dear(2, planned_at=NOON + 31 * DAY, expires_at=NOON + 32 * DAY))
    terms = Terms(budget=CENT)
    assert spend(holder, terms) == ["p1"]

    assert holder.claim("mastodon", NOON + 31 * DAY, frozen, terms).post == "p2"


@pytest.mark.parametrize(
    ("answer", "billed"),
    [
        (InDoubtError("no answer"), CENT),
        (RefusedError("no"), 0),
        (TryLaterError("busy"), 0),
        (a_receipt(), CENT),
    ],
)
def test_only_what_may_have_to_be_paid_for_is_spent(holder, answer, billed):
    owe(holder, planned(costs=(CENT,)))

    send(holder, answer)

    assert holder.spent("mastodon", month_of(NOON)) == billed


def test_age_and_budget_are_no_business_of_an_account_without_them(holder):
    owe(holder, *(dear(number) for number in range(3)))

    assert len(spend(holder, Terms())) == 3
    assert timedelta(days=14) == AGE
