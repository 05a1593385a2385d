"""What every memory of reports promises."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from bot.domain.erasure import erased, set_aside, wiped
from bot.domain.errors import LostClaimError, NotFoundError
from bot.domain.report import ReportId, Risk, Standing
from bot.ports.records import Decision
from tests.builders import DAY, HOUR, NOON, SECOND
from tests.reports import TODAY, a_report, counted, take_in


def test_what_came_in_is_there_whole_under_a_number_of_our_own(store):
    (kept,) = take_in(store, a_report())

    assert kept == a_report(id=kept.id)
    assert kept.id > 0
    assert store.report(kept.id) == kept


def test_every_detail_of_a_report_is_kept(store):
    (kept,) = take_in(store, a_report(no_boost=True, risk=Risk.UNSURE, language=None))
    new = counted(kept, boosted_at=NOON)

    store.change(new, kept, "anna", "approve", NOON)

    assert store.report(kept.id) == new
    usual = {"id", "account", "platform", "mark", "author", "group", "day", "taken_at", "audience"}
    assert {one.name for one in fields(new) if getattr(new, one.name) is not None} >= usual


def test_the_cursor_moves_with_what_it_led_to(store):
    assert store.cursor("mastodon", "mentions") is None

    take_in(store, a_report(), cursor="7")
    take_in(store, cursor="9", stream="requests")
    take_in(store, cursor="8")

    assert store.cursor("mastodon", "mentions") == "8"
    assert store.cursor("mastodon", "requests") == "9"
    assert store.cursor("x", "mentions") is None


def test_a_page_with_a_writer_at_risk_among_its_reports_moves_nothing(store):
    take_in(store, a_report(1), cursor="7", counts={"at risk 2027-05": 1})
    broken = replace(a_report(3), risk=Risk.AT_RISK)

    with pytest.raises(ValueError, match="at risk"):
        take_in(store, a_report(2), broken, cursor="8", at_risk=["m"], counts={"at risk 2027-05": 1})

    assert store.cursor("mastodon", "mentions") == "7"
    assert [one.mark for one in store.reports()] == ["mark-1"]
    assert store.known(["m"]) == frozenset()
    assert store.numbers() == {"at risk 2027-05": 1}


def test_a_mark_that_is_known_changes_nothing(store):
    (first,) = take_in(store, a_report(1))

    take_in(store, a_report(1, text="another"), a_report(2), a_report(2, text="twice"))

    assert store.report(first.id) == first
    assert [one.text for one in store.reports()] == [a_report(1).text, a_report(2).text]


def test_a_mark_at_risk_keeps_a_report_of_it_out(store):
    take_in(store, at_risk=["mark-1"])

    assert take_in(store, a_report(1)) == []


def test_marks_are_known_by_what_became_of_them(store):
    (_, kept) = take_in(store, a_report(1), a_report(2), at_risk=["risky"])
    store.change(gone(kept), kept, "anna", "erase", NOON)

    assert store.known(["mark-1", "mark-2", "risky", "new"]) == {"mark-1", "mark-2", "risky"}


def test_what_a_copy_has_set_aside_is_taken_in_again_under_its_number(store):
    (first, second) = take_in(store, a_report(1), a_report(2))
    store.change(set_aside(first), first, "anna", "set aside", NOON)
    store.change(gone(second), second, "anna", "lapse", NOON)
    assert store.known(["mark-1", "mark-2"]) == {"mark-2"}

    take_in(store, a_report(1, text="another"), a_report(2), now=NOON + DAY)

    assert [(one.id, one.standing, one.text) for one in store.reports()] == [
        (first.id, Standing.UNDECIDED, "another"),
        (second.id, gone(second).standing, None),
    ]
    assert store.of_author("author-1") == [store.report(first.id)]
    assert store.known(["mark-1", "mark-2"]) == {"mark-1", "mark-2"}


def test_what_was_set_aside_and_is_heard_again_of_somebody_at_risk_stays_without_a_word(store):
    (kept,) = take_in(store, a_report(1))
    store.change(set_aside(kept), kept, "anna", "set aside", NOON)

    take_in(store, at_risk=["mark-1"])

    assert store.reports() == [set_aside(kept)]
    assert store.known(["mark-1"]) == {"mark-1"}


def test_marks_at_risk_are_forgotten_and_nothing_else(store):
    take_in(store, a_report(1), at_risk=["old"], now=NOON)
    take_in(store, at_risk=["new", "old"], now=NOON + DAY)

    assert store.forget_marks(NOON + 11 * HOUR) == 0  # the day that they were seen is not over
    assert store.forget_marks(NOON + DAY - HOUR) == 1
    assert store.known(["mark-1", "old", "new"]) == {"mark-1", "new"}


def test_numbers_add_up_under_their_names(store):
    assert store.numbers() == {}

    take_in(store, counts={"at risk 2027-05": 2, "refused 2027-05": 1})
    take_in(store, counts={"at risk 2027-05": 3})

    assert store.numbers() == {"at risk 2027-05": 5, "refused 2027-05": 1}


def test_an_opt_out_is_for_ever_and_erases_what_waits(store):
    (kept,) = take_in(store, a_report(1))

    take_in(store, a_report(2, author="author-1"), opt_outs=["author-1"], now=NOON + HOUR)

    assert store.opted_out(["author-1", "author-2"]) == {"author-1"}
    assert [one.standing for one in store.reports()] == [Standing.ERASED, Standing.ERASED]
    assert [erasure.by for erasure in store.decisions(f"report {kept.id}")] == ["its writer"]
    assert store.known(["mark-1", "mark-2"]) == {"mark-1", "mark-2"}


def test_what_still_comes_in_of_somebody_who_opted_out_is_not_kept(store):
    take_in(store, opt_outs=["author-1"])

    (kept,) = take_in(store, a_report(1))

    assert kept.standing is Standing.ERASED
    assert all(part is None for part in (kept.handle, kept.text, kept.url, kept.remote_id))


def test_of_a_counted_report_an_opt_out_leaves_the_count(store):
    (kept,) = take_in(store, a_report(1))
    store.change(counted(kept), kept, "anna", "approve", NOON)

    take_in(store, opt_outs=["author-1"])

    assert store.report(kept.id) == replace(counted(kept), url=None, remote_id=None)


def test_a_boost_can_be_taken_back_after_an_opt_out(store):
    (kept,) = take_in(store, a_report(1))
    store.change(counted(kept, boosted_at=NOON), kept, "anna", "boost", NOON)

    take_in(store, opt_outs=["author-1"])

    assert store.report(kept.id).remote_id == kept.remote_id


def test_what_others_wrote_is_left_alone_by_an_opt_out(store):
    (kept,) = take_in(store, a_report(2))

    take_in(store, opt_outs=["author-1"])

    assert store.report(kept.id) == kept


def test_what_an_author_wrote_is_counted_by_the_day_of_the_mention(store):
    take_in(
        store,
        a_report(1),
        a_report(2, author="author-1", day=NOON),
        a_report(3, author="author-1", day=TODAY + DAY),
        a_report(4, author="author-1", day=TODAY - timedelta(microseconds=1)),
        a_report(5),
    )

    assert dict(store.written_on(["author-1", "author-9"], NOON)) == {"author-1": 2}


def test_reports_are_shown_with_the_oldest_undecided_first(store):
    times = {1: NOON, 2: NOON + 2 * HOUR, 3: NOON + HOUR}
    kept = {one.mark: one for one in take_in(store, *(a_report(n, taken_at=at) for n, at in times.items()))}
    store.change(counted(kept["mark-1"]), kept["mark-1"], "anna", "approve", NOON)

    assert [one.mark for one in store.reports()] == ["mark-3", "mark-2", "mark-1"]
    assert [one.mark for one in store.reports(limit=1)] == ["mark-3"]
    assert [one.mark for one in store.reports(standings={Standing.COUNTED})] == ["mark-1"]
    assert store.reports(standings=set()) == []


def test_a_report_that_is_not_there_is_not_found(store):
    with pytest.raises(NotFoundError, match=r"no report 99"):
        store.report(ReportId(99))


def test_a_report_is_changed_only_where_it_is_as_believed(store):
    (kept,) = take_in(store, a_report())
    first, second = replace(kept, no_boost=True), replace(kept, country="DE")
    store.change(first, kept, "anna", "no boost", NOON)

    with pytest.raises(LostClaimError, match=f"report {kept.id}"):
        store.change(second, kept, "boris", "country", NOON)

    assert store.report(kept.id) == first
    assert [line.by for line in store.decisions(f"report {kept.id}")] == ["anna"]


def test_a_change_is_a_line_of_the_ledger_that_holds_none_of_its_words(store):
    (kept,) = take_in(store, a_report())

    store.change(counted(kept), kept, "anna", "approve", NOON)

    about = f"report {kept.id}"
    assert store.decisions(about) == [Decision(at=NOON, by="anna", what="approve", about=about)]


@pytest.mark.parametrize("words", ["@someone@example.org", "https://example.org/1", "long " * 20, "a\nb"])
def test_the_ledger_refuses_words_that_could_be_a_writers(store, words):
    (kept,) = take_in(store, a_report())

    with pytest.raises(ValueError, match="ledger") as refused:
        store.change(counted(kept), kept, "anna", words, NOON)

    assert words not in str(refused.value)
    assert store.report(kept.id) == kept


def test_every_report_of_an_author_is_found(store):
    take_in(store, a_report(1), a_report(2), a_report(3, author="author-1"), a_report(4, author=""))

    assert [one.mark for one in store.of_author("author-1")] == ["mark-1", "mark-3"]
    assert store.of_author("author-9") == []
    assert store.of_author("") == []


def test_an_author_is_found_under_the_handle_of_that_time(store):
    take_in(store, a_report(1), a_report(2, alias="alias-1"), a_report(3, alias=""))

    assert [one.mark for one in store.of_author("alias-1")] == ["mark-1", "mark-2"]


def test_who_opted_out_under_a_handle_is_let_go(store):
    (kept,) = take_in(store, a_report(1))

    take_in(store, opt_outs=["alias-1"])

    assert store.report(kept.id).standing is Standing.ERASED
    (late,) = take_in(store, a_report(2, alias="alias-1"))
    assert late.standing is Standing.ERASED


def test_reports_that_hold_more_than_hashes_are_found_a_few_at_a_time(store):
    kept = take_in(store, *(a_report(n) for n in range(5)))
    store.change(wiped(kept[1]), kept[1], "anna", "wipe", NOON)
    store.change(counted(kept[2]), kept[2], "anna", "approve", NOON)

    first = store.holding(after=ReportId(0), limit=2)
    second = store.holding(after=first[-1].id, limit=9)

    assert [one.mark for one in (*first, *second)] == ["mark-0", "mark-2", "mark-3", "mark-4"]


@pytest.mark.parametrize("part", ["handle", "text", "url", "remote_id"])
def test_a_report_that_holds_one_thing_of_its_writer_holds_something(store, part):
    take_in(store, replace(wiped(a_report()), **{part: "something"}))

    assert len(store.holding(after=ReportId(0))) == 1


def test_words_of_the_suggestion_are_something_of_its_writer(store):
    report = a_report()
    take_in(store, replace(wiped(report), suggestion=report.suggestion), wiped(a_report(2)))

    assert [one.mark for one in store.holding(after=ReportId(0))] == ["mark-1"]


def test_undecided_reports_are_counted_by_when_they_came_in(store):
    first, *_ = take_in(store, a_report(1), a_report(2), a_report(3, taken_at=NOON + HOUR))
    store.change(counted(first), first, "anna", "approve", NOON)

    assert store.undecided_since(NOON) == 0
    assert store.undecided_since(NOON + SECOND) == 1
    assert store.undecided_since(NOON + 2 * HOUR) == 2


def test_the_first_key_counts(store):
    assert store.keyed_by() is None

    assert store.keyed_by("one") == "one"
    assert store.keyed_by("two") == "one"
    assert store.keyed_by() == "one"


def test_what_was_erased_before_is_erased_again_and_never_taken_in(store):
    (kept, other) = take_in(store, a_report(1), a_report(2))

    assert store.erase_again(["mark-1", "mark-3"], [], NOON) == 1
    assert store.erase_again(["mark-1", "mark-3"], [], NOON) == 0

    assert store.report(kept.id) == erased(kept)
    assert store.report(other.id) == other
    assert store.known(["mark-3"]) == {"mark-3"}
    assert take_in(store, a_report(3)) == []
    assert [line.what for line in store.decisions(f"report {kept.id}")] == ["erase: erased before"]


def test_who_opted_out_before_is_let_go_again(store):
    (kept,) = take_in(store, a_report(1))

    assert store.erase_again([], ["author-1", "author-9"], NOON) == 1

    assert store.report(kept.id).standing is Standing.ERASED
    assert store.opted_out(["author-1", "author-9"]) == {"author-1", "author-9"}


def test_thousands_of_marks_are_asked_for_at_once(store):
    take_in(store, *(a_report(n) for n in range(3)), opt_outs=["author-2"])
    marks, authors = ([f"{what}-{n}" for n in range(2_500)] for what in ("mark", "author"))

    assert store.known(marks) == {"mark-0", "mark-1", "mark-2"}
    assert store.opted_out(authors) == {"author-2"}
    assert sum(store.written_on(authors, NOON).values()) == 2


def test_scrubbing_loses_nothing_that_was_kept(store):
    (kept,) = take_in(store, a_report(), counts={"refused 2027-05": 1})

    store.scrub()

    assert store.reports() == [kept]
    assert store.numbers() == {"refused 2027-05": 1}


def test_no_change_marks_a_kept_report_as_at_risk(store):
    (kept,) = take_in(store, a_report())

    with pytest.raises(ValueError, match="at risk"):
        store.change(replace(kept, risk=Risk.AT_RISK), kept, "anna", "look", NOON)

    assert store.report(kept.id) == kept


def test_another_program_sees_what_came_in(store, world):
    (kept,) = take_in(store, a_report())

    assert world.open().reports() == [kept]


def gone(report):
    return erased(report)
