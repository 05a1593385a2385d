"""What is forgotten, when, and in which order."""

from dataclasses import replace

import pytest

from bot.domain.erasure import erased, wiped
from bot.domain.errors import LostClaimError, TryLaterError
from bot.domain.report import RAW_FOR, UNDO_FOR, ReportId, Risk, Standing
from bot.flows import forget
from tests.builders import HOUR, NOON, SECOND
from tests.flows.forgetting import Ear, as_it_reads
from tests.reports import a_report


def test_words_that_nobody_decided_on_live_two_weeks_and_their_count_stays(house):
    (kept,) = house.holds(a_report())

    assert forget.lapse(house.what, NOON + RAW_FOR - SECOND) == 0
    assert house.now(kept) == kept

    assert forget.lapse(house.what, NOON + RAW_FOR) == 1
    assert house.now(kept) == replace(wiped(kept), standing=Standing.LAPSED)
    assert house.now(kept).suggestion.actions == kept.suggestion.actions
    assert house.lines(kept) == [("the clock", "lapse")]
    assert house.inbox.scrubs == 1


def test_a_decided_address_lives_as_long_as_the_decision_can_be_taken_back(house):
    (kept,) = house.holds(a_report())
    done = house.approve(kept)

    forget.lapse(house.what, NOON + UNDO_FOR - SECOND)
    assert house.now(kept) == done

    forget.lapse(house.what, NOON + UNDO_FOR)
    assert house.now(kept) == wiped(done)
    assert house.now(kept).standing is Standing.COUNTED


def test_words_of_a_decided_report_do_not_wait_for_that(house):
    (kept,) = house.holds(a_report())
    house.approve(kept, text=kept.text, handle=kept.handle)

    forget.lapse(house.what, NOON)

    assert (house.now(kept).text, house.now(kept).handle) == (None, None)
    assert house.now(kept).url == kept.url


def test_a_boosted_report_keeps_its_address_and_nothing_else(house):
    (kept,) = house.holds(a_report())
    house.approve(kept, boosted_at=NOON, text=kept.text)

    forget.lapse(house.what, NOON + 9 * RAW_FOR)

    assert (house.now(kept).url, house.now(kept).remote_id) == (kept.url, kept.remote_id)
    assert (house.now(kept).text, house.now(kept).handle) == (None, None)


def test_nothing_is_scrubbed_where_nothing_was_erased(house):
    house.holds(a_report())

    forget.lapse(house.what, NOON)

    assert house.inbox.scrubs == 0


def test_more_reports_than_fit_in_one_look_all_lapse(house):
    house.holds(*(a_report(number) for number in range(1_203)))

    assert forget.lapse(house.what, NOON + RAW_FOR) == 1_203
    assert house.inbox.holding(after=ReportId(0)) == []


def test_whoever_is_just_deciding_is_not_overruled(house):
    (kept,) = house.holds(a_report())
    house.inbox.before_change = lambda: house.approve(kept)

    assert forget.lapse(house.what, NOON + RAW_FOR) == 0

    assert house.now(kept).standing is Standing.COUNTED


def test_erasing_remembers_outside_the_store_first(house):
    (kept,) = house.holds(a_report())
    house.inbox.before_change = lambda: house.approve(kept)

    with pytest.raises(LostClaimError):
        forget.erase(house.what, kept, "anna", "asked", NOON)

    assert house.erasures.marks() == {kept.mark}


def test_an_erased_report_leaves_a_mark_and_nothing_to_count(house):
    (kept,) = house.holds(a_report())

    left = forget.erase(house.what, house.approve(kept), "anna", "asked", NOON)

    assert house.now(kept) == left
    assert house.inbox.known([kept.mark]) == {kept.mark}
    gone = (left.author, left.alias, left.group, left.actions, left.country, left.participants)
    assert gone == ("", "", "", (), None, None)
    assert not left.suggestion.is_report


def test_a_boost_is_taken_back_before_its_report_is_erased(house):
    (kept,) = house.holds(a_report())

    forget.erase(house.what, house.approve(kept, boosted_at=NOON), "anna", "asked", NOON)

    assert house.unboosted == [kept.id]
    assert house.lines(kept)[-2:] == [("anna", "unboost"), ("anna", "erase: asked")]


def test_a_source_that_is_gone_is_erased(house):
    (first, second) = house.holds(a_report(1), a_report(2))
    ear = Ear({"remote-1": None, "remote-2": second.group})

    seen = forget.recheck(house.what, ear, "mastodon", as_it_reads, NOON)

    assert (seen.gone, seen.changed) == (1, 0)
    assert house.now(first) == erased(first)
    assert house.now(second) == second
    assert house.erasures.marks() == {first.mark}
    assert house.inbox.scrubs == 1


def test_a_source_that_says_something_else_goes_back_to_review(house):
    (kept,) = house.holds(a_report())
    house.approve(kept, boosted_at=NOON)

    seen = forget.recheck(house.what, Ear({"remote-1": "new words"}), "mastodon", as_it_reads, NOON + HOUR)

    assert (seen.gone, seen.changed) == (0, 1)
    again = house.now(kept)
    assert (again.standing, again.text, again.group) == (Standing.UNDECIDED, "new words", "new words")
    assert (again.decided_at, again.decided_by, again.actions, again.boosted_at) == (None, "", (), None)
    assert again.taken_at == NOON + HOUR
    assert (again.mark, again.author, again.remote_id) == (kept.mark, kept.author, kept.remote_id)
    assert house.unboosted == [kept.id]


def test_changing_a_post_that_waits_does_not_keep_it_longer(house):
    (kept,) = house.holds(a_report())

    forget.recheck(house.what, Ear({"remote-1": "new words"}), "mastodon", as_it_reads, NOON + HOUR)

    assert house.now(kept).taken_at == NOON


@pytest.mark.parametrize("reread", [lambda *_: None, lambda report, _: replace(report, risk=Risk.AT_RISK)])
def test_a_source_that_now_puts_its_writer_at_risk_or_asks_to_be_left_out_is_erased(house, reread):
    (kept,) = house.holds(a_report())

    seen = forget.recheck(house.what, Ear({"remote-1": "in Minsk"}), "mastodon", reread, NOON)

    assert seen.gone == 1
    assert house.now(kept) == erased(kept)


def test_of_what_the_platform_does_not_speak_of_nothing_changes(house):
    (kept,) = house.holds(a_report())

    forget.recheck(house.what, Ear({}), "mastodon", as_it_reads, NOON)
    forget.recheck(house.what, Ear({"remote-1": None}), "x", as_it_reads, NOON)
    forget.recheck(house.what, Ear({"remote-1": None}), "mastodon", as_it_reads, NOON, reports=[])

    assert house.now(kept) == kept


def test_sources_are_asked_about_a_few_at_a_time_and_those_without_an_address_never(house):
    kept = house.holds(*(a_report(number) for number in range(45)))
    house.inbox.change(wiped(kept[0]), kept[0], "anna", "wipe", NOON)
    ear = Ear({})

    forget.recheck(house.what, ear, "mastodon", as_it_reads, NOON)

    assert [len(asked) for asked in ear.asked] == [20, 20, 4]


def test_what_was_seen_before_a_platform_failed_is_done_and_scrubbed(house):
    house.holds(*(a_report(number) for number in range(25)))
    ear = Ear({f"remote-{number}": None for number in range(25)}, fails_after=1)

    with pytest.raises(TryLaterError):
        forget.recheck(house.what, ear, "mastodon", as_it_reads, NOON)

    assert len(house.erasures.marks()) == 20
    assert house.inbox.scrubs == 1
