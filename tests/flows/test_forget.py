"""What is forgotten, when, and in which order."""

from dataclasses import dataclass, field, replace

import pytest

from bot.domain.erasure import WARN_FOR, erased, wiped
from bot.domain.errors import DecisionError, LostClaimError, TryLaterError
from bot.domain.lengths import PlatformName
from bot.domain.marks import alias_of, author_of, author_of_day, handle_in, mark_of
from bot.domain.mention import Mention, Page
from bot.domain.report import RAW_FOR, UNDO_FOR, ReportId, Risk, Standing
from bot.flows import forget
from bot.flows.forget import Forgetting
from bot.flows.needs import needs_of, situation
from bot.store.hasher import KeyedHashes
from bot.store.memory import MemoryStore
from tests.builders import DAY, HOUR, NOON, SECOND
from tests.reports import a_report, counted, take_in

HASHES = KeyedHashes(b"k" * 32)


class Erased:
    """Erasures in memory."""

    def __init__(self):
        self._marks, self._authors = set(), set()

    def add(self, *, marks=(), authors=()):
        self._marks.update(marks)
        self._authors.update(authors)

    def marks(self):
        return frozenset(self._marks)

    def authors(self):
        return frozenset(self._authors)


class WatchedInbox(MemoryStore):
    """A store that remembers what was asked of it, and in which somebody may just be deciding."""

    def __init__(self):
        super().__init__()
        self.scrubs = 0
        self.before_change = lambda: None

    def scrub(self):
        self.scrubs += 1

    def change(self, report, was, by, what, now):
        act, self.before_change = self.before_change, lambda: None
        act()
        super().change(report, was, by, what, now)


@dataclass
class Ear:
    """A platform that says what it is told to."""

    says: dict
    platform = PlatformName.MASTODON
    streams = ("mentions",)
    asked: list = field(default_factory=list)
    fails_after: int = 99

    def still_there(self, remote_ids):
        if len(self.asked) >= self.fails_after:
            raise TryLaterError("busy")
        self.asked.append(tuple(remote_ids))
        return {one: self.says[one] for one in remote_ids if one in self.says}


@dataclass
class House:
    """Everything that forgetting touches."""

    inbox: WatchedInbox = field(default_factory=WatchedInbox)
    erasures: Erased = field(default_factory=Erased)
    unboosted: list = field(default_factory=list)

    @property
    def what(self):
        return Forgetting(inbox=self.inbox, erasures=self.erasures, unboost=self.unboost)

    def unboost(self, report, by, now):
        assert report.remote_id
        self.unboosted.append(report.id)
        self.inbox.change(replace(report, boosted_at=None), report, by, "unboost", now)

    def holds(self, *reports):
        return take_in(self.inbox, *reports)

    def approve(self, report, **changes):
        new = counted(report, **changes)
        self.inbox.change(new, report, "anna", "approve", NOON)
        return new

    def now(self, report):
        return self.inbox.report(report.id)

    def lines(self, report):
        return [(line.by, line.what) for line in self.inbox.decisions(f"report {report.id}")]


@pytest.fixture
def house():
    return House()


def as_it_reads(report, text):
    """What collecting makes of a text: its group is the text itself."""
    return replace(report, text=text, group=text)


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


def written_by(handle, number, author_id="42"):
    return a_report(
        number,
        handle=handle,
        author=author_of(HASHES, PlatformName.MASTODON, author_id),
        alias=alias_of(HASHES, PlatformName.MASTODON, handle),
        url=f"https://example.org/@someone/{number}",
    )


NAMES = [
    "@someone@example.org",
    "Someone@Example.org",
    "https://example.org/@someone",
    "https://example.org/@someone/1",
    "42",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_decided", [False, True])
def test_somebody_is_found_under_every_name_also_when_only_hashes_are_left(house, name, is_decided):
    (kept, _) = house.holds(written_by("@someone@example.org", 1), a_report(2))
    if is_decided:
        house.inbox.change(wiped(counted(kept)), kept, "anna", "approve", NOON)

    assert [one.id for one in forget.traces(house.inbox, HASHES, name, NOON, wide=False).reports] == [kept.id]


def test_for_erasing_a_new_handle_leads_to_what_was_written_under_the_old_one(house):
    house.holds(wiped(written_by("@old@example.org", 1)), wiped(written_by("@new@example.org", 2)))

    found = forget.traces(house.inbox, HASHES, "@new@example.org", NOON, wide=True)

    assert [one.mark for one in found.reports] == ["mark-1", "mark-2"]


def test_nobody_is_told_what_a_former_owner_of_their_handle_wrote(house):
    house.holds(wiped(written_by("@old@example.org", 1)), wiped(written_by("@new@example.org", 2)))

    found = forget.traces(house.inbox, HASHES, "@new@example.org", NOON, wide=False)

    assert [one.mark for one in found.reports] == ["mark-2"]


MESSAGES = {
    "https://x.com/example/status/77?s=20": (PlatformName.X, "77"),
    "https://x.com/i/status/77": (PlatformName.X, "77"),
    "https://union.example/@anna/5": (PlatformName.MASTODON, "https://union.example/users/anna/statuses/5"),
    "https://bsky.app/profile/did:plc:abc/post/3k": (
        PlatformName.BLUESKY,
        "at://did:plc:abc/app.bsky.feed.post/3k",
    ),
}


@pytest.mark.parametrize("address", MESSAGES)
def test_a_message_is_found_by_its_address_when_only_its_mark_is_left(house, address):
    mark = mark_of(HASHES, *MESSAGES[address])
    (kept, _) = house.holds(wiped(a_report(1, mark=mark)), a_report(2))

    assert [one.id for one in forget.traces(house.inbox, HASHES, address, NOON, wide=False).reports] == [
        kept.id
    ]


def test_on_x_the_number_of_an_account_leads_to_what_still_waits(house):
    name = author_of_day(HASHES, "777", NOON - 3 * DAY)
    (kept, _) = house.holds(a_report(1, platform=PlatformName.X, author=name, alias=""), a_report(2))

    assert [one.id for one in forget.traces(house.inbox, HASHES, "777", NOON, wide=False).reports] == [
        kept.id
    ]


def test_forgetting_somebody_erases_all_that_is_theirs_and_nothing_else(house):
    mine = house.holds(written_by("@someone@example.org", 1), written_by("@someone@example.org", 2))
    (other,) = house.holds(a_report(3))
    house.approve(mine[0], boosted_at=NOON)

    found = forget.forget_author(house.what, HASHES, "@someone@example.org", "anna", NOON)

    assert [one.id for one in found.reports] == [one.id for one in mine]
    assert all(house.now(one).standing is Standing.ERASED for one in mine)
    assert house.now(other) == other
    assert house.unboosted == [mine[0].id]
    assert house.erasures.authors() == frozenset()
    assert house.inbox.scrubs >= 1
    assert forget.traces(house.inbox, HASHES, "@someone@example.org", NOON, wide=False).reports == ()


def test_whoever_opts_out_is_known_by_every_name_before_and_after_a_restore(house):
    house.holds(written_by("@someone@example.org", 1))

    forget.forget_author(house.what, HASHES, "@someone@example.org", "anna", NOON, opt_out=True)

    names = {
        author_of(HASHES, PlatformName.MASTODON, "42"),
        alias_of(HASHES, PlatformName.MASTODON, "@someone@example.org"),
    }
    assert house.inbox.opted_out(names) == names
    assert names <= house.erasures.authors()
    assert forget.traces(house.inbox, HASHES, "@someone@example.org", NOON, wide=False).opted_out


def test_somebody_may_opt_out_before_anything_of_theirs_came_in(house):
    forget.forget_author(house.what, HASHES, "@someone@example.org", "anna", NOON, opt_out=True)

    (late,) = house.holds(written_by("@someone@example.org", 1))

    assert late.standing is Standing.ERASED


def test_a_backup_that_is_put_back_is_told_of_every_erasure_and_opt_out_since(house):
    older, boosted, waits = house.holds(a_report(1), a_report(2), a_report(3))
    house.approve(boosted, boosted_at=NOON)
    house.erasures.add(marks=["mark-1", "mark-2", "mark-9"], authors=["author-3"])

    assert forget.reapply(house.what, NOON) == 3
    assert forget.reapply(house.what, NOON) == 0

    assert {house.now(one).standing for one in (older, boosted, waits)} == {Standing.ERASED}
    assert house.unboosted == [boosted.id]
    assert house.inbox.known(["mark-9"]) == {"mark-9"}
    assert house.inbox.scrubs >= 1


def test_a_boost_that_cannot_be_taken_back_keeps_no_other_report_here(house):
    (boosted, waits) = house.holds(a_report(1), a_report(2))
    house.approve(boosted, boosted_at=NOON)
    house.erasures.add(marks=["mark-1", "mark-2"])

    def refuse(*_):
        raise DecisionError("not now")

    with pytest.raises(DecisionError):
        forget.reapply(replace(house.what, unboost=refuse), NOON)

    assert house.now(waits).standing is Standing.ERASED
    assert house.now(boosted).remote_id == boosted.remote_id


def test_no_report_shows_its_writer_by_accident(house):
    (kept,) = house.holds(a_report())

    shown = f"{kept!r} {kept}"
    assert "mark-1" in shown
    assert not any(word in shown for word in ("someone", "zebrafish", "example.org", "remote-1", "lettre"))


def test_no_mention_shows_its_writer_by_accident():
    mention = Mention(
        account="mastodon",
        platform=PlatformName.MASTODON,
        remote_id="zebrafish",
        url="zebrafish",
        author_id="zebrafish",
        handle="zebrafish",
        text="zebrafish",
        language=None,
        created_at=NOON,
        about_author="zebrafish",
    )

    assert "zebrafish" not in repr(Page(mentions=(mention,), cursor="zebrafish", more=False))


def test_an_opt_out_takes_back_boosts_and_then_the_address(house):
    (kept, other) = house.holds(a_report(1), a_report(2))
    house.approve(kept, boosted_at=NOON)
    house.approve(other, boosted_at=NOON)
    take_in(house.inbox, opt_outs=[kept.author])

    assert forget.let_go(house.what, NOON) == 1
    assert forget.let_go(house.what, NOON) == 0

    assert house.unboosted == [kept.id]
    left = house.now(kept)
    assert (left.standing, left.url, left.remote_id) == (Standing.COUNTED, None, None)
    assert house.now(other).boosted_at == NOON


def test_a_person_hears_three_days_before_undecided_words_are_erased(house):
    house.holds(a_report(1), a_report(2))
    told = NOON + RAW_FOR - WARN_FOR

    assert needed(house, told) == []
    (need,) = needed(house, told + SECOND)
    assert need.alarm == "the words of 2 reports are erased within 3 days, undecided"
    assert need.words == f"{need.alarm}: `reports review`"


def needed(house, now):
    found = needs_of(situation(house.inbox, set(), now), now, alive=True, errors=0)
    return [need for need in found if need.problem == "reports lapse"]


ADDRESSES = {
    "https://example.org/@someone": "someone@example.org",
    "https://example.org/@someone@other.example/1": "someone@other.example",
    "https://example.org/users/someone/statuses/1": "someone@example.org",
    "https://bsky.app/profile/someone.example/post/3k": "someone.example",
    "https://bsky.app/profile/did:plc:abc": "did:plc:abc",
    "https://www.x.com/Someone/status/1": "someone",
    "https://example.org/": None,
    "https://example.org/news": None,
    "ftp://example.org/@someone": None,
    "https://[": None,
    "@someone@example.org": None,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_names_its_writer(address):
    assert handle_in(address) == ADDRESSES[address]
