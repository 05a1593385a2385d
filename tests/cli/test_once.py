"""run --once, and what publishes without a daemon: it plans before it sends, and knows what the files say."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lengths import PlatformName
from bot.domain.post import PostId
from tests.builders import planned
from tests.cli.test_cases import record
from tests.cli.test_doubt_and_withdrawal import PLATFORMS, Campaign

FAR = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d %H:%M} UTC"


@pytest.fixture
def campaign(tmp_path, sandbox):
    """Three accounts that are known to their platforms; publishing is allowed."""
    campaign = Campaign(tmp_path, sandbox)
    store = campaign.store
    for name in PLATFORMS:
        store.enroll(name, PlatformName(name), datetime.now(UTC) - timedelta(days=1))
    store.close()
    campaign.write("far", when=FAR)
    campaign.call("run", "--once")
    campaign.call("start")
    return campaign


def due(campaign, post="may-day", text="The old words. #IndustriALL"):
    """What another program has planned, and could not send while everything was off."""
    store, now = campaign.store, datetime.now(UTC)
    hour = now - timedelta(minutes=1)
    store.meet([PostId(post)], now - timedelta(days=1))
    store.plan(
        [
            planned(
                post=PostId(post),
                account=name,
                planned_at=hour,
                expires_at=hour + timedelta(days=1),
                texts=(text,),
            )
            for name in PLATFORMS
        ],
        [],
        now,
    )
    store.close()


def texts(campaign):
    return [post.text for name in PLATFORMS for post in campaign.sandbox.record.posts(name)]


def states(campaign, post="may-day"):
    return {one.state.value for one in campaign.owed(post)}


def test_a_post_that_was_deleted_since_it_was_planned_does_not_go_out(campaign):
    due(campaign)

    campaign.call("run", "--once")

    assert (texts(campaign), states(campaign)) == ([], {"cancelled"})


def test_a_post_that_was_given_another_hour_does_not_go_out_at_its_old_one(campaign):
    due(campaign)
    campaign.write("may-day", "The new words.", when=FAR)

    campaign.call("run", "--once")

    assert texts(campaign) == []
    assert {"The new words." in one.text for one in campaign.owed()} == {True}


def test_what_is_due_and_stands_in_the_queue_goes_out(campaign):
    due(campaign)
    when = f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%d %H:%M} UTC"
    campaign.write("may-day", "The new words.", when=when)

    campaign.call("run", "--once")

    assert ["The new words." in text for text in texts(campaign)] == [True] * 3


def test_what_the_files_say_of_people_is_known(campaign):
    record(campaign, status="free")
    campaign.write("may-day", "Anna Exemplar is in prison.", "cases: {anna: jailed}\n")

    campaign.call("run", "--once")

    assert {one.held for one in campaign.owed()} == {
        "it says that Anna Example is in prison, but this person is free"
    }


def test_an_approved_draft_stays_owed(campaign):
    campaign.write("may-day", more="draft: true\n")
    campaign.call("approve", "may-day", "--as", "olga")

    campaign.call("run", "--once")
    assert states(campaign) == {"scheduled"}
    campaign.call("run", "--once")

    assert states(campaign) == {"scheduled"}
    assert {one.held for one in campaign.owed()} == {None}


def test_a_file_that_cannot_be_read_stops_no_other_post(campaign):
    due(campaign, "other")
    campaign.posts.joinpath("broken.yaml").write_text("id: @\n", encoding="utf-8")
    when = f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%d %H:%M} UTC"
    campaign.write("other", when=when)

    _, said = campaign.call("run", "--once")

    assert states(campaign, "other") == {"sent"}
    assert "broken.yaml" in said
