from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.account import Identity
from bot.domain.errors import Concern, TryLaterError
from bot.domain.lengths import PlatformName
from bot.flows.identify import identify, judge
from tests.flows.conftest import a_voice

US = Identity(own_id="1", handle="@campaign@mastodon.example", url="https://mastodon.example/@campaign")


def known(campaign):
    return campaign.store.account("mastodon")


def unknown(campaign):
    return replace(known(campaign), own_id=None)


def test_the_right_account_passes(campaign):
    check = identify(campaign.speaker, a_voice())

    assert (check.passed, check.stops, check.warnings) == (True, (), ())


def test_a_platform_that_does_not_answer_is_no_pass(campaign):
    class Silent:
        def identify(self):
            raise TryLaterError("out of reach")

    check = identify(replace(campaign.speaker, platform=Silent()), a_voice())

    assert (check.passed, check.stops) == (False, ("out of reach",))


def test_another_account_than_before_publishes_nothing(campaign):
    check = judge(replace(US, own_id="2"), known(campaign), a_voice())

    assert not check.passed
    assert "belong to another account" in check.stops[0]


def test_the_credentials_of_somebody_else_stop_the_first_start(campaign):
    private = replace(US, handle="@private@mastodon.example")

    assert not judge(private, unknown(campaign), a_voice()).passed


def test_an_account_that_was_renamed_only_warns(campaign):
    renamed = judge(replace(US, handle="@new@mastodon.example"), known(campaign), a_voice())

    assert renamed.passed
    assert "write the new handle" in renamed.warnings[0]


@pytest.mark.parametrize("handle", ["campaign", "@campaign", "@Campaign@Mastodon.Example"])
def test_a_handle_may_be_spelt_in_several_ways(campaign, handle):
    assert judge(US, unknown(campaign), a_voice(handle=handle)).passed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"may_write": False}, "allow reading only"),
        ({"scopes_missing": ("read:statuses",)}, "lack read:statuses"),
        ({"clock_ahead": timedelta(minutes=6)}, "360 s ahead of the platform's; set the clock"),
        ({"clock_ahead": -timedelta(minutes=6)}, "360 s behind the platform's; set the clock"),
    ],
)
def test_what_keeps_an_account_from_publishing(campaign, change, words):
    check = judge(replace(US, **change), known(campaign), a_voice())

    assert not check.passed
    assert words in check.stops[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bot_label": False}, "not labelled as a bot"),
        ({"scopes_excess": ("follow",)}, "more than we need (follow)"),
        ({"clock_ahead": timedelta(seconds=40)}, "40 s ahead"),
    ],
)
def test_what_is_only_worth_knowing(campaign, change, words):
    check = judge(replace(US, **change), known(campaign), a_voice())

    assert check.passed
    assert words in check.warnings[0]


def test_one_account_under_two_names_publishes_under_the_first_only(campaign):
    campaign.store.enroll("second", PlatformName.MASTODON, campaign.clock.now())

    check = identify(replace(campaign.speaker, label="second"), a_voice("second"))

    assert not check.passed
    assert campaign.store.account("second").own_id is None


def test_a_check_that_passes_lets_a_shut_out_account_in_again(campaign):
    campaign.store.pause("mastodon", "401", "the platform", campaign.clock.now(), blocked=True)

    identify(campaign.speaker, a_voice())

    assert known(campaign).pause is None


def test_a_check_that_passes_leaves_a_persons_pause_alone(campaign):
    campaign.store.pause("mastodon", "a mass release", "an organiser", campaign.clock.now())

    identify(campaign.speaker, a_voice())

    assert known(campaign).pause.by == "an organiser"


def test_a_pass_is_remembered(campaign):
    identify(campaign.speaker, a_voice())

    assert known(campaign).handle == "@campaign@mastodon.example"


class Refusing:
    """A platform that does not let us in."""

    def __init__(self, error):
        self.error = error

    def identify(self):
        raise self.error


SHUT_OUT = TryLaterError("the token is not valid", concern=Concern.ACCOUNT_BLOCKED)


def refused(campaign, error=SHUT_OUT):
    return identify(replace(campaign.speaker, platform=Refusing(error)), a_voice())


def test_an_account_that_is_shut_out_is_paused_before_its_next_post_is_due(campaign):
    refused(campaign)

    pause = known(campaign).pause
    assert (pause.reason, pause.by, pause.blocked) == ("the token is not valid", "auth check", True)


def test_it_is_paused_once_however_often_it_is_asked(campaign):
    for _ in range(3):
        refused(campaign)

    assert [line.what for line in campaign.store.decisions("mastodon")] == ["pause"]


def test_a_pause_of_a_person_stays_theirs(campaign):
    campaign.store.pause("mastodon", "a funeral", "anna", campaign.clock.now())

    refused(campaign)

    assert (known(campaign).pause.by, known(campaign).pause.blocked) == ("anna", False)


@pytest.mark.parametrize(
    "error", [TryLaterError("out of reach"), TryLaterError("slow", concern=Concern.ACCOUNT_BUSY)]
)
def test_only_being_shut_out_pauses_an_account(campaign, error):
    refused(campaign, error)

    assert known(campaign).pause is None


def test_credentials_of_another_account_pause_it(campaign):
    campaign.platform.own_id = "2"

    identify(campaign.speaker, a_voice())

    assert known(campaign).pause.blocked


def test_a_wrong_clock_pauses_no_account(campaign):
    assert judge(replace(US, clock_ahead=timedelta(hours=1)), known(campaign), a_voice()).shut_out is False


def test_a_check_that_passes_lets_it_go_on(campaign):
    refused(campaign)

    identify(campaign.speaker, a_voice())

    assert known(campaign).pause is None
