import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import Concern, InDoubtError, TryLaterError
from bot.sandbox import Answer, Fault
from tests.contracts.stages import mastodon_platform, sandbox_stage
from tests.platforms.conftest import Ahead


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


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_look_goes_by_the_servers_clock_where_ours_is_wrong(mastodon, minutes):
    ours = Ahead(timedelta(minutes=minutes))
    mastodon.platform._clock = ours
    delivery = replace(mastodon.delivery(), claimed_at=ours.now())
    receipt = mastodon.platform.publish(delivery)

    assert mastodon.platform.look(delivery, mastodon.own).matches == (receipt,)


def test_a_token_that_is_also_the_name_of_a_file_is_sent_as_it_is(mastodon, sandbox, tmp_path, monkeypatch):
    token = sandbox.mastodon.account.token
    (tmp_path / token).write_text("another token", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    identity = mastodon_platform(sandbox.mastodon.url, token).identify()

    assert identity.own_id == mastodon.own.own_id


def test_what_a_real_server_makes_of_links_and_tags_is_read_as_text(mastodon, sandbox):
    delivery = mastodon.delivery("A <b> & c:\n\nhttps://www.example.org/a/long/way?x=1&y=2 #IndustriALL")
    receipt = mastodon.platform.publish(delivery)
    content = (
        "<p>A &lt;b&gt; &amp; c:</p><p>"
        '<a href="https://www.example.org/a/long/way?x=1&amp;y=2" rel="nofollow noopener" translate="no">'
        '<span class="invisible">https://www.</span><span class="ellipsis">example.org/a/long/way</span>'
        '<span class="invisible">?x=1&amp;y=2</span></a> '
        '<a href="https://mastodon.example/tags/IndustriALL" class="mention hashtag" rel="tag">'
        "#<span>IndustriALL</span></a></p>"
    )
    sandbox.faults.add(look_answers([told(receipt, content)]))

    assert mastodon.platform.look(delivery, mastodon.own).matches == (receipt,)


def told(receipt, content, **changes):
    now = datetime.now(UTC).isoformat()
    return {
        "id": receipt.remote_id, "created_at": now, "content": content, "url": receipt.url, **changes
    }  # fmt: skip


def look_answers(body, times=1):
    answer = Answer(status=200, body=json.dumps(body).encode())
    return Fault(platform="mastodon", operation="look", action=answer, times=times)


def test_a_server_that_gives_the_same_page_again_and_again_is_read_once(mastodon, sandbox):
    delivery = mastodon.delivery("March. #IndustriALL")
    receipt = mastodon.platform.publish(delivery)
    sandbox.faults.add(look_answers([told(receipt, "<p>March. #IndustriALL</p>")], times=2))

    assert mastodon.platform.look(delivery, mastodon.own).matches == (receipt,)


def test_short_pages_are_read_to_the_end(mastodon, sandbox):
    delivery = mastodon.delivery("March. #IndustriALL")
    receipt = mastodon.platform.publish(delivery)
    other = told(replace(receipt, remote_id=str(int(receipt.remote_id) + 1)), "<p>Another</p>")
    sandbox.faults.add(look_answers([other]))

    assert mastodon.platform.look(delivery, mastodon.own).matches == (receipt,)


def test_the_source_is_asked_for_only_where_the_words_are_ours(mastodon, sandbox):
    delivery = mastodon.delivery("Tag @union@example.org and @other@example.org")
    receipt = mastodon.platform.publish(delivery)
    mastodon.platform.publish(mastodon.delivery("Tag @union@example.org and nobody else"))
    twin = mastodon.platform.publish(mastodon.delivery("Tag @union@example.com and @other@example.org"))

    assert mastodon.platform.look(delivery, mastodon.own).matches == (receipt,)
    asked = [one.path.split("/")[-2] for one in sandbox.record.asked("mastodon", "source")]
    assert asked == [twin.remote_id, receipt.remote_id]


def test_only_a_link_that_a_browser_may_be_given_is_kept(mastodon, sandbox):
    odd = Answer(status=200, body=b'{"id": "7", "url": "javascript:alert(1)"}', store=True)
    sandbox.faults.add(Fault(platform="mastodon", operation="publish", action=odd))

    assert mastodon.platform.publish(mastodon.delivery()).url == sandbox.mastodon.url


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"id": "8"}'])
def test_another_answer_than_the_post_proves_nothing_of_it(mastodon, sandbox, body):
    delivery = mastodon.delivery()
    sent = replace(delivery, receipt=mastodon.platform.publish(delivery))
    answer = Answer(status=200, body=body)
    sandbox.faults.add(Fault(platform="mastodon", operation="read_back", action=answer))

    with pytest.raises(TryLaterError):
        mastodon.platform.read_back(sent, mastodon.own)
