"""What each fault on the wire makes of a request, on every platform, whatever the library says of it."""

import json
import re
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import Concern, InDoubtError, PlatformError, RefusedError, TryLaterError
from bot.sandbox import Answer, Cut, Delay, Drip, Fault
from tests.platforms.conftest import SHORT, at, full_house, raw_server, reset, whole_request

HTML = b"<html><body>We are down for maintenance.</body></html>"
SLACK = 1.0  # seconds a loaded machine may take on top of a deadline
ELSEWHERE = {"Location": "http://127.0.0.1:9/elsewhere"}

SAYS = {
    "x": lambda status, words: {"title": "Error", "status": status, "detail": words},
    "mastodon": lambda _, words: {"error": words},
    "bluesky": lambda _, words: {"error": words.partition(":")[0], "message": words},
}


def outcome(stage, platform=None):
    """Publish one post; the error it ends in, which is in time and does not tell the text."""
    platform = platform or stage.platform
    delivery = stage.delivery()
    began = time.monotonic()
    with pytest.raises(PlatformError) as caught:
        platform.publish(delivery)
    assert time.monotonic() - began < platform._wire.deadline + SLACK
    assert delivery.text not in str(caught.value)
    return caught.value


def fault(stage, sandbox, action):
    sandbox.faults.add(Fault(platform=stage.name, operation="publish", action=action))


def says(stage, status, words, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body=json.dumps(SAYS[stage.name](status, words)).encode(), headers=named)


UNCLEAR = {
    "cut before it was stored": Cut(store=False),
    "cut after it was stored": Cut(store=True),
    "reset after it was stored": Cut(store=True, reset=True),
    "cut after the headers": Cut(store=True, after="headers"),
    "reset after the headers": Cut(store=True, after="headers", reset=True),
    "cut in mid answer": Cut(store=True, after="half"),
    "reset in mid answer": Cut(store=True, after="half", reset=True),
    "200 with a page": Answer(status=200, body=HTML, store=True),
    "200 with nothing in it": Answer(status=200, body=b"{}", store=True),
    "200 with a list": Answer(status=200, body=b"[]", store=True),
    "200 with null": Answer(status=200, body=b"null", store=True),
    "200 and empty": Answer(status=200, store=True),
    "200 with half a JSON": Answer(status=200, body=b'{"id": "1', store=True),
    "200 with an odd id": Answer(status=200, body=b'{"id": " ", "data": {"id": "x y"}}', store=True),
    "200 with errors only": Answer(status=200, body=b'{"errors": [{"title": "Oh"}]}', store=True),
    "204": Answer(status=204, store=True),
    "longer than it says": Answer(status=200, body=b'{"id": "12"}', says_length=5, store=True),
    "shorter than it says": Answer(status=200, body=b'{"id": "12"}', says_length=500, store=True),
    "an answer of three megabytes": Answer(status=200, body=b" " * (3 << 20), store=True),
    "a packed answer": Answer(status=200, body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}, store=True),
    "deeply nested": Answer(status=200, body=b"[" * 100_000, store=True),
    "301 to another host": Answer(status=301, headers=ELSEWHERE),
    "302 to another host": Answer(status=302, headers=ELSEWHERE),
    "307 to another host": Answer(status=307, headers=ELSEWHERE),
    "302 to itself": Answer(status=302, headers={"Location": "/"}),
    "401 from a page": Answer(status=401, body=HTML),
    "403 from a page": Answer(status=403, body=HTML),
    "422 from a page": Answer(status=422, body=HTML),
    "429 from a page": Answer(status=429, body=HTML),
    "401 that broke off": Answer(status=401, body=b'{"error": "x"}', says_length=500),
    "408": Answer(status=408, body=b"{}"),
    "409": Answer(status=409, body=b"{}"),
    "410": Answer(status=410, body=b"{}"),
    "425": Answer(status=425, body=b"{}"),
    "500, not stored": Answer(status=500, body=b'{"error": "oh"}'),
    "500, stored": Answer(status=500, body=b'{"error": "oh"}', store=True),
    "502": Answer(status=502, body=HTML, store=True),
    "503": Answer(status=503, body=HTML),
    "504": Answer(status=504, body=HTML, store=True),
}

ENDLESS = {
    "no answer, not stored": Delay(seconds=30),
    "no answer, stored": Delay(seconds=30, after_store=True),
    "an answer that drips": Drip(seconds_per_byte=0.02),
}


@pytest.mark.parametrize("action", UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_not_clear_is_in_doubt(stage, sandbox, action):
    fault(stage, sandbox, action)

    error = outcome(stage)

    assert isinstance(error, InDoubtError)
    assert len(sandbox.record.asked(stage.name, "publish")) <= 1


@pytest.mark.parametrize("action", ENDLESS.values(), ids=ENDLESS)
def test_what_does_not_end_is_in_doubt_at_the_deadline(hasty, sandbox, action):
    fault(hasty, sandbox, action)

    error = outcome(hasty)

    assert isinstance(error, InDoubtError)
    assert re.search("no whole answer within 0 s|no answer came", str(error))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(stage, sandbox, status):
    here = getattr(sandbox, stage.name).url
    asked = []
    with raw_server(lambda connection: asked.append(connection.recv(9))) as there:
        fault(stage, sandbox, Answer(status=status, headers={"Location": f"http://{there}/2/tweets"}))
        fault(stage, sandbox, Answer(status=status, headers={"Location": f"{here}/2/tweets"}))
        first, second = outcome(stage), outcome(stage)

    assert (type(first), type(second)) == (InDoubtError, InDoubtError)
    assert "is `base_url` right?" in str(first)
    assert asked == []
    assert sandbox.record.posts(stage.name) == []


@pytest.mark.parametrize("status", [400, 404, 413, 415, 422])
def test_a_clear_refusal_of_the_post_is_one(stage, sandbox, status):
    fault(stage, sandbox, says(stage, status, "the text is not acceptable"))

    error = outcome(stage)

    assert isinstance(error, RefusedError)
    assert "the text is not acceptable" in str(error)


def test_a_403_about_the_post_is_a_refusal(stage, sandbox):
    fault(stage, sandbox, says(stage, 403, "You may not answer this."))

    assert isinstance(outcome(stage), RefusedError)


SHUT_OUT = {
    "x": "Your account is suspended.",
    "mastodon": "Your login is currently disabled",
    "bluesky": "AccountTakedown: Account has been taken down",
}


@pytest.mark.parametrize("status", [401, 402, 403])
def test_being_shut_out_concerns_the_whole_account(stage, sandbox, status):
    fault(stage, sandbox, says(stage, status, SHUT_OUT[stage.name]))

    error = outcome(stage)

    assert (type(error), error.concern) == (TryLaterError, Concern.ACCOUNT_BLOCKED)


def at_reset(stage, seconds):
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    epoch, written = str(int(at.timestamp())), at.isoformat()
    return {
        "x": {"x_rate_limit_reset": epoch},
        "mastodon": {"X_RateLimit_Reset": written},
        "bluesky": {"ratelimit_reset": epoch},
    }[stage.name]


@pytest.mark.parametrize("seconds", [-3600, 2, 7200, 40 * 365 * 86400])
def test_an_odd_reset_is_not_believed(stage, sandbox, seconds):
    fault(stage, sandbox, says(stage, 429, "Too many", **at_reset(stage, seconds)))

    error = outcome(stage)

    assert (type(error), error.concern, error.wait) == (TryLaterError, Concern.ACCOUNT_BUSY, None)


@pytest.mark.parametrize("written", ["", "soon", "-1", "9" * 40, "2999-01-01T00:00:00Z"])
def test_a_reset_that_is_no_time_is_not_believed(stage, sandbox, written):
    headers = dict.fromkeys(at_reset(stage, 0), written)
    fault(stage, sandbox, says(stage, 429, "Too many", **headers))

    error = outcome(stage)

    assert (type(error), error.wait) == (TryLaterError, None)


def test_a_reasonable_reset_is_kept(stage, sandbox):
    fault(stage, sandbox, says(stage, 429, "Too many", **at_reset(stage, 300)))

    error = outcome(stage)

    assert error.concern is Concern.ACCOUNT_BUSY
    assert timedelta(seconds=290) < error.wait <= timedelta(seconds=301)


def test_what_a_server_repeats_of_the_text_is_not_passed_on(stage, sandbox):
    text = stage.delivery().text
    fault(stage, sandbox, says(stage, 422, f"InvalidRequest: not acceptable: {text[:25]}"))

    assert str(outcome(stage)).endswith("refuses this post (422)")


def test_a_base_url_with_a_path_of_its_own_hides_no_answer(stage, sandbox, tmp_path):
    # Behind a proxy the path ends as it does everywhere. Taken for a request never made, it would come again.
    taken = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
    with raw_server(lambda connection: (whole_request(connection), connection.sendall(taken))) as address:
        platform = at(stage.name, f"http://{address}/by/proxy", sandbox, tmp_path / "proxy")
        borrow_session(stage.platform, platform)
        error = outcome(stage, platform)

    assert isinstance(error, InDoubtError)


def borrow_session(one, other):
    """Let a Bluesky adapter at another address use the session of the first."""
    if hasattr(one, "_sessions"):
        session = one._sessions.current.written().rpartition(":::")[0]
        other._kept.put("session", f"{session}:::{other._base_url}")


def elsewhere(hasty, sandbox, tmp_path, address, scheme="http"):
    """The error of a delivery that is sent to an address where things go wrong below HTTP."""
    platform = at(hasty.name, f"{scheme}://{address}", sandbox, tmp_path / "elsewhere", SHORT)
    borrow_session(hasty.platform, platform)
    error = outcome(hasty, platform)
    assert (type(error), error.concern) == (TryLaterError, Concern.POST)
    return str(error)


def test_a_refused_connection_sent_nothing(hasty, sandbox, tmp_path):
    words = elsewhere(hasty, sandbox, tmp_path, "127.0.0.1:9")

    assert words.endswith("could not be reached: the connection was refused")


def test_a_name_that_nobody_knows_sent_nothing(hasty, sandbox, tmp_path):
    # A label of more than 63 letters is no name at all: it is refused without asking a server.
    words = elsewhere(hasty, sandbox, tmp_path, f"{'x' * 64}.invalid")

    assert "could not be reached" in words


def test_a_connection_that_is_not_taken_sent_nothing(hasty, sandbox, tmp_path):
    with full_house() as address:
        words = elsewhere(hasty, sandbox, tmp_path, address)

    assert "could not be reached" in words


def test_a_broken_handshake_sent_nothing(hasty, sandbox, tmp_path):
    with raw_server(reset) as address:
        words = elsewhere(hasty, sandbox, tmp_path, address, scheme="https")

    assert "could not be reached" in words


def test_a_silent_handshake_ends_with_the_deadline(hasty, sandbox, tmp_path):
    gone = threading.Event()
    with raw_server(lambda _: gone.wait(5)) as address:
        words = elsewhere(hasty, sandbox, tmp_path, address, scheme="https")
        gone.set()

    assert words.endswith("could not be reached: no whole answer within 0 s")


def test_a_server_without_tls_sent_nothing(hasty, sandbox, tmp_path):
    with raw_server(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as address:
        words = elsewhere(hasty, sandbox, tmp_path, address, scheme="https")

    assert words.endswith("no secure connection could be made")
