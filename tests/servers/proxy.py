"""A proxy of ours before a real server: it does to chosen requests what a network or a dying server does."""

import re
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Lock, Thread
from urllib.parse import urlsplit

from bot.sandbox import Gate

Forward = Callable[[], bytes]
"""Lets the request through, waits for the server's whole answer and returns it."""

Action = Callable[[Forward], bytes]
"""What becomes of a request: the bytes that its sender is answered, none where the connection is cut."""

_CONNECTION = re.compile(rb"\r\nconnection:[^\r\n]*", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def cut_before(_: Forward) -> bytes:
    """The request never reaches the server."""
    return b""


def cut_after(forward: Forward) -> bytes:
    """The server has carried it out, and nobody hears of it."""
    forward()
    return b""


def twice(forward: Forward) -> bytes:
    """The request reaches the server twice."""
    forward()
    return forward()


def unavailable_after(forward: Forward) -> bytes:
    """The server has carried it out; the machine before it says that it did not answer."""
    forward()
    return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def held(gate: Gate, *, store: bool) -> Action:
    """The request waits at a gate after it was carried out, or before; then the connection is cut."""

    def hold(forward: Forward) -> bytes:
        if store:
            forward()
        gate.reached.set()
        gate.released.wait(60)
        return b""

    return hold


@dataclass(slots=True)
class _Played:
    path: str
    action: Action
    skip: int


class Proxy:
    """A context manager that listens while it lasts. Whatever is not on its script passes unchanged."""

    def __init__(self, server_url: str) -> None:
        self._server = urlsplit(server_url)
        self._lock = Lock()
        self._script: list[_Played] = []
        self.passed: list[str] = []  # the paths of requests that reached the server
        proxy = self

        class Connection(BaseRequestHandler):
            def handle(self) -> None:
                with suppress(ConnectionError):  # the sender was killed, or the server
                    proxy._serve(self.request)

        self._listener = _Listener(("127.0.0.1", 0), Connection)
        self.url = f"http://127.0.0.1:{self._listener.server_address[1]}"
        self._thread = Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)

    def play(self, path: str, action: Action, skip: int = 0) -> None:
        """Do something to one request whose path ends so, after so many of them have passed."""
        with self._lock:
            self._script.append(_Played(path, action, skip))

    @property
    def unplayed(self) -> int:
        """How much of the script is left."""
        with self._lock:
            return len(self._script)

    def _take(self, path: str) -> Action | None:
        with self._lock:
            for one in self._script:
                if not path.endswith(one.path):
                    continue
                if one.skip:
                    one.skip -= 1
                    return None
                self._script.remove(one)
                return one.action
        return None

    def _serve(self, sender: socket.socket) -> None:
        request = _whole_request(sender)
        if not request:
            return
        path = urlsplit(request.split(b" ", 2)[1].decode()).path

        def forward() -> bytes:
            self.passed.append(path)
            return self._carry(request)

        action = self._take(path)
        answer = action(forward) if action else forward()
        if answer:
            sender.sendall(answer)

    def _carry(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        head = _CONNECTION.sub(b"", head) + b"\r\nConnection: close\r\n\r\n"
        answer = b""
        with socket.create_connection((self._server.hostname, self._server.port)) as server:
            server.sendall(head + body)
            while piece := server.recv(1 << 16):
                answer += piece
        return answer

    def __enter__(self) -> "Proxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()


class _Listener(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def _whole_request(sender: socket.socket) -> bytes:
    request = b""
    while piece := sender.recv(1 << 16):
        request += piece
        head, end, body = request.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if end and len(body) >= int(length[1] if length else 0):
            return request
    return b""
