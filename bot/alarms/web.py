"""A web address: one that takes words, and one that hears that we are alive.

Spoken to directly: no redirect is followed, so that no address but the one configured learns anything, and no
proxy is taken from the environment.
"""

import json
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from bot.alarms.limit import SECONDS, Limit, Reveal, said_of
from bot.domain.errors import AlarmError, ConfigError

_AGENT = {"User-Agent": "solidarity-bot", "Connection": "close"}
_GOOD = range(200, 300)
_MOVED = range(300, 400)


class Webhook:
    """Posts the words as JSON, the form that chat programs and pagers take: {"text": ...}."""

    name = "webhook"

    def __init__(self, url: Reveal, *, seconds: float = SECONDS) -> None:
        self._url = url
        self._seconds = seconds

    def tell(self, words: str) -> None:
        """Post words. AlarmError where the server did not say that it has them."""
        body = json.dumps({"text": words}).encode()
        _ask("POST", self._url, self._seconds, body, {"Content-Type": "application/json"})


class Pulse:
    """Tells a web address that we are alive; the address raises the alarm when it hears nothing."""

    def __init__(self, url: Reveal, *, seconds: float = SECONDS) -> None:
        self._url = url
        self._seconds = seconds

    def beat(self) -> None:
        """Ask for the address once. AlarmError where the server did not say that all is well."""
        _ask("GET", self._url, self._seconds)


class _Plain(HTTPConnection):
    limit: Limit

    def connect(self) -> None:
        super().connect()
        self.limit.watch(self.sock)


class _Encrypted(HTTPSConnection, _Plain):
    """Its handshake is watched too: HTTPSConnection wraps what _Plain has connected."""


def _ask(
    method: str, url: Reveal, seconds: float, body: bytes | None = None, headers: dict[str, str] | None = None
) -> None:
    with Limit(seconds) as limit:
        try:
            status = _status(limit, method, url(), body, _AGENT | (headers or {}))
        except ConfigError as error:
            raise AlarmError(str(error)) from error
        except (OSError, HTTPException, ValueError) as error:
            raise AlarmError(f"the server was not reached: {said_of(error, limit)}") from error
    if status in _MOVED:
        raise AlarmError(f"the server answers {status}, and another address is not followed")
    if status not in _GOOD:
        raise AlarmError(f"the server answers {status}")


def _status(limit: Limit, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    host, port = parts.hostname or "", parts.port
    connection: _Plain
    if parts.scheme == "https":
        connection = _Encrypted(host, port, timeout=limit.seconds, context=ssl.create_default_context())
    else:
        connection = _Plain(host, port, timeout=limit.seconds)
    connection.limit = limit
    try:
        connection.request(method, target, body, headers)
        with connection.getresponse() as response:
            return response.status
    finally:
        connection.close()
