import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import Concern, InDoubtError, RefusedError, TryLaterError
from bot.sandbox import Answer, Fault
from tests.contracts.stages import sandbox_stage
from tests.platforms.conftest import Ahead, at


@pytest.fixture
def x(sandbox, tmp_path):
    return sandbox_stage(sandbox, "x", tmp_path)


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_both_names_of_x_s_fields_are_read(x, sandbox, vocabulary):
    sandbox.x.settings.vocabulary = vocabulary
    first = x.platform.publish(x.delivery("One. #IndustriALL"))
    reply = x.delivery("Two.", part=2, parts=2, parent=first, root=first)
    second = x.platform.publish(reply)

    assert [one.remote_id for one in x.platform.look(reply, x.own).matches] == [second.remote_id]


def test_a_token_that_may_only_read_is_seen(x, sandbox):
    sandbox.x.settings.access_level = "read"

    assert x.platform.identify().may_write is False


def test_a_token_that_may_read_messages_is_more_than_we_need(x, sandbox):
    sandbox.x.settings.access_level = "read-write-directmessages"

    identity = x.platform.identify()

    assert (identity.may_write, identity.scopes_excess) == (True, ("direct messages",))


@pytest.mark.parametrize("kind", ["suspended", "locked", "not-enrolled"])
def test_each_way_of_being_shut_out_is_one(x, sandbox, kind):
    sandbox.x.settings.shut_out = kind

    with pytest.raises(TryLaterError) as caught:
        x.platform.publish(x.delivery())

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED


def test_no_credit_shuts_the_account_out(x, sandbox):
    sandbox.x.settings.credit = 0.0

    with pytest.raises(TryLaterError, match="402") as caught:
        x.platform.publish(x.delivery())

    assert caught.value.concern is Concern.ACCOUNT_BLOCKED


def test_a_reply_that_x_does_not_allow_is_a_refusal(x, sandbox):
    sandbox.x.settings.may_reply_to_itself = False
    first = x.platform.publish(x.delivery("One. #IndustriALL"))

    with pytest.raises(RefusedError, match="not allowed because"):
        x.platform.publish(x.delivery("Two.", part=2, parts=2, parent=first, root=first))


def test_a_look_reads_as_many_pages_as_it_takes(x, sandbox):
    wanted = x.platform.publish(x.delivery("The first. #IndustriALL"))
    for number in range(130):
        sandbox.post_by_hand("x", f"By hand, {number}")

    sighting = x.platform.look(x.delivery("The first. #IndustriALL"), x.own)

    assert [one.remote_id for one in sighting.matches] == [wanted.remote_id]


def test_a_timeline_without_an_end_is_no_look(x, sandbox):
    for number in range(1001):
        sandbox.post_by_hand("x", f"By hand, {number}")

    with pytest.raises(TryLaterError, match="longer than we can read"):
        x.platform.look(x.delivery(), x.own)


def test_an_answer_without_the_account_is_a_wrong_address(x, sandbox):
    sandbox.faults.add(Fault(platform="x", operation="identify", action=Answer(status=200, body=b"<html>")))

    with pytest.raises(TryLaterError, match="is `base_url` right"):
        x.platform.identify()


def test_a_machine_that_slept_before_the_first_byte_sends_nothing(x, sandbox, tmp_path):
    platform = at("x", sandbox.x.url, sandbox, tmp_path)
    platform._wire.clock = _Sleepy()

    with pytest.raises(TryLaterError, match="slept between deciding to send and sending"):
        platform.publish(x.delivery())

    assert sandbox.record.posts("x") == []


def test_the_frozen_text_is_what_is_sent_whatever_the_delivery_says_now(x):
    delivery = replace(x.delivery("As frozen. #IndustriALL"), text="Edited since.")

    x.platform.publish(delivery)

    assert x.texts() == ["As frozen. #IndustriALL"]


def test_a_duplicate_is_never_taken_for_a_refusal(x, sandbox):
    sandbox.post_by_hand("x", "March with us. #IndustriALL")

    with pytest.raises(InDoubtError):
        x.platform.publish(x.delivery("March with us. #IndustriALL"))


def test_fields_that_x_leaves_out_are_asked_for_by_their_other_name(x, sandbox):
    sandbox.x.settings.vocabulary = "post"
    first = x.platform.publish(x.delivery("One. #IndustriALL"))
    reply = x.delivery("Two.", part=2, parts=2, parent=first, root=first)
    second = x.platform.publish(reply)
    bare = {"data": [{"id": one.remote_id, "text": "Two."} for one in (second, first)]}
    sandbox.faults.add(look_answers(bare))

    assert x.platform.look(reply, x.own).matches == (second,)


def test_a_timeline_that_says_too_little_is_no_look(x, sandbox):
    delivery = x.delivery()
    receipt = x.platform.publish(delivery)
    bare = {"data": [{"id": receipt.remote_id, "text": delivery.text}]}
    sandbox.faults.add(look_answers(bare), look_answers(bare))

    with pytest.raises(TryLaterError, match="does not say enough"):
        x.platform.look(delivery, x.own)


def look_answers(body):
    return Fault(platform="x", operation="look", action=Answer(status=200, body=json.dumps(body).encode()))


def test_a_short_link_that_x_does_not_explain_is_compared_without_it(x, sandbox):
    delivery = x.delivery("Read https://example.org/report today. #IndustriALL")
    receipt = x.platform.publish(delivery)
    now = datetime.now(UTC).isoformat()
    told = {"id": receipt.remote_id, "created_at": now, "text": "Read https://t.co/abc today. #IndustriALL"}
    sandbox.faults.add(look_answers({"data": [told]}))

    assert x.platform.look(delivery, x.own).matches == (receipt,)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("Tea &amp; roses &lt;3", 1),
        ("tea &amp; roses  &lt;3", 1),
        ("Tea & roses", 0),
        ("Tea &amp;amp; roses &lt;3", 0),
    ],
)
def test_x_s_escapes_are_undone_once_and_ours_never(x, sandbox, text, matches):
    delivery = x.delivery("Tea & roses <3")
    receipt = x.platform.publish(delivery)
    told = {"id": receipt.remote_id, "created_at": "2027-05-01T12:00:00.000Z", "text": text}
    sandbox.faults.add(look_answers({"data": [told]}))

    assert len(x.platform.look(delivery, x.own).matches) == matches


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_look_goes_by_x_s_clock_where_ours_is_wrong(x, minutes):
    ours = Ahead(timedelta(minutes=minutes))
    x.platform._clock = ours
    delivery = replace(x.delivery(), claimed_at=ours.now())
    receipt = x.platform.publish(delivery)

    assert x.platform.look(delivery, x.own).matches == (receipt,)


def test_a_server_that_ignores_where_to_start_does_not_make_old_posts_ours(x, sandbox):
    delivery = x.delivery()
    old = {"id": "1000000000000000000", "created_at": "2018-05-25T12:00:00.000Z", "text": delivery.text}
    sandbox.faults.add(look_answers({"data": [old]}))

    assert x.platform.look(delivery, x.own).matches == ()


@pytest.mark.parametrize(
    ("status", "title", "there"),
    [(200, "Not Found Error", False), (404, "Not Found Error", False), (200, "Authorization Error", None)],
)
def test_only_a_clear_not_found_means_that_a_post_is_gone(x, sandbox, status, title, there):
    delivery = x.delivery()
    sent = replace(delivery, receipt=x.platform.publish(delivery))
    body = json.dumps({"errors": [{"title": title, "detail": "Could not"}]}).encode()
    sandbox.faults.add(Fault(platform="x", operation="read_back", action=Answer(status=status, body=body)))

    if there is None:
        with pytest.raises(TryLaterError):
            x.platform.read_back(sent, x.own)
    else:
        assert x.platform.read_back(sent, x.own) is there


def test_a_secret_of_the_log_stays_one(x, caplog):
    caplog.set_level(logging.DEBUG)

    x.platform.identify()

    assert "sandbox-" not in caplog.text


def test_credentials_that_were_put_right_are_used_at_the_next_check(x, sandbox, tmp_path):
    secrets = dict(sandbox.x.account.secrets)
    right, secrets["access_token_secret"] = secrets["access_token_secret"], "wrong"
    platform = at("x", sandbox.x.url, sandbox, tmp_path)
    platform._secrets = tuple(lambda name=name: secrets[name] for name in secrets)
    with pytest.raises(TryLaterError):
        platform.identify()

    secrets["access_token_secret"] = right

    assert platform.identify().own_id == x.own.own_id


class _Sleepy:
    """A clock of a machine that sleeps an hour between any two looks at it."""

    def __init__(self):
        self._boot = 0.0

    def boot(self):
        self._boot += 3600
        return self._boot

    def monotonic(self):
        return 0.0

    def now(self):
        return datetime.now(UTC)
