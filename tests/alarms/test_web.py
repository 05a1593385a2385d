import json
import ssl
import threading
import time

import pytest

from bot.alarms import Pulse, Webhook
from bot.domain.errors import AlarmError, ConfigError
from tests.platforms.conftest import raw_server, whole_request
from tests.servers.web import WebServer

WORDS = "1 new problem:\n- may-day on мастодон is late"


def webhook(url, **changes):
    return Webhook(lambda: url, **changes)


def test_words_arrive_as_json(web):
    webhook(f"{web.url}/hook/secret?a=b").tell(WORDS)

    ((method, path, body),) = web.asked
    assert (method, path) == ("POST", "/hook/secret?a=b")
    assert json.loads(body) == {"text": WORDS}


def test_a_pulse_asks_for_its_address(web):
    Pulse(lambda: web.url).beat()

    assert web.asked == [("GET", "/", "")]


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_server_that_does_not_take_the_words_has_not_got_them(web, status):
    web.status = status

    with pytest.raises(AlarmError, match=rf"^the server answers {status}$"):
        webhook(f"{web.url}/secret").tell(WORDS)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nothing_is_said_to_another_address(web, status):
    not_followed = pytest.raises(AlarmError, match=f"answers {status}, and another address is not followed")
    with WebServer(status, [("Location", f"{web.url}/elsewhere")]) as moved, not_followed:
        webhook(moved.url).tell(WORDS)

    assert web.asked == []


def test_a_proxy_of_the_environment_is_not_used(web, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    webhook(web.url).tell(WORDS)

    assert len(web.asked) == 1


def test_a_certificate_of_nobody_is_told_nothing(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    heard = []

    def serve(connection):
        try:
            with context.wrap_socket(connection, server_side=True) as encrypted:
                heard.append(encrypted.recv(100))
        except OSError:
            heard.append(b"")

    with raw_server(serve) as address, pytest.raises(AlarmError, match="certificate"):
        webhook(f"https://{address}/secret").tell(WORDS)

    assert heard == [b""]


def test_an_answer_that_drips_costs_no_more_than_the_limit():
    over = threading.Event()

    def drip(connection):
        whole_request(connection)
        try:
            connection.sendall(b"HTTP/1.1 ")
            for _ in range(250):  # five seconds
                over.wait(0.02)
                connection.sendall(b"0")
        except OSError:
            return

    began = time.monotonic()
    with raw_server(drip) as address, pytest.raises(AlarmError, match="no answer within 0 s"):
        webhook(f"http://{address}", seconds=0.2).tell(WORDS)

    assert time.monotonic() - began < 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_says_nothing_costs_no_more_than_the_limit(scheme):
    def listen(connection):
        try:
            while connection.recv(1 << 16):
                pass
        except OSError:
            return

    with raw_server(listen) as address:
        began = time.monotonic()
        with pytest.raises(AlarmError, match="the server was not reached: no answer within 0 s"):
            webhook(f"{scheme}://{address}", seconds=0.2).tell(WORDS)

    assert time.monotonic() - began < 2


def test_an_answer_that_is_none_is_said_without_a_word_of_it():
    def babble(connection):
        whole_request(connection)
        connection.sendall(b"secret nonsense\r\n\r\n")

    with raw_server(babble) as address, pytest.raises(AlarmError) as failed:
        webhook(f"http://{address}/secret").tell(WORDS)

    assert str(failed.value) == "the server was not reached: BadStatusLine"


def test_a_server_that_is_not_there_is_one_sentence_without_its_address():
    with pytest.raises(AlarmError) as failed:
        webhook("http://127.0.0.1:9/secret").tell(WORDS)

    assert str(failed.value) == "the server was not reached: Connection refused"


def test_an_address_that_cannot_be_read_says_so():
    def missing():
        raise ConfigError("the file webhook cannot be read: No such file or directory")

    with pytest.raises(AlarmError, match="the file webhook cannot be read"):
        Webhook(missing).tell(WORDS)
