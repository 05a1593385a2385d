"""The judge: what it accepts, what it refuses, and what it remembers."""

import json
import time
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox import Cut, Fault, Gate, Hold, Sandbox
from bot.sandbox.cbor import cid, encode
from tests.contracts.stages import sandbox_stage, x_platform
from tests.tables import TLDS


def ask(url, body=None, headers=()):
    request = urllib.request.Request(url, data=body, headers=dict(headers))
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.mark.parametrize("secret", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_x_knows_a_wrong_signature(sandbox, secret):
    keys = {**sandbox.x.account.secrets, secret: "wrong"}

    with pytest.raises(Exception, match="401"):
        x_platform(sandbox.x.url, keys).identify()


@pytest.mark.parametrize(
    ("platform", "path", "status"),
    [
        ("x", "/2/users/me", 401),
        ("mastodon", "/api/v1/accounts/verify_credentials", 401),
        ("bluesky", "/xrpc/com.atproto.server.getSession", 401),
        ("x", "/nowhere", 404),
        ("mastodon", "/nowhere", 404),
        ("bluesky", "/nowhere", 404),
    ],
)
def test_each_platform_refuses_in_its_own_form(sandbox, platform, path, status):
    answered, body = ask(getattr(sandbox, platform).url + path)

    assert answered == status
    assert {"x": "detail", "mastodon": "error", "bluesky": "message"}[platform] in body


def test_a_post_whose_answer_was_lost_is_on_record_as_that(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "mastodon", tmp_path)
    sandbox.faults.add(Fault(platform="mastodon", operation="publish", action=Cut(store=True), skip=1))

    stage.platform.publish(stage.delivery("One. #IndustriALL"))
    with pytest.raises(Exception, match="cut"):
        stage.platform.publish(stage.delivery("Two. #IndustriALL"))

    assert [(post.text, post.answer_lost) for post in sandbox.record.posts()] == [
        ("One. #IndustriALL", False),
        ("Two. #IndustriALL", True),
    ]
    assert sandbox.faults.unplayed == ()


def test_a_request_at_a_gate_waits_until_it_is_released(sandbox, tmp_path):
    from threading import Thread

    stage = sandbox_stage(sandbox, "x", tmp_path)
    gate = Gate()
    sandbox.faults.add(Fault(platform="x", operation="publish", action=Hold(gate=gate, store=True)))
    publishing = Thread(target=stage.platform.publish, args=(stage.delivery(),))
    publishing.start()

    assert gate.wait_reached()
    assert len(sandbox.record.posts("x")) == 1
    assert publishing.is_alive()
    gate.release()
    publishing.join(5)
    assert not publishing.is_alive()


def test_stale_reads_hide_what_was_just_stored(sandbox, tmp_path):
    for name in ("x", "mastodon"):
        stage = sandbox_stage(sandbox, name, tmp_path)
        getattr(sandbox, name).settings.stale_reads = timedelta(minutes=1)
        delivery = stage.delivery()
        stage.platform.publish(delivery)

        assert stage.platform.look(delivery, stage.own).matches == ()


def test_x_charges_more_for_a_link(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "x", tmp_path)

    stage.platform.publish(stage.delivery("Plain. #IndustriALL"))
    stage.platform.publish(stage.delivery("See example.org #IndustriALL"))

    assert sandbox.x.spent == pytest.approx(0.215)


def test_reset_forgets_everything_but_the_addresses(sandbox, tmp_path):
    stage = sandbox_stage(sandbox, "mastodon", tmp_path)
    stage.platform.publish(stage.delivery())
    sandbox.mastodon.settings.max_characters = 10
    url = sandbox.mastodon.url

    sandbox.reset()

    assert (sandbox.record.everything(), sandbox.record.requests) == ([], [])
    assert (sandbox.mastodon.settings.max_characters, sandbox.mastodon.url) == (500, url)


def test_a_handler_that_breaks_says_so_and_answers_500():
    with Sandbox(tlds=TLDS) as sandbox:
        token = {"Authorization": f"Bearer {sandbox.mastodon.account.token}"}
        url = f"{sandbox.mastodon.url}/api/v1/accounts/{sandbox.mastodon.account.id}/statuses"
        status, _ = ask(f"{url}?limit=many", headers=token.items())

        assert status == 500
        assert "ValueError" in sandbox.record.errors[0]


def test_a_sandbox_starts_and_ends_in_a_moment():
    began = time.monotonic()
    with Sandbox(tlds=TLDS):
        pass

    assert time.monotonic() - began < 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(max_examples=200)
@given(JSON)
def test_records_are_encoded_as_everybody_else_does(value):
    import libipld

    assert encode(value) == libipld.encode_dag_cbor(value)


def test_a_link_in_a_record_is_a_link():
    import libipld

    linked = cid({"a": 1})

    assert libipld.decode_dag_cbor(encode({"$link": linked})) is not None
