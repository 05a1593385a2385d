"""decide, withdraw, queue --past and cancel --missing, at a terminal in front of the sandbox."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import InDoubtError
from bot.domain.post import PostId
from bot.sandbox import Cut, Fault
from tests.builders import planned
from tests.cli.conftest import Shell

PLATFORMS = ["x", "mastodon", "bluesky"]


class Campaign(Shell):
    """A terminal whose accounts are on the sandbox."""

    def __init__(self, folder, sandbox):
        super().__init__(folder)
        self.sandbox = sandbox
        secrets = {
            **sandbox.x.account.secrets,
            "mastodon": sandbox.mastodon.account.token,
            "bluesky": sandbox.bluesky.account.app_password,
        }
        for name, secret in secrets.items():
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(secret, encoding="utf-8")
        keys = "".join(f"    {name}: {{file: {name}}}\n" for name in sandbox.x.account.secrets)
        (folder / "config.yaml").write_text(
            "campaign: test\ntimezone: UTC\naccounts:\n"
            f'  x:\n    handle: "@{sandbox.x.account.handle}"\n    base_url: {sandbox.x.url}\n{keys}'
            f'  mastodon:\n    handle: "@{sandbox.mastodon.account.handle}@{sandbox.mastodon.host}"\n'
            f"    base_url: {sandbox.mastodon.url}\n    access_token: {{file: mastodon}}\n"
            f'  bluesky:\n    handle: "@{sandbox.bluesky.account.handle}"\n'
            f"    base_url: {sandbox.bluesky.url}\n    app_password: {{file: bluesky}}\n",
            encoding="utf-8",
        )

    @property
    def store(self):
        from bot.app import open_store
        from bot.config import load_config

        return open_store(load_config(self.folder / "config.yaml"))

    def owed(self, post="may-day"):
        store = self.store
        found = store.of_post(PostId(post))
        store.close()
        return found


@pytest.fixture
def published(tmp_path, sandbox):
    """A post that stands on all three platforms."""
    campaign = Campaign(tmp_path, sandbox)
    campaign.write("may-day")
    campaign.call("run", "--once")
    campaign.call("start")
    assert campaign.call("publish", "may-day", "--now", "--yes")[0] == 0
    assert all(len(sandbox.record.posts(name)) == 1 for name in PLATFORMS)
    return campaign


def doubtful(campaign, platform):
    """A delivery in doubt on a platform; the start of its key."""
    store, now = campaign.store, datetime.now(UTC)
    post = PostId("in-doubt")
    hour = now - timedelta(minutes=1)
    store.plan(
        [planned(post=post, account=platform, planned_at=hour, expires_at=hour + timedelta(days=1))], [], now
    )
    with store.hold(now, {}):
        from tests.builders import settled

        claimed = store.claim(platform, now, lambda part, _: part.text.encode())
        store.settle(settled(claimed, InDoubtError("?"), now), now, InDoubtError("?"))
    store.close()
    return claimed.key[:8]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_person_says_where_it_is(published, sandbox, platform):
    key = doubtful(published, platform)
    sandbox_post = getattr(sandbox, platform).post_by_hand("March with us. #IndustriALL")

    code, said = published.call("decide", key, "--sent", sandbox_post.url, "--as", "anna")

    assert (code, said) == (0, f"{key} in-doubt on {platform} (en) is published.\n")
    (one,) = published.owed("in-doubt")
    assert (one.state.value, one.how.value, one.receipt.remote_id) == ("sent", "organiser", sandbox_post.id)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_address_where_nothing_of_ours_is_is_not_believed(published, sandbox, platform):
    key = doubtful(published, platform)
    (post,) = sandbox.record.posts(platform)
    nowhere = post.url[:-1] + ("2" if post.url[-1] != "2" else "3")

    for url in (nowhere, "https://example.org/", post.url):
        code, said = published.call("decide", key, "--sent", url)
        assert code == 1
        assert said.count("\n") == 1
    assert published.owed("in-doubt")[0].state.value == "in_doubt"


def test_a_person_says_that_it_is_not_there(published):
    key = doubtful(published, "mastodon")

    assert published.call("decide", key, "--absent") == (
        0,
        f"{key} in-doubt on mastodon (en) is sent again.\n",
    )
    assert published.owed("in-doubt")[0].state.value == "scheduled"


def test_a_person_leaves_it(published):
    key = doubtful(published, "mastodon")

    assert published.call("decide", key, "--leave")[0] == 0
    (one,) = published.owed("in-doubt")
    assert (one.state.value, one.attention) == ("failed", None)
    code, said = published.call("decide", key, "--leave")
    assert (code, "nobody is asked about it" in said) == (1, True)


@pytest.mark.parametrize(
    "options", [[], ["--absent", "--leave"], ["--sent", "https://example.org", "--absent"]]
)
def test_a_decision_is_one_of_three(published, options):
    assert published.call("decide", "abcd", *options)[0] == 2


def test_what_is_in_no_doubt_is_not_decided(published):
    key = published.owed()[0].key[:8]

    code, said = published.call("decide", key, "--absent")

    assert (code, "there is no doubt about it" in said) == (1, True)


def test_in_doubt_is_said_in_words_that_keep_people_from_posting_by_hand(published):
    doubtful(published, "mastodon")

    said = published.call("status")[1]

    assert "We sent it, mastodon did not answer clearly. Looking at our own timeline; next look in" in said
    assert "Please do not post it by hand. Our page there: http" in said


def test_a_post_is_withdrawn_everywhere_after_asking_once(published, sandbox):
    code, said = published.call("withdraw", "may-day", answer="n\n")
    assert (code, len(sandbox.record.posts())) == (130, 3)
    assert "cannot be recalled" in said

    code, said = published.call("withdraw", "may-day", "--yes", "--as", "anna")

    assert (code, sandbox.record.posts()) == (0, [])
    assert "draft: true" in said
    assert published.call("withdraw", "may-day", "--yes")[0] == 1


def test_a_post_is_withdrawn_while_everything_is_paused(published, sandbox):
    published.call("pause")
    published.call("pause", "x")

    published.call("withdraw", "may-day", "--yes")

    assert sandbox.record.posts() == []


def test_a_withdrawal_waits_for_an_account_that_is_shut_out_and_says_so(published, sandbox):
    store = published.store
    store.pause("x", "suspended", "the platform", datetime.now(UTC), blocked=True)
    store.close()
    sandbox.x.settings.shut_out = "suspended"

    said = published.call("withdraw", "may-day", "--yes")[1]

    assert "x is shut out: it is deleted there once `auth check x` passes." in said
    assert [post.platform for post in sandbox.record.posts()] == ["x"]
    sandbox.x.settings.shut_out = ""
    published.call("auth", "check", "x")
    published.call("run", "--once")
    assert sandbox.record.posts() == []


def test_the_past_is_listed_with_links(published, sandbox):
    (post,) = sandbox.record.posts("mastodon")

    code, said = published.call("queue", "--past")

    assert code == 0
    assert post.url in said
    assert len(published.json("queue", "--past")[1]["deliveries"]) == 3


def test_the_past_says_what_was_withdrawn(published):
    published.call("withdraw", "may-day", "--yes")

    said = published.call("queue", "--past")[1]

    assert said.count("withdrawn") == 3
    assert "http" not in said


def test_posts_that_are_gone_are_taken_back_when_a_person_says_so(published):
    for number in range(7):
        published.write(f"later-{number}")
    published.call("run", "--once")
    for number in range(7):
        (published.posts / f"later-{number}.yaml").unlink()
    published.call("run", "--once")
    assert "its post is gone from the queue, with 6 others" in published.call("queue")[1]

    assert published.call("cancel", "--missing") == (0, "21 deliveries cancelled.\n")

    assert published.call("cancel", "--missing")[0] == 1
    assert {one.state.value for one in published.owed("later-3")} == {"cancelled"}


@pytest.mark.parametrize("arguments", [[], ["abcd", "--missing"]])
def test_cancelling_names_one_thing(published, arguments):
    assert published.call("cancel", *arguments)[0] == 2


def test_a_deletion_in_doubt_is_not_answered_with_an_address(published, sandbox):
    sandbox.faults.add(Fault(platform="mastodon", operation="delete", action=Cut(store=False)))
    (post,) = sandbox.record.posts("mastodon")
    published.call("withdraw", "may-day", "--yes")
    key = next(one.key[:8] for one in published.owed() if one.state.value == "in_doubt")

    code, said = published.call("decide", key, "--sent", post.url)
    assert (code, "--absent deletes it once more" in said) == (1, True)

    published.call("decide", key, "--absent")
    published.call("run", "--once")
    assert sandbox.record.posts() == []
