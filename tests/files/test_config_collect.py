"""How a configuration says what is collected, and who answers for it."""

import datetime

import pytest

from bot.config import Cleared, CollectConfig, PrivacyConfig
from bot.domain.errors import ConfigError
from tests.files.conftest import LEAST

PRIVACY = """\
privacy:
  controller: Union Office
  contact: privacy@example.org
  notice_url: https://example.org/privacy
"""
CLEARED = "collect: {x: {cleared: {by: Anna, on: 2027-04-01}}}\n"
WITH_BUDGET = LEAST.replace("    platform: x\n", "    platform: x\n    monthly_budget: 20\n")


def test_nothing_is_collected_unless_the_configuration_says_so(config_of):
    assert config_of(LEAST).collect is None
    assert config_of(PRIVACY + LEAST).collect is None


def test_what_is_said_from_now_on_is_collected_everywhere_but_on_x(config_of):
    config = config_of(PRIVACY + "collect: {since: now}\n" + LEAST)

    assert config.collect == CollectConfig(since=None, accounts=("mastodon", "bluesky"))
    assert config.privacy == PrivacyConfig(
        controller="Union Office",
        contact="privacy@example.org",
        notice_url="https://example.org/privacy",
    )


def test_a_date_and_some_accounts_can_be_named(config_of):
    config = config_of(PRIVACY + "collect: {since: 2027-04-01, accounts: [bluesky]}\n" + LEAST)

    assert config.collect.since == datetime.date(2027, 4, 1)
    assert config.collect.accounts == ("bluesky",)


def test_x_is_heard_once_somebody_has_cleared_it_and_its_cost_is_limited(config_of):
    config = config_of(PRIVACY + CLEARED + WITH_BUDGET)

    assert config.collect.accounts == ("mastodon", "bluesky", "press")
    assert config.collect.cleared == Cleared(by="Anna", on=datetime.date(2027, 4, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("collect: {since: now}\n" + LEAST, "nothing may be collected before somebody answers for the data"),
        (PRIVACY + CLEARED + LEAST, "X asks for money for what is read on `press`"),
        (PRIVACY + "collect: {accounts: [press]}\n" + LEAST, "`press` is on X, whose rules must be cleared"),
        (PRIVACY + "collect: {accounts: [nobody]}\n" + LEAST, "there is no account named `nobody`"),
        (PRIVACY + "collect: {since: yesterday}\n" + LEAST, "`yesterday` is not a date"),
        (PRIVACY + "collect: {x: {cleared: {by: Anna}}}\n" + LEAST, "`cleared:` has no `on`"),
        (PRIVACY + "collect: all\n" + LEAST, "`collect:` must be a group of keys"),
        ("privacy: {controller: Union Office}\n" + LEAST, "`privacy:` has no `notice_url`"),
        (PRIVACY.replace("https", "http") + LEAST, "this web address is not encrypted"),
    ],
)
def test_what_would_collect_without_being_allowed_is_an_error(config_of, text, said):
    with pytest.raises(ConfigError) as error:
        config_of(text)

    assert said in str(error.value)
