"""Every mention is dealt with once, and of whoever may be in danger nothing stays."""

from sys import getallocatedblocks

import pytest

from bot.domain.lengths import PlatformName
from bot.domain.marks import alias_of, author_of, mark_of
from bot.domain.mention import Audience, Page
from bot.domain.report import Intake, Standing
from bot.domain.sealed import opened
from bot.flows.collect import MOST_OF_AN_AUTHOR, begun, collect, dealt_with
from bot.ports.inbox import MENTIONS, SWEEP
from bot.store.memory import MemoryStore
from tests.builders import DAY, HOUR, NOON
from tests.flows.conftest import TurnedClock
from tests.hearing import (
    SINCE,
    Erasures,
    PlainJudge,
    Spared,
    ToldEar,
    a_listener,
    a_mention,
    hashes,
    heard,
    two_hundred,
)


class Killed(BaseException):
    """The process is gone."""


class FragileInbox(MemoryStore):
    """A memory that is killed before or after a step, once."""

    def __init__(self):
        super().__init__()
        self.steps = 0
        self.dies_at = 0

    def _step(self):
        self.steps += 1
        if self.steps == self.dies_at:
            raise Killed

    def known(self, marks):
        self._step()
        return super().known(marks)

    def take_in(self, *args, **kwargs):
        self._step()
        super().take_in(*args, **kwargs)
        self._step()


@pytest.fixture
def clock():
    return TurnedClock(NOON)


@pytest.fixture
def inbox():
    return MemoryStore()


def everything_in(inbox):
    """All that a memory holds, as text."""
    memory = inbox._memory
    return repr((memory.reports, memory.at_risk, memory.opt_outs, memory.numbers, memory.streams)) + "".join(
        str(report.text) for report in inbox.reports()
    )


def test_a_mention_becomes_a_report_that_waits_for_a_person(inbox, clock):
    intake = heard(inbox, clock, a_mention(text="We wrote a letter, call +375"))

    (report,) = inbox.reports()
    assert intake == Intake(stored=1)
    assert (report.standing, report.text) == (Standing.UNDECIDED, "We wrote a letter, call •")
    assert report.mark == mark_of(hashes, PlatformName.MASTODON, "remote-1")
    assert report.author == author_of(hashes, PlatformName.MASTODON, "author-1")
    assert report.suggestion.is_report


def test_of_a_writer_at_risk_nothing_stays_but_a_number(inbox, clock):
    intake = heard(inbox, clock, a_mention(text="We struck in Minsk", author_id="did:plc:risk"))

    assert intake == Intake(at_risk=1)
    assert inbox.reports() == []
    assert inbox.numbers() == {"at risk 2027-05": 1}
    held = everything_in(inbox)
    for word in (
        "Minsk",
        "did:plc:risk",
        "remote-1",
        "someone",
        hashes("author", "mastodon", "did:plc:risk"),
    ):
        assert word not in held


def test_a_profile_is_read_for_danger_and_never_kept(inbox, clock):
    heard(inbox, clock, a_mention(about_author="Lives in Minsk"), a_mention(2, about_author="zebrafish"))

    assert inbox.numbers() == {"at risk 2027-05": 1}
    assert "zebrafish" not in everything_in(inbox)


def test_who_is_at_risk_and_says_stop_is_left_alone_for_ever(inbox, clock):
    said = [a_mention(1, text="STOP, I live in Minsk", author_id="a"), a_mention(2, author_id="a")]
    erasures = Erasures()

    first = heard(inbox, clock, said[0], erasures=erasures)
    second = heard(inbox, clock, *said, erasures=erasures)

    assert author_of(hashes, PlatformName.MASTODON, "a") in erasures.said
    assert (first, second) == (Intake(at_risk=1), Intake(opted_out=1))


def test_who_is_at_risk_is_spared_before_the_page_is_known_to_have_been_read(inbox, clock):
    class Failing(Spared):
        def erase(self, names):
            super().erase(names)
            raise Killed

    said = a_mention(text="We live in Minsk", author_id="a")
    sparing = Failing()
    with pytest.raises(Killed):
        heard(inbox, clock, said, sparing=sparing)

    assert sparing.erased == [author_of(hashes, PlatformName.MASTODON, "a")]
    assert inbox.numbers() == {}
    assert heard(inbox, clock, said) == Intake(at_risk=1)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_beside_a_mention_at_risk_no_other_of_its_writer_is_stored(inbox, clock, order):
    texts = {1: "We wrote a letter", 2: "We live in Minsk"}

    intake = heard(inbox, clock, *(a_mention(one, author_id="a", text=texts[one]) for one in order))

    assert intake == Intake(at_risk=2)
    assert inbox.reports() == []


def test_who_asks_not_to_be_passed_on_means_what_they_said_before_as_well(inbox, clock):
    listener = a_listener(ToldEar([a_mention(text="no boost", author_id="a")]), inbox, clock)

    collect(listener, SINCE)

    assert listener.sparing.hushed == [author_of(hashes, PlatformName.MASTODON, "a")]
    assert listener.sparing.erased == []


def test_a_text_that_breaks_the_judge_is_counted_and_the_others_are_heard(inbox, clock, caplog):
    class Fragile(PlainJudge):
        def opt_out(self, text):
            return super().opt_out({"quagga": None}.get(text, text))

    ear = ToldEar([a_mention(1), a_mention(2, text="quagga"), a_mention(3)])
    intake = collect(a_listener(ear, inbox, clock, judge=Fragile()), SINCE)

    assert (intake.stored, intake.refused) == (2, 1)
    assert "TypeError" in caplog.text
    assert "quagga" not in caplog.text


def test_who_says_stop_is_left_alone_for_ever_and_what_waited_is_erased(inbox, clock):
    first = a_mention(1, author_id="a")
    heard(inbox, clock, first)
    erasures = Erasures()
    ear = ToldEar([first, a_mention(2, author_id="a", text="STOP"), a_mention(3, author_id="a")])

    intake = collect(a_listener(ear, inbox, clock, erasures=erasures), SINCE)

    assert intake.opted_out == 2
    assert [report.text for report in inbox.reports()] == [None]
    assert author_of(hashes, PlatformName.MASTODON, "a") in erasures.said


def test_who_says_stop_after_a_report_on_the_same_page_has_no_report(inbox, clock):
    intake = heard(inbox, clock, a_mention(1, author_id="a"), a_mention(2, author_id="a", text="STOP"))

    assert (intake.stored, intake.opted_out) == (0, 2)
    assert inbox.reports() == []


def test_who_opted_out_under_a_handle_is_left_alone_under_it(inbox, clock):
    name = alias_of(hashes, PlatformName.MASTODON, "@Someone@example.org")
    inbox.erase_again((), [name], NOON)

    intake = heard(inbox, clock, a_mention(1), a_mention(2, handle="@other@example.org"))

    assert intake == Intake(stored=1, opted_out=1)


def test_a_writer_and_a_message_are_the_same_whichever_server_shows_them(inbox, clock):
    message, person = {"uri": "https://example.org/1"}, {"author_uri": "someone@example.org"}
    first = a_mention(1, text="STOP", **message, **person)
    elsewhere = a_mention(7, text="STOP", author_id="author-7", **message, **person)
    heard(inbox, clock, first)

    again = heard(inbox, clock, first, elsewhere, a_mention(8, author_id="author-8", **person))
    of_another = heard(inbox, clock, *[first] * 3, a_mention(9, author_id="author-1", handle=""))

    assert again == Intake(known=1, opted_out=1)
    assert of_another == Intake(stored=1)


def test_our_own_messages_are_not_heard(inbox, clock):
    assert heard(inbox, clock, a_mention(author_id="us")) == Intake()
    assert inbox.reports() == []


@pytest.mark.parametrize("audience", [Audience.PRIVATE, Audience.UNLISTED])
def test_what_is_not_for_everybody_is_never_to_be_boosted(inbox, clock, audience):
    heard(inbox, clock, a_mention(audience=audience))

    (report,) = inbox.reports()
    assert (report.audience, report.no_boost) == (audience, True)


def test_who_asks_not_to_be_passed_on_is_counted_and_not_boosted(inbox, clock):
    heard(inbox, clock, a_mention(text="letter, no boost please"))

    assert inbox.reports()[0].no_boost


def test_of_one_author_and_day_ten_are_stored_and_the_rest_is_counted(inbox, clock):
    mentions = [a_mention(number, author_id="flood") for number in range(25)]
    mentions.append(a_mention(99, author_id="flood", created_at=NOON - DAY))

    intake = collect(a_listener(ToldEar(mentions, page=7), inbox, clock), SINCE)

    assert (intake.stored, intake.too_many) == (MOST_OF_AN_AUTHOR + 1, 15)
    assert inbox.numbers()["too many 2027-05"] == 15


def test_who_claims_to_write_from_another_age_is_counted_today(inbox, clock):
    for number, at in enumerate((NOON - 400 * DAY, NOON + 400 * DAY)):
        heard(inbox, clock, a_mention(number, created_at=at))

    assert {report.day for report in inbox.reports()} == {NOON.replace(hour=0)}


def test_what_was_heard_once_is_known(inbox, clock):
    mentions = two_hundred()
    first = heard(inbox, clock, *mentions)

    again = collect(a_listener(ToldEar(mentions, page=90), inbox, clock, label="another"), SINCE)

    assert dealt_with(first) == 200
    assert (again.known, dealt_with(again)) == (400, 0)  # by the sweep as well


def test_what_the_platform_gave_twice_in_a_page_is_one(inbox, clock):
    assert heard(inbox, clock, a_mention(), a_mention()) == Intake(stored=1, known=1)


def test_two_hundred_are_accounted_for_whatever_is_killed_between(clock):
    mentions = two_hundred()
    whole = FragileInbox()
    collect(a_listener(ToldEar(mentions, page=30), whole, clock), SINCE)

    for step in range(1, whole.steps + 1):
        inbox = FragileInbox()
        inbox.dies_at = step
        with pytest.raises(Killed):
            collect(a_listener(ToldEar(mentions, page=30), inbox, clock), SINCE)
        collect(a_listener(ToldEar(mentions, page=30), inbox, clock), SINCE)

        assert inbox.numbers() == {"at risk 2027-05": 50, "opted out 2027-05": 50}
        assert len(inbox.reports()) == 100


def test_the_cursor_moves_with_the_page_and_not_before(clock):
    inbox = FragileInbox()
    inbox.dies_at = 5  # within the second page, before it is taken in
    with pytest.raises(Killed):
        collect(a_listener(ToldEar(two_hundred(), page=30), inbox, clock), SINCE)

    assert opened(hashes, inbox.cursor("mastodon", MENTIONS)) == "30"


def test_a_cursor_is_sealed_because_it_names_the_message_heard_last(inbox, clock):
    heard(inbox, clock, *(a_mention(number, text="we march in Minsk") for number in range(30)))

    cursor = inbox.cursor("mastodon", MENTIONS)
    assert opened(hashes, cursor) == "30"
    assert cursor != "30"


def test_a_cursor_that_cannot_be_opened_begins_anew_and_nothing_comes_twice(inbox, clock):
    heard(inbox, clock, *two_hundred())
    inbox.take_in("mastodon", MENTIONS, (), cursor="30", at_risk=(), opt_outs=(), counts={}, now=clock.now())

    again = heard(inbox, clock, *two_hundred())

    assert (again.known, dealt_with(again)) == (200, 0)


def test_the_sweep_goes_back_a_week_once_a_day(inbox, clock):
    ear = ToldEar([a_mention()])
    listener = a_listener(ear, inbox, clock)
    long_ago = NOON - 30 * DAY

    for hour in (0, 1, 23, 24):
        clock.at = NOON + hour * HOUR
        collect(listener, long_ago)

    swept = [since for stream, cursor, since in ear.asked if stream == SWEEP and cursor is None]
    assert swept == [NOON - 7 * DAY, NOON - 6 * DAY]


def test_a_sweep_finds_what_was_put_among_the_old(inbox, clock):
    mentions = [a_mention(number) for number in range(3)]
    ear = ToldEar(mentions)
    listener = a_listener(ear, inbox, clock)
    collect(listener, SINCE)
    mentions.insert(0, a_mention(77))  # far below where reading goes on
    clock.at += DAY

    intake = collect(listener, SINCE)

    assert intake.stored == 1


class WalkedEar(ToldEar):
    """An ear that goes down from the newest, as on Bluesky and X."""

    streams = (MENTIONS,)

    def read(self, stream, cursor, since):
        self.asked.append((stream, cursor, since))
        start = int(cursor or 0)
        page = tuple(self.mentions[start : start + self.page])
        more = start + len(page) < len(self.mentions)
        return Page(mentions=page, cursor=str(start + len(page)) if more else None, more=more, enough="")


def test_a_walk_ends_after_two_pages_that_are_known(inbox, clock):
    ear = WalkedEar([a_mention(number) for number in range(100)], page=10)
    listener = a_listener(ear, inbox, clock)
    collect(listener, SINCE)
    ear.asked.clear()

    collect(listener, SINCE)

    assert len(ear.asked) == 2


def test_reading_stops_where_it_is_asked_to_and_goes_on_there(inbox, clock):
    ear = ToldEar(two_hundred(), page=50)
    listener = a_listener(ear, inbox, clock)
    left = iter([True, True, False, False])

    first = collect(listener, SINCE, goes_on=lambda: next(left))
    second = collect(listener, SINCE)

    assert dealt_with(first) == 100
    assert dealt_with(second) == 100


def test_the_first_start_is_the_beginning_for_ever(inbox, clock):
    listener = a_listener(ToldEar([]), inbox, clock)

    first = begun(listener)
    clock.at += DAY

    assert (first, begun(listener)) == (NOON, NOON)


def test_a_hundred_thousand_leave_the_memory_flat(clock):
    class Forgetful(MemoryStore):
        """Only the cursor stays, so that what is measured is the flow."""

        def take_in(self, account, stream, reports, **kwargs):
            super().take_in(account, stream, [], **{**kwargs, "at_risk": ()})

    class Endless(ToldEar):
        streams = (MENTIONS,)

        def read(self, stream, cursor, since):
            start = int(cursor or 0)
            page = tuple(a_mention(number) for number in range(start, min(start + 80, 100_000)))
            return Page(mentions=page, cursor=str(start + len(page)), more=bool(page))

    blocks = []
    collect(
        a_listener(Endless([]), Forgetful(), clock),
        SINCE,
        taken=lambda _: blocks.append(getallocatedblocks()),
    )

    assert len(blocks) == 1251
    assert blocks[-1] - blocks[100] < 20_000
