"""The transports and what they write down, below every adapter."""

import gzip
import logging
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import timedelta

import httpx
import pytest

from bot.clock import SystemClock
from bot.platforms.transports import httpx_client_options, quieten, session
from bot.platforms.wire import Moment, Wire
from tests.platforms.conftest import LONG, SHORT, Hands, raw_server, whole_request
from tests.servers.tls import certificate_in

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def by_requests(wire, trust=None):
    made = session(wire)
    made.verify = trust or True
    return made


def by_httpx(wire, trust=None):
    context = ssl.create_default_context(cafile=trust) if trust else None
    return httpx.Client(**httpx_client_options(wire, context), follow_redirects=True)


@pytest.fixture(params=[by_requests, by_httpx])
def library(request):
    return request.param


def post(wire, library, url, *, trust=None, **kwargs):
    """Ask for /post at an address, which may be another path; what came of it."""
    with library(wire, trust) as client:
        return wire.ask("POST", "/post", lambda: client.post(url, data={"text": "x"}), **kwargs)


def replies(*answers):
    """Serve a connection: read a request, send an answer, for as long as there are answers."""

    def serve(connection):
        for answer in answers:
            if not whole_request(connection):
                return
            connection.sendall(answer)

    return serve


def test_a_whole_answer_is_written_down(library):
    wire = Wire(SystemClock(), LONG)
    with raw_server(replies(OK)) as address:
        exchange = post(wire, library, f"http://{address}/post")

    assert (exchange.left, exchange.status, exchange.body, exchange.trouble) == (True, 200, b"{}", "")


def test_each_request_has_a_connection_of_its_own_whatever_the_server_offers(library):
    wire = Wire(SystemClock(), LONG)
    connections = []

    def serve(connection):
        connections.append(connection.fileno())
        replies(OK, OK, OK)(connection)

    with raw_server(serve) as address, library(wire) as client:
        for _ in range(3):
            wire.ask("GET", "/", lambda: client.get(f"http://{address}/"))

    assert len(connections) == 3


def test_no_answer_without_compression_is_asked_for(library):
    wire = Wire(SystemClock(), LONG)
    asked = []

    def serve(connection):
        asked.append(whole_request(connection).lower())
        connection.sendall(OK)

    with raw_server(serve) as address:
        post(wire, library, f"http://{address}/post")

    assert b"accept-encoding: identity" in asked[0]


def test_no_proxy_of_the_environment_is_used(library, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    wire = Wire(SystemClock(), LONG)
    with raw_server(replies(OK)) as address:
        exchange = post(wire, library, f"http://{address}/post")

    assert exchange.status == 200


def test_a_machine_that_slept_sends_nothing(library):
    clock = Hands()
    wire = Wire(clock, LONG)
    begun = wire.moment()
    clock.sleep(10.5)
    with raw_server(replies(OK)) as address:
        exchange = post(wire, library, f"http://{address}/post", since=begun)

    assert (exchange.left, exchange.status) == (False, None)
    assert exchange.trouble == "the machine slept between deciding to send and sending"


def test_a_machine_that_nodded_off_sends(library):
    clock = Hands()
    wire = Wire(clock, LONG)
    begun = wire.moment()
    clock.sleep(9.5)
    with raw_server(replies(OK)) as address:
        exchange = post(wire, library, f"http://{address}/post", since=begun)

    assert exchange.status == 200


def test_a_slow_way_to_the_server_is_no_sleep(library):
    clock = Hands()
    wire = Wire(clock, timedelta(seconds=60))
    begun = wire.moment()
    clock.stand_still(30)
    with raw_server(replies(OK)) as address:
        exchange = post(wire, library, f"http://{address}/post", since=begun)

    assert exchange.status == 200


def test_a_process_that_was_stopped_for_longer_than_the_deadline_sends_nothing():
    clock = Hands()
    wire = Wire(clock, LONG)

    def connect_and_stop():
        with wire.exchange("POST", "/post"):
            clock.stand_still(5.5)
            wire.leaving()

    exchange = wire.ask("POST", "/post", connect_and_stop)

    assert exchange.left is False
    assert exchange.trouble == "the time for the request was over before anything was sent"


def test_a_base_url_may_have_a_path_of_its_own(library):
    wire = Wire(SystemClock(), LONG)
    with raw_server(replies(OK)) as address:
        exchange = post(wire, library, f"http://{address}/by/proxy/post/")

    assert exchange.status == 200


def test_a_request_to_a_path_we_do_not_know_may_have_been_the_one(library):
    wire = Wire(SystemClock(), LONG)
    with raw_server(replies(OK)) as address:
        exchange = post(wire, library, f"http://{address}/elsewhere")

    assert (exchange.left, exchange.status) == (True, None)


def test_a_request_that_goes_before_is_not_the_one(library):
    wire = Wire(SystemClock(), LONG)
    with raw_server(replies(OK)) as address:
        exchange = post(wire, library, f"http://{address}/session", beside=("/session",))

    assert exchange.left is False
    assert exchange.trouble == "what had to be asked before was answered 200"


def test_a_library_that_asks_nothing_has_sent_nothing():
    wire = Wire(SystemClock(), LONG)

    exchange = wire.ask("POST", "/post", lambda: {}["missing"])

    assert (exchange.left, exchange.trouble) == (False, "no request was made")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody but the tests trusts: its file, and that of its key."""
    return certificate_in(tmp_path_factory.mktemp("certificate"))


def over_tls(certificate, serve):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def served(connection):
        try:
            with context.wrap_socket(connection, server_side=True) as wrapped:
                serve(wrapped)
        except OSError:
            return  # the other side went first

    return served


def test_a_whole_answer_over_tls_is_written_down(library, certificate):
    wire = Wire(SystemClock(), LONG)
    with raw_server(over_tls(certificate, replies(OK))) as address:
        exchange = post(wire, library, f"https://{address}/post", trust=str(certificate[0]))

    assert (exchange.left, exchange.status, exchange.body) == (True, 200, b"{}")


def test_a_certificate_of_nobody_sends_nothing(library, certificate):
    wire = Wire(SystemClock(), LONG)
    with raw_server(over_tls(certificate, replies(OK))) as address:
        exchange = post(wire, library, f"https://{address}/post")

    assert (exchange.left, exchange.trouble) == (False, "its certificate is not valid")


def test_an_answer_that_never_ends_ends_with_the_deadline_over_tls_too(library, certificate):
    wire = Wire(SystemClock(), SHORT)
    gone = threading.Event()

    def drip(connection):
        whole_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not gone.wait(0.02):
            connection.sendall(b"X: y\r\n")

    began = time.monotonic()
    with raw_server(over_tls(certificate, drip)) as address:
        exchange = post(wire, library, f"https://{address}/post", trust=str(certificate[0]))
        gone.set()

    assert time.monotonic() - began < 1.4
    assert (exchange.left, exchange.body) == (True, None)
    assert exchange.trouble == "no whole answer within 0 s"


def test_a_deadline_ends_its_own_request_only(library):
    wire = Wire(SystemClock(), LONG)
    ended = []

    def serve(connection):
        whole_request(connection)
        for one in ended:
            wire._end(one)  # the timer of the request before, which fires as that one ends
        connection.sendall(OK)

    with raw_server(serve) as address:
        ended.append(post(wire, library, f"http://{address}/post"))
        second = post(wire, library, f"http://{address}/post")

    assert (second.late, second.status) == (False, 200)


def test_a_connection_that_comes_too_late_is_closed_at_once():
    wire = Wire(SystemClock(), LONG)
    ours, theirs = socket.socketpair()
    with ours, theirs, wire.exchange("POST", "/post") as exchange:
        theirs.settimeout(1)
        wire._end(exchange)
        wire.connected(ours)

        assert theirs.recv(1) == b""


def test_an_answer_that_is_too_long_is_read_no_further(library):
    wire = Wire(SystemClock(), LONG)
    piece, sent = b" " * (1 << 20), []

    def pour(connection):
        whole_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 52428802\r\n\r\n{}")
        for _ in range(50):
            try:
                connection.sendall(piece)
            except OSError:
                return
            sent.append(len(piece))

    with raw_server(pour) as address:
        exchange = post(wire, library, f"http://{address}/post")

    assert (exchange.left, exchange.status, exchange.body) == (True, 200, None)
    assert exchange.trouble == "the answer was too long"
    assert sum(sent) < 20 << 20


def test_a_packed_answer_is_not_unpacked(library):
    wire = Wire(SystemClock(), LONG)
    packed = gzip.compress(b"{}")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    with raw_server(replies(head.encode() + packed)) as address:
        exchange = post(wire, library, f"http://{address}/post")

    assert (exchange.body, exchange.trouble) == (
        None,
        "the answer was packed, though we asked for a plain one",
    )


def test_libraries_do_not_talk_at_debug_level():
    logging.getLogger("talkative").setLevel(logging.DEBUG)

    quieten("talkative", "talkative.child")

    assert not logging.getLogger("talkative.child").isEnabledFor(logging.INFO)


@pytest.mark.parametrize("platform", ["x", "mastodon", "bluesky", "memory"])
def test_an_adapter_loads_no_library_before_it_is_used(platform):
    heavy = "{'tweepy', 'mastodon', 'atproto_client', 'requests', 'httpx', 'urllib3'}"
    program = f"import sys, bot.platforms.{platform}; print(sorted({heavy} & set(sys.modules)))"

    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert asked.stdout == "[]\n"


def test_a_moment_is_read_from_both_clocks():
    clock = Hands()
    clock.sleep(3)
    clock.stand_still(4)

    assert Wire(clock, LONG).moment() == Moment(7.0, 4.0)
