"""A writer is found by every name, forgotten as a whole, and never taken in again where they wish."""

from dataclasses import replace

import pytest

from bot.domain.erasure import WARN_FOR, wiped
from bot.domain.errors import DecisionError
from bot.domain.lengths import PlatformName
from bot.domain.marks import alias_of, author_of, author_of_day, handle_in, mark_of
from bot.domain.mention import Mention, Page
from bot.domain.report import RAW_FOR, Standing
from bot.flows import forget
from bot.flows.needs import needs_of, situation
from tests.builders import DAY, NOON, SECOND
from tests.flows.forgetting import HASHES
from tests.reports import a_report, counted, take_in


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
