"""What each fault on the wire makes of a request, on every platform, whatever the library says of it."""

import re
import threading
import time
import tracemalloc
import zlib
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.domain.errors import Concern, InDoubtError, PlatformError, RefusedError, TryLaterError
from bot.sandbox import Answer, Delay, Fault, Twice
from tests.acceptance.turned import borrow_session
from tests.platforms.conftest import SHORT, at, full_house, raw_server, reset, whole_request
from tests.platforms.faults import ENDLESS, SHUT_OUT, UNCLEAR, says

SLACK = 1.0  # seconds a loaded machine may take on top of a deadline


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


SLOW = Delay(seconds=0.3)  # two of these are longer than the short deadline


def test_what_takes_several_requests_has_the_deadline_of_one(hasty, sandbox):
    delivery = hasty.delivery()
    if hasty.name == "bluesky":  # its session has run out: it is renewed, and the record is put again
        expired = says("bluesky", 400, "ExpiredToken")
        slow = ("refresh", "publish")
        sandbox.faults.add(Fault(platform="bluesky", operation="publish", action=expired))
        ask = partial(hasty.platform.publish, delivery)
    else:  # our own timeline has two pages
        slow = ("look", "look")
        for _ in range(101):
            sandbox.post_by_hand(hasty.name, "By hand.")
        ask = partial(hasty.platform.look, delivery, hasty.own)
    sandbox.faults.add(*(Fault(platform=hasty.name, operation=operation, action=SLOW) for operation in slow))

    with pytest.raises(PlatformError, match=r"did not answer|could not be reached|cut"):
        ask()


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
    fault(stage, sandbox, says(stage.name, status, "the text is not acceptable"))

    error = outcome(stage)

    assert isinstance(error, RefusedError)
    assert "the text is not acceptable" in str(error)


def test_a_403_about_the_post_is_a_refusal(stage, sandbox):
    fault(stage, sandbox, says(stage.name, 403, "You may not answer this."))

    assert isinstance(outcome(stage), RefusedError)


@pytest.mark.parametrize("status", [401, 402, 403])
def test_being_shut_out_concerns_the_whole_account(stage, sandbox, status):
    fault(stage, sandbox, says(stage.name, status, SHUT_OUT[stage.name]))

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
    fault(stage, sandbox, says(stage.name, 429, "Too many", **at_reset(stage, seconds)))

    error = outcome(stage)

    assert (type(error), error.concern, error.wait) == (TryLaterError, Concern.ACCOUNT_BUSY, None)


@pytest.mark.parametrize("written", ["", "soon", "-1", "9" * 40, "2999-01-01T00:00:00Z"])
def test_a_reset_that_is_no_time_is_not_believed(stage, sandbox, written):
    headers = dict.fromkeys(at_reset(stage, 0), written)
    fault(stage, sandbox, says(stage.name, 429, "Too many", **headers))

    error = outcome(stage)

    assert (type(error), error.wait) == (TryLaterError, None)


def test_a_reasonable_reset_is_kept(stage, sandbox):
    fault(stage, sandbox, says(stage.name, 429, "Too many", **at_reset(stage, 300)))

    error = outcome(stage)

    assert error.concern is Concern.ACCOUNT_BUSY
    assert timedelta(seconds=290) < error.wait <= timedelta(seconds=301)


def test_what_a_server_repeats_of_the_text_is_not_passed_on(stage, sandbox):
    text = stage.delivery().text
    fault(stage, sandbox, says(stage.name, 422, f"InvalidRequest: not acceptable: {text[:25]}"))

    assert str(outcome(stage)).endswith("refuses this post (422)")


def test_a_base_url_with_a_path_of_its_own_hides_no_answer(stage, sandbox, tmp_path):
    # Behind a proxy the path ends as it does everywhere. Taken for a request never made, it would come again.
    taken = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
    with raw_server(lambda connection: (whole_request(connection), connection.sendall(taken))) as address:
        platform = at(stage.name, f"http://{address}/by/proxy", sandbox, tmp_path / "proxy")
        borrow_session(stage.platform, platform)
        error = outcome(stage, platform)

    assert isinstance(error, InDoubtError)


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


LARGEST_HELD = 16 << 20  # bytes; a machine of the smallest size has twenty times as much
PIECE = b" " * (1 << 20)


@contextmanager
def measured():
    """Know that little memory was taken in between."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < LARGEST_HELD
    finally:
        tracemalloc.stop()


def answered_by(stage, sandbox, tmp_path, serve):
    """What an adapter makes of a server that takes the request and answers as a function does."""
    with raw_server(lambda connection: (whole_request(connection), serve(connection))) as address:
        platform = at(stage.name, f"http://{address}", sandbox, tmp_path / "raw")
        borrow_session(stage.platform, platform)
        with measured():
            return outcome(stage, platform)


@pytest.mark.parametrize("length", [b"Content-Length: 52428800\r\n", b"", b"Content-Length: 12\r\n"])
def test_an_answer_of_fifty_megabytes_is_not_read_to_its_end(stage, sandbox, tmp_path, length):
    sent = []

    def serve(connection):
        with suppress(ConnectionError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n")
            for _ in range(50):
                connection.sendall(PIECE)
                sent.append(PIECE)

    error = answered_by(stage, sandbox, tmp_path, serve)

    assert isinstance(error, InDoubtError)
    assert len(sent) < 20  # what the sockets hold is sent, though nobody reads it


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "zstd"])
def test_an_answer_that_swells_when_it_is_unpacked_is_left_packed(stage, sandbox, tmp_path, packing):
    packer = zlib.compressobj(wbits=31 if packing == "gzip" else 15)
    bomb = b"".join(packer.compress(PIECE) for _ in range(100)) + packer.flush()
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {packing}\r\nContent-Length: {len(bomb)}\r\n\r\n"

    error = answered_by(stage, sandbox, tmp_path, lambda connection: connection.sendall(head.encode() + bomb))

    assert isinstance(error, InDoubtError)


def test_headers_without_end_are_in_doubt(stage, sandbox, tmp_path):
    def serve(connection):
        with suppress(ConnectionError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for number in range(20_000):
                connection.sendall(f"X-{number}: {'x' * 1000}\r\n".encode())

    assert isinstance(answered_by(stage, sandbox, tmp_path, serve), InDoubtError)


@pytest.mark.parametrize("answer", ["first", "second"])
def test_a_request_that_arrives_twice_is_published_or_in_doubt(stage, sandbox, answer):
    fault(stage, sandbox, Twice(answer=answer))

    if (stage.name, answer) == ("x", "second"):  # it says that it has it already, and nothing more
        assert isinstance(outcome(stage), InDoubtError)
    else:
        receipt = stage.platform.publish(stage.delivery())
        assert [post.id for post in sandbox.record.posts(stage.name)] == [receipt.remote_id]
    assert len(sandbox.record.posts(stage.name)) == 1
