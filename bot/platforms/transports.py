"""The transports under the libraries: requests for X and Mastodon, httpx for Bluesky.

Both connect anew for each request (a connection that the server closed while it idled would look like an
unknown outcome), follow no redirect, ask for an answer without compression and read it whole up to a limit.
"""

import logging
from collections.abc import Iterator, Mapping
from io import BytesIO
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit

import urllib3
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter

from bot.platforms.wire import CONNECT, LARGEST_ANSWER, READ, TOO_LONG, Exchange, Wire, WireError


class _Watched:
    """What both of urllib3's connections have in common: they tell the wire what they are about to do."""

    wire: Wire

    def _new_conn(self) -> Any:
        connection = super()._new_conn()  # type: ignore[misc]  # a mixin
        self.wire.connected(connection)
        return connection

    def send(self, data: Any) -> None:
        if getattr(self, "sock", None) is None:
            self.connect()  # type: ignore[attr-defined]
        self.wire.leaving()
        super().send(data)  # type: ignore[misc]


class WireAdapter(HTTPAdapter):
    """A requests adapter whose every exchange is written down by a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Give urllib3 connections that tell the wire."""
        super().init_poolmanager(*args, **kwargs)
        wire = self._wire

        class Plain(_Watched, urllib3.connection.HTTPConnection):
            pass

        class Secure(_Watched, urllib3.connection.HTTPSConnection):
            pass

        class PlainPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Secure

        Plain.wire = Secure.wire = wire
        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    def send(self, request: PreparedRequest, *_: Any, **kwargs: Any) -> Response:
        """Send a request and read its whole answer, within the deadline."""
        path = urlsplit(request.url or "").path
        kwargs |= {"stream": True, "timeout": _timeouts(self._wire)}
        try:
            with self._wire.exchange(request.method or "", path) as exchange:
                response = super().send(request, **kwargs)
                _note(exchange, response.status_code, response.headers)
                try:
                    body = _whole(exchange, b"".join(_limited(_pieces(response.raw))))
                finally:
                    response.raw.close()
        finally:
            # A server may ignore that we asked it to close; urllib3 would keep the connection for the next.
            self.poolmanager.clear()
        response.headers.pop("Location", None)  # or it would be followed
        response.raw = urllib3.HTTPResponse(body=BytesIO(body), preload_content=False)
        return response


class WireSession(Session):
    """A requests session whose requests go to our host where the library has another one built in.

    It is changed here, before the request is signed: a signature is made for a host.
    """

    def __init__(self, built_in: str, host: str) -> None:
        super().__init__()
        self._built_in = built_in
        self._host = host

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """Send a request to our host."""
        return super().request(method, url.replace(self._built_in, self._host, 1), *args, **kwargs)


def session(wire: Wire, *, built_in: str = "", host: str = "") -> Session:
    """A requests session on a wire. It reads no proxy, password or certificate from the environment."""
    made = WireSession(built_in, host)
    made.trust_env = False
    made.headers.update({"Accept-Encoding": "identity", "Connection": "close"})
    adapter = WireAdapter(wire)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def httpx_client_options(wire: Wire, trust: SSLContext | None = None) -> dict[str, Any]:
    """What httpx.Client needs to run on a wire. httpx is loaded here, on first use.

    `trust` names the certificates to believe; the usual ones where it is None.
    """
    import httpx  # only Bluesky's library brings it

    inner = httpx.HTTPTransport(
        verify=trust or True, retries=0, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
    )

    class WireTransport(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            with wire.exchange(request.method, request.url.path) as exchange:
                connect, read = _timeouts(wire)
                request.extensions = {
                    **request.extensions,
                    "timeout": {
                        "connect": connect,
                        "read": read,
                        "write": read,
                        "pool": read,
                    },
                    "trace": _tracer(wire),
                }
                response = inner.handle_request(request)
                _note(exchange, response.status_code, response.headers)
                try:
                    body = _whole(exchange, b"".join(_limited(response.stream)))
                finally:
                    response.close()
                headers = [(k, v) for k, v in response.headers.multi_items() if k not in _ON_THE_WAY]
                return httpx.Response(response.status_code, headers=headers, content=body, request=request)

        def close(self) -> None:
            inner.close()

    headers = {"Accept-Encoding": "identity"}
    return {"transport": WireTransport(), "trust_env": False, "headers": headers}


def quieten(*names: str) -> None:
    """Keep the talk of libraries out of our log; at debug level it holds headers and bodies."""
    for name in names:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.getEffectiveLevel(), logging.WARNING))


PIECE = 1 << 16
AFTERWARDS = 0.1  # seconds
# How an answer travelled, and where else it points to, is no business of the library's.
_ON_THE_WAY = frozenset({"content-length", "transfer-encoding", "content-encoding", "location"})


def _tracer(wire: Wire) -> Any:
    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            wire.connected(info["return_value"].get_extra_info("socket"))
        elif event == "http11.send_request_headers.started":
            wire.leaving()

    return trace


def _pieces(raw: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    # Only the read that finds the end notices that something is missing before it.
    while piece := raw.read(PIECE, decode_content=False):
        yield piece


def _limited(stream: Any) -> Iterator[bytes]:
    size = 0
    for piece in stream:
        size += len(piece)
        yield piece
        if size > LARGEST_ANSWER:
            return


def _note(exchange: Exchange, status: int, headers: Mapping[str, str]) -> None:
    exchange.status = status
    exchange.headers = {name.lower(): value for name, value in headers.items()}


def _whole(exchange: Exchange, body: bytes) -> bytes:
    """The answer's body, once it is known to be whole; an answer beyond reading is none."""
    if exchange.late:  # to the library, a socket that we closed looks like an answer that ended
        raise WireError("the time was over before the answer was whole")
    if len(body) > LARGEST_ANSWER:
        raise WireError(TOO_LONG)
    if exchange.header("content-encoding") not in {"", "identity"}:
        raise WireError("the answer was packed, though we asked for a plain one")
    exchange.body = body
    return body


def _timeouts(wire: Wire) -> tuple[float, float]:
    # The wire's own clock goes off first: it is the one that says why.
    longest = wire.remaining + AFTERWARDS
    return min(CONNECT, longest), min(READ, longest)
