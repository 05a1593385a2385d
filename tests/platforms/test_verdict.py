"""What an exchange means, for every status and every kind of answer."""

import json
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bot.domain.delivery import Receipt
from bot.domain.errors import Concern, InDoubtError, PlatformError, RefusedError, TryLaterError
from bot.platforms.bluesky.answers import RULES as BLUESKY
from bot.platforms.mastodon.answers import RULES as MASTODON
from bot.platforms.verdict import answer_of, clock_ahead, verdict, wait_of
from bot.platforms.wire import Exchange
from bot.platforms.x.answers import RULES as X

NOW = datetime(2027, 5, 1, 12, tzinfo=UTC)
RECEIPT = Receipt(remote_id="1", url="https://mastodon.example/@campaign/1")
EACH = pytest.mark.parametrize("rules", [X, MASTODON, BLUESKY], ids=["x", "mastodon", "bluesky"])
BODIES = {"json": b'{"error": "Oh"}', "list": b"[]", "page": b"<html>", "nothing": b"", "cut": None}


def exchange(status=None, body=b"{}", *, left=True, unsaid=(), **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange("POST", "/path", left=left, status=status, headers=named, body=body, unsaid=unsaid)


def judged(one, rules, receipt=None):
    """The error that an exchange ends in, or the receipt."""
    try:
        return verdict(one, rules, lambda _: receipt, NOW)
    except PlatformError as error:
        return error


def expected(status, kind):
    if kind == "json" and status in {401, 402, 429}:
        return TryLaterError
    if kind == "json" and status in {400, 403, 404, 413, 415, 422}:
        return RefusedError
    return InDoubtError


@EACH
def test_each_status_with_each_answer_is_what_the_design_says(rules):
    for status, (kind, body) in product(range(100, 600), BODIES.items()):
        error = judged(exchange(status, body), rules)

        assert type(error) is expected(status, kind), (status, kind)
        assert rules.platform.shown in str(error)


@EACH
@pytest.mark.parametrize("status", [200, 201, 299])
def test_a_success_with_the_post_in_it_is_a_receipt(rules, status):
    assert judged(exchange(status), rules, RECEIPT) == RECEIPT


@EACH
@pytest.mark.parametrize("status", [100, 199, 300, 302, 400, 403, 500, None])
def test_nothing_but_a_success_is_a_receipt(rules, status):
    assert isinstance(judged(exchange(status), rules, RECEIPT), PlatformError)


@EACH
def test_a_success_that_did_not_arrive_whole_is_in_doubt(rules):
    assert type(judged(exchange(200, None), rules, RECEIPT)) is InDoubtError


@EACH
def test_what_never_left_is_tried_later(rules):
    error = judged(exchange(left=False), rules, RECEIPT)

    assert (type(error), error.concern, error.wait) == (TryLaterError, Concern.POST, None)


@EACH
def test_what_left_and_was_not_answered_is_in_doubt(rules):
    assert type(judged(exchange(None, None), rules)) is InDoubtError


X_403 = {
    "You are not allowed to create a Tweet with duplicate content.": InDoubtError,
    "Your account is suspended.": TryLaterError,
    "To protect our users, your account has been temporarily locked.": TryLaterError,
    "Authenticating with Unknown is forbidden for this endpoint.": TryLaterError,
    "Your client app is not configured with the appropriate oauth1 app permissions.": TryLaterError,
    "You have been blocked by the author of this post.": RefusedError,
    "Your Tweet text is too long.": RefusedError,
}


@pytest.mark.parametrize(("words", "error"), X_403.items())
def test_each_403_of_x_is_known(words, error):
    told = exchange(403, json.dumps({"detail": words, "status": 403}).encode())
    listed = exchange(403, json.dumps({"errors": [{"message": words}]}).encode())

    assert (type(judged(told, X)), type(judged(listed, X))) == (error, error)


def test_what_x_repeats_of_a_post_does_not_decide():
    text = "They are locked up; the verdict is a duplicate of the first."
    echo = {"errors": [{"parameters": {"text": [text]}, "message": "One parameter is not valid"}]}

    assert type(judged(exchange(403, json.dumps(echo).encode()), X)) is RefusedError


@pytest.mark.parametrize(
    ("status", "name"),
    [(400, "ExpiredToken"), (400, "InvalidToken"), (401, "AccountTakedown"), (403, "AccountNotFound")],
)
def test_bluesky_s_refusal_of_a_session_is_about_the_account(status, name):
    error = judged(exchange(status, json.dumps({"error": name, "message": "No"}).encode()), BLUESKY)

    assert (type(error), error.concern) == (TryLaterError, Concern.ACCOUNT_BLOCKED)


def test_another_record_of_that_name_on_bluesky_is_in_doubt():
    error = judged(exchange(400, b'{"error": "InvalidSwap", "message": "Record was at bafy"}'), BLUESKY)

    assert type(error) is InDoubtError


@pytest.mark.parametrize("unsaid", ["march with us on may day, all of us", "a-secret-token"])
def test_what_must_not_be_said_is_not(unsaid):
    body = json.dumps({"error": f"not acceptable: {unsaid}"}).encode()

    error = judged(exchange(422, body, unsaid=("other", unsaid)), MASTODON)

    assert str(error) == "Mastodon refuses this post (422)"


def test_a_few_words_in_common_are_no_repetition():
    body = b'{"error": "Text character limit of 500 exceeded"}'

    error = judged(exchange(422, body, unsaid=("A limit of 500 years", "Text")), MASTODON)

    assert str(error) == "Mastodon refuses this post (422: Text character limit of 500 exceeded)"


def test_a_server_s_words_are_one_short_line():
    body = json.dumps({"error": "one\n\ttwo " + "x" * 999}).encode()

    assert len(str(judged(exchange(422, body), MASTODON))) < 260
    assert "one two x" in str(judged(exchange(422, body), MASTODON))


def epoch(seconds):
    return str(int((NOW + timedelta(seconds=seconds)).timestamp()))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x_rate_limit_reset": epoch(300)}, 300),
        ({"x_rate_limit_reset": epoch(300), "x_rate_limit_remaining": "0"}, 300),
        ({"x_rate_limit_reset": epoch(300), "x_rate_limit_remaining": "soon"}, 300),
        ({"x_rate_limit_reset": epoch(300), "x_rate_limit_remaining": "7"}, None),
        (
            {
                "x_rate_limit_reset": epoch(300),
                "x_rate_limit_remaining": "7",
                "x_user_limit_24hour_reset": epoch(3000),
                "x_user_limit_24hour_remaining": "0",
            },
            3000,
        ),
        ({"x_rate_limit_reset": epoch(300), "x_app_limit_24hour_reset": epoch(9000)}, 300),
        ({"x_rate_limit_reset": epoch(4)}, None),
        ({"x_rate_limit_reset": epoch(5)}, 5),
        ({"x_rate_limit_reset": epoch(3600)}, 3600),
        ({"x_rate_limit_reset": epoch(3601)}, None),
    ],
)
def test_x_s_wait_is_that_of_the_limit_that_was_used_up(headers, seconds):
    wait = wait_of(exchange(429, **headers), X, NOW)

    assert wait == (None if seconds is None else timedelta(seconds=seconds))


def test_a_wait_is_reckoned_on_the_platform_s_clock():
    an_hour_behind = exchange(429, x_rate_limit_reset=epoch(-3300), date="Sat, 01 May 2027 11:00:00 GMT")

    assert wait_of(an_hour_behind, X, NOW) == timedelta(minutes=5)


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 01 May 2027 11:00:00 -0000"])
def test_a_platform_that_shows_no_time_leaves_our_clock_alone(date):
    assert clock_ahead(exchange(200, date=date), NOW) is None


@EACH
def test_a_question_that_was_not_answered_is_asked_later(rules):
    for status, (kind, body) in product([None, *range(100, 600)], BODIES.items()):
        if status in range(200, 300) and kind in {"json", "list"}:
            assert answer_of(exchange(status, body), rules, NOW) == json.loads(body)
            continue
        with pytest.raises(TryLaterError, match=rules.platform.shown):
            answer_of(exchange(status, body), rules, NOW)
