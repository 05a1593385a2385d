import pytest

from bot.domain.errors import Concern, InDoubtError, TryLaterError
from bot.sandbox import Answer, Fault
from tests.contracts.stages import sandbox_stage


@pytest.fixture
def mastodon(sandbox, tmp_path):
    return sandbox_stage(sandbox, "mastodon", tmp_path)


def test_the_servers_own_limits_are_read(mastodon, sandbox):
    sandbox.mastodon.settings.max_characters = 1312

    identity = mastodon.platform.identify()

    assert (identity.length, identity.link_length) == (1312, 23)


def test_an_older_server_says_its_limits_elsewhere(mastodon, sandbox):
    gone = Answer(status=404, body=b'{"error": "Not Found"}')
    sandbox.faults.add(Fault(platform="mastodon", operation="limits", action=gone))

    assert mastodon.platform.identify().length == 500


def test_a_server_that_says_nothing_of_itself_has_the_usual_limits(mastodon, sandbox):
    gone = Answer(status=503, body=b"<html>")
    sandbox.faults.add(Fault(platform="mastodon", operation="limits", action=gone, times=2))

    identity = mastodon.platform.identify()

    assert (identity.own_id, identity.length) == (sandbox.mastodon.account.id, None)


def test_scopes_too_few_and_too_many_are_named(mastodon, sandbox):
    sandbox.mastodon.settings.scopes = ["profile", "write:statuses", "write:media", "follow"]

    identity = mastodon.platform.identify()

    assert identity.scopes_missing == ("read:statuses",)
    assert identity.scopes_excess == ("follow",)
    assert identity.may_write is True


def test_a_server_that_tells_no_scopes_leaves_it_open(mastodon, sandbox):
    sandbox.mastodon.settings.tells_scopes = False

    assert mastodon.platform.identify().may_write is None


def test_no_instance_is_asked_before_a_post(mastodon, sandbox):
    before = len(sandbox.record.asked("mastodon", "limits"))

    mastodon.platform.publish(mastodon.delivery())

    assert len(sandbox.record.asked("mastodon", "limits")) == before


def test_the_key_is_the_deliverys_own(mastodon, sandbox):
    delivery = mastodon.delivery()

    mastodon.platform.publish(delivery)

    assert [post.key for post in sandbox.record.posts("mastodon")] == [delivery.key]


def test_a_replay_answered_500_is_in_doubt(mastodon, sandbox):
    sandbox.mastodon.settings.idempotency = "replay_500"
    delivery = mastodon.delivery()
    mastodon.platform.publish(delivery)

    with pytest.raises(InDoubtError, match="it answered 500"):
        mastodon.platform.publish(delivery)

    assert len(mastodon.texts()) == 1


def test_a_disabled_login_shuts_the_account_out(mastodon, sandbox):
    sandbox.mastodon.settings.disabled = True

    with pytest.raises(TryLaterError) as caught:
        mastodon.platform.publish(mastodon.delivery())

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED


def test_a_look_reads_as_many_pages_as_it_takes(mastodon, sandbox):
    delivery = mastodon.delivery("The first. #IndustriALL")
    wanted = mastodon.platform.publish(delivery)
    for number in range(90):
        sandbox.post_by_hand("mastodon", f"By hand, {number}")

    assert mastodon.platform.look(delivery, mastodon.own).matches == (wanted,)


def test_a_server_without_sources_is_compared_by_what_it_shows(mastodon, sandbox):
    sandbox.mastodon.settings.has_sources = False
    delivery = mastodon.delivery(f"Tag {mastodon.own.handle}. #IndustriALL")
    wanted = mastodon.platform.publish(delivery)

    assert mastodon.platform.look(delivery, mastodon.own).matches == (wanted,)


def test_a_reset_nobody_can_read_does_not_hide_a_post_that_was_made(mastodon, sandbox):
    # The library raises its rate limit error here, although the post stands.
    odd = Answer(
        status=200,
        body=b'{"id": "7", "url": "https://mastodon.example/@campaign/7"}',
        headers={"X-RateLimit-Reset": "tomorrow", "X-RateLimit-Remaining": "1", "X-RateLimit-Limit": "300"},
        store=True,
    )
    sandbox.faults.add(Fault(platform="mastodon", operation="publish", action=odd))

    assert mastodon.platform.publish(mastodon.delivery()).remote_id == "7"
